//! Every socket is told what it lacks, once and in order, over a conversation on real `SQLite`.

mod agents;
mod faults;
mod keys;
mod late;

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use serde_json::json;

use super::*;
use crate::routes::api::tests::key;
use miyabi_app::conversation::{self, Live, Submission};
use miyabi_channels::web::socket::Wire;
use miyabi_core::fault::StoreError;
use miyabi_core::ports::{Clock as _, Limit};
use miyabi_testing::{Fake, run, settings};

const NAME: &str = "web:c1:mio";

/// What a socket was told, and what is known of it.
#[derive(Default)]
struct Ear {
    listener: RefCell<Listener>,
    heard: RefCell<Vec<Value>>,
    closed: RefCell<Option<(Close, String)>>,
}

impl Socket for Rc<Ear> {
    fn listener(&self) -> Option<Listener> {
        // As it is kept by the runtime: as text.
        let text = serde_json::to_string(&*self.listener.borrow()).unwrap();
        serde_json::from_str(&text).ok()
    }

    fn keep(&self, listener: &Listener) {
        self.listener.replace(listener.clone());
    }

    fn send(&self, frame: &str) {
        assert!(self.closed.borrow().is_none(), "told after its end: {frame}");
        self.heard.borrow_mut().push(serde_json::from_str(frame).unwrap());
    }

    fn close(&self, why: Close, words: &str) {
        assert!(words.len() <= 123, "{words}");
        self.closed.replace(Some((why, words.to_owned())));
    }
}

impl Ear {
    /// Returns what was told since the last time.
    fn heard(&self) -> Vec<Value> {
        self.heard.take()
    }

    fn types(&self) -> Vec<String> {
        self.heard().iter().map(|frame| frame["type"].as_str().unwrap().to_owned()).collect()
    }

    fn closed(&self) -> Option<Close> {
        self.closed.borrow().as_ref().map(|(why, _)| *why)
    }
}

/// A conversation with its sockets.
struct World {
    host: Fake,
    live: Live,
    ears: RefCell<Vec<Rc<Ear>>>,
    key: String,
    /// Whether its store answers nothing.
    is_failing: Cell<bool>,
}

impl Room for World {
    type Socket = Rc<Ear>;

    fn sockets(&self) -> Vec<Rc<Ear>> {
        let ears = self.ears.borrow();
        ears.iter().filter(|ear| ear.closed().is_none()).cloned().collect()
    }

    fn carry_out(&self, command: Command) -> Result<Reply, Fault> {
        let carry_out = |command| {
            let mut conversations = self.host.conversations.borrow_mut();
            let store = conversations.entry(NAME.to_owned()).or_default();
            if self.is_failing.get() {
                return Err(StoreError::Failed { statement: "test" }.into());
            }
            conversation::carry_out(store, &self.live, self.now(), command)
        };
        let kind = Kind::of(&command, carry_out);
        let reply = carry_out(command)?;
        let stale = tell(self, &kind.change(&reply), None, self.now());
        assert!(stale.len() <= 1, "{stale:?}");
        Ok(reply)
    }
}

impl World {
    fn new() -> Self {
        let host = Fake::new();
        host.converse.set(Some(|store, now, command| {
            conversation::handle(store, &Live::default(), now, command)
        }));
        let key = key(&host, "mio", "chat").hash();
        Self {
            host,
            live: Live::default(),
            ears: RefCell::default(),
            key,
            is_failing: Cell::default(),
        }
    }

    fn now(&self) -> Millis {
        self.host.now()
    }

    fn open(&self, wire: Wire) -> Rc<Ear> {
        let ear = Rc::new(Ear::default());
        let listener = Listener {
            id: self.ears.borrow().len().to_string(),
            wire: Some(wire),
            owner: "mio".to_owned(),
            conversation: "c1".to_owned(),
            language: "en".to_owned(),
            key: self.key.clone(),
            checked_ms: self.now().0,
            ..Listener::default()
        };
        self.ears.borrow_mut().push(Rc::clone(&ear));
        greet(self, &ear, &listener);
        ear
    }

    fn say(&self, ear: &Rc<Ear>, frame: &Value) {
        run(hear(self, (&self.host, &settings()), ear, Some(&frame.to_string()))).unwrap();
    }

    fn begin(&self, turn: &str, text: &str) {
        let submission = self.submission(turn, text);
        let begin = Command::Begin {
            submission,
            generation: 1,
            budget_tokens: 0,
            model: String::new(),
            is_told: true,
        };
        self.carry_out(begin).unwrap();
    }

    fn append(&self, turn: &str, text: &str) {
        let (turn, text) = (turn.to_owned(), text.to_owned());
        self.carry_out(Command::Append { turn, generation: 1, text }).unwrap();
    }

    fn settle(&self, turn: &str, outcome: Outcome) {
        let submission = self.submission(turn, "hi");
        let (measured, note) = (None, String::new());
        let settle = Command::Settle { submission, generation: 1, outcome, measured, note };
        self.carry_out(settle).unwrap();
    }

    fn submission(&self, turn: &str, text: &str) -> Submission {
        Submission::new(turn, text, self.now())
    }
}

/// Returns the text of events, after a look that their numbers grow.
fn said(frames: &[Value]) -> String {
    let events: Vec<_> = frames.iter().filter(|frame| frame["type"] == "event").collect();
    let numbers: Vec<_> = events.iter().map(|event| event["index"].as_u64().unwrap()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    events.iter().filter_map(|event| event["chunk"]["delta"].as_str()).collect()
}

fn done(text: &str) -> Outcome {
    Outcome::Done(text.to_owned())
}

#[test]
fn two_sockets_are_told_the_same_of_a_turn_that_begins_elsewhere() {
    let world = World::new();
    let (one, two) = (world.open(Wire::Own), world.open(Wire::Own));
    let idle =
        json!({ "type": "hello", "conversation": "c1", "state": "idle", "turn": null, "index": 0 });
    assert_eq!((one.heard(), two.heard()), (vec![idle.clone()], vec![idle]));
    world.begin("t1", "hi");
    for text in ["It", "It is 20 °C", "It is 20 °C.", "It is"] {
        world.append("t1", text);
    }
    world.settle("t1", done("It is 20 °C."));
    world.settle("t1", done("It is 20 °C."));
    let heard = one.heard();
    assert_eq!(heard, two.heard());
    assert_eq!(
        (&heard[0]["type"], &heard[0]["message"]["parts"][0]["text"]),
        (&json!("question"), &json!("hi"))
    );
    assert_eq!(said(&heard), "It is 20 °C.");
    assert_eq!(heard.last().unwrap()["chunk"]["type"], "finish");
}

#[test]
fn a_socket_that_comes_back_gets_exactly_what_it_lacks_also_when_the_object_has_slept() {
    let world = World::new();
    let first = world.open(Wire::Own);
    world.begin("t1", "hi");
    let long = "word ".repeat(400);
    world.append("t1", &long);
    let heard = first.heard();
    let last = heard.last().unwrap()["index"].clone();
    first.close(Close::Failed, "cut");
    let late = world.open(Wire::Own);
    let hello = &late.heard()[0];
    assert_eq!(
        (&hello["state"], &hello["turn"], &hello["index"]),
        (&json!("running"), &json!("t1"), &last)
    );
    // Nothing of the turn comes by itself.
    world.append("t1", &format!("{long}more"));
    assert_eq!(late.heard(), [Value::Null; 0]);
    world.say(&late, &json!({ "type": "resume", "turn": "t1", "index": last }));
    let resumed = late.heard();
    assert_eq!(said(&resumed), "more");
    assert_eq!(resumed.last().unwrap()["type"], "resumed");
    // As many times as it likes, from wherever.
    world.say(&late, &json!({ "type": "resume", "turn": "t1", "index": 0 }));
    assert_eq!(said(&late.heard()), format!("{long}more"));
    // The object has slept, and cannot know how far the socket was: the answer is told as another part.
    let world = World { live: Live::default(), ..world };
    world.settle("t1", done(&format!("{long}more and more")));
    let rest = late.heard();
    assert_eq!(
        (said(&rest).as_str(), &rest.last().unwrap()["chunk"]["type"]),
        (format!("{long}more and more").as_str(), &json!("finish"))
    );
    world.say(
        &late,
        &json!({ "type": "resume", "turn": "t1", "index": rest.last().unwrap()["index"] }),
    );
    assert_eq!(late.types(), ["resumed"]);
}

#[test]
fn a_question_is_asked_once_and_its_client_told_which_turn_it_is() {
    let world = World::new();
    let ear = world.open(Wire::Own);
    ear.heard();
    let send = json!({ "type": "send", "id": "m1", "text": "hi" });
    world.say(&ear, &send);
    let heard = ear.heard();
    let turn = heard[0]["turn"].as_str().unwrap();
    let types: Vec<_> = heard.iter().map(|frame| frame["type"].as_str().unwrap()).collect();
    assert_eq!((&heard[0]["id"], types), (&json!("m1"), vec!["ack", "question", "event", "event"]));
    world.say(&ear, &send);
    assert_eq!(ear.heard(), [json!({ "type": "ack", "id": "m1", "turn": turn })]);
    assert_eq!(world.host.started.borrow()[0].0, turn);
    world.say(&ear, &json!({ "type": "stop", "turn": turn }));
    let stopped = ear.heard();
    assert_eq!(stopped.last().unwrap()["chunk"], json!({ "type": "abort", "reason": "stopped" }));
    world.say(&ear, &json!({ "type": "stop", "turn": "t9" }));
    world.say(&ear, &json!({ "type": "resume", "turn": "t9", "index": 0 }));
    world.say(&ear, &json!({ "type": "send", "id": "m2", "text": " " }));
    let codes: Vec<_> = ear.heard().iter().map(|frame| frame["code"].clone()).collect();
    assert_eq!(codes, ["unknown_turn", "unknown_turn", "invalid_body"]);
    assert_eq!(ear.closed(), None);
}

#[test]
fn who_may_not_ask_is_told_so_and_limits_are_those_of_http() {
    let mut world = World::new();
    world.key = key(&world.host, "mio", "chat:read").hash();
    let reader = world.open(Wire::Own);
    let send = json!({ "type": "send", "id": "m1", "text": "hi" });
    world.say(&reader, &send);
    assert_eq!(reader.heard()[1]["code"], "insufficient_scope");
    assert_eq!(reader.closed(), None);
    world.key = "0".repeat(64);
    let nobody = world.open(Wire::Own);
    world.say(&nobody, &send);
    assert_eq!(
        (nobody.heard()[1]["code"].clone(), nobody.closed()),
        (json!("invalid_token"), Some(Close::NoKey))
    );
    let world = World::new();
    world.host.exhausted.borrow_mut().push((Limit::Asker, "mio".to_owned()));
    for (wire, frame) in [(Wire::Own, send), (Wire::Agents, agents::request("r1", "hi"))] {
        let ear = world.open(wire);
        ear.heard();
        world.say(&ear, &frame);
        let told = ear.heard();
        let words = told.last().unwrap();
        let words = if wire == Wire::Own { &words["message"] } else { &words["body"] };
        assert_eq!(words, "you ask faster than you may; wait a minute", "{told:?}");
    }
}

#[test]
fn a_bad_frame_closes_its_own_socket_and_too_many_frames_do_too() {
    let world = World::new();
    let (bad, good) = (world.open(Wire::Own), world.open(Wire::Own));
    for (text, why) in [(Some("hi"), Close::BadFrame), (None, Close::BadFrame)] {
        let bad = world.open(Wire::Own);
        run(hear(&world, (&world.host, &settings()), &bad, text)).unwrap();
        assert_eq!(bad.closed(), Some(why), "{text:?}");
    }
    let long = "x".repeat(1024 * 1024 + 1);
    run(hear(&world, (&world.host, &settings()), &bad, Some(&long))).unwrap();
    assert_eq!(bad.closed(), Some(Close::TooLong));
    let quick = world.open(Wire::Own);
    for _ in 0..21 {
        world.say(&quick, &json!({ "type": "ping" }));
    }
    assert_eq!(quick.closed(), Some(Close::BadFrame));
    world.begin("t1", "hi");
    assert_eq!((good.closed(), good.heard().len()), (None, 4));
}

#[test]
fn a_deleted_conversation_closes_its_sockets_and_takes_no_other() {
    let world = World::new();
    let (own, agents) = (world.open(Wire::Own), world.open(Wire::Agents));
    world.begin("t1", "hi");
    own.heard();
    world.carry_out(Command::Delete).unwrap();
    let told = own.heard();
    assert_eq!(told.last().unwrap()["code"], "conversation_deleted");
    assert_eq!((own.closed(), agents.closed()), (Some(Close::Deleted), Some(Close::Deleted)));
    assert_eq!(world.open(Wire::Own).closed(), Some(Close::Deleted));
}

#[test]
fn a_question_that_is_no_job_after_all_ends_for_who_was_told_of_it() {
    let world = World::new();
    let ear = world.open(Wire::Own);
    world.carry_out(Command::Submit(world.submission("t1", "hi"))).unwrap();
    world.carry_out(Command::Withdraw { turn: "t1".to_owned() }).unwrap();
    assert_eq!(ear.heard().last().unwrap()["chunk"], json!({ "type": "abort", "reason": "gone" }));
}
