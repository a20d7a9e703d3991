//! The sockets on a conversation, over [`crate::live`].
//!
//! The runtime has them while the object sleeps, each with its [`Listener`], and answers a ping by itself, so
//! a socket on which nothing is said costs nothing.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use worker::worker_sys::ext::WebSocketExt as _;
use worker::{
    Error, Response, Result, WebSocket, WebSocketIncomingMessage, WebSocketPair,
    WebSocketRequestResponsePair,
};

use super::conversation::Object;
use crate::live::{self, Change, Listener, MAX_SOCKETS, Room, Socket};
use crate::platform::conversation::{Here, upgrade};
use crate::platform::{clock, executor};
use crate::routes::api::chat::place;
use miyabi_app::conversation::{Command, Reply};
use miyabi_channels::web::socket::{Close, PING, PONG};
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::json;
use miyabi_core::ports::Random as _;

/// A socket as the runtime has it.
#[derive(Debug)]
pub struct Peer(WebSocket);

impl Socket for Peer {
    fn listener(&self) -> Option<Listener> {
        let text = self.0.as_ref().deserialize_attachment().ok()?.as_string()?;
        json::parse(&text)
    }

    fn keep(&self, listener: &Listener) {
        let text = serde_json::to_string(listener).unwrap_or_default();
        // One that has gone away has nothing to keep.
        drop(self.0.as_ref().serialize_attachment(JsValue::from_str(&text)));
    }

    fn send(&self, frame: &str) {
        drop(self.0.send_with_str(frame));
    }

    fn close(&self, why: Close, words: &str) {
        drop(self.0.close(Some(why.code()), Some(words)));
    }
}

impl Room for Rc<Object> {
    type Socket = Peer;

    fn sockets(&self) -> Vec<Peer> {
        self.state.get_websockets().into_iter().map(Peer).collect()
    }

    fn carry_out(&self, command: Command) -> core::result::Result<Reply, Fault> {
        self.carry_out_for(command, None)
    }
}

/// A conversation in its own object, for one socket.
#[derive(Debug)]
struct Inside {
    object: Rc<Object>,
    name: String,
    asker: String,
}

impl Here for Inside {
    fn name(&self) -> &str {
        &self.name
    }

    fn converse(&self, command: &str) -> core::result::Result<String, Fault> {
        let unreadable = || Fault::from(StoreError::Row { statement: "conversation::command" });
        let command = json::parse(command).ok_or_else(unreadable)?;
        let reply = self.object.carry_out_for(command, Some(&self.asker))?;
        serde_json::to_string(&reply).map_err(|_no_form| unreadable())
    }
}

/// Takes a socket. `listener` is whose it is, as the Worker has found: JSON in hex.
pub(super) fn accept(object: &Rc<Object>, listener: &str) -> Result<Response> {
    let unreadable = || Error::RustError("unreadable listener".to_owned());
    let text = hex::decode(listener).map_err(|_no_hex| unreadable())?;
    let text = String::from_utf8(text).map_err(|_no_text| unreadable())?;
    let mut listener: Listener = json::parse(&text).ok_or_else(unreadable)?;
    let random: [u8; 8] = object.host().random().unwrap_or_default();
    listener.id = hex::encode(random);
    let pair = WebSocketPair::new()?;
    let is_full = object.state.get_websockets().len() >= MAX_SOCKETS;
    object.state.accept_web_socket(&pair.server);
    let auto_response = WebSocketRequestResponsePair::new(PING, PONG)?;
    object.state.set_websocket_auto_response(&auto_response);
    let peer = Peer(pair.server.clone());
    if is_full {
        live::turn_away(&peer, &listener);
    } else {
        live::greet(object, &peer, &listener);
    }
    upgrade(pair, listener.has_protocol).ok_or_else(unreadable)
}

/// Does what a frame says.
pub(super) async fn hear(
    object: &Rc<Object>,
    socket: WebSocket,
    message: WebSocketIncomingMessage,
) -> Result<()> {
    let text = match &message {
        WebSocketIncomingMessage::String(text) => Some(text.as_str()),
        WebSocketIncomingMessage::Binary(_) => None,
    };
    let peer = Peer(socket);
    let Listener { id: asker, owner, conversation, .. } = peer.listener().unwrap_or_default();
    let name = place(&owner, &conversation).name;
    let here = Inside { object: Rc::clone(object), name, asker };
    let host = object.host().at(Rc::new(here));
    match &host.config().settings {
        Ok(settings) => live::hear(object, (&host, settings), &peer, text).await,
        Err(_told_by_every_request) => peer.close(Close::Failed, "come back"),
    }
    object.set_alarm(&object.store()).await
}

/// Tells every socket what has changed, and has the keys looked up for which it is time.
pub(super) fn tell(object: &Rc<Object>, change: &Change, asker: Option<&str>) {
    let stale = live::tell(object, change, asker, clock::now());
    if stale.is_empty() {
        return;
    }
    let object = Rc::clone(object);
    drop(executor::spawn(async move {
        live::recheck(&object, &object.host(), stale).await;
        Ok(JsValue::UNDEFINED)
    }));
}
