//! Where do messages go, for every place and every answer of Discord about the webhook?

use serde_json::json;

use super::*;
use crate::fake::{Answer, Fake, response, run, settings};
use crate::http::{HttpError, Response};

const SERVED: &str = "1200000000000000002";

fn place(id: Option<&str>, parent: Option<&str>) -> Place {
    Place::Channel { id: id.map(ToOwned::to_owned), parent: parent.map(ToOwned::to_owned) }
}

/// Every place, each with its route when Discord names the webhook's channel, and when it does not.
fn places() -> [(Place, Route, Route); 8] {
    let thread = || Route::Thread("7".to_owned());
    [
        (Place::Direct, Route::Reply, Route::Reply),
        (place(None, None), Route::Channel, Route::Channel),
        (place(Some(SERVED), None), Route::Channel, Route::Channel),
        (place(Some("7"), None), Route::Reply, Route::Channel),
        (place(Some("7"), Some(SERVED)), thread(), thread()),
        (place(Some("7"), Some("8")), Route::Reply, thread()),
        (place(Some(SERVED), Some("8")), Route::Channel, Route::Thread(SERVED.to_owned())),
        (place(None, Some(SERVED)), Route::Channel, Route::Channel),
    ]
}

/// Decides, with Discord answering this about the webhook.
fn check(
    place: &Place,
    answer: Result<Response, HttpError>,
    expected: &Result<Route, DiscordError>,
) {
    let world = Fake::new();
    let described = format!("{place:?} {answer:?}");
    let ordered = Answer { to: ("GET", "/webhooks/"), takes_effect: false, response: answer };
    world.discord.borrow_mut().answers.push(ordered);
    let route = run(decide(&world, &settings().discord, place)).unwrap();
    assert_eq!(&route, expected, "{described}");
    let requests = world.discord.borrow().requests.len();
    assert_eq!(requests, usize::from(*place != Place::Direct), "{described}");
}

#[test]
fn posts_by_the_webhook_only_where_it_serves() {
    for (place, route, _) in places() {
        check(&place, Ok(response(200, &json!({ "channel_id": SERVED }))), &Ok(route));
    }
}

#[test]
fn trusts_the_configuration_where_nobody_tells_the_channel() {
    let silent = [
        response(200, &json!({ "id": "1" })),
        response(200, &json!({ "channel_id": null })),
        Response { status: 204, headers: Vec::new(), body: String::new() },
        Response { status: 404, headers: Vec::new(), body: "<html>".to_owned() },
        Response { status: 405, headers: Vec::new(), body: String::new() },
        response(404, &json!({ "message": "404: Not Found", "code": 0 })),
    ];
    for answer in silent {
        for (place, _, trusted) in places() {
            check(&place, Ok(answer.clone()), &Ok(trusted));
        }
    }
}

#[test]
fn replies_where_discord_refuses_the_webhook() {
    for (status, code) in [(401, 50027), (403, 50013), (404, 10015), (400, 50035), (405, 1)] {
        for (place, _, _) in places() {
            let refusal = response(status, &json!({ "message": "no", "code": code }));
            check(&place, Ok(refusal), &Ok(Route::Reply));
        }
    }
}

#[test]
fn leaves_it_to_another_attempt_while_discord_is_away() {
    let operation = "get_webhook";
    for (answer, error) in [
        (
            Ok(response(500, &json!({ "message": "internal", "code": 0 }))),
            DiscordError::Refused { operation, status: 500, code: 0 },
        ),
        (
            Ok(Response { status: 502, headers: Vec::new(), body: "<html>".to_owned() }),
            DiscordError::Refused { operation, status: 502, code: 0 },
        ),
        (Ok(response(429, &json!({ "retry_after": 300.0 }))), DiscordError::Limited { operation }),
        (
            Err(HttpError::Timeout),
            DiscordError::NoResponse { operation, source: HttpError::Timeout },
        ),
        (Err(HttpError::Lost), DiscordError::NoResponse { operation, source: HttpError::Lost }),
    ] {
        for (place, _, _) in places() {
            let expected = match place {
                Place::Direct => Ok(Route::Reply),
                Place::Channel { .. } => Err(error.clone()),
            };
            check(&place, answer.clone(), &expected);
        }
    }
}

#[test]
fn a_stored_route_is_read_back() {
    for (route, stored) in [
        (Route::Channel, json!("channel")),
        (Route::Thread("7".to_owned()), json!({ "thread": "7" })),
        (Route::Reply, json!("reply")),
    ] {
        assert_eq!(route.to_json(), stored);
        assert_eq!(Route::from_json(&stored), Some(route));
    }
    for unknown in [json!("thread"), json!({ "thread": 7 }), json!({}), json!(null)] {
        assert_eq!(Route::from_json(&unknown), None, "{unknown}");
    }
}
