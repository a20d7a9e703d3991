//! The tools over a scripted world.

use serde_json::json;

use super::*;
use crate::script::{Script, block_on, call, settings};
use miyabi_core::http::{HttpError, Response};

/// Runs one call and returns its outcome and content.
fn check(script: &Script, name: &str, arguments: &str) -> (ToolOutcome, String) {
    let round = round(script, &Requests::after(0), &[call("a", name, arguments)]);
    assert_eq!(round.results.len(), 1);
    let result = round.results[0].clone();
    assert_eq!(result.id, "a");
    (result.outcome, result.content)
}

fn round(script: &Script, requests: &Requests, calls: &[ToolCall]) -> ToolRound {
    let settings = settings();
    let texts: Vec<&str> = calls.iter().map(|call| call.arguments.as_str()).collect();
    let texts = texts.join(" ");
    let seen = Seen::asked(&texts, &[]);
    block_on(run_round(
        ToolContext { host: script, settings: &settings, requests, seen: &seen, mcp: &[] },
        &desk(&settings, calls),
        calls,
    ))
}

/// Everything that the settings switch on and the product need not carry out.
fn desk<'a>(settings: &Settings, calls: &'a [ToolCall]) -> Desk<'a, ()> {
    Desk {
        errands: &(),
        offered: errands::offered(settings, &(), &[], false),
        made: calls.iter().collect(),
    }
}

fn places() -> Value {
    json!({ "results": [{
        "name": "Kyoto", "latitude": 35.02107, "longitude": 135.75385, "admin1": "Kyoto",
        "country": "Japan",
    }] })
}

fn forecast() -> Value {
    json!({
        "current": {
            "time": "2026-11-20T23:45", "temperature_2m": 9.1, "apparent_temperature": 7.5,
            "relative_humidity_2m": 71, "weather_code": 61, "wind_speed_10m": 5.4,
        },
        "daily": { "temperature_2m_max": [14.2], "temperature_2m_min": [6.0] },
    })
}

#[test]
fn tells_the_time_in_a_zone_however_it_is_written() {
    for (arguments, zone) in [
        (r#"{"time_zone":"Europe/Paris"}"#, "Europe/Paris"),
        (r#"{"time_zone":"asia/tokyo"}"#, "Asia/Tokyo"),
        (r#"{"time_zone":"America/new york"}"#, "America/New_York"),
        (r#"{"time_zone":"New York"}"#, "America/New_York"),
        (r#"{"time_zone":"tokyo"}"#, "Asia/Tokyo"),
        (r#"{"time_zone":["UTC"]}"#, "UTC"),
        (r#"{"time_zone":""}"#, "Asia/Tokyo"),
        (r#"{"time_zone":null,"format":"24h"}"#, "Asia/Tokyo"),
        ("{}", "Asia/Tokyo"),
    ] {
        let script = Script::default()
            .zone("UTC")
            .zone("Asia/Tokyo")
            .zone("America/New_York")
            .zone("Europe/Paris");
        let expected = json!({ "time_zone": zone, "local_time": format!("noon in {zone}") });
        let said = check(&script, "current_time", arguments);
        assert_eq!(said, (ToolOutcome::Done, expected.to_string()), "{arguments}");
    }
}

#[test]
fn calculates_without_a_request_and_says_what_is_wrong() {
    let script = Script::default();
    let said = check(&script, "calculate", r#"{"expression":"80 + 15%"}"#);
    assert_eq!(said, (ToolOutcome::Done, r#"{"result":"92","exact":true}"#.to_owned()));
    let said = check(&script, "calculate", r#"{"expression":12}"#);
    assert_eq!(said, (ToolOutcome::Done, r#"{"result":"12","exact":true}"#.to_owned()));
    let said = check(&script, "calculate", r#"{"expression":"1/0"}"#);
    assert_eq!(said, (ToolOutcome::Failed, "error: division by zero".to_owned()));
    assert!(script.requests.borrow().is_empty());
}

#[test]
fn an_unknown_zone_is_a_result_that_says_what_to_write() {
    let said = check(&Script::default(), "current_time", r#"{"time_zone":"Mars/Base"}"#);
    let sentence = "error: unknown time zone `Mars/Base`; use an IANA name such as Asia/Tokyo, \
                    America/New_York or UTC";
    assert_eq!(said, (ToolOutcome::Failed, sentence.to_owned()));
}

#[test]
fn tells_the_weather_of_a_place() {
    let script = Script::default().response(200, &places()).response(200, &forecast());
    let (outcome, content) = check(&script, "weather", r#"{"place":"京都 & co"}"#);
    assert_eq!(outcome, ToolOutcome::Done);
    expect_test::expect![[r#"{"feels_like_c":7.5,"humidity_percent":71,"local_time":"2026-11-20T23:45","place":"Kyoto, Japan","source":"Open-Meteo.com","temperature_c":9.1,"today_max_c":14.2,"today_min_c":6.0,"weather":"slight rain","wind_km_per_h":5.4}"#]].assert_eq(&content);
    expect_test::expect![[r"
        GET https://places.example/v1/search?name=%E4%BA%AC%E9%83%BD%20%26%20co&count=10&language=en&format=json
        GET https://weather.example/v1/forecast?latitude=35.02107&longitude=135.75385&current=temperature_2m,apparent_temperature,relative_humidity_2m,weather_code,wind_speed_10m&daily=temperature_2m_max,temperature_2m_min&timezone=auto&forecast_days=1"]].assert_eq(&script.requests.borrow().join("\n"));
}

#[test]
fn looks_a_place_up_by_its_name_and_by_the_whole_only_if_that_is_unknown() {
    let script = Script::default()
        .response(200, &json!({ "generationtime_ms": 0.5 }))
        .response(200, &places())
        .response(200, &forecast());
    assert_eq!(check(&script, "weather", r#"{"place":"Kyoto, Japan"}"#).0, ToolOutcome::Done);
    let requests = script.requests.borrow();
    assert!(requests[0].contains("name=Kyoto&"), "{}", requests[0]);
    assert!(requests[1].contains("name=Kyoto%2C%20Japan&"), "{}", requests[1]);
}

#[test]
fn a_tool_says_that_the_requests_of_a_run_are_used_up() {
    let calls = ["1", "2"].map(|id| call(id, "weather", r#"{"place":"Kyoto"}"#));
    let script = Script::default().response(200, &places()).response(200, &forecast());
    let requests = Requests::after(MAX_REQUESTS - 2);
    let said = round(&script, &requests, &calls);
    assert_eq!((said.results[0].outcome, said.requests), (ToolOutcome::Done, 2));
    let sentence = "error: the requests that one question may send are used up; answer with what is \
                    known";
    assert_eq!(said.results[1].content, sentence);
    assert_eq!(script.requests.borrow().len(), 2);
    let said = round(&script, &Requests::after(MAX_REQUESTS), &calls);
    assert!(said.results.iter().all(|result| result.content == sentence));
    assert_eq!(said.requests, 0);
}

#[test]
fn an_abbreviation_of_several_zones_is_asked_back_and_offsets_and_old_names_are_known() {
    let (outcome, content) = check(&Script::default(), "current_time", r#"{"time_zone":"IST"}"#);
    let sentence = "error: `IST` may mean several time zones; ask again with one of Asia/Kolkata, \
                    Europe/Dublin, Asia/Jerusalem";
    assert_eq!((outcome, content.as_str()), (ToolOutcome::Failed, sentence));
    let (_, content) = check(&Script::default(), "current_time", r#"{"time_zone":"UTC+9"}"#);
    let expected = json!({
        "time_zone": "UTC+09:00", "local_time": "Thursday, 1 January 1970 at 09:00:00 GMT+9",
    });
    assert_eq!(content, expected.to_string());
    let script = Script::default().zone("Asia/Tokyo").zone("America/Los_Angeles");
    for (zone, name) in [("Japan", "Asia/Tokyo"), ("US/Pacific", "America/Los_Angeles")] {
        let arguments = json!({ "time_zone": zone }).to_string();
        let (outcome, content) = check(&script, "current_time", &arguments);
        assert_eq!(outcome, ToolOutcome::Done);
        assert!(content.contains(name), "{content}");
    }
}

#[test]
fn weather_without_some_numbers_is_weather_all_the_same() {
    let bare = json!({ "current": { "temperature_2m": -3, "weather_code": 12345 } });
    let script = Script::default().response(200, &places()).response(200, &bare);
    let (outcome, content) = check(&script, "weather", r#"{"place":"Kyoto"}"#);
    assert_eq!(outcome, ToolOutcome::Done);
    let report: Value = serde_json::from_str(&content).unwrap();
    assert_eq!(report["temperature_c"], -3);
    assert_eq!(report["weather"], "unknown");
    assert_eq!(report["today_max_c"], Value::Null);
}

#[test]
fn whatever_fails_on_the_way_to_the_weather_is_a_result() {
    let odd_place = json!({ "results": [{ "name": "Kyoto", "latitude": "35" }] });
    for (script, sentence) in [
        (
            Script::default().response(200, &json!({})),
            "error: no place named `Kyoto` was found; try the English name of the nearest larger \
             city",
        ),
        (
            Script::default().silence(HttpError::Timeout),
            "error: the geocoding service did not answer: no response in time",
        ),
        (
            Script::default().response(200, &places()).silence(HttpError::Lost),
            "error: the weather service did not answer: the connection was lost",
        ),
        (
            Script::default().response(200, &places()).response(429, &json!({})),
            "error: the weather service answered with status 429",
        ),
        (
            Script::default().response(200, &json!("<html>")),
            "error: the geocoding service answered in an unknown shape",
        ),
        (
            Script::default().response(200, &odd_place),
            "error: the geocoding service answered in an unknown shape",
        ),
        (
            Script::default().response(200, &places()).response(200, &json!({ "current": {} })),
            "error: the weather service answered in an unknown shape",
        ),
    ] {
        let said = check(&script, "weather", r#"{"place":"Kyoto"}"#);
        assert_eq!(said, (ToolOutcome::Failed, sentence.to_owned()));
        assert!(script.responses.borrow().is_empty());
    }
}

#[test]
fn a_wrong_call_is_a_result_that_says_what_is_expected() {
    for (name, arguments, sentence) in [
        (
            "web_search",
            "{}",
            "error: there is no tool `web_search`; the tools are: current_time, weather, calculate, fetch_page",
        ),
        ("weather", "{}", "error: wrong arguments for `weather`: `place` is required: a text"),
        (
            "calculate",
            r#"{"value":5}"#,
            "error: wrong arguments for `calculate`: `expression` is required: a text",
        ),
        (
            "weather",
            r#"{"place":{"city":"Kyoto"}}"#,
            "error: wrong arguments for `weather`: `place` is {\"city\":\"Kyoto\"}, but must be a \
             text",
        ),
    ] {
        let said = check(&Script::default(), name, arguments);
        assert_eq!(said, (ToolOutcome::Invalid, sentence.to_owned()));
    }
    for arguments in ["{\"place\":", "[1]", "5", ""] {
        let (outcome, content) = check(&Script::default(), "weather", arguments);
        assert_eq!(outcome, ToolOutcome::Invalid);
        assert!(content.starts_with("error: the arguments of `weather` are not a JSON object"));
        assert!(content.contains(r#""required":["place"]"#), "{content}");
    }
}

#[test]
fn a_prefixed_name_is_understood() {
    let script = Script::default().zone("Asia/Tokyo");
    assert_eq!(check(&script, "functions.current_time", "{}").0, ToolOutcome::Done);
}

#[test]
fn a_round_answers_its_calls_in_order_and_independently() {
    let script = Script::default()
        .zone("Asia/Tokyo")
        .silence(HttpError::Timeout)
        .response(200, &places())
        .response(200, &forecast());
    let calls = [
        call("a", "weather", r#"{"place":"Nara"}"#),
        call("b", "current_time", "{}"),
        call("c", "weather", r#"{"place":"Kyoto"}"#),
        call("d", "nothing", "{}"),
    ];
    let round = round(&script, &Requests::after(0), &calls);
    let outcomes: Vec<(&str, ToolOutcome)> =
        round.results.iter().map(|result| (result.id.as_str(), result.outcome)).collect();
    let expected = [
        ("a", ToolOutcome::Failed),
        ("b", ToolOutcome::Done),
        ("c", ToolOutcome::Done),
        ("d", ToolOutcome::Invalid),
    ];
    assert_eq!(outcomes, expected);
}

#[test]
fn a_round_runs_its_calls_together_and_its_slowest_tool_ends_within_its_time() {
    // Nobody is answered before everybody has asked.
    let script = Script { waits_for: 3, ..Script::default() };
    for _ in 0..3 {
        let headers = vec![("content-type", "text/plain".to_owned())];
        let page = Response { status: 200, headers, body: "text".to_owned() };
        script.responses.borrow_mut().push_back(Ok(page));
    }
    let calls = ["a.com", "b.org", "c.net"].map(|host| {
        call(host, "fetch_page", &json!({ "url": format!("https://{host}/") }).to_string())
    });
    let round = round(&script, &Requests::after(0), &calls);
    let found: Vec<(&str, bool)> = round
        .results
        .iter()
        .map(|result| (result.id.as_str(), result.content.contains(&result.id)))
        .collect();
    assert_eq!(found, [("a.com", true), ("b.org", true), ("c.net", true)]);
    for longest in [weather::TIMEOUT * 3, fetch_page::TIMEOUT] {
        assert!(longest < crate::answer::TOOLS_TIMEOUT);
    }
}

#[test]
fn a_tool_that_is_switched_off_is_not_there() {
    let mut settings = settings();
    settings.pages.is_on = false;
    assert!(!Tool::offered(&settings).contains(&Tool::FetchPage));
    let script = Script::default();
    let requests = Requests::after(0);
    let seen = Seen::default();
    let context = ToolContext {
        host: &script,
        settings: &settings,
        requests: &requests,
        seen: &seen,
        mcp: &[],
    };
    let calls = [call("a", "fetch_page", r#"{"url":"https://a.com/"}"#)];
    let round = block_on(run_round(context, &desk(&settings, &calls), &calls));
    let sentence =
        "error: there is no tool `fetch_page`; the tools are: current_time, weather, calculate";
    assert_eq!(round.results[0].content, sentence);
    assert_eq!(round.results[0].outcome, ToolOutcome::Invalid);
}

#[test]
fn every_tool_has_its_own_name_and_a_schema_the_models_take() {
    for tool in Tool::ALL {
        assert_eq!(Tool::parse(tool.name()), Some(tool));
        let schema = tool.schema();
        assert_eq!(schema["type"], "object");
        for property in schema["properties"].as_object().unwrap().values() {
            assert!(property["type"].is_string() && property["description"].is_string());
        }
    }
}
