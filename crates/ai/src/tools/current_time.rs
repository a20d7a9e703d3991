//! The tool `current_time`: date and time now, in any time zone or at any offset.
//!
//! The zones and their daylight saving are the runtime's, through [`Clock::local_time`].

use serde_json::{Map, Value, json};

use super::errands::Touches;
use super::schema::{Kind, Parameter};
use super::zones::{self, Zone};
use super::{MAX_QUOTED_CHARS, ToolError};
use miyabi_core::ports::Clock;

/// What the model reads about the tool.
pub const DESCRIPTION: &str =
    "Tells the current date, weekday and time in a time zone, daylight saving included.";

/// What it may touch.
pub const TOUCHES: Touches = Touches::Nothing;

/// Parameters.
pub const PARAMETERS: [Parameter; 1] = [Parameter {
    name: "time_zone",
    kind: Kind::Text,
    description: "IANA time zone of the place in question, such as Asia/Tokyo, America/New_York, \
                  Europe/Paris or UTC. Without it: Asia/Tokyo.",
    is_required: false,
}];

/// Zone of a call without one: Miyabi's home. The result always names the zone.
const DEFAULT_ZONE: &str = "Asia/Tokyo";

/// Regions tried in front of a bare city.
const REGIONS: [&str; 8] =
    ["America", "Europe", "Asia", "Africa", "Australia", "Pacific", "Atlantic", "Indian"];

/// Returns the time in words, with the zone that was understood.
///
/// # Shape
/// `{"local_time":"Friday, 20 November 2026 at 23:45:00 GMT+9","time_zone":"Asia/Tokyo"}`
///
/// # Errors
/// [`ToolError::UnknownZone`] when the runtime knows the zone under none of its spellings, and
/// [`ToolError::AmbiguousZone`] for an abbreviation with several meanings.
pub fn run(host: &impl Clock, arguments: &Map<String, Value>) -> Result<String, ToolError> {
    let zone = arguments.get("time_zone").and_then(Value::as_str).unwrap_or(DEFAULT_ZONE);
    let quoted = || zone.chars().take(MAX_QUOTED_CHARS).collect();
    let report =
        |zone: &str, time: &str| json!({ "time_zone": zone, "local_time": time }).to_string();
    let spellings = match zones::meaning(zone) {
        Zone::Ambiguous(candidates) => {
            return Err(ToolError::AmbiguousZone { zone: quoted(), candidates });
        }
        Zone::Offset(minutes) => {
            let time = zones::time_at(host.now().0, minutes).unwrap_or_default();
            return Ok(report(&zones::offset_name(minutes), &time));
        }
        Zone::Name(name) => vec![name.to_owned()],
        Zone::Other => spellings(zone),
    };
    for spelling in spellings {
        if let Some(local_time) = host.local_time(&spelling) {
            return Ok(report(&spelling, &local_time));
        }
    }
    Err(ToolError::UnknownZone { zone: quoted() })
}

/// Returns the zone as given, then in the IANA way of writing, then as a city of each region.
fn spellings(zone: &str) -> Vec<String> {
    let tidy = tidy(zone);
    let mut spellings = vec![zone.to_owned()];
    if tidy != zone {
        spellings.push(tidy.clone());
    }
    if !tidy.contains('/') {
        spellings.extend(REGIONS.iter().map(|region| format!("{region}/{tidy}")));
    }
    spellings
}

/// `new york` → `New_York`, `asia/tokyo` → `Asia/Tokyo`
fn tidy(zone: &str) -> String {
    let mut tidy = String::new();
    let mut is_start = true;
    for character in zone.trim().chars() {
        let character = if character.is_whitespace() { '_' } else { character };
        if is_start {
            tidy.push(character.to_ascii_uppercase());
        } else {
            tidy.push(character);
        }
        is_start = matches!(character, '/' | '_' | '-');
    }
    tidy
}
