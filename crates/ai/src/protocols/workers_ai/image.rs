//! Models of Workers AI that draw.

use core::time::Duration;

use serde_json::json;

use crate::Failure;
use miyabi_core::config::models::Model;
use miyabi_core::ports::{Ai, Clock};

/// Steps of one image: what FLUX.1 schnell is made for.
///
/// # Source
/// Cloudflare Docs/Workers AI/flux-1-schnell: `steps`, 4 by default and 8 at most; read 2026-11-29.
pub(crate) const STEPS: u32 = 4;

/// Longest wait for an image; most come within three seconds.
const TIMEOUT: Duration = Duration::from_secs(45);

/// Has an image drawn, and returns it in Base64 as it came.
///
/// # Errors
/// The failure that the thrown code is; [`Class::Transient`](miyabi_core::fault::Class::Transient) after the timeout, and for a reply of another shape.
///
/// # Repeats
/// Costs again; has no other effect.
///
/// # Source
/// Cloudflare Docs/Workers AI/flux-1-schnell, read 2026-11-29.
pub async fn draw(
    host: &(impl Ai + Clock),
    model: &Model,
    prompt: &str,
) -> Result<String, Failure> {
    let inputs = json!({ "prompt": prompt, "steps": STEPS });
    let (image, _rest) = super::field(host, model, &inputs, ("image", TIMEOUT)).await?;
    Ok(image)
}
