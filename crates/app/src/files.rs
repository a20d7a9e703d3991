//! The files that come with a question: read in a step of their own before any model is asked, since their
//! addresses expire.
//!
//! | step | effect | result stored | why repeating it is safe |
//! | --- | --- | --- | --- |
//! | `read_files` | those that came over HTTP stay in their conversation; downloads, and turns documents into text | the texts, and why others have none | they stay already; reads only |
//!
//! A question without files has no such step. A file that was not read costs no answer: the model and the asker
//! are told which and why.

use core::time::Duration;

use super::JobContext;
use super::uploads::questions;
use miyabi_ai::Attempt;
use miyabi_ai::files::{self, Images, MAX_FILES, ReadFile};
use miyabi_core::i18n::Language;
use miyabi_core::i18n::files::{Problem, line};
use miyabi_core::ports::{Host, Policy, Steps, Stop};
use miyabi_core::question::{Attachment, Question};
use miyabi_core::transport::Transport;

/// A download that fails is a result: a retry follows an isolate that went away, as one does whose memory a
/// file has filled.
const READ: Policy =
    Policy { retries: 1, delay: Duration::from_secs(1), timeout: Duration::from_mins(3) };

/// Reads the files of a question, and cuts them to what a model takes; images are described for `granted`
/// nano-dollars at most.
///
/// # Errors
/// [`Stop::Aborted`] only: without its files a question is answered all the same.
pub async fn read<H: Host, S: Steps, T: Transport>(
    JobContext { host, steps, settings, job, .. }: JobContext<'_, H, S, T>,
    granted: Option<u64>,
    attachments: &[&Attachment],
    images: &Images,
) -> Result<Vec<ReadFile>, Stop> {
    if attachments.is_empty() {
        return Ok(Vec::new());
    }
    let asked = (job.question.text.as_str(), granted);
    let work = async || {
        // Whoever has deleted one since wants it read no more.
        let gone = questions::hold(host, attachments).await?;
        Ok(files::read(host, settings, asked, (attachments, &gone), images).await)
    };
    let mut read = match steps.step("read_files", READ, work).await {
        Ok(read) => read,
        Err(Stop::Failed(_)) => attachments.iter().copied().map(unreachable).collect(),
        Err(Stop::Aborted) => return Err(Stop::Aborted),
    };
    files::fit(&mut read, files::room_tokens(settings));
    Ok(read)
}

/// Returns the calls of models that described images, and what they cost together, in nano-dollars.
pub fn described(files: &[ReadFile]) -> (Vec<Attempt>, u64) {
    let calls: Vec<_> = files.iter().filter_map(|file| file.attempt.clone()).collect();
    let cost = calls.iter().map(|call| call.cost.nano).sum();
    (calls, cost)
}

fn unreachable(file: &Attachment) -> ReadFile {
    let problem = Some(Problem::Unreachable);
    ReadFile { name: file.name.clone(), problem, ..ReadFile::default() }
}

/// Returns an answer with a line for each file that was not read, or only in part.
pub fn with_lines(
    transport: &impl Transport,
    question: &Question,
    answer: String,
    files: &[ReadFile],
) -> String {
    let language = Language::of_text(&question.text);
    let lines = files.iter().filter(|file| file.is_cut || file.problem.is_some());
    // One more, for all those that are too many.
    lines.take(MAX_FILES + 1).fold(answer, |text, file| {
        let line = line(&file.name, file.problem, language);
        [&text, "\n", &transport.small_print(&line)].concat()
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
