//! Places by their names: which of several places of one name is meant.

use serde::Deserialize;
use serde_json::Number;

use super::ToolError;
use super::weather::fetch;
use super::{MAX_QUOTED_CHARS, ToolContext};
use miyabi_core::order::sort_by_place;
use miyabi_core::ports::Http;

/// The service that knows places, as it is named in errors.
const GEOCODER: &str = "the geocoding service";

/// Places of one name that are looked at.
const MAX_PLACES: usize = 10;

/// Places that the model is told of.
const MAX_CANDIDATES: usize = 5;

/// How many times as many people live in a place as in any other of its name if it is meant without a
/// word: nobody means Paris, Texas, by Paris.
const DOMINANCE: u64 = 10;

/// What the geocoder returns.
///
/// # Source
/// Open-Meteo Docs/Geocoding API, open-meteo.com/en/docs, read 2026-11-20.
#[derive(Deserialize)]
struct Places {
    /// Missing if there are none.
    #[serde(default)]
    results: Vec<Place>,
}

/// A place.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Place {
    /// Latitude.
    pub(super) latitude: Number,
    /// Longitude.
    pub(super) longitude: Number,
    name: Option<String>,
    /// Region, such as a state or a prefecture.
    admin1: Option<String>,
    /// District.
    admin2: Option<String>,
    country: Option<String>,
    country_code: Option<String>,
    population: Option<f64>,
}

/// Looks a place up. What stands behind a comma is its region or country: the geocoder matches names
/// alone.
///
/// # Errors
/// A [`ToolError`] if there is no such place, or if several may be meant.
pub(super) async fn locate(
    context: ToolContext<'_, impl Http>,
    place: &str,
) -> Result<Place, ToolError> {
    let mut parts = place.split([',', '、', '，']).map(str::trim).filter(|part| !part.is_empty());
    let name = parts.next().unwrap_or(place);
    let regions: Vec<&str> = parts.collect();
    let mut found = search(context, name).await?;
    if found.is_empty() && name != place {
        found = search(context, place).await?;
        return choose(place, &found);
    }
    if found.is_empty() {
        return Err(ToolError::UnknownPlace { place: quoted(place) });
    }
    let there = within(&found, &regions);
    if there.is_empty() {
        return Err(ToolError::NotThere {
            place: quoted(name),
            region: quoted(&regions.join(", ")),
            candidates: candidates(&found),
        });
    }
    choose(name, &there)
}

async fn search(context: ToolContext<'_, impl Http>, name: &str) -> Result<Vec<Place>, ToolError> {
    let base = &context.settings.geocoding_api_base;
    let name = percent_encode(name);
    let url = format!("{base}/search?name={name}&count={MAX_PLACES}&language=en&format=json");
    let found: Places = fetch(context, GEOCODER, url).await?;
    Ok(found.results)
}

/// Returns the places that lie in all of these regions.
fn within(places: &[Place], regions: &[&str]) -> Vec<Place> {
    let mut left = places.to_vec();
    for region in regions {
        let matching = |is_exact: bool| -> Vec<Place> {
            let lies = |place: &&Place| place.lies_in(region, is_exact);
            left.iter().filter(lies).cloned().collect()
        };
        let exact = matching(true);
        let found = if exact.is_empty() { matching(false) } else { exact };
        // The geocoder answers in English: a region in another script cannot be compared.
        if found.is_empty() && !region.is_ascii() {
            continue;
        }
        left = found;
    }
    left
}

/// Returns the place that is meant by a name.
fn choose(name: &str, places: &[Place]) -> Result<Place, ToolError> {
    let Some(first) = places.first() else {
        return Err(ToolError::UnknownPlace { place: quoted(name) });
    };
    let is_namesake = |place: &&Place| place.name == first.name;
    let mut namesakes: Vec<&Place> = places.iter().filter(is_namesake).collect();
    // Stable: of equals, the geocoder's first.
    let people = |place: &&Place| usize::try_from(place.people()).unwrap_or(usize::MAX);
    sort_by_place(&mut namesakes, |place| (usize::MAX - people(place), 0));
    let Some((best, others)) = namesakes.split_first() else {
        return Err(ToolError::UnknownPlace { place: quoted(name) });
    };
    let rivals = others.iter().filter(|other| other.region() != best.region());
    let largest = rivals.map(|rival| rival.people()).max();
    let is_clear = largest.is_none_or(|people| {
        best.people() > 0 && best.people() >= people.saturating_mul(DOMINANCE)
    });
    if is_clear {
        return Ok((*best).clone());
    }
    Err(ToolError::AmbiguousPlace { place: quoted(name), candidates: candidates(places) })
}

/// Returns the full names of places, each once.
fn candidates(places: &[Place]) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in places.iter().map(Place::full_name) {
        if !names.contains(&name) && names.len() < MAX_CANDIDATES {
            names.push(name);
        }
    }
    names.join("; ")
}

fn quoted(text: &str) -> String {
    text.chars().take(MAX_QUOTED_CHARS).collect()
}

impl Place {
    /// Returns name, region and country, each once: the model sees which of several places it got.
    pub(super) fn full_name(&self) -> String {
        let mut parts: Vec<&str> = Vec::new();
        for part in [&self.name, &self.admin1, &self.country].into_iter().flatten() {
            if !parts.contains(&part.as_str()) {
                parts.push(part);
            }
        }
        parts.join(", ")
    }

    fn region(&self) -> (Option<&String>, Option<&String>) {
        (self.admin1.as_ref(), self.country.as_ref())
    }

    fn people(&self) -> u64 {
        crate::protocols::whole_number(self.population.unwrap_or_default())
    }

    /// Returns whether it lies in a region or country. Not exactly, if only all words of the one name are
    /// in the other: `Kyoto Prefecture` and `Kyoto`, `South Korea` and `Korea`.
    fn lies_in(&self, region: &str, is_exact: bool) -> bool {
        let wanted = words(region);
        let fields = [&self.admin1, &self.admin2, &self.country, &self.country_code];
        fields.into_iter().flatten().any(|field| {
            let has = words(field);
            if is_exact {
                return has == wanted || full_names(&wanted, self).any(|name| words(name) == has);
            }
            let (few, many) =
                if has.len() < wanted.len() { (&has, &wanted) } else { (&wanted, &has) };
            !few.is_empty() && few.iter().all(|word| many.contains(word))
        })
    }
}

/// Words of a name, in lower case and without dots.
fn words(name: &str) -> Vec<String> {
    let name = name.replace('.', "").to_lowercase();
    name.split(|c: char| !c.is_alphanumeric())
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Countries by other names than the geocoder's.
const COUNTRIES: [(&str, &str); 12] = [
    ("usa", "United States"),
    ("us", "United States"),
    ("america", "United States"),
    ("united states of america", "United States"),
    ("uk", "United Kingdom"),
    ("great britain", "United Kingdom"),
    ("britain", "United Kingdom"),
    ("uae", "United Arab Emirates"),
    ("korea", "South Korea"),
    ("holland", "Netherlands"),
    ("czech republic", "Czechia"),
    ("burma", "Myanmar"),
];

/// States and provinces by their letters, with the code of their country.
const STATES: [(&str, &str); 3] = [
    (
        "US",
        "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|\
         DC District of Columbia|DC Washington, D.C.|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|\
         IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|\
         MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|\
         NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|\
         OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|\
         SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|\
         WV West Virginia|WI Wisconsin|WY Wyoming|PR Puerto Rico",
    ),
    (
        "CA",
        "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|\
         NS Nova Scotia|NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|\
         QC Quebec|SK Saskatchewan|YT Yukon",
    ),
    (
        "AU",
        "NSW New South Wales|VIC Victoria|QLD Queensland|SA South Australia|WA Western Australia|\
         TAS Tasmania|NT Northern Territory|ACT Australian Capital Territory",
    ),
];

/// Returns the full names that some words may be short for, at this place.
fn full_names(wanted: &[String], place: &Place) -> impl Iterator<Item = &'static str> {
    let short = wanted.join(" ");
    let code = short.to_ascii_uppercase();
    let country = place.country_code.clone();
    let countries = COUNTRIES.into_iter().filter(move |(name, _)| *name == short);
    let of_country = move |(its_code, _): &(&str, &str)| Some(*its_code) == country.as_deref();
    let states = STATES.into_iter().filter(of_country).flat_map(|(_, states)| states.split('|'));
    let states = states.filter_map(move |state| {
        state.split_once(' ').filter(|(letters, _)| *letters == code).map(|(_, name)| name)
    });
    countries.map(|(_, name)| name).chain(states)
}

/// Encodes text for a query: all but RFC 3986's unreserved characters.
pub(super) fn percent_encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for digit in [byte >> 4, byte & 15] {
                encoded.extend(char::from_digit(digit.into(), 16).map(|c| c.to_ascii_uppercase()));
            }
        }
    }
    encoded
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
