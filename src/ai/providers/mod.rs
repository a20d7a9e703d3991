//! Vendors of models: chat to a vendor's JSON, and back.
//!
//! One vendor so far. A second one is a file beside `workers_ai.rs` and a choice in [`complete`];
//! the loop above never sees a vendor's words.

mod decode;
mod leak;
mod stream;
pub mod workers_ai;

use crate::ai::tools::Tool;
use crate::ai::{Completion, Message};
use crate::config::Settings;
use crate::fault::Fault;
use crate::host::Ai;
use crate::json::object;

/// Whether a model call offers tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// All of [`Tool::ALL`].
    Tools,
    /// None: the model can only answer.
    Nothing,
}

/// Runs one model call and returns what the model said.
///
/// # Errors
/// - The binding's [`Fault`], as it is.
/// - [`crate::fault::ModelError::Shape`] for a response of no known family; retried.
/// - [`crate::fault::ModelError::Truncated`] for a stream without its end; retried.
///
/// # Repeats
/// Costs again; has no other effect.
pub async fn complete(
    host: &impl Ai,
    settings: &Settings,
    messages: &[Message],
    offer: Offer,
) -> Result<Completion, Fault> {
    let tools: &[Tool] = match offer {
        Offer::Tools => &Tool::ALL,
        Offer::Nothing => &[],
    };
    let inputs = workers_ai::encode(messages, tools, settings.max_tokens);
    let result = host.run(&settings.model, &inputs, &object([])).await?;
    let names = Tool::ALL.map(Tool::name);
    Ok(workers_ai::decode(&result, &names, settings.max_tokens)?)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
