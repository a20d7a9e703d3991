//! A scripted vendor, and the messages that are sent to it.

use core::cell::RefCell;

use serde_json::Value;

use crate::protocols::*;
use crate::{Message, ToolCall};
use miyabi_core::config::models::VENDORS;
use miyabi_core::http::{self, HttpError, Response};
use miyabi_core::ids::{Millis, Secret};

/// The vendor's side of the wire: one reply, and what was sent.
pub(super) struct Wire {
    pub(super) reply: Result<Response, HttpError>,
    /// Where the reply's body is cut into pieces.
    pub(super) cut: usize,
    pub(super) sent: RefCell<Vec<http::Request>>,
}

impl Clock for Wire {
    fn now(&self) -> Millis {
        Millis(0)
    }

    async fn sleep(&self, _: Duration) {}

    fn local_time(&self, _: &str) -> Option<String> {
        None
    }
}

impl Ai for Wire {
    async fn run(&self, _: &str, _: &Value, _: &Value, _: &dyn Fn(&[u8])) -> Result<Value, u32> {
        panic!("no binding here")
    }
}

impl Http for Wire {
    async fn send(&self, request: &http::Request) -> Result<Response, HttpError> {
        self.sent.borrow_mut().push(request.clone());
        self.reply.clone()
    }

    async fn stream(
        &self,
        request: &http::Request,
        pieces: &dyn Fn(&[u8]),
    ) -> Result<Response, HttpError> {
        let response = self.send(request).await?;
        if response.is_success() {
            let (before, after) = response.body.as_bytes().split_at(self.cut);
            pieces(before);
            pieces(after);
        }
        Ok(response)
    }
}

pub(super) fn wire(status: u16, body: &str) -> Wire {
    let response = Response { status, headers: Vec::new(), body: body.to_owned() };
    Wire { reply: Ok(response), cut: 0, sent: RefCell::default() }
}

pub(super) fn model(vendor: &str, name: &str, base: &str) -> Model {
    let vendor = VENDORS.iter().find(|known| known.name == vendor).unwrap();
    Model {
        vendor,
        id: format!("{}/{name}", vendor.name),
        name: name.to_owned(),
        base: base.to_owned(),
        key: (!vendor.key.is_empty()).then(|| Secret::new("k3y".to_owned())),
        gateway: None,
    }
}

/// Messages with a round of tools, of which one call was broken, and a last note of the program.
pub(super) fn chat() -> Vec<Message> {
    let call = |id: &str, arguments: &str, signature: &str| ToolCall {
        id: id.to_owned(),
        name: "weather".to_owned(),
        arguments: arguments.to_owned(),
        signature: signature.to_owned(),
        ..ToolCall::default()
    };
    let result = |id: &str, content: &str| Message::Tool {
        call_id: id.to_owned(),
        name: "weather".to_owned(),
        content: content.to_owned(),
    };
    vec![
        Message::System("You are Miyabi.".to_owned()),
        Message::User("京都の天気は？".to_owned()),
        Message::Assistant {
            text: String::new(),
            calls: vec![
                call("functions.weather:0", "{ \"place\": \"Kyoto\" }", "c2ln"),
                call("call_1_1", "{oh", ""),
            ],
        },
        result("functions.weather:0", "sunny"),
        result("call_1_1", "error: no"),
        Message::System("Answer now.".to_owned()),
    ]
}

pub(super) fn request(messages: &[Message], offer: Offer, streams: bool) -> ModelRequest<'_> {
    ModelRequest {
        messages,
        images: &[],
        offer,
        tools: &Tool::ALL,
        mcp: &[],
        max_tokens: 1024,
        rejects_if_busy: true,
        streams,
        timeout: Duration::from_mins(1),
    }
}
