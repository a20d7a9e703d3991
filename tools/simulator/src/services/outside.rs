//! A server of tools outside, one of which acts: what it has done cannot be taken back.

use core::time::Duration;
use std::rc::Rc;

use miyabi_ai::mcp::Listed;
use miyabi_core::http::{HttpError, Request, Response};
use miyabi_testing::mcp;
use serde_json::{Value, json};

use crate::base::run::{Run, milliseconds};
use crate::base::shared::{Fate, Shared};

/// Its address.
pub const URL: &str = "https://outside.test/mcp";

/// Its tool, as models call it.
pub const TOOL: &str = "mcp_outside_lend";

/// The server of one seed.
#[derive(Debug)]
pub struct Outside {
    shared: Rc<Shared>,
}

/// Returns the setting by which an operator lets its tool be called with consent.
pub fn setting() -> String {
    let tool = Listed {
        name: "lend".to_owned(),
        description: "Lends a book.".to_owned(),
        schema: mcp::schema(),
        only_reads: false,
        is_stateless: true,
    };
    let ask = format!("lend@{}", tool.fingerprint());
    json!([{ "name": "outside", "url": URL, "ask": [ask] }]).to_string()
}

impl Outside {
    /// Returns the server of a seed.
    pub fn new(shared: &Rc<Shared>) -> Self {
        Self { shared: Rc::clone(shared) }
    }

    /// Takes a request, and notes each call.
    ///
    /// # Errors
    /// As the world wants it.
    pub async fn send(&self, run: &Run, request: &Request) -> Result<Response, HttpError> {
        let shared = &self.shared;
        let usual = shared.usual(300);
        let fate =
            match shared.strikes(shared.plan.model.outside_fails).then(|| shared.rng.below(2)) {
                None => usual,
                Some(0) => Fate { arrives_ms: None, returns_ms: None },
                Some(_) => Fate { returns_ms: None, ..usual },
            };
        let body: Value =
            serde_json::from_str(request.text().unwrap_or_default()).unwrap_or_default();
        let (inner, ask) = (Rc::clone(shared), run.actor.ask);
        let act = move || {
            let at = |pointer| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let result = if at("/method") == "tools/list" {
                let tool = mcp::tool();
                json!({ "tools": [tool] })
            } else {
                let title = at("/params/arguments/title");
                inner.note("outside", "acts", || format!("{ask:?} {title}"));
                let acts = &mut inner.record.borrow_mut().acts;
                acts.push((ask.unwrap_or(usize::MAX), title.to_owned()));
                json!({ "content": [{ "type": "text", "text": "It is lent." }] })
            };
            let body =
                json!({ "jsonrpc": "2.0", "id": body.get("id"), "result": result }).to_string();
            Response { status: 200, headers: Vec::new(), body }
        };
        let timeout = request.timeout.min(Duration::from_mins(1));
        run.call(fate, milliseconds(timeout), act).await.ok_or(HttpError::Timeout)
    }
}
