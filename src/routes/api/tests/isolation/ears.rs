//! A socket in the fake world: it is opened by a reply, says some frames, and keeps all that it is told.

use core::cell::RefCell;
use core::fmt::Write as _;
use std::rc::Rc;

use serde_json::Value;

use crate::live::{Kind, Listener, Room, Socket, greet, hear, tell};
use miyabi_app::conversation::{self, Command, Live, Reply};
use miyabi_channels::web::socket::Close;
use miyabi_core::fault::Fault;
use miyabi_core::http::ConversationStream;
use miyabi_core::ports::Clock as _;
use miyabi_testing::{Fake, run, settings};

/// One socket, and every byte that it was told.
#[derive(Default)]
pub(super) struct Ear {
    listener: RefCell<Listener>,
    heard: RefCell<String>,
}

impl Socket for Rc<Ear> {
    fn listener(&self) -> Option<Listener> {
        Some(self.listener.borrow().clone())
    }

    fn keep(&self, listener: &Listener) {
        self.listener.replace(listener.clone());
    }

    fn send(&self, frame: &str) {
        self.heard.borrow_mut().extend([frame, "\n"]);
    }

    fn close(&self, why: Close, words: &str) {
        writeln!(self.heard.borrow_mut(), "close {} {words}", why.code()).unwrap();
    }
}

/// The object of a conversation, with the one socket.
struct Object<'a> {
    world: &'a Fake,
    name: String,
    live: Live,
    ear: Rc<Ear>,
}

impl Room for Object<'_> {
    type Socket = Rc<Ear>;

    fn sockets(&self) -> Vec<Rc<Ear>> {
        vec![Rc::clone(&self.ear)]
    }

    fn carry_out(&self, command: Command) -> Result<Reply, Fault> {
        let now = self.world.now();
        let carry_out = |command| {
            let mut conversations = self.world.conversations.borrow_mut();
            let store = conversations.entry(self.name.clone()).or_default();
            conversation::carry_out(store, &self.live, now, command)
        };
        let kind = Kind::of(&command, carry_out);
        let reply = carry_out(command)?;
        drop(tell(self, &kind.change(&reply), None, now));
        Ok(reply)
    }
}

/// Opens a socket, says these frames on it, and returns all that it was told.
pub(super) fn talk(world: &Fake, taken: &ConversationStream, frames: &[Value]) -> String {
    let listener: Listener = serde_json::from_str(&taken.request).unwrap();
    let ear = Rc::new(Ear::default());
    ear.keep(&listener);
    let misnaming = world.misnaming.get();
    let name = misnaming.map_or_else(|| taken.conversation.clone(), |it| it(&taken.conversation));
    let object = Object { world, name, live: Live::default(), ear: Rc::clone(&ear) };
    greet(&object, &ear, &listener);
    for frame in frames {
        run(hear(&object, (world, &settings()), &ear, Some(&frame.to_string())))
            .expect("a socket waited");
    }
    ear.heard.take()
}
