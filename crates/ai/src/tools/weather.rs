//! The tool `weather`: the weather now and today's range, from Open-Meteo.
//!
//! Open-Meteo needs no key; its data is CC BY 4.0, so every result names it.

use core::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use super::errands::Touches;
use super::places::{self, Place};
use super::schema::{Kind, Parameter};
use super::{ToolContext, ToolError};
use miyabi_core::config::Settings;
use miyabi_core::http::{Method, Request};
use miyabi_core::json;
use miyabi_core::ports::Http;

/// What the model reads about the tool.
pub const DESCRIPTION: &str =
    "Tells the weather right now, and today's lowest and highest temperature, at a place.";

/// What it may touch.
pub const TOUCHES: Touches = Touches::Service;

/// Parameters.
pub const PARAMETERS: [Parameter; 1] = [Parameter {
    name: "place",
    kind: Kind::Text,
    description: "City or town by its English name, such as Kyoto; with its region or country if there may be \
                  several, such as Portland, Maine.",
    is_required: true,
}];

/// Longest wait for one response.
pub const TIMEOUT: Duration = Duration::from_secs(8);

/// Longest place that is looked up, in characters.
const MAX_PLACE_CHARS: usize = 100;

const FORECAST: &str = "the weather service";

/// Returns the weather as JSON.
///
/// # Shape
/// `{"place":"Kyoto, Japan","weather":"light rain","temperature_c":9.1,"today_min_c":6.0,…}`
///
/// # Errors
/// A [`ToolError`] when the place is unknown or a service does not answer as it should.
///
/// # Source
/// Open-Meteo Docs/Weather Forecast API and Geocoding API, open-meteo.com/en/docs, as of
/// 2026-11-20.
pub async fn run(
    context: ToolContext<'_, impl Http>,
    arguments: &Map<String, Value>,
) -> Result<String, ToolError> {
    let place = arguments.get("place").and_then(Value::as_str).unwrap_or_default();
    let place: String = place.chars().take(MAX_PLACE_CHARS).collect();
    if !context.seen.allows_words(&place) {
        return Err(ToolError::Unsaid);
    }
    let found = places::locate(context, &place).await?;
    let forecast: Forecast =
        fetch(context, FORECAST, forecast_url(context.settings, &found)).await?;
    let report = Report::new(&found, &forecast);
    serde_json::to_string(&report).map_err(|_unreadable| ToolError::Shape { service: FORECAST })
}

/// What the forecast returns.
#[derive(Deserialize)]
struct Forecast {
    current: Current,
    #[serde(default)]
    daily: Daily,
}

#[derive(Deserialize)]
struct Current {
    time: Option<String>,
    temperature_2m: Number,
    apparent_temperature: Option<Number>,
    relative_humidity_2m: Option<Number>,
    /// WMO code.
    weather_code: Option<Number>,
    wind_speed_10m: Option<Number>,
}

/// One value per day; only today is asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Daily {
    temperature_2m_max: Vec<Option<Number>>,
    temperature_2m_min: Vec<Option<Number>>,
}

/// What the model reads.
#[derive(Serialize)]
struct Report<'a> {
    feels_like_c: Option<&'a Number>,
    humidity_percent: Option<&'a Number>,
    local_time: Option<&'a str>,
    place: String,
    source: &'static str,
    temperature_c: &'a Number,
    today_max_c: Option<&'a Number>,
    today_min_c: Option<&'a Number>,
    weather: Option<&'static str>,
    wind_km_per_h: Option<&'a Number>,
}

fn forecast_url(settings: &Settings, Place { latitude, longitude, .. }: &Place) -> String {
    let base = &settings.weather_api_base;
    format!(
        "{base}/forecast?latitude={latitude}&longitude={longitude}\
         &current=temperature_2m,apparent_temperature,relative_humidity_2m,weather_code,\
         wind_speed_10m&daily=temperature_2m_max,temperature_2m_min&timezone=auto&forecast_days=1"
    )
}

/// Sends a `GET` and reads its JSON. Repeating it only reads again.
///
/// # Errors
/// A [`ToolError`], also if the run may send no more requests.
pub(super) async fn fetch<T: DeserializeOwned>(
    context: ToolContext<'_, impl Http>,
    service: &'static str,
    url: String,
) -> Result<T, ToolError> {
    if !context.requests.take() {
        return Err(ToolError::NoRequestsLeft);
    }
    let request = Request::new(Method::Get, url, TIMEOUT);
    let response = context.host.send(&request).await;
    let response = response.map_err(|source| ToolError::NoResponse { service, source })?;
    if !response.is_success() {
        return Err(ToolError::Refused { service, status: response.status });
    }
    json::parse(&response.body).ok_or(ToolError::Shape { service })
}

impl<'a> Report<'a> {
    fn new(place: &Place, Forecast { current, daily }: &'a Forecast) -> Self {
        let code = current.weather_code.as_ref().and_then(Number::as_u64);
        Self {
            feels_like_c: current.apparent_temperature.as_ref(),
            humidity_percent: current.relative_humidity_2m.as_ref(),
            local_time: current.time.as_deref(),
            place: place.full_name(),
            source: "Open-Meteo.com",
            temperature_c: &current.temperature_2m,
            today_max_c: today(&daily.temperature_2m_max),
            today_min_c: today(&daily.temperature_2m_min),
            weather: code.map(describe),
            wind_km_per_h: current.wind_speed_10m.as_ref(),
        }
    }
}

fn today(values: &[Option<Number>]) -> Option<&Number> {
    values.first()?.as_ref()
}

/// Returns a WMO weather code in words.
///
/// # Source
/// Open-Meteo Docs/WMO Weather interpretation codes (WW), open-meteo.com/en/docs, as of 2026-11-20.
fn describe(code: u64) -> &'static str {
    match code {
        0 => "clear sky",
        1 => "mainly clear",
        2 => "partly cloudy",
        3 => "overcast",
        45 => "fog",
        48 => "depositing rime fog",
        51 => "light drizzle",
        53 => "moderate drizzle",
        55 => "dense drizzle",
        56 => "light freezing drizzle",
        57 => "dense freezing drizzle",
        61 => "slight rain",
        63 => "moderate rain",
        65 => "heavy rain",
        66 => "light freezing rain",
        67 => "heavy freezing rain",
        71 => "slight snowfall",
        73 => "moderate snowfall",
        75 => "heavy snowfall",
        77 => "snow grains",
        80 => "slight rain showers",
        81 => "moderate rain showers",
        82 => "violent rain showers",
        85 => "slight snow showers",
        86 => "heavy snow showers",
        95 => "thunderstorm",
        96 => "thunderstorm with slight hail",
        99 => "thunderstorm with heavy hail",
        _ => "unknown",
    }
}
