//! Where messages go, for every place and every answer of Discord about the webhooks.

use serde_json::json;

use super::*;
use crate::discord::place::Rights;
use miyabi_core::http::{HttpError, Response};
use miyabi_testing::{Answer, Fake, response, run, settings};

/// Where messages of a place go.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Route {
    /// By the configured webhook, or that of a channel.
    Webhook { channel: Option<String>, thread: Option<String> },
    /// To the asker alone.
    Reply,
}

const SERVED: &str = "1200000000000000002";
const CONFIGURED: &str = "1200000000000000001";

fn place(id: Option<&str>, parent: Option<&str>) -> Place {
    Place::Channel {
        id: id.map(ToOwned::to_owned),
        parent: parent.map(ToOwned::to_owned),
        rights: Rights::ALL,
    }
}

/// The same place, where the application may do nothing.
fn without_rights(place: &Place) -> Place {
    match place.clone() {
        Place::Channel { id, parent, .. } => {
            let rights = Rights { speaks: true, ..Rights::NONE };
            Place::Channel { id, parent, rights }
        }
        Place::Direct => Place::Direct,
    }
}

fn configured(thread: Option<&str>) -> Route {
    Route::Webhook { channel: None, thread: thread.map(ToOwned::to_owned) }
}

fn own(channel: &str, thread: Option<&str>) -> Route {
    Route::Webhook { channel: Some(channel.to_owned()), thread: thread.map(ToOwned::to_owned) }
}

/// Every place, each with its route when the configured webhook serves [`SERVED`], when Discord does
/// not tell what it serves, and when it serves nothing.
fn places() -> [(Place, Route, Route, Route); 8] {
    [
        (Place::Direct, Route::Reply, Route::Reply, Route::Reply),
        (place(None, None), configured(None), configured(None), configured(None)),
        (place(None, Some(SERVED)), configured(None), configured(None), configured(None)),
        (place(Some(SERVED), None), configured(None), configured(None), own(SERVED, None)),
        (place(Some("7"), None), own("7", None), configured(None), own("7", None)),
        (
            place(Some("7"), Some(SERVED)),
            configured(Some("7")),
            configured(Some("7")),
            own(SERVED, Some("7")),
        ),
        (
            place(Some("7"), Some("8")),
            own("8", Some("7")),
            configured(Some("7")),
            own("8", Some("7")),
        ),
        (
            place(Some(SERVED), Some("8")),
            own("8", Some(SERVED)),
            configured(Some(SERVED)),
            own("8", Some(SERVED)),
        ),
    ]
}

/// A route where no webhook can be found or made.
fn at_most_configured(route: &Route) -> Route {
    match route {
        Route::Webhook { channel: Some(_), .. } => Route::Reply,
        Route::Webhook { .. } | Route::Reply => route.clone(),
    }
}

fn decided(world: &Fake, place: &Place) -> Result<Route, Fault> {
    let decision = run(decide(world, &settings().discord, place, None)).unwrap()?;
    Ok(decision.way.map_or(Route::Reply, |way| {
        assert_eq!(way.is_own, way.webhook != CONFIGURED);
        let home = || place.home().unwrap().to_owned();
        Route::Webhook { channel: way.is_own.then(home), thread: way.thread }
    }))
}

/// Method and path of every call so far, and forgets them.
fn calls(world: &Fake) -> Vec<String> {
    let requests: Vec<_> = world.discord.borrow_mut().requests.drain(..).collect();
    let shown = |request: &miyabi_core::http::Request| {
        let path = request.url.strip_prefix("https://discord.test/api/v10").unwrap();
        format!("{} {path}", request.method.name())
    };
    requests.iter().map(shown).collect()
}

const ASKS: &str = "GET /webhooks/1200000000000000001/hook-token";

/// Decides, with Discord answering this about the configured webhook.
fn check(place: &Place, answer: &Result<Response, HttpError>, expected: &Result<Route, Fault>) {
    let world = Fake::new();
    let described = format!("{place:?} {answer:?}");
    let response = answer.clone();
    let ordered = Answer { to: ("GET", "/webhooks/"), takes_effect: false, response };
    world.discord.borrow_mut().answers.push(ordered);
    assert_eq!(&decided(&world, place), expected, "{described}");
    let calls = calls(&world);
    let asks = usize::from(matches!(place, Place::Channel { id: Some(_), .. }));
    assert_eq!(calls.iter().filter(|call| *call == ASKS).count(), asks, "{described}: {calls:?}");
    let is_own = matches!(expected, Ok(Route::Webhook { channel: Some(_), .. }));
    assert_eq!(calls.len(), asks + if is_own { 2 } else { 0 }, "{described}: {calls:?}");
}

/// Decides for every place, with and without the right to make webhooks.
fn check_all(answer: &Response, expected: impl Fn(&(Place, Route, Route, Route)) -> Route) {
    for each in places() {
        let route = expected(&each);
        check(&each.0, &Ok(answer.clone()), &Ok(route.clone()));
        let route = at_most_configured(&route);
        check(&without_rights(&each.0), &Ok(answer.clone()), &Ok(route));
    }
}

#[test]
fn posts_by_the_webhook_that_serves_the_place() {
    check_all(&response(200, &json!({ "channel_id": SERVED })), |(_, serving, _, _)| {
        serving.clone()
    });
}

#[test]
fn trusts_the_configuration_where_nobody_tells_the_channel() {
    let silent = [
        response(200, &json!({ "id": "1" })),
        response(200, &json!({ "channel_id": null })),
        Response { status: 204, headers: Vec::new(), body: String::new() },
        Response { status: 404, headers: Vec::new(), body: "<html>".to_owned() },
        Response { status: 405, headers: Vec::new(), body: String::new() },
        Response { status: 501, headers: Vec::new(), body: String::new() },
        response(404, &json!({ "message": "404: Not Found", "code": 0 })),
    ];
    for answer in silent {
        check_all(&answer, |(_, _, trusted, _)| trusted.clone());
    }
}

#[test]
fn makes_another_webhook_where_discord_refuses_the_configured_one() {
    for (status, code) in [(401, 50027), (403, 50013), (404, 10015), (400, 50035)] {
        let refusal = response(status, &json!({ "message": "no", "code": code }));
        check_all(&refusal, |(_, _, _, without)| without.clone());
    }
}

#[test]
fn leaves_it_to_another_attempt_while_discord_is_away() {
    let operation = "get_webhook";
    for (answer, error) in [
        (
            Ok(response(500, &json!({ "message": "internal", "code": 0 }))),
            SendError::ServerError { operation, status: 500, code: 0 },
        ),
        (
            Ok(Response { status: 502, headers: Vec::new(), body: "<html>".to_owned() }),
            SendError::ServerError { operation, status: 502, code: 0 },
        ),
        (
            Ok(response(403, &json!({ "message": "internal network error", "code": 40333 }))),
            SendError::Deferred { operation, status: 403, code: 40333 },
        ),
        (
            Ok(response(401, &json!({ "message": "401: Unauthorized", "code": 0 }))),
            SendError::Deferred { operation, status: 401, code: 0 },
        ),
        (
            Ok(Response { status: 401, headers: Vec::new(), body: "<html>".to_owned() }),
            SendError::Deferred { operation, status: 401, code: 0 },
        ),
        (
            Ok(response(405, &json!({ "message": "new", "code": 999_999 }))),
            SendError::Deferred { operation, status: 405, code: 999_999 },
        ),
        (Ok(response(429, &json!({ "retry_after": 300.0 }))), SendError::RateLimited { operation }),
        (Err(HttpError::Timeout), SendError::NoResponse { operation, source: HttpError::Timeout }),
        (Err(HttpError::Lost), SendError::NoResponse { operation, source: HttpError::Lost }),
    ] {
        for (place, route, ..) in places() {
            let expected = match place {
                Place::Channel { id: Some(_), .. } => Err(error.clone().into()),
                Place::Channel { .. } | Place::Direct => Ok(route),
            };
            check(&place, &answer, &expected);
        }
    }
}

#[test]
fn another_channels_webhook_is_found_and_not_made_twice() {
    let world = Fake::new();
    let here = world.discord.borrow_mut().add_hook("7");
    assert_eq!(decided(&world, &place(Some("7"), None)), Ok(own("7", None)));
    assert_eq!(calls(&world), [ASKS, "GET /channels/7/webhooks"]);
    assert_eq!(world.discord.borrow().hooks, [here]);
}

#[test]
fn a_webhook_that_is_known_costs_one_look_at_the_channels_list() {
    const LISTS: &str = "GET /channels/7/webhooks";
    let world = Fake::new();
    assert_eq!(decided(&world, &place(Some("7"), None)), Ok(own("7", None)));
    assert_eq!(calls(&world), [ASKS, LISTS, "POST /channels/7/webhooks"]);
    assert_eq!(decided(&world, &place(Some("7"), None)), Ok(own("7", None)));
    assert_eq!(decided(&world, &place(Some("9"), Some("7"))), Ok(own("7", Some("9"))));
    assert_eq!(calls(&world), [LISTS, LISTS]);
    // Its token is in the list, and that is for who may manage webhooks.
    let here = without_rights(&place(Some("7"), None));
    assert_eq!(decided(&world, &here), Ok(Route::Reply));
    assert_eq!(calls(&world), [""; 0]);
    assert_eq!(world.discord.borrow().hooks.len(), 1);
}

#[test]
fn the_configured_webhook_is_preferred_again_when_it_serves() {
    let world = Fake::new();
    let here = place(Some(SERVED), None);
    let blip = response(403, &json!({ "message": "Missing Access", "code": 50001 }));
    world.discord.borrow_mut().refuse("GET", "/hook-token", blip);
    assert_eq!(decided(&world, &here), Ok(own(SERVED, None)));
    assert_eq!(decided(&world, &here), Ok(configured(None)));
    // Discord may be wrong about what is gone, too.
    let gone = response(404, &json!({ "message": "Unknown Webhook", "code": 10015 }));
    world.discord.borrow_mut().refuse("GET", "/hook-token", gone);
    assert_eq!(decided(&world, &here), Ok(own(SERVED, None)));
    assert_eq!(decided(&world, &here), Ok(own(SERVED, None)));
    world.db.execute("UPDATE webhooks SET gone_at = gone_at - 3601", []).unwrap();
    assert_eq!(decided(&world, &here), Ok(configured(None)));
    // And a person may move it away and back.
    world.discord.borrow_mut().webhook_channel = "8".to_owned();
    assert_eq!(decided(&world, &here), Ok(own(SERVED, None)));
    world.discord.borrow_mut().webhook_channel = SERVED.to_owned();
    world.db.execute("UPDATE webhooks SET seen_at = seen_at - 3601", []).unwrap();
    assert_eq!(decided(&world, &here), Ok(configured(None)));
}

#[test]
fn a_webhook_of_ours_that_somebody_moved_does_not_carry_questions_elsewhere() {
    let world = Fake::new();
    let here = place(Some("7"), None);
    assert_eq!(decided(&world, &here), Ok(own("7", None)));
    world.discord.borrow_mut().hooks[0].channel = "8".to_owned();
    assert_eq!(decided(&world, &here), Ok(own("7", None)));
    let channels: Vec<_> =
        world.discord.borrow().hooks.iter().map(|hook| hook.channel.clone()).collect();
    assert_eq!(channels, ["8", "7"], "another one is made here");
    assert_eq!(decided(&world, &place(Some("8"), None)), Ok(own("8", None)));
    assert_eq!(world.discord.borrow().hooks.len(), 2, "and that one serves there");
}

#[test]
fn who_may_not_write_there_is_answered_privately() {
    let world = Fake::new();
    for channel in [SERVED, "7"] {
        let mut here = place(Some(channel), None);
        if let Place::Channel { rights, .. } = &mut here {
            rights.speaks = false;
        }
        assert_eq!(decided(&world, &here), Ok(Route::Reply));
    }
    assert_eq!(calls(&world), [""; 0]);
}

#[test]
fn where_the_application_may_make_no_webhook_it_does_not_try() {
    let world = Fake::new();
    let here = without_rights(&place(Some("7"), None));
    assert_eq!(decided(&world, &here), Ok(Route::Reply));
    assert_eq!(calls(&world), [ASKS]);
}

#[test]
fn where_discord_refuses_a_webhook_the_answer_is_private() {
    for (method, status, code) in
        [("GET", 403, 50013), ("GET", 404, 10003), ("POST", 403, 50013), ("POST", 400, 30007)]
    {
        let world = Fake::new();
        let refusal = response(status, &json!({ "message": "no", "code": code }));
        world.discord.borrow_mut().refuse(method, "/channels/7/webhooks", refusal);
        assert_eq!(decided(&world, &place(Some("7"), None)), Ok(Route::Reply), "{method} {code}");
        assert_eq!(world.discord.borrow().hooks, []);
    }
    let world = Fake::new();
    world.discord.borrow_mut().manages_webhooks = false;
    assert_eq!(decided(&world, &place(Some("7"), None)), Ok(Route::Reply));
}

#[test]
fn making_a_webhook_is_left_to_another_attempt_while_discord_is_away() {
    for method in ["GET", "POST"] {
        let world = Fake::new();
        let answer = response(503, &json!({}));
        world.discord.borrow_mut().refuse(method, "/channels/7/webhooks", answer);
        let fault = decided(&world, &place(Some("7"), None)).unwrap_err();
        assert_eq!(fault.retry, miyabi_core::fault::Retry::Backoff, "{method} {fault}");
        assert_eq!(decided(&world, &place(Some("7"), None)), Ok(own("7", None)));
        assert_eq!(world.discord.borrow().hooks.len(), 1);
    }
}

#[test]
fn the_configured_webhook_is_not_called_again_once_it_is_gone() {
    let world = Fake::new();
    world.discord.borrow_mut().delete_hook(CONFIGURED);
    assert_eq!(decided(&world, &place(Some(SERVED), None)), Ok(own(SERVED, None)));
    assert_eq!(calls(&world).iter().filter(|call| *call == ASKS).count(), 1);
    for (place, _, _, without) in places() {
        assert_eq!(decided(&world, &place), Ok(without), "{place:?}");
    }
    let calls = calls(&world);
    assert!(!calls.iter().any(|call| call.contains("hook-token")), "{calls:?}");
    let gone = miyabi_core::event::Event::SenderGone { sender: CONFIGURED.to_owned() };
    assert_eq!(*world.events.borrow(), [gone]);
}

#[test]
fn a_webhook_that_is_gone_is_replaced() {
    let world = Fake::new();
    let here = place(Some("7"), None);
    assert_eq!(decided(&world, &here), Ok(own("7", None)));
    let first = run(own_hook(&world, &settings().discord, &here, Known::default()))
        .unwrap()
        .unwrap()
        .unwrap();
    world.discord.borrow_mut().delete_hook(&first.id);
    run(webhooks::forget(&world, &first.id)).unwrap().unwrap();
    let second = run(own_hook(&world, &settings().discord, &here, Known::default()))
        .unwrap()
        .unwrap()
        .unwrap();
    assert_ne!(first, second);
    calls(&world);
    assert_eq!(decided(&world, &here), Ok(own("7", None)));
    assert_eq!(calls(&world).len(), 1, "whether it is still here");
}

#[test]
fn there_is_no_webhook_of_a_place_that_is_not_known() {
    let world = Fake::new();
    for nowhere in [Place::Direct, place(None, None), place(None, Some("7"))] {
        assert_eq!(
            run(own_hook(&world, &settings().discord, &nowhere, Known::default())).unwrap(),
            Ok(None)
        );
    }
    assert_eq!(calls(&world), [""; 0]);
}

#[test]
fn a_database_that_is_away_is_worth_another_attempt() {
    for statement in
        ["webhooks::known", "webhooks::reserve", "webhooks::remember", "webhooks::forget"]
    {
        let world = Fake::new();
        world.discord.borrow_mut().delete_hook(CONFIGURED);
        world.store_faults.borrow_mut().push(statement);
        let fault = decided(&world, &place(Some(SERVED), None)).unwrap_err();
        assert_eq!(fault.retry, miyabi_core::fault::Retry::Backoff, "{statement}");
        assert_eq!(decided(&world, &place(Some(SERVED), None)), Ok(own(SERVED, None)));
        assert_eq!(world.discord.borrow().hooks.len(), 1, "{statement}");
    }
}

#[test]
fn a_stored_way_is_read_back() {
    for thread in [None, Some("7".to_owned())] {
        let way = Way { webhook: CONFIGURED.to_owned(), is_own: false, thread };
        let stored = serde_json::to_value(&way).unwrap();
        assert_eq!(serde_json::from_value::<Way>(stored).unwrap(), way);
    }
    for unknown in [json!({ "webhook": 7, "is_own": true }), json!({}), json!(null)] {
        assert!(serde_json::from_value::<Way>(unknown.clone()).is_err(), "{unknown}");
    }
}
