//! The tool `weather`: the weather now and today's range, from Open-Meteo.
//!
//! Open-Meteo needs no key; its data is CC BY 4.0, so every result names it.

use core::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use super::ToolError;
use super::schema::{Kind, Parameter};
use miyabi_core::config::Settings;
use miyabi_core::http::{Method, Request};
use miyabi_core::ports::Http;

/// What the model reads about the tool.
pub const DESCRIPTION: &str =
    "Tells the weather right now, and today's lowest and highest temperature, at a place.";

/// Parameters.
pub const PARAMETERS: [Parameter; 1] = [Parameter {
    name: "place",
    kind: Kind::Text,
    description: "City or town, best by its English name alone, such as Kyoto or Sao Paulo.",
    is_required: true,
}];

/// Longest wait for one response.
pub const TIMEOUT: Duration = Duration::from_secs(8);

/// Longest place that is looked up, in characters.
const MAX_PLACE_CHARS: usize = 100;

const GEOCODER: &str = "the geocoding service";

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
    host: &impl Http,
    settings: &Settings,
    arguments: &Map<String, Value>,
) -> Result<String, ToolError> {
    let place = arguments.get("place").and_then(Value::as_str).unwrap_or_default();
    let place: String = place.chars().take(MAX_PLACE_CHARS).collect();
    let found = locate(host, settings, &place).await?;
    let forecast: Forecast = fetch(host, FORECAST, forecast_url(settings, &found)).await?;
    let report = Report::new(&found, &forecast);
    serde_json::to_string(&report).map_err(|_unreadable| ToolError::Shape { service: FORECAST })
}

/// What the geocoder returns.
#[derive(Deserialize)]
struct Places {
    /// Missing if there are none.
    #[serde(default)]
    results: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    latitude: Number,
    longitude: Number,
    name: Option<String>,
    /// Region.
    admin1: Option<String>,
    country: Option<String>,
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

/// Looks a place up; `Kyoto, Japan` also as `Kyoto`, since the geocoder matches names alone.
async fn locate(host: &impl Http, settings: &Settings, place: &str) -> Result<Place, ToolError> {
    let before_comma = place.split([',', '、', '，']).next().unwrap_or_default().trim();
    let is_longer = before_comma != place && !before_comma.is_empty();
    for name in [Some(place), is_longer.then_some(before_comma)].into_iter().flatten() {
        let base = &settings.geocoding_api_base;
        let name = percent_encode(name);
        let url = format!("{base}/search?name={name}&count=1&language=en&format=json");
        let found: Places = fetch(host, GEOCODER, url).await?;
        if let Some(first) = found.results.into_iter().next() {
            return Ok(first);
        }
    }
    Err(ToolError::UnknownPlace { place: place.to_owned() })
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
async fn fetch<T: DeserializeOwned>(
    host: &impl Http,
    service: &'static str,
    url: String,
) -> Result<T, ToolError> {
    let request = Request::new(Method::Get, url, TIMEOUT);
    let response =
        host.send(&request).await.map_err(|source| ToolError::NoResponse { service, source })?;
    if !response.is_success() {
        return Err(ToolError::Refused { service, status: response.status });
    }
    serde_json::from_str(&response.body).map_err(|_unreadable| ToolError::Shape { service })
}

impl<'a> Report<'a> {
    fn new(place: &Place, Forecast { current, daily }: &'a Forecast) -> Self {
        let code = current.weather_code.as_ref().and_then(Number::as_u64);
        Self {
            feels_like_c: current.apparent_temperature.as_ref(),
            humidity_percent: current.relative_humidity_2m.as_ref(),
            local_time: current.time.as_deref(),
            place: place_name(place),
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

/// Returns name, region and country, each once: the model sees which of several places it got.
fn place_name(place: &Place) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in [&place.name, &place.admin1, &place.country].into_iter().flatten() {
        if !parts.contains(&part.as_str()) {
            parts.push(part);
        }
    }
    parts.join(", ")
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

/// Encodes text for a query: all but RFC 3986's unreserved characters.
fn percent_encode(text: &str) -> String {
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
