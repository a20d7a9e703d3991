//! Sockets on a conversation, in real workerd: two tabs see the same, a reader goes on where it was cut, and
//! what is wrong closes its own socket, in words.

use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest as _;
use tungstenite::protocol::{CloseFrame, Message, WebSocketConfig};
use tungstenite::{Error, WebSocket};

use crate::api::{bearer_for as key, json_of, send};
use crate::asking::UNSPEAKABLE;
use crate::world::{self, World, text};

/// A model that streams whatever it may call.
const STREAMING: [(&str, &str); 3] = [
    ("MIYABI_MODEL", "openai/gpt-5-mini"),
    ("MIYABI_MEMORY", "on"),
    ("MIYABI_ORIGINS", "https://chat.example"),
];

/// Longest wait for a frame.
const SOON: Duration = Duration::from_secs(30);

/// An answer that takes some seconds.
const SLOW: &str = "Tell me a slow tale. [long 900] [slow 60]";

/// A tab.
pub(crate) struct Tab(WebSocket<TcpStream>);

impl Tab {
    /// Opens one, or returns the status with which it was refused.
    pub(crate) fn open(
        world: &World,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, u16> {
        Self::connect(&world.stack().url(), path, headers)
    }

    /// As [`Self::open`], at a Worker of this URL.
    pub(crate) fn connect(
        url: &str,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, u16> {
        let authority = url.trim_start_matches("http://").to_owned();
        let mut request = format!("ws://{authority}{path}").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(&authority).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        let config = WebSocketConfig::default();
        match tungstenite::client::client_with_config(request, stream, Some(config)) {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(tungstenite::HandshakeError::Failure(Error::Http(response))) => {
                Err(response.status().as_u16())
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn with(world: &World, key: &str, conversation: &str) -> Self {
        let path = format!("/api/conversations/{conversation}/socket");
        Self::open(world, &path, &[("authorization", key)]).unwrap()
    }

    pub(crate) fn say(&mut self, frame: &Value) {
        self.0.send(Message::text(frame.to_string())).unwrap();
    }

    /// Returns the next frame, or the code and words with which the socket was closed.
    pub(crate) fn next(&mut self) -> Result<Value, (u16, String)> {
        loop {
            match self.0.read().unwrap() {
                Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
                Message::Close(Some(CloseFrame { code, reason })) => {
                    return Err((code.into(), reason.to_string()));
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other @ (Message::Binary(_) | Message::Close(_) | Message::Frame(_)) => {
                    panic!("{other:?}")
                }
            }
        }
    }

    fn hear(&mut self) -> Value {
        self.next().unwrap()
    }

    /// Returns the frames up to one of this type.
    fn until(&mut self, what: &str) -> Vec<Value> {
        let mut frames = Vec::new();
        loop {
            let frame = self.hear();
            let kind = [&frame["type"], &frame["chunk"]["type"]].contains(&&json!(what));
            frames.push(frame);
            if kind {
                return frames;
            }
        }
    }

    /// Returns the code and words of the close, and the code of the frame before it.
    fn closed(&mut self) -> (u16, String) {
        loop {
            if let Err(closed) = self.next() {
                return closed;
            }
        }
    }
}

fn ask(world: &World, key: &str, body: &Value) -> Value {
    let asked = send(world, "POST", "/api/chat", &json_of(key), body.to_string().as_bytes());
    assert_eq!(asked.status, 200, "{}", asked.text);
    asked.body
}

/// Returns the text of events, after a look that the numbers grow.
fn said(frames: &[Value]) -> String {
    let events: Vec<_> = frames.iter().filter(|frame| frame["type"] == "event").collect();
    let numbers: Vec<_> = events.iter().map(|event| event["index"].as_u64().unwrap()).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
    events.iter().filter_map(|event| event["chunk"]["delta"].as_str()).collect()
}

fn events(frames: &[Value]) -> Vec<&Value> {
    frames.iter().filter(|frame| frame["type"] == "event").collect()
}

fn stored(world: &World, key: &str, conversation: &str) -> Vec<Value> {
    let path = format!("/api/conversations/{conversation}");
    let read = send(world, "GET", &path, &[("authorization", key)], b"");
    assert_eq!(read.status, 200, "{}", read.text);
    world::list(read.body["messages"].clone())
}

#[test]
fn two_tabs_see_the_same_and_a_reader_goes_on_where_it_was_cut_also_after_a_restart() {
    let mut world = world::own(&STREAMING);
    UNSPEAKABLE.lock().unwrap().push("slow tale".to_owned());
    let key = key(&world, "live-mio", "chat");
    ask(&world, &key, &json!({ "message": "Say hi", "conversation": "live-1" }));
    let (mut one, mut two) = (Tab::with(&world, &key, "live-1"), Tab::with(&world, &key, "live-1"));
    let hello = one.hear();
    assert_eq!((&hello["state"], &hello["conversation"]), (&json!("idle"), &json!("live-1")));
    assert_eq!(two.hear(), hello);
    one.say(&json!({ "type": "ping" }));
    assert_eq!(one.hear(), json!({ "type": "pong" }));

    let question = json!({ "type": "send", "id": "m1", "text": SLOW });
    one.say(&question);
    one.say(&question);
    let ack = one.hear();
    assert_eq!((&ack["type"], &ack["id"]), (&json!("ack"), &json!("m1")));
    let turn = text(&ack, "turn").to_owned();
    // A part of it, and then the network is cut.
    let mut read = one.until("text-delta");
    for _ in 0..3 {
        read.extend(one.until("text-delta"));
    }
    drop(one);
    let last = read.last().unwrap()["index"].clone();
    let mut back = Tab::with(&world, &key, "live-1");
    let hello = back.hear();
    assert_eq!((text(&hello, "turn"), &hello["state"]), (turn.as_str(), &json!("running")));
    back.say(&json!({ "type": "resume", "turn": turn, "index": last }));
    let rest = back.until("finish");
    read.extend(rest);
    let acks: Vec<_> = read.iter().filter(|frame| frame["type"] == "ack").collect();
    assert!(acks.iter().all(|ack| ack["turn"] == turn.as_str()), "{acks:?}");

    // The other tab saw the question, and the same words.
    let other = two.until("finish");
    assert_eq!(text(&other[0]["message"]["parts"][0], "text"), SLOW);
    let messages = stored(&world, &key, "live-1");
    assert_eq!(messages.len(), 4, "{messages:?}");
    let answer = text(&messages[3]["parts"][0], "text");
    assert_eq!(said(&other), answer);
    assert_eq!(said(&read), answer);
    assert!(events(&other).len() > 10, "{other:?}");

    // The Worker is killed and started again: the tabs come back, and lack nothing.
    world.restart();
    comes_back(&world, &key, &question, &events(&other), answer);
    stops(&world, &key);
    lets_pages_in(&world, &key);
    shows_discord(&world);
}

/// After a restart, a tab knows how far it is and reads all of it again.
fn comes_back(world: &World, key: &str, question: &Value, read: &[&Value], answer: &str) {
    let turn = text(read[0], "turn");
    let mut back = Tab::with(world, key, "live-1");
    let hello = back.hear();
    let last = &read[read.len() - 1]["index"];
    assert_eq!((&hello["state"], &hello["index"]), (&json!("idle"), last));
    back.say(&json!({ "type": "resume", "turn": turn, "index": 0 }));
    assert_eq!(said(&back.until("resumed")), answer);
    back.say(question);
    assert_eq!(text(&back.hear(), "turn"), turn);
}

/// Whoever stops a turn ends it for both.
fn stops(world: &World, key: &str) {
    let (mut one, mut two) = (Tab::with(world, key, "live-1"), Tab::with(world, key, "live-1"));
    one.hear();
    let slow = format!("{SLOW} again");
    one.say(&json!({ "type": "send", "id": "m2", "text": slow }));
    let begun = one.until("text-delta");
    let turn = text(&begun[0], "turn");
    two.say(&json!({ "type": "stop", "turn": turn }));
    assert_eq!(two.until("abort").last().unwrap()["turn"], turn);
    assert_eq!(one.until("abort").last().unwrap()["chunk"]["reason"], "stopped");
}

/// A conversation in Discord is in the list of who has it, is shown as it is written, and goes on there, or
/// over HTTP where its person wants that.
fn shows_discord(world: &World) {
    // The id of Mio, who asks in the lab.
    let mio = key(world, "1180000000000000501", "chat");
    world.ask("what is up").answered("Not much.").send().answer();
    let listed = send(world, "GET", "/api/conversations", &[("authorization", &mio)], b"");
    let listed = listed.body["conversations"][0].clone();
    let id = text(&listed, "id");
    assert!(id.starts_with("discord."), "{listed}");
    assert!(text(&listed, "title").starts_with("what is up"), "{listed}");
    let mut tab = Tab::with(world, &mio, id);
    tab.hear();
    let asked = world.ask("and now").answered("Still not.").send();
    let told = tab.until("finish");
    assert!(text(&told[0]["message"]["parts"][0], "text").starts_with("and now"), "{told:?}");
    assert_eq!(said(&told), asked.answer());
    tab.say(&json!({ "type": "send", "id": "m1", "text": "hi" }));
    assert_eq!(tab.hear()["code"], "conversation_elsewhere");
    posts_to_discord(world, &mio, id, &mut tab);
    let path = format!("/api/conversations/{id}");
    let kept = send(world, "DELETE", &path, &[("authorization", &mio)], b"");
    assert_eq!(kept.problem(), (409, "conversation_elsewhere"));
    // What others ask in the same channel is theirs.
    world.ask("and I").by("alex").answered("You too.").send().answer();
    let alex = key(world, "live-alex", "chat");
    assert_eq!(
        Tab::open(world, &format!("{path}/socket"), &[("authorization", &alex)]).err(),
        Some(404)
    );
    assert_eq!(stored(world, &mio, id).len(), 8);
}

/// A question that is asked over HTTP, and one on the socket, stand in the channel with their answers.
fn posts_to_discord(world: &World, mio: &str, id: &str, tab: &mut Tab) {
    let shown = || world.channel("general");
    let before = shown().len();
    let ask =
        |body: &Value| send(world, "POST", "/api/chat", &json_of(mio), body.to_string().as_bytes());
    let body = json!({ "message": "Over HTTP", "id": "p1", "conversation": id, "post": true });
    let [first, again] = [ask(&body), ask(&body)];
    assert_eq!(first.status, 200, "{}", first.text);
    assert_eq!(first.text, again.text, "one turn");
    assert_eq!(said(&tab.until("finish")), text(&first.body, "message"));
    tab.say(&json!({ "type": "send", "id": "p2", "text": "On a socket", "post": true }));
    let answered = said(&tab.until("finish"));
    let posted = world::until("four posts", || Some(shown()).filter(|it| it.len() >= before + 4));
    let posted: Vec<_> = posted.iter().skip(before).map(|it| text(it, "content")).collect();
    let answer = text(&first.body, "message");
    assert_eq!(posted, ["Over HTTP", answer, "On a socket", answered.as_str()]);
    let alone = ask(&json!({ "message": "hi", "conversation": id }));
    assert_eq!(alone.problem(), (409, "conversation_elsewhere"));
    let direct =
        json!({ "message": "hi", "conversation": "discord.1180000000000000304", "post": true });
    assert_eq!(ask(&direct).problem(), (409, "no_place"));
    let hidden =
        json!({ "message": "hi", "conversation": "discord.1180000000000000307", "post": true });
    assert_eq!(ask(&hidden).problem(), (403, "may_not_post"));
}

/// A page of a listed origin sends its key as a subprotocol.
fn lets_pages_in(world: &World, key: &str) {
    let protocols = format!("miyabi.v1, miyabi.key.{}", key.trim_start_matches("Bearer "));
    let page = |origin| {
        let headers = [("origin", origin), ("sec-websocket-protocol", protocols.as_str())];
        Tab::open(world, "/api/conversations/live-1/socket", &headers)
    };
    assert_eq!(text(&page("https://chat.example").unwrap().hear(), "type"), "hello");
    assert_eq!(page("https://evil.example").err(), Some(403));
}

#[test]
fn a_bad_frame_closes_its_own_socket_and_a_deleted_conversation_all_of_its() {
    let world = world::shared();
    let key = key(&world, "live-rin", "chat");
    ask(&world, &key, &json!({ "message": "Say hi", "conversation": "live-2" }));
    let mut good = Tab::with(&world, &key, "live-2");
    good.hear();
    for (bad, code) in [
        (Message::text("no JSON"), 1008),
        (Message::binary(vec![1, 2, 3]), 1008),
        (Message::text(json!({ "type": "launch" }).to_string()), 1008),
        (Message::text("x".repeat(1024 * 1024 + 1)), 1009),
    ] {
        let mut tab = Tab::with(&world, &key, "live-2");
        tab.hear();
        tab.0.send(bad).unwrap();
        let error = tab.hear();
        assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("bad_frame")));
        assert_eq!(tab.closed().0, code);
    }
    let mut flood = Tab::with(&world, &key, "live-2");
    for _ in 0..200 {
        // It may be closed already.
        drop(flood.0.send(Message::text(r#"{ "type": "ping" }"#)));
    }
    assert_eq!(flood.closed().0, 1008);
    good.say(&json!({ "type": "ping" }));
    assert_eq!(good.hear(), json!({ "type": "pong" }));

    let mut second = Tab::with(&world, &key, "live-2");
    second.hear();
    let path = "/api/conversations/live-2";
    let gone = send(&world, "DELETE", path, &[("authorization", &key)], b"");
    assert_eq!(gone.status, 204, "{}", gone.text);
    for tab in [&mut good, &mut second] {
        assert_eq!(tab.hear()["code"], "conversation_deleted");
        let (code, words) = tab.closed();
        assert_eq!(code, 4410);
        assert!(words.contains("deleted"), "{words}");
    }
    let path = format!("{path}/socket");
    assert_eq!(Tab::open(&world, &path, &[("authorization", &key)]).err(), Some(410));
    let origin = world.stack().url().clone();
    let headers = [("authorization", key.as_str()), ("origin", &origin)];
    let mut page = Tab::open(&world, &path, &headers).unwrap();
    assert_eq!(page.hear()["code"], "conversation_deleted");
    assert_eq!(page.closed().0, 4410);
}

#[test]
fn nobody_opens_a_socket_on_what_is_anothers_and_no_key_is_told_in_words() {
    let world = world::shared();
    let (mine, other) = (key(&world, "live-owner", "chat"), key(&world, "live-stranger", "chat"));
    ask(&world, &mine, &json!({ "message": "Say hi", "conversation": "live-3" }));
    let refused = |path: &str, headers: &[(&'static str, &str)]| {
        let status = Tab::open(&world, path, headers).err().unwrap();
        let upgrade = [("connection", "upgrade"), ("upgrade", "websocket")];
        let told = send(&world, "GET", path, &[headers, &upgrade].concat(), b"");
        assert_eq!(told.problem().0, status, "{}", told.text);
        (status, text(&told.body, "code").to_owned(), text(&told.body, "detail").to_owned())
    };
    let path = "/api/conversations/live-3/socket";
    let anothers = refused(path, &[("authorization", &other)]);
    let unknown = refused("/api/conversations/live-4/socket", &[("authorization", &other)]);
    assert_eq!(anothers, unknown);
    assert_eq!((anothers.0, anothers.1.as_str()), (404, "not_found"));
    assert_eq!(refused(path, &[]).1, "missing_credentials");
    let page = [("authorization", mine.as_str()), ("origin", "https://evil.example")];
    assert_eq!(refused(path, &page).1, "cross_origin");
    let secret = mine.trim_start_matches("Bearer ");
    assert_eq!(refused(&format!("{path}?token={secret}"), &[]).1, "key_in_url");
    // What only reads reads, and does not ask.
    let reader = key(&world, "live-owner", "chat:read");
    let mut tab = Tab::open(&world, path, &[("authorization", &reader)]).unwrap();
    tab.hear();
    tab.say(&json!({ "type": "send", "id": "m1", "text": "hi" }));
    assert_eq!(tab.hear()["code"], "insufficient_scope");
    // A question over HTTP shows on the socket as it is answered.
    ask(&world, &mine, &json!({ "message": "Say hi again", "conversation": "live-3" }));
    let told = tab.until("finish");
    assert_eq!(text(&told[0]["message"]["parts"][0], "text"), "Say hi again");
    assert_eq!(said(&told), text(&stored(&world, &mine, "live-3")[3]["parts"][0], "text"));
}
