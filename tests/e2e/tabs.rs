//! One conversation in several tabs at once, over HTTP and sockets: what is asked together, edited, stopped and
//! deleted while it runs is there once, and ends for everybody.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::{Reply, bearer_for as key, json_of, send};
use crate::asking::UNSPEAKABLE;
use crate::live::Tab;
use crate::world::{self, World, list, text};

/// An answer that takes some seconds.
const SLOW: &str = "Tell me a tab's tale. [long 900] [slow 60]";

fn post(world: &World, key: &str, path: &str, body: &Value) -> Reply {
    send(world, "POST", path, &json_of(key), body.to_string().as_bytes())
}

fn submission(conversation: &str, message: &str, words: &str) -> Value {
    let part = json!({ "type": "text", "text": words });
    let message = json!({ "id": message, "role": "user", "parts": [part] });
    json!({ "id": conversation, "messages": [message], "trigger": "submit-message" })
}

/// Has a question streamed to its end in a thread of its own, and returns all of the stream.
fn streamed(world: &World, key: &str, body: &Value) -> Vec<Value> {
    let told = post(world, key, "/api/chat", body);
    assert_eq!(told.status, 200, "{}", told.text);
    let data = told.text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter_map(|data| serde_json::from_str(data).ok()).collect()
}

fn turn_of(chunks: &[Value]) -> &str {
    text(&chunks[0]["messageMetadata"], "turn")
}

fn last(chunks: &[Value]) -> &str {
    text(chunks.last().unwrap(), "type")
}

fn read(world: &World, key: &str, conversation: &str) -> Reply {
    let path = format!("/api/conversations/{conversation}");
    send(world, "GET", &path, &[("authorization", key)], b"")
}

/// Returns the turn that runs, once it does.
fn running(world: &World, key: &str, conversation: &str) -> String {
    world::within(Duration::from_secs(30), "a turn to run", || {
        read(world, key, conversation).body["running"].as_str().map(str::to_owned)
    })
}

fn stop(world: &World, key: &str, conversation: &str, turn: &str) -> Reply {
    post(world, key, &format!("/api/chat/{conversation}/stop"), &json!({ "turn": turn }))
}

#[test]
fn tabs_that_do_everything_at_once_leave_one_of_each() {
    let world = world::own(&[("MIYABI_MODEL", "openai/gpt-5-mini"), ("MIYABI_MEMORY", "on")]);
    UNSPEAKABLE.lock().unwrap().push("tab's tale".to_owned());
    let bearer = |name: &str| key(&world, name, "chat");
    let keys = ["tabs-a", "tabs-b", "tabs-c", "tabs-d"].map(bearer);
    std::thread::scope(|scope| {
        let world = &world;
        let [a, b, c, d] = &keys;
        scope.spawn(move || the_same_message_is_one_turn(world, a));
        scope.spawn(move || edits_and_other_answers_stand_beside_what_runs(world, b));
        scope.spawn(move || what_is_deleted_ends_and_stays_gone(world, c));
        scope.spawn(move || a_wrong_place_is_no_harm(world, d));
    });
    let ended = "SELECT id FROM jobs WHERE status NOT IN ('COMPLETED', 'ERROR')";
    world::within(Duration::from_mins(1), "all jobs to end", || {
        world.stack().query(ended, &[]).unwrap().is_empty().then_some(())
    });
}

fn the_same_message_is_one_turn(world: &World, key: &str) {
    let body = submission("t-same", "m1", "Say hi from two tabs");
    let all = std::thread::scope(|scope| {
        let tabs = [(); 3].map(|()| scope.spawn(|| streamed(world, key, &body)));
        tabs.map(|tab| tab.join().unwrap())
    });
    for chunks in &all {
        assert_eq!((turn_of(chunks), last(chunks)), (turn_of(&all[0]), "finish"), "{chunks:?}");
    }
    assert_eq!(list(read(world, key, "t-same").body["messages"].clone()).len(), 2);
}

fn edits_and_other_answers_stand_beside_what_runs(world: &World, key: &str) {
    let first = submission("t-edit", "m1", SLOW);
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| streamed(world, key, &first));
        let turn = running(world, key, "t-edit");
        let mut edit = submission("t-edit", "m1", "Say edited");
        edit["messageId"] = json!("m1");
        let edited = streamed(world, key, &edit);
        assert_eq!(last(&edited), "finish", "{edited:?}");
        assert_ne!(turn_of(&edited), turn);
        let mut again = submission("t-edit", "m1", SLOW);
        again["trigger"] = json!("regenerate-message");
        again["messageId"] = json!(format!("{turn}-a"));
        let other = scope.spawn(move || streamed(world, key, &again));
        let second = world::within(Duration::from_secs(30), "another answer to run", || {
            let running = read(world, key, "t-edit").body["running"].as_str().map(str::to_owned);
            running.filter(|it| *it != turn)
        });
        for turn in [&turn, &second] {
            let [one, two] = [(); 2].map(|()| stop(world, key, "t-edit", turn));
            assert_eq!((one.status, text(&one.body, "state")), (200, "stopped"), "{}", one.text);
            assert_eq!(one.text, two.text);
        }
        for (chunks, expected) in [(slow.join().unwrap(), &turn), (other.join().unwrap(), &second)]
        {
            assert_eq!(
                (turn_of(&chunks), last(&chunks)),
                (expected.as_str(), "abort"),
                "{chunks:?}"
            );
        }
        let messages = list(read(world, key, "t-edit").body["messages"].clone());
        let parents: Vec<_> = messages.iter().map(|it| it["parentId"].clone()).collect();
        // Two questions at the root, the second answer beside the first.
        let questions = messages.iter().filter(|it| it["role"] == "user").count();
        assert_eq!((messages.len(), questions), (5, 2), "{messages:?} {parents:?}");
    });
}

fn what_is_deleted_ends_and_stays_gone(world: &World, key: &str) {
    let body = submission("t-gone", "m1", SLOW);
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| streamed(world, key, &body));
        let turn = running(world, key, "t-gone");
        let path = "/api/conversations/t-gone";
        let mut tab =
            Tab::open(world, &format!("{path}/socket"), &[("authorization", key)]).unwrap();
        for _ in 0..2 {
            let gone = send(world, "DELETE", path, &[("authorization", key)], b"");
            assert_eq!(gone.status, 204, "{}", gone.text);
        }
        assert_eq!(last(&slow.join().unwrap()), "abort");
        let closed = core::iter::repeat_with(|| tab.next()).find_map(Result::err).unwrap();
        assert_eq!(closed.0, 4410);
        assert_eq!(stop(world, key, "t-gone", &turn).problem(), (404, "not_found"));
        let how =
            send(world, "GET", &format!("{path}/turns/{turn}"), &[("authorization", key)], b"");
        assert_eq!(how.problem(), (404, "not_found"));
        let late = post(world, key, "/api/chat", &submission("t-gone", "m2", "Say hi"));
        assert_eq!(late.problem(), (410, "conversation_deleted"));
        assert_eq!(read(world, key, "t-gone").problem(), (404, "not_found"));
    });
}

fn a_wrong_place_is_no_harm(world: &World, key: &str) {
    let chunks =
        streamed(world, key, &submission("t-place", "m1", "What is the weather in Kyoto?"));
    let turn = turn_of(&chunks);
    let path = "/api/conversations/t-place/socket";
    let resume = |turn: &str, index: Value| {
        let mut tab = Tab::open(world, path, &[("authorization", key)]).unwrap();
        tab.next().unwrap();
        tab.say(&json!({ "type": "resume", "turn": turn, "index": index }));
        let mut frames = Vec::new();
        loop {
            match tab.next() {
                Ok(frame) if frame["type"] == "event" => frames.push(frame),
                Ok(frame) => return (frames, Ok(text(&frame, "type").to_owned())),
                Err((code, _)) => return (frames, Err(code)),
            }
        }
    };
    let (whole, end) = resume(turn, json!(0));
    assert_eq!(end, Ok("resumed".to_owned()));
    let words = |frames: &[Value]| -> String {
        frames.iter().filter_map(|it| it["chunk"]["delta"].as_str()).collect()
    };
    assert!(words(&whole).contains("Kyoto"), "{whole:?}");
    let behind = |frames: &[Value], after: u64| -> Vec<Value> {
        frames.iter().filter(|it| it["index"].as_u64() > Some(after)).cloned().collect()
    };
    for frame in &whole {
        let after = frame["index"].as_u64().unwrap();
        assert_eq!(resume(turn, json!(after)).0, behind(&whole, after));
        // A number that nobody was told loses no end; that of a failure has all of it told again.
        let (rest, _) = resume(turn, json!(after + 1));
        let is_whole = rest.first() == whole.first();
        assert!(is_whole || rest.last() == behind(&whole, after + 1).last(), "{after}: {rest:?}");
    }
    assert_eq!(
        resume(turn, json!(9_007_199_254_740_991_u64)),
        (Vec::new(), Ok("resumed".to_owned()))
    );
    assert_eq!(resume("none", json!(0)), (Vec::new(), Ok("error".to_owned())));
    for wrong in [json!(-1), json!("1"), json!(1.5), Value::Null] {
        let (frames, end) = resume(turn, wrong.clone());
        assert!(frames.is_empty() || wrong.is_null(), "{wrong}: {frames:?}");
        assert!(end.is_ok() || end == Err(1008), "{wrong}: {end:?}");
    }
}
