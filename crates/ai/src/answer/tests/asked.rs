//! A preview that may still arrive is waited for before a person is asked: it would take the buttons away.

use core::cell::RefCell;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::tools::errands::{Act, Errand, Told};
use crate::{Completion, script};
use miyabi_core::config::mcp::{McpAllowed, McpServer};

/// Steps of which some have run before, and the person who is asked between them.
struct Story<'a> {
    stored: &'a [(&'a str, Value)],
    told: RefCell<Vec<String>>,
    can_ask: bool,
}

impl Steps for Story<'_> {
    async fn step<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        _policy: Policy,
        work: impl AsyncFn() -> Result<T, Fault>,
    ) -> Result<T, Stop> {
        self.told.borrow_mut().push(name.to_owned());
        match self.stored.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => Ok(serde_json::from_value(value.clone()).unwrap()),
            None => work().await.map_err(Stop::Failed),
        }
    }

    async fn sleep(&self, name: &str, duration: Duration) -> Result<(), Stop> {
        self.told.borrow_mut().push(format!("{name} {} s", duration.as_secs()));
        Ok(())
    }

    async fn wait(&self, _: &str, _: &str, _: Duration) -> Result<(), Stop> {
        panic!("nobody waits here")
    }
}

impl Errands for Story<'_> {
    fn offers(&self, _tool: Tool) -> bool {
        false
    }

    async fn carry_out(&self, _errand: Errand<'_>) -> Result<Told, String> {
        Err("this cannot be done here".to_owned())
    }

    fn can_ask(&self) -> bool {
        self.can_ask
    }

    async fn ask_person(&self, ordinal: u32, _acts: &[Act], _has_read: bool) -> Result<(), Stop> {
        self.told.borrow_mut().push(format!("a person is asked at {ordinal}"));
        Ok(())
    }
}

/// A model call that ended at this age.
fn turn(id: &str, name: &str, (at_ms, has_unconfirmed_preview): (u64, bool)) -> Value {
    let call = script::call(id, name, r#"{"title":"Genji"}"#);
    let completion = Completion { calls: vec![call], ..Completion::default() };
    let model = settings().models[0].id.clone();
    let result = Ok(completion);
    let call = ModelCall { model, result, at_ms, has_unconfirmed_preview, is_stopped: false };
    let tools = (name != "sing").then(ToolRound::default);
    serde_json::to_value(Turn { tools, call: Some(call) }).unwrap()
}

/// Returns what happens up to the third model call, where calls of two models ended so.
fn happens(first: (u64, bool), second: (u64, bool), can_ask: bool) -> String {
    let schema = json!({ "type": "object", "properties": { "title": { "type": "string" } } });
    let lend = json!({ "name": "mcp_books_lend", "server": "books", "tool": "lend",
        "description": "Lends a book.", "schema": schema, "is_stateless": true, "asks": true });
    let stored = [
        ("list_tools", json!([lend])),
        ("think:1", turn("call_1_0", "sing", first)),
        ("think:2", turn("call_2_0", "mcp_books_lend", second)),
    ];
    let story = Story { stored: &stored, told: RefCell::default(), can_ask };
    let (name, url) = ("books".to_owned(), "https://books.example/mcp".to_owned());
    let lends = McpAllowed { tool: "lend".to_owned(), fingerprint: None, asks: true };
    let server = McpServer { name, url, token: None, allowed: vec![lends] };
    let settings = Settings { mcp_servers: vec![server], ..settings() };
    let script = Script::default().model(says("So it is."));
    let job = JobId::parse("1302817461728870430").unwrap();
    let run = plain(&job, "Lend Genji.");
    let (answer, _) = block_on(answer(&script, &story, &settings, run, (&Nowhere, &story)));
    assert_eq!(answer.unwrap().text, "So it is.");
    story.told.into_inner().join(", ")
}

#[test]
fn a_preview_that_had_no_response_is_waited_for_before_a_person_is_asked() {
    let asked = |waited: &str| {
        format!("list_tools, think:1, think:2, {waited}a person is asked at 2, think:3")
    };
    let (shown, lost) = (false, true);
    for (first, second, waited) in [
        ((1_000, shown), (9_000, shown), ""),
        ((1_000, shown), (9_000, lost), "preview-wait:2 60 s, "),
        // That of the first call is under way for a part of it.
        ((1_000, lost), (9_000, shown), "preview-wait:2 52 s, "),
        ((1_000, lost), (9_000, lost), "preview-wait:2 60 s, "),
        ((1_000, lost), (61_000, shown), ""),
    ] {
        assert_eq!(happens(first, second, true), asked(waited));
        assert_eq!(happens(first, second, false), asked(""), "nobody can be asked");
    }
}
