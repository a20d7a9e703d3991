//! Vendors of models: chat to a vendor's JSON, and back.
//!
//! One vendor so far. A second one is a file beside `workers_ai.rs` and a choice in [`complete`];
//! the loop above never sees a vendor's words.

mod decode;
mod leak;
mod stream;
pub mod workers_ai;

use core::time::Duration;

use crate::ai::tools::Tool;
use crate::ai::{Completion, Failure, Message};
use crate::config::models::{Model, Wire};
use crate::fault::Class;
use crate::host::{Ai, Clock, Http};
use crate::json::object;

/// Whether a model call offers tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// All of [`Tool::ALL`].
    Tools,
    /// None: the model can only answer.
    Nothing,
}

/// One model call.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The chat so far.
    pub messages: &'a [Message],
    /// Tools that the model may call.
    pub offer: Offer,
    /// Longest completion, in tokens.
    pub max_tokens: u32,
    /// Whether a model without capacity refuses at once, instead of letting the call wait.
    pub rejects_if_busy: bool,
    /// Whether the answer is to arrive piece by piece; see [`can_stream`].
    pub streams: bool,
    /// Longest wait for the whole completion.
    pub timeout: Duration,
}

/// Returns whether a call of this kind may arrive piece by piece.
pub fn can_stream(model: &Model, offer: Offer) -> bool {
    model.vendor.wire != Wire::Binding || offer == Offer::Nothing
}

/// Runs one model call and returns what the model said.
///
/// While a stream arrives, `grow` is called with the whole text so far, without what is not meant for
/// people.
///
/// # Errors
/// See [`Class`]; no failure is repeated here.
///
/// # Repeats
/// Costs again; has no other effect.
pub async fn complete(
    host: &(impl Ai + Http + Clock),
    model: &Model,
    request: &Request<'_>,
    _grow: &dyn Fn(&str),
) -> Result<Completion, Failure> {
    let tools: &[Tool] = match request.offer {
        Offer::Tools => &Tool::ALL,
        Offer::Nothing => &[],
    };
    if model.vendor.wire != Wire::Binding {
        return Err(Failure::new(Class::Config, 0));
    }
    let inputs = workers_ai::encode(request.messages, tools, request.max_tokens);
    let result = host.run(&model.name, &inputs, &object([]), &|_piece| {}).await;
    let result = result.map_err(|code| Failure::new(workers_ai::classify(code), code))?;
    let names = Tool::ALL.map(Tool::name);
    workers_ai::decode(&result, &names, request.max_tokens)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
