//! The tool `weather`: the weather now and today's range, from Open-Meteo.
//!
//! Open-Meteo needs no key; its data is CC BY 4.0, so every result names it.

use core::time::Duration;

use serde_json::{Map, Value};

use super::ToolError;
use super::schema::{Kind, Parameter};
use miyabi_core::config::Settings;
use miyabi_core::http::{Method, Request};
use miyabi_core::json::{object, parse, to_text};
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
    let url = forecast_url(settings, &found).ok_or(ToolError::Shape { service: GEOCODER })?;
    let forecast = fetch(host, FORECAST, url).await?;
    render(&found, &forecast).ok_or(ToolError::Shape { service: FORECAST })
}

/// Looks a place up; `Kyoto, Japan` also as `Kyoto`, since the geocoder matches names alone.
async fn locate(host: &impl Http, settings: &Settings, place: &str) -> Result<Value, ToolError> {
    let before_comma = place.split([',', '、', '，']).next().unwrap_or_default().trim();
    let is_longer = before_comma != place && !before_comma.is_empty();
    for name in [Some(place), is_longer.then_some(before_comma)].into_iter().flatten() {
        let base = &settings.geocoding_api_base;
        let name = percent_encode(name);
        let url = format!("{base}/search?name={name}&count=1&language=en&format=json");
        let found = fetch(host, GEOCODER, url).await?;
        if let Some(first) = found.get("results").and_then(|results| results.get(0)) {
            return Ok(first.clone());
        }
    }
    Err(ToolError::UnknownPlace { place: place.to_owned() })
}

fn forecast_url(settings: &Settings, found: &Value) -> Option<String> {
    let base = &settings.weather_api_base;
    let number = |name: &str| found.get(name).filter(|value| value.is_number()).map(to_text);
    let (latitude, longitude) = (number("latitude")?, number("longitude")?);
    Some(format!(
        "{base}/forecast?latitude={latitude}&longitude={longitude}\
         &current=temperature_2m,apparent_temperature,relative_humidity_2m,weather_code,\
         wind_speed_10m&daily=temperature_2m_max,temperature_2m_min&timezone=auto&forecast_days=1"
    ))
}

/// Sends a `GET` and reads its JSON. Repeating it only reads again.
async fn fetch(host: &impl Http, service: &'static str, url: String) -> Result<Value, ToolError> {
    let request = Request::new(Method::Get, url, TIMEOUT);
    let response =
        host.send(&request).await.map_err(|source| ToolError::NoResponse { service, source })?;
    if !response.is_success() {
        return Err(ToolError::Refused { service, status: response.status });
    }
    parse(&response.body).filter(Value::is_object).ok_or(ToolError::Shape { service })
}

fn render(found: &Value, forecast: &Value) -> Option<String> {
    let current = forecast.get("current")?;
    let now = |name: &str| current.get(name).cloned().unwrap_or_default();
    let today = |name: &str| {
        let values = forecast.get("daily").and_then(|daily| daily.get(name));
        values.and_then(|values| values.get(0)).cloned().unwrap_or_default()
    };
    let temperature = current.get("temperature_2m").filter(|value| value.is_number())?;
    let weather = now("weather_code").as_u64().map(describe);
    let report = object([
        ("place", place_name(found).into()),
        ("local_time", now("time")),
        ("weather", weather.into()),
        ("temperature_c", temperature.clone()),
        ("feels_like_c", now("apparent_temperature")),
        ("humidity_percent", now("relative_humidity_2m")),
        ("wind_km_per_h", now("wind_speed_10m")),
        ("today_min_c", today("temperature_2m_min")),
        ("today_max_c", today("temperature_2m_max")),
        ("source", "Open-Meteo.com".into()),
    ]);
    Some(to_text(&report))
}

/// Name, region and country, each once: the model sees which of several places it got.
fn place_name(found: &Value) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for key in ["name", "admin1", "country"] {
        if let Some(part) = found.get(key).and_then(Value::as_str)
            && !parts.contains(&part)
        {
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
            encoded.extend([byte >> 4, byte & 15].map(hex_digit));
        }
    }
    encoded
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(nibble.into(), 16).unwrap_or('0').to_ascii_uppercase()
}
