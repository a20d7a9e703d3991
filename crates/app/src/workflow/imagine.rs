//! Answers that have an image: a question that is a prompt, and an answer whose model has called `draw`.

use futures::future::try_join;

use super::{Answered, Progress, save_and_deliver};
use crate::deliver::{Delivery, Undelivered};
use crate::drawing::{self, Picture};
use crate::jobs::Grant;
use crate::{JobContext, memory};
use miyabi_ai::answer::RunRecord;
use miyabi_ai::tools::Tool;
use miyabi_core::fault::{EngineError, Notice};
use miyabi_core::i18n::{self, Language, sentence};
use miyabi_core::ports::{Host, Steps, Stop};
use miyabi_core::transport::Transport;

/// An answer of an earlier generation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Saved<'a> {
    pub(super) answer: &'a str,
    pub(super) has_buttons: bool,
    /// Whether it has an image that is not posted yet.
    pub(super) lacks_image: bool,
}

/// Delivers an answer of an earlier generation, where that stopped.
///
/// # Errors
/// [`Undelivered`].
pub(super) async fn deliver_saved<H: Host, S: Steps, T: Transport>(
    delivery: &Delivery<'_, H, S, T>,
    saved: Saved<'_>,
    progress: &mut Progress<'_>,
) -> Result<Answered, Undelivered> {
    if saved.lacks_image {
        return imagine(delivery, &Grant::default(), Some(saved), progress).await;
    }
    let mut prepared = delivery.prepare().await?;
    prepared.has_buttons &= saved.has_buttons;
    let delivered = delivery.deliver(prepared, saved.answer).await?;
    Ok(Answered { delivered, answer: saved.answer.to_owned() })
}

/// Answers with an image and no text model: a question that is its prompt, or again what an earlier generation has
/// saved, since only that one has its image.
///
/// # Errors
/// [`Undelivered`], also when nothing was drawn: then the asker is told why. A saved answer is delivered without its
/// image.
pub(super) async fn imagine<H: Host, S: Steps, T: Transport>(
    delivery: &Delivery<'_, H, S, T>,
    grant: &Grant,
    saved: Option<Saved<'_>>,
    progress: &mut Progress<'_>,
) -> Result<Answered, Undelivered> {
    let context = delivery.context;
    let JobContext { transport, settings, job, .. } = context;
    let question = &job.question;
    progress.stands_alone = saved.is_none();
    let draws = Tool::offered(settings).contains(&Tool::Draw) && transport.attaches_files(question);
    if saved.is_none() && !draws {
        return Err(Stop::Failed(EngineError::NoDrawing.into()).into());
    }
    let prompt = match saved {
        Some(saved) => i18n::drawing::prompt_of(saved.answer).unwrap_or_default(),
        None => &question.text,
    };
    let drawing = async { Ok(drawing::draw(context, prompt, grant).await?) };
    // What is drawn is paid, so it is known before a way that cannot be found ends the job.
    let (picture, prepared) = try_join(drawing, delivery.prepare_unless_failed()).await?;
    let Picture { image, fault, attempt } = picture;
    progress.record.attempts.extend(attempt);
    let mut prepared = match (fault, saved) {
        (Some(fault), None) => return Err(Stop::Failed(fault).into()),
        _ => prepared.map_err(Stop::Failed)?,
    };
    progress.stands_alone = false;
    prepared.image = image;
    let text = if let Some(saved) = saved {
        prepared.has_buttons &= saved.has_buttons;
        saved.answer.to_owned()
    } else {
        let notes = (grant.notes.as_slice(), &[][..]);
        let said = memory::with_notes(transport, question, "", notes);
        i18n::drawing::with_prompt(said.trim_start(), prompt, transport)
    };
    save_and_deliver(delivery, prepared, &text, &progress.record).await
}

/// Has the image drawn that a model has asked for below its answer, if it has; returns the answer with its prompt, or
/// with why there is none.
///
/// # Errors
/// [`Stop::Failed`] only where the asker wants no answer any more.
pub(super) async fn below<H: Host, S: Steps, T: Transport>(
    context: JobContext<'_, H, S, T>,
    grant: &Grant,
    record: &mut RunRecord,
    text: String,
) -> Result<(String, Picture), Stop> {
    let Some(prompt) = record.image_prompt.take() else { return Ok((text, Picture::default())) };
    let JobContext { transport, job, .. } = context;
    let spent = record.attempts.iter().map(|attempt| attempt.cost.nano).sum();
    let granted = grant.granted.map(|granted| granted.saturating_sub(spent));
    let grant = Grant { granted, closed: grant.closed.clone(), ..Grant::default() };
    let mut picture = drawing::draw(context, &prompt, &grant).await?;
    record.attempts.extend(picture.attempt.take());
    let text = match &picture.fault {
        None => i18n::drawing::with_prompt(&text, &prompt, transport),
        Some(fault) if fault.notice == Notice::Cancelled => {
            return Err(Stop::Failed(fault.clone()));
        }
        Some(fault) => {
            let language = Language::of_text(&job.question.text);
            let line = i18n::drawing::not_drawn(language, sentence(fault.notice, language));
            [&text, "\n", &transport.small_print(&line)].concat()
        }
    };
    Ok((text, picture))
}
