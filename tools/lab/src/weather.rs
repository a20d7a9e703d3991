//! Emulates Open-Meteo: geocoding and the weather of eight cities, with fixed values.
//!
//! Shapes follow open-meteo.com/en/docs and open-meteo.com/en/docs/geocoding-api.

use serde_json::{Map, Value, json};

use crate::http::{Inbound, Reply};

struct City {
    /// English name, then other spellings.
    names: &'static [&'static str],
    country: (&'static str, &'static str),
    latitude: f64,
    longitude: f64,
    time_zone: &'static str,
    utc_offset_seconds: i32,
    abbreviation: &'static str,
    celsius: f64,
    /// WMO weather code.
    code: u8,
}

/// Where a city is: latitude, longitude.
type Place = (f64, f64);
/// Time zone: IANA name, offset in November in seconds, abbreviation.
type Zone = (&'static str, i32, &'static str);
/// Temperature in °C, and WMO weather code.
type Sky = (f64, u8);
/// Country code and name.
type Country = (&'static str, &'static str);

const fn city(
    names: &'static [&'static str],
    country: Country,
    (latitude, longitude): Place,
    (time_zone, utc_offset_seconds, abbreviation): Zone,
    (celsius, code): Sky,
) -> City {
    City {
        names,
        country,
        latitude,
        longitude,
        time_zone,
        utc_offset_seconds,
        abbreviation,
        celsius,
        code,
    }
}

const JAPAN: Country = ("JP", "Japan");
const JST: Zone = ("Asia/Tokyo", 32_400, "GMT+9");

/// The known cities.
const CITIES: [City; 8] = [
    city(&["Tokyo", "東京"], JAPAN, (35.6895, 139.69171), JST, (18.4, 1)),
    city(&["Kyoto", "京都"], JAPAN, (35.02107, 135.75385), JST, (16.2, 3)),
    city(&["Osaka", "大阪"], JAPAN, (34.69379, 135.50107), JST, (17.5, 61)),
    city(
        &["London", "ロンドン"],
        ("GB", "United Kingdom"),
        (51.50853, -0.12574),
        ("Europe/London", 0, "GMT"),
        (9.1, 63),
    ),
    city(
        &["Paris", "パリ"],
        ("FR", "France"),
        (48.85341, 2.3488),
        ("Europe/Paris", 3600, "GMT+1"),
        (10.3, 2),
    ),
    city(
        &["Berlin", "ベルリン"],
        ("DE", "Germany"),
        (52.52437, 13.41053),
        ("Europe/Berlin", 3600, "GMT+1"),
        (4.7, 71),
    ),
    city(
        &["New York", "ニューヨーク"],
        ("US", "United States"),
        (40.71427, -74.00597),
        ("America/New_York", -18_000, "GMT-5"),
        (7.8, 0),
    ),
    city(
        &["Sydney", "シドニー"],
        ("AU", "Australia"),
        (-33.86785, 151.20732),
        ("Australia/Sydney", 39_600, "GMT+11"),
        (22.6, 95),
    ),
];

/// Names of the operations, for fault rules.
pub(crate) const OPERATIONS: [&str; 2] = ["geocoding", "weather"];

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    Geocoding,
    Forecast,
}

impl Route {
    /// Name used by fault rules and in the record.
    pub(crate) fn operation(self) -> &'static str {
        let [geocoding, weather] = OPERATIONS;
        match self {
            Self::Geocoding => geocoding,
            Self::Forecast => weather,
        }
    }
}

/// Finds the operation of a request.
pub(crate) fn find(method: &str, segments: &[&str]) -> Option<Route> {
    match (method, segments) {
        ("GET", ["open-meteo", "geocoding", "v1", "search"]) => Some(Route::Geocoding),
        ("GET", ["open-meteo", "v1", "forecast"]) => Some(Route::Forecast),
        _ => None,
    }
}

/// Answers a call.
pub(crate) fn answer(route: Route, inbound: &Inbound) -> Reply {
    match route {
        Route::Geocoding => geocode(inbound),
        Route::Forecast => forecast(inbound),
    }
}

/// The service's part of `GET /lab/world`.
pub(crate) fn describe(base: &str) -> Value {
    json!({
        "geocoding_api_base": format!("{base}/open-meteo/geocoding/v1"),
        "weather_api_base": format!("{base}/open-meteo/v1"),
    })
}

/// Name and time zone of the first known city that a text mentions.
pub(crate) fn mentioned(text: &str) -> Option<(&'static str, &'static str)> {
    let text = text.to_lowercase();
    let is_in = |city: &&City| city.names.iter().any(|name| text.contains(&name.to_lowercase()));
    CITIES.iter().find(is_in).map(|city| (city.name(), city.time_zone))
}

impl City {
    fn name(&self) -> &'static str {
        self.names.first().copied().unwrap_or_default()
    }
}

/// `GET /v1/search`: the places of a name; without any, the reply has no `results`.
fn geocode(inbound: &Inbound) -> Reply {
    let Some(name) = inbound.parameter("name") else {
        return refuse("Parameter name must be a string.");
    };
    let wanted = name.trim().to_lowercase();
    let is_it = |city: &&City| city.names.iter().any(|known| known.to_lowercase() == wanted);
    let language = inbound.parameter("language").unwrap_or_default();
    let results: Vec<Value> =
        CITIES.iter().filter(is_it).map(|city| place(city, &language)).collect();
    let mut body = json!({ "generationtime_ms": 0.5 });
    if !results.is_empty() {
        body["results"] = json!(results);
    }
    Reply::json(200, body)
}

fn place(city: &City, language: &str) -> Value {
    let localized = city.names.get(usize::from(language == "ja")).copied();
    json!({
        "id": 1_850_147, "name": localized.unwrap_or_else(|| city.name()),
        "latitude": city.latitude, "longitude": city.longitude, "elevation": 30.0,
        "feature_code": "PPLC", "country_code": city.country.0, "country": city.country.1,
        "admin1": city.name(), "timezone": city.time_zone, "population": 1_000_000,
    })
}

/// `GET /v1/forecast`: the requested values of the nearest city.
fn forecast(inbound: &Inbound) -> Reply {
    let number = |name: &str| inbound.parameter(name)?.parse::<f64>().ok();
    let (Some(latitude), Some(longitude)) = (number("latitude"), number("longitude")) else {
        return refuse(
            "Parameter 'latitude' and 'longitude' must have the same number of elements",
        );
    };
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        return refuse("Latitude must be in range of -90 to 90°. Given: out of range.");
    }
    let distance = |city: &City| (city.latitude - latitude).hypot(city.longitude - longitude);
    let Some(city) = CITIES.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))) else {
        return refuse("No data is available for this location");
    };
    let mut body = json!({
        "latitude": latitude, "longitude": longitude, "generationtime_ms": 0.05,
        "utc_offset_seconds": city.utc_offset_seconds, "timezone": city.time_zone,
        "timezone_abbreviation": city.abbreviation, "elevation": 30.0,
    });
    for (section, extra) in [("current", true), ("daily", false)] {
        let Some(asked) = inbound.parameter(section) else { continue };
        match values(city, &asked, extra) {
            Ok((units, values)) => {
                body[format!("{section}_units")] = units;
                body[section] = values;
            }
            Err(reason) => return refuse(&reason),
        }
    }
    Reply::json(200, body)
}

/// Units and values of the variables in a comma-separated list.
fn values(city: &City, asked: &str, is_current: bool) -> Result<(Value, Value), String> {
    let (mut units, mut values) = (Map::new(), Map::new());
    units.insert("time".into(), json!("iso8601"));
    let time = if is_current { json!("2026-11-20T12:00") } else { json!(["2026-11-20"]) };
    values.insert("time".into(), time);
    if is_current {
        units.insert("interval".into(), json!("seconds"));
        values.insert("interval".into(), json!(900));
    }
    for name in asked.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let (unit, value) = variable(city, name).ok_or_else(|| {
            format!("Data corrupted at path ''. Cannot initialize VariableAndPreviousDay from invalid String value {name}.")
        })?;
        units.insert(name.to_owned(), json!(unit));
        values.insert(name.to_owned(), if is_current { value } else { json!([value]) });
    }
    Ok((Value::Object(units), Value::Object(values)))
}

fn variable(city: &City, name: &str) -> Option<(&'static str, Value)> {
    Some(match name {
        "temperature_2m" => ("°C", json!(city.celsius)),
        "apparent_temperature" => ("°C", json!(city.celsius - 1.5)),
        "temperature_2m_max" => ("°C", json!(city.celsius + 3.0)),
        "temperature_2m_min" => ("°C", json!(city.celsius - 5.0)),
        "relative_humidity_2m" => ("%", json!(62)),
        "precipitation" | "rain" | "precipitation_sum" => ("mm", json!(0.0)),
        "precipitation_probability_max" => ("%", json!(20)),
        "cloud_cover" => ("%", json!(40)),
        "weather_code" => ("wmo code", json!(city.code)),
        "wind_speed_10m" => ("km/h", json!(11.2)),
        "wind_direction_10m" => ("°", json!(220)),
        "is_day" => ("", json!(1)),
        _ => return None,
    })
}

fn refuse(reason: &str) -> Reply {
    Reply::json(400, json!({ "error": true, "reason": reason }))
        .violation(format!("weather: {reason}"))
}
