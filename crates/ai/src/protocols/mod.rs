//! API protocols: a model request of the agent loop becomes a vendor's bytes, and the reply comes back.
//!
//! | File | Content |
//! | --- | --- |
//! | `openai_chat/` | Chat Completions, spoken by most vendors over HTTP |
//! | `anthropic/` | Anthropic's Messages |
//! | `gemini/` | Gemini's `generateContent` |
//! | `workers_ai/` | Workers AI by its binding |
//! | `http.rs`, `gateway.rs` | what the protocols over HTTP share; errors of Cloudflare's AI Gateway |
//! | `reply.rs`, `streamed.rs` | a reply before its text is cleaned, whole and event by event |
//! | `leaks/` | reasoning, special tokens and tool calls that leaked into the text |
//! | `turns.rs`, `wire.rs`, `vendor_error.rs` | pieces that several protocols share |
//! | `surrogates.rs`, `ids.rs` | halves of characters in JSON; ids of calls |
//!
//! Every folder of a protocol has the same files: `request.rs` and `response.rs` for the JSON,
//! `stream.rs` for the events of a stream, and `error.rs` for what a failure means. The protocol of a
//! model is known from its configuration ([`ApiProtocol`]); nothing is guessed from a reply. A new
//! vendor is a row of [`miyabi_core::config::models::VENDORS`], and a folder here only if it speaks
//! none of these protocols.

mod anthropic;
mod gateway;
mod gemini;
mod http;
mod ids;
mod images;
mod leaks;
mod openai_chat;
mod reply;
mod streamed;
mod surrogates;
mod turns;
mod vendor_error;
mod wire;
pub mod workers_ai;

use core::cell::RefCell;
use core::future::pending;
use core::pin::pin;
use core::time::Duration;
use std::rc::Rc;

use futures::future::{Either, select};

pub(crate) use self::leaks::meant_tool;
use self::reply::{ModelReply, Opening};
use self::streamed::{StreamReader, StreamedReply};
pub(crate) use self::wire::rounded as whole_number;
use crate::files::Image;
use crate::mcp::McpTool;
use crate::tools::Tool;
use crate::{Completion, Failure, Message};
use miyabi_core::config::models::{ApiProtocol, Model};
use miyabi_core::fault::Class;
use miyabi_core::ports::{Ai, Clock, Http};

/// Whether a model request offers tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    /// Those of the request.
    Tools,
    /// None: the model can only answer.
    Nothing,
}

/// One request to a model.
#[derive(Debug, Clone, Copy)]
pub struct ModelRequest<'a> {
    /// Messages so far.
    pub messages: &'a [Message],
    /// Images that come with the asker's last words, for a model that sees.
    pub images: &'a [Rc<Image>],
    /// Whether the model may call tools.
    pub offer: Offer,
    /// Tools that there are: see [`Tool::offered`].
    pub tools: &'a [Tool],
    /// Tools of MCP servers that there are.
    pub mcp: &'a [McpTool],
    /// Longest completion, in tokens.
    pub max_tokens: u32,
    /// Whether a model without capacity refuses at once, instead of letting the request wait.
    pub rejects_if_busy: bool,
    /// Whether the reply is to arrive as a stream; see [`can_stream`].
    pub streams: bool,
    /// Longest wait for the whole completion.
    pub timeout: Duration,
}

impl ModelRequest<'_> {
    /// Returns whether the request has to declare the tools. Where no tool may be called any more,
    /// they are still declared if the messages show calls: Anthropic refuses calls of undeclared tools.
    fn declares_tools(&self) -> bool {
        let shows_call = |message: &Message| matches!(message, Message::Tool { .. });
        self.offer == Offer::Tools || self.messages.iter().any(shows_call)
    }

    /// Returns the names by which a model may call something, offered or not.
    fn tool_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Tool::ALL.map(Tool::name).into();
        names.extend(self.mcp.iter().map(|tool| tool.name.as_str()));
        names
    }
}

/// Returns whether the reply to a request with this offer may arrive as a stream.
pub fn can_stream(model: &Model, offer: Offer) -> bool {
    match model.vendor.protocol {
        ApiProtocol::OpenAiChat | ApiProtocol::Anthropic | ApiProtocol::Gemini => true,
        ApiProtocol::WorkersAi => offer == Offer::Nothing || workers_ai::streams_calls(&model.name),
    }
}

/// Sends one request to a model and returns its completion.
///
/// While a stream arrives, `on_text` is called with the whole text so far, without what is not meant
/// for people; not for every event, once the text is long.
///
/// # Errors
/// See [`miyabi_core::fault::Class`]; nothing is sent again here. What a stream reported before it
/// failed is in [`Failure::usage`].
///
/// # Repeats
/// Costs again; has no other effect.
pub async fn complete(
    host: &(impl Ai + Http + Clock),
    model: &Model,
    request: &ModelRequest<'_>,
    on_text: &dyn Fn(&str),
) -> Result<Completion, Failure> {
    complete_until(host, model, request, on_text, pending()).await.0
}

/// As [`complete`], but lets go of the request as soon as `ended` returns; also returns whether that was so.
///
/// That closes a stream, and what it brought until then is a completion that is cut. Where nothing can have
/// arrived, what the model does with the request is not known: [`Class::Truncated`].
///
/// # Errors
/// As [`complete`].
///
/// # Repeats
/// As [`complete`].
pub async fn complete_until(
    host: &(impl Ai + Http + Clock),
    model: &Model,
    request: &ModelRequest<'_>,
    on_text: &dyn Fn(&str),
    ended: impl Future<Output = ()>,
) -> (Result<Completion, Failure>, bool) {
    let opening = Opening::of(&model.name);
    let reader = RefCell::new(StreamReader::new(event_reader(model.vendor.protocol), opening));
    let on_chunk = |chunk: &[u8]| {
        let mut reader = reader.borrow_mut();
        reader.push(chunk);
        if let Some(text) = reader.new_preview().filter(|_| request.streams) {
            on_text(&text);
        }
    };
    let sending = async {
        match model.vendor.protocol {
            ApiProtocol::WorkersAi => workers_ai::send(host, model, request, &on_chunk).await,
            ApiProtocol::OpenAiChat | ApiProtocol::Anthropic | ApiProtocol::Gemini => {
                http::send(host, model, request, &on_chunk).await
            }
        }
    };
    // The end is asked for first: a request that nobody wants any more is not sent.
    let whole = match select(pin!(ended), pin!(sending)).await {
        Either::Left(((), _)) => None,
        Either::Right((whole, _)) => Some(whole),
    };
    let reader = reader.into_inner();
    let Some(whole) = whole else {
        let unknown = Err(Failure::new(Class::Truncated, 0));
        return (if request.streams { Ok(reader.stop()) } else { unknown }, true);
    };
    // The stream counts before `whole`: a connection that broke after the end of a stream lost
    // nothing, and one that broke before it has reported some of the usage.
    let reply = reader.end().unwrap_or(whole);
    let completion = reply.and_then(|mut reply| {
        reply.reopen(opening);
        reply.into_completion(&request.tool_names(), request.max_tokens)
    });
    (completion, false)
}

/// Returns the function that takes the data of one stream event.
fn event_reader(protocol: ApiProtocol) -> fn(&str, &mut StreamedReply) {
    match protocol {
        ApiProtocol::WorkersAi => workers_ai::take_event,
        ApiProtocol::OpenAiChat => openai_chat::take_event,
        ApiProtocol::Anthropic => anthropic::take_event,
        ApiProtocol::Gemini => gemini::take_event,
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
