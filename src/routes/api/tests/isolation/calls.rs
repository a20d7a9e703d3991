//! Calls that a principal makes: each route with ids of anybody, and each body with a word of its sender's.
//!
//! The `match` has an arm for each handler, so a route that is new is called here before it compiles.

use serde_json::{Value, json};

use super::super::super::table::{Handler, Keyed, Public, Route};
use super::walk::{NOBODY, Walk};
use miyabi_channels::web::socket::Wire;
use miyabi_testing::Arrival;

/// Ids that nobody has.
const UNKNOWN: &str = "nowhere";
const UNKNOWN_TURN: &str = "ffffffffffffffffffffffffffffffff";
const UNKNOWN_TOKEN: &str = "ffffffffffffffffffffffffffffffffffffffff";
const UNKNOWN_FILE: &str = UNKNOWN_TURN;
const UNKNOWN_FACT: &str = "999999";

/// What a call is about, by which it is known whether that is its sender's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Subject {
    /// Nothing that could be another's.
    Nothing,
    /// A conversation.
    Conversation(String),
    /// A key, by its id.
    Key(String),
    /// A link, by its token.
    Link(String),
    /// What is somebody's only where the call succeeds: a turn or a message in one's own conversation, a fact.
    Refused,
}

/// A request, and what is said on the socket that it opens.
pub(super) struct Call {
    /// Route.
    pub(super) route: &'static Route,
    /// What is sent.
    pub(super) sent: Sent,
    /// The same about what nobody has.
    pub(super) twin: Option<Sent>,
    /// What it is about.
    pub(super) subject: Subject,
    /// What is said on the socket.
    pub(super) frames: Vec<Value>,
}

/// A request before it has credentials.
#[derive(Clone)]
pub(super) struct Sent {
    method: &'static str,
    path: String,
    body: Option<Value>,
    headers: Vec<(&'static str, String)>,
}

impl Sent {
    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    /// Returns the request.
    pub(super) fn arrival(&self) -> Arrival {
        let arrival = Arrival::new(self.method, &self.path);
        let headers = self.headers.iter();
        let arrival = headers.fold(arrival, |arrival, (name, value)| arrival.header(name, value));
        match &self.body {
            Some(body) => arrival.header("content-type", "application/json").body(body.to_string()),
            None => arrival,
        }
    }

    /// Returns all that is sent, in a line.
    pub(super) fn line(&self) -> String {
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        format!("{} {} {body} {:?}", self.method, self.path, self.headers)
    }
}

impl Call {
    fn new(route: &'static Route, id: &str) -> Self {
        let sent = Sent {
            method: route.method,
            path: route.path.replace("{id}", id).replace("{token}", id),
            body: None,
            headers: Vec::new(),
        };
        Self { route, sent, twin: None, subject: Subject::Nothing, frames: Vec::new() }
    }

    /// About one conversation, with this done to the request.
    fn about(route: &'static Route, id: String, with: impl Fn(Sent) -> Sent) -> Self {
        let twin = Some(with(Self::new(route, UNKNOWN).sent));
        let call = Self::new(route, &id);
        Self { sent: with(call.sent.clone()), twin, subject: Subject::Conversation(id), ..call }
    }
}

/// Makes a call of this route.
pub(super) fn make(walk: &mut Walk, who: usize, route: &'static Route) -> Call {
    let conversation = walk.conversation();
    let plain = || Call::new(route, "");
    let about = |with: &dyn Fn(Sent) -> Sent| Call::about(route, conversation.clone(), with);
    match route.handler {
        Handler::Public(Public::Session) => plain(),
        Handler::Public(Public::SignOut) => sign_out(walk, route),
        Handler::Public(Public::SignIn) => sign_in(walk, who, route),
        Handler::Public(Public::Shared) => shared(walk, route),
        Handler::Keyed(handler, ..) => match handler {
            Keyed::ListKeys | Keyed::Usage | Keyed::ListMemory | Keyed::ForgetAll => plain(),
            Keyed::CreateKey => {
                let name = format!("key {}", walk.word(who));
                let body = json!({ "name": name, "scopes": ["chat", "memory:read"] });
                Call { sent: plain().sent.body(body), ..plain() }
            }
            Keyed::RevokeKey => {
                let id = walk.key_id();
                let twin = Some(Call::new(route, UNKNOWN).sent);
                Call { twin, subject: Subject::Key(id.clone()), ..Call::new(route, &id) }
            }
            Keyed::Ask => ask(walk, who, route, &conversation),
            Keyed::Mcp => mcp(walk, who, route, &conversation),
            Keyed::Resume
            | Keyed::ReadConversation
            | Keyed::DeleteConversation
            | Keyed::Unshare
            | Keyed::AgentMessages => about(&|sent| sent),
            Keyed::Share => {
                let has_body = walk.dice.below(2) == 0;
                about(&|sent| if has_body { sent.body(json!({})) } else { sent })
            }
            Keyed::Stop => stop(walk, who, route, &conversation),
            Keyed::ReadTurn => read_turn(walk, who, route, &conversation),
            Keyed::ListConversations => list(walk, route),
            Keyed::RenameConversation => {
                let title = format!("title {}", walk.word(who));
                about(&|sent| sent.body(json!({ "title": title })))
            }
            Keyed::ExportConversation => {
                let format = walk.dice.pick(&["json", "markdown"]);
                about(&|sent| Sent { path: format!("{}?format={format}", sent.path), ..sent })
            }
            Keyed::Socket(wire) => {
                let call = about(&|sent| sent.header("upgrade", "websocket"));
                Call { frames: frames(walk, who, wire), ..call }
            }
            Keyed::SendFile => send_file(walk, who, route),
            Keyed::ReadFile | Keyed::DeleteFile => about_file(walk, route),
            Keyed::SwitchMemory => {
                let is_on = walk.dice.below(5) > 0;
                Call { sent: plain().sent.body(json!({ "isOn": is_on })), ..plain() }
            }
            Keyed::ForgetFact => {
                let id = walk.fact();
                let twin = Some(Call::new(route, UNKNOWN_FACT).sent);
                Call { twin, subject: Subject::Refused, ..Call::new(route, &id) }
            }
        },
    }
}

/// A file whose name and words are its sender's.
fn send_file(walk: &mut Walk, who: usize, route: &'static Route) -> Call {
    let (word, call) = (walk.word(who), Call::new(route, ""));
    let path = [route.path, "?name=", &word, ".txt"].concat();
    let sent = Sent { path, ..call.sent.clone().body(json!({ "said": word })) };
    Call { sent, ..call }
}

/// Anybody's file.
fn about_file(walk: &mut Walk, route: &'static Route) -> Call {
    let id = walk.file();
    let twin = Some(Call::new(route, UNKNOWN_FILE).sent);
    Call { twin, subject: Subject::Refused, ..Call::new(route, &id) }
}

fn shared(walk: &mut Walk, route: &'static Route) -> Call {
    let accept = walk.dice.pick(&["application/json", "text/html"]);
    let token = walk.token().unwrap_or_else(|| UNKNOWN_TOKEN.to_owned());
    let of = |token: &str| Call::new(route, token).sent.header("accept", accept);
    let (sent, twin) = (of(&token), Some(of(UNKNOWN_TOKEN)));
    Call { sent, twin, subject: Subject::Link(token), ..Call::new(route, "") }
}

/// Signs in with a key or a code of one's own, or with nobody's.
fn sign_in(walk: &mut Walk, who: usize, route: &'static Route) -> Call {
    let call = Call::new(route, "");
    let body = if walk.dice.below(2) == 0 {
        json!({ "code": walk.code_of(who) })
    } else {
        json!({ "key": walk.key_of(who).reveal() })
    };
    Call { sent: call.sent.clone().body(body), ..call }
}

/// Signs out of one browser, or of all.
fn sign_out(walk: &mut Walk, route: &'static Route) -> Call {
    let mut call = Call::new(route, "");
    call.sent.path += walk.dice.pick(&["", "?everywhere=true"]);
    call
}

/// What somebody asks, with a word of theirs: a fact, or a question.
fn text(walk: &mut Walk, who: usize) -> String {
    let word = walk.word(who);
    match walk.dice.below(4) {
        0 | 1 => format!("Remember that my cat is called {word}"),
        2 => format!("What do you remember of my cat and {word}?"),
        _ => format!("What of {word}?"),
    }
}

fn ask(walk: &mut Walk, who: usize, route: &'static Route, conversation: &str) -> Call {
    let text = text(walk, who);
    let (client, named) = (format!("m{}", walk.dice.below(6)), walk.message());
    let file = walk.file();
    let call = Call::new(route, "");
    let accept = walk.dice.pick(&["application/json", "text/event-stream"]);
    let sent = call.sent.clone().header("accept", accept);
    let ui = |trigger: &str, named: Option<&str>, has_text: bool| {
        let message =
            json!({ "id": client, "role": "user", "parts": [{ "type": "text", "text": text }] });
        let messages = if has_text { vec![message] } else { Vec::new() };
        json!({ "id": conversation, "messages": messages, "trigger": trigger, "messageId": named })
    };
    let (regenerate, submit) = ("regenerate-message", "submit-message");
    let naming = |trigger: &'static str, has_text: bool| {
        let body = |named: &str| sent.clone().body(ui(trigger, Some(named), has_text));
        (body(&named), Some(body(UNKNOWN)))
    };
    let (sent, twin) = match walk.dice.below(9) {
        0 => (sent.body(json!({ "message": text })), None),
        1 => (
            sent.body(json!({
                "message": text,
                "conversation": conversation,
                "id": client,
                "post": client == "m5",
            })),
            None,
        ),
        2 | 3 => {
            // The same few keys for everybody, with the same words again or with others.
            let key = format!("k{}", walk.dice.below(2));
            let fixed = format!("What of {}{key}?", super::walk::WORDS[who]);
            let text = if walk.dice.below(2) == 0 { &fixed } else { &text };
            let body = json!({ "message": text, "conversation": conversation });
            (sent.header("idempotency-key", &key).body(body), None)
        }
        4 => (sent.body(ui(submit, None, true)), None),
        8 => {
            let with = |file: &str| json!({ "message": text, "conversation": conversation, "files": [file] });
            (sent.clone().body(with(&file)), Some(sent.body(with(UNKNOWN_FILE))))
        }
        5 => naming(submit, true),
        6 => naming(regenerate, false),
        _ => naming(regenerate, true),
    };
    Call { sent, twin, subject: Subject::Refused, ..call }
}

/// A tool of MCP: what a conversation of anybody's has said last, a question, or what is known.
fn mcp(walk: &mut Walk, who: usize, route: &'static Route, conversation: &str) -> Call {
    let text = text(walk, who);
    let call = Call::new(route, "");
    let of = |name: &str, arguments: Value| {
        call.sent.clone().body(json!({
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": { "name": name, "arguments": arguments },
        }))
    };
    let newest = |id: &str| of("ask", json!({ "conversation": id }));
    let (sent, twin) = match walk.dice.below(4) {
        0 => (of("ask", json!({ "question": text, "conversation": conversation })), None),
        1 => (newest(conversation), Some(newest(UNKNOWN))),
        _ => (of("recall", json!({ "query": "zq cat remember" })), None),
    };
    Call { sent, twin, subject: Subject::Refused, ..call }
}

fn stop(walk: &mut Walk, who: usize, route: &'static Route, conversation: &str) -> Call {
    let turn = walk.turn();
    if !walk.has_conversation(who, conversation) {
        return Call::about(route, conversation.to_owned(), |sent| {
            sent.body(json!({ "turn": turn }))
        });
    }
    let call = Call::new(route, conversation);
    let of = |turn: &str| call.sent.clone().body(json!({ "turn": turn }));
    let (sent, twin) = (of(&turn), Some(of(UNKNOWN_TURN)));
    Call { sent, twin, subject: Subject::Refused, ..call }
}

fn read_turn(walk: &mut Walk, who: usize, route: &'static Route, conversation: &str) -> Call {
    let turn = walk.turn();
    let of = move |turn: &str| {
        let turn = turn.to_owned();
        move |sent: Sent| Sent { path: sent.path.replace("{turn}", &turn), ..sent }
    };
    let call = Call::about(route, conversation.to_owned(), of(&turn));
    if !walk.has_conversation(who, conversation) {
        return call;
    }
    let twin = Call::about(route, conversation.to_owned(), of(UNKNOWN_TURN)).sent;
    Call { twin: Some(twin), subject: Subject::Refused, ..call }
}

fn list(walk: &mut Walk, route: &'static Route) -> Call {
    let query = match walk.dice.below(4) {
        0 => String::new(),
        1 => "?q=zq".to_owned(),
        2 => format!("?q={}", super::walk::WORDS[walk.dice.below(NOBODY)]),
        // As a page of another's would end.
        _ => format!("?cursor=9000000000.{}", walk.conversation()),
    };
    let call = Call::new(route, "");
    Call { sent: Sent { path: route.path.to_owned() + &query, ..call.sent.clone() }, ..call }
}

fn frames(walk: &mut Walk, who: usize, wire: Wire) -> Vec<Value> {
    let mut frames = Vec::new();
    for _ in 0..walk.dice.below(4) {
        let (turn, client, text) =
            (walk.turn(), format!("m{}", walk.dice.below(6)), text(walk, who));
        let frame = match (wire, walk.dice.below(4)) {
            (Wire::Own, 0) => json!({ "type": "send", "id": client, "text": text }),
            (Wire::Own, 1) => json!({ "type": "stop", "turn": turn }),
            (Wire::Own, _) => json!({ "type": "resume", "turn": turn, "index": 0 }),
            (Wire::Agents, 0) => {
                let part = json!({ "type": "text", "text": text });
                let id = if walk.dice.below(2) == 0 { client.clone() } else { walk.message() };
                let message = json!({ "id": id, "role": "user", "parts": [part] });
                let trigger = walk.dice.pick(&["submit-message", "regenerate-message"]);
                let body = json!({ "messages": [message], "trigger": trigger }).to_string();
                let init = json!({ "method": "POST", "body": body });
                json!({ "type": "cf_agent_use_chat_request", "id": client, "init": init })
            }
            (Wire::Agents, 1) => json!({ "type": "cf_agent_chat_request_cancel", "id": turn }),
            (Wire::Agents, 2) => json!({ "type": "cf_agent_stream_resume_ack", "id": turn }),
            (Wire::Agents, _) => {
                let kind =
                    walk.dice.pick(&["cf_agent_chat_messages", "cf_agent_stream_resume_request"]);
                json!({ "type": kind })
            }
        };
        frames.push(frame);
    }
    frames
}
