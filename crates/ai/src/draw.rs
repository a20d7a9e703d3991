//! Images: one is drawn by a model of Workers AI, booked as any other call, and kept in Base64, since it is the
//! result of a step.

use core::pin::pin;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::future::{Either, select};
use serde::{Deserialize, Serialize};

use crate::attempt::{Attempt, AttemptOutcome};
use crate::prices::{Cost, Pricing};
use crate::protocols::workers_ai;
use crate::{Failure, Usage};
use miyabi_core::config::models::Model;
use miyabi_core::fault::Class;
use miyabi_core::ports::{Ai, Clock};
use miyabi_core::question::Drawing;

/// Ordinal of the attempt to draw, beyond all of the agent loop and of descriptions of images.
pub const ORDINAL: u32 = 200;

/// Longest image that is taken, in characters of Base64: with its attempt it has to fit into a step's result.
///
/// # Source
/// Cloudflare Docs/Workflows limits: 1 MiB for a result that is no stream; read 2026-11-29.
const MAX_BASE64_CHARS: usize = 1_000_000;

/// Nano-dollars of an image: four tiles of 512 × 512 and four steps.
///
/// # Source
/// Cloudflare Docs/Workers AI pricing: $0.0000528 for a tile and $0.0001056 for a step; read 2026-11-29.
const PRICES: [(&str, u64); 1] = [("@cf/black-forest-labs/flux-1-schnell", 633_600)];

/// What came of an attempt to draw.
///
/// # Shape
/// The result of a step: `{"image":"/9j/…","class":null}`, or `{"image":null,"class":"policy"}`, and neither where nobody
/// wanted it any more. An image has at most 1,000,000 characters of Base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// The image in Base64.
    image: Option<String>,
    /// Why there is none.
    pub class: Option<Class>,
}

/// Returns what an image costs, in nano-dollars; 0 where nobody knows.
pub fn price_of(model: &Model) -> u64 {
    PRICES.iter().find(|(id, _)| *id == model.id).map_or(0, |(_, nano)| *nano)
}

/// Has an image drawn; what failed for now is tried once more. Once `ended` returns, nobody wants it any more: then
/// there is neither an image nor a class, and it counts as paid.
///
/// # Repeats
/// Costs again; has no other effect.
pub async fn draw(
    host: &(impl Ai + Clock),
    model: &Model,
    prompt: &str,
    ended: impl Future<Output = ()>,
) -> Drawn {
    let calling = async {
        let first = once(host, model, prompt).await;
        match first {
            Err(Failure { class: Class::Busy | Class::Transient, .. }) => {
                once(host, model, prompt).await
            }
            other => other,
        }
    };
    let drawn = match select(pin!(calling), pin!(ended)).await {
        Either::Left((drawn, _)) => Some(drawn),
        Either::Right(_) => None,
    };
    let (image, class) = match drawn {
        Some(Ok(image)) => (Some(image), None),
        Some(Err(failure)) => (None, Some(failure.class)),
        None => (None, None),
    };
    Drawn { image, class }
}

async fn once(host: &(impl Ai + Clock), model: &Model, prompt: &str) -> Result<String, Failure> {
    let image = workers_ai::draw(host, model, prompt).await?;
    let class = match decode(&image) {
        Some(_) if image.len() <= MAX_BASE64_CHARS => return Ok(image),
        // It was drawn and has to be paid, and another one would be as large.
        Some(_) => Class::Truncated,
        None => Class::Transient,
    };
    Err(Failure::new(class, 0))
}

impl Drawn {
    /// Returns it as it is booked.
    pub fn attempt(&self, model: &Model) -> Attempt {
        let price = price_of(model);
        let is_paid = self.class.is_none_or(|class| class == Class::Truncated);
        let (nano, pricing) = match (is_paid, price) {
            (false, _) => (0, Pricing::Exact),
            (true, 0) => (0, Pricing::Unpriced),
            (true, _) if self.image.is_some() => (price, Pricing::Table),
            (true, _) => (price, Pricing::Estimated),
        };
        let outcome = match (self.class, &self.image) {
            (None, Some(_)) => AttemptOutcome::Ok,
            (class, _) => AttemptOutcome::Failed(class.unwrap_or(Class::Truncated)),
        };
        Attempt {
            ordinal: ORDINAL,
            model: model.id.clone(),
            outcome,
            usage: Usage::default(),
            cost: Cost { nano, pricing },
        }
    }

    /// Returns the image, with the words that describe it.
    pub fn into_drawing(self, prompt: &str) -> Option<Drawing> {
        let (name, media, bytes) = decode(self.image.as_deref()?)?;
        Some(Drawing { name, media, bytes, prompt: prompt.to_owned() })
    }
}

/// Returns the name, the media type and the bytes of an image; `None` if it is none.
fn decode(image: &str) -> Option<(&'static str, &'static str, Vec<u8>)> {
    let bytes = STANDARD.decode(image).ok()?;
    let (name, media) = match bytes.as_slice() {
        [0xff, 0xd8, 0xff, ..] => ("image.jpg", "image/jpeg"),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => ("image.png", "image/png"),
        _ => return None,
    };
    Some((name, media, bytes))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
