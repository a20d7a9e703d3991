//! Images: drawn in a step of their own between the answer and its first post, once for each generation of a job.
//!
//! | step | effect | result stored | why repeating it is safe |
//! | --- | --- | --- | --- |
//! | `draw` | a call of the image model | the image, or why there is none | costs again; what is posted is guarded by the ledger |
//!
//! The prompt is in the last line of the answer, by which another generation draws it again
//! (docs/decisions/0054).

use core::time::Duration;
use std::rc::Rc;

use super::JobContext;
use super::jobs::Grant;
use super::preview::StreamingPreview;
use miyabi_ai::draw::{self, Drawn};
use miyabi_ai::preview::Preview;
use miyabi_ai::{Attempt, breaker};
use miyabi_core::config::models::Model;
use miyabi_core::fault::{Class, EngineError, Fault, ModelError, Scope};
use miyabi_core::ports::{Host, Policy, Steps, Stop};
use miyabi_core::question::Drawing;
use miyabi_core::transport::Transport;

/// A model that fails is a result: a retry follows an isolate that went away.
const DRAW: Policy =
    Policy { retries: 1, delay: Duration::from_secs(1), timeout: Duration::from_mins(3) };

/// What came of an image.
#[derive(Debug, Default)]
pub struct Picture {
    /// The image.
    pub image: Option<Rc<Drawing>>,
    /// Why there is none, if one was wanted.
    pub fault: Option<Fault>,
    /// What it took.
    pub attempt: Option<Attempt>,
}

/// Has an image drawn of a prompt, within what is left of what is granted.
///
/// # Errors
/// [`Stop::Aborted`] only: what else fails is in the [`Picture`].
///
/// # Repeats
/// The step's result stays; before that it costs again.
pub async fn draw<H: Host, S: Steps, T: Transport>(
    context: JobContext<'_, H, S, T>,
    prompt: &str,
    grant: &Grant,
) -> Result<Picture, Stop> {
    let JobContext { host, steps, settings, job, .. } = context;
    let preview = StreamingPreview::new(context);
    let Some(model) = &settings.image_model else {
        return Ok(EngineError::NoDrawing.into());
    };
    if grant.closed.iter().any(|vendor| vendor == model.vendor.name) {
        return Ok(ModelError::Closed.into());
    }
    if grant.granted.is_some_and(|granted| granted < draw::price_of(model)) {
        return Ok(EngineError::OverBudget { scope: Scope::Asker, until_s: None }.into());
    }
    let work = async || {
        let drawn = draw::draw(host, model, prompt, preview.ended()).await;
        if let Some(class) = drawn.class {
            let failure = (class, refused(model, class));
            breaker::failed(host, (job.id(), draw::ORDINAL), model, failure).await;
        }
        Ok(drawn)
    };
    match steps.step("draw", DRAW, work).await {
        Ok(drawn) => Ok(Picture::of(drawn, model, prompt)),
        Err(Stop::Failed(fault)) => Ok(fault.into()),
        Err(Stop::Aborted) => Err(Stop::Aborted),
    }
}

fn refused(model: &Model, class: Class) -> Fault {
    ModelError::Refused { vendor: model.vendor.name, class, code: 0 }.into()
}

impl Picture {
    fn of(drawn: Drawn, model: &Model, prompt: &str) -> Self {
        let (attempt, class) = (Some(drawn.attempt(model)), drawn.class);
        let image = drawn.into_drawing(prompt).map(Rc::new);
        let fault = match (&image, class) {
            (Some(_), _) => None,
            (None, Some(class)) => Some(refused(model, class)),
            (None, None) => Some(EngineError::Cancelled.into()),
        };
        Self { image, fault, attempt }
    }
}

impl<E: Into<Fault>> From<E> for Picture {
    fn from(error: E) -> Self {
        Self { fault: Some(error.into()), ..Self::default() }
    }
}
