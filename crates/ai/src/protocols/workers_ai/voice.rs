//! Models of Workers AI that hear speech.

use core::time::Duration;

use serde_json::{Value, json};

use crate::Failure;
use crate::protocols::whole_number;
use miyabi_core::config::models::Model;
use miyabi_core::ports::{Ai, Clock};

/// What was heard.
#[derive(Debug, PartialEq, Eq)]
pub struct Transcript {
    /// What is said; empty where nobody says anything.
    pub text: String,
    /// Length of the whole recording, in milliseconds, if the model tells it.
    pub length_ms: Option<u64>,
}

/// Has a recording in Base64 written down, in the language that is spoken in it.
///
/// # Errors
/// The failure that the thrown code is; [`Class::Transient`](miyabi_core::fault::Class::Transient) after the timeout, and for a reply of another shape.
///
/// # Repeats
/// Costs again; has no other effect.
///
/// # Source
/// Cloudflare Docs/Workers AI/whisper-large-v3-turbo: `audio` is Base64, and `vad_filter` leaves out what is silent, of
/// which the model makes words otherwise; `@cloudflare/workers-types`, read 2026-11-30.
pub async fn transcribe(
    host: &(impl Ai + Clock),
    model: &Model,
    audio: String,
    timeout: Duration,
) -> Result<Transcript, Failure> {
    // Moved and not copied, as `json!` would: it may have eleven megabytes.
    let mut inputs = json!({ "task": "transcribe", "vad_filter": true });
    if let Some(inputs) = inputs.as_object_mut() {
        inputs.insert("audio".to_owned(), Value::String(audio));
    }
    let (text, rest) = super::field(host, model, &inputs, ("text", timeout)).await?;
    let length = rest.pointer("/transcription_info/duration").and_then(Value::as_f64);
    let length_ms = length.map(|seconds| whole_number(seconds * 1_000.0)).filter(|ms| *ms > 0);
    Ok(Transcript { text, length_ms })
}
