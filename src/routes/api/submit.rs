//! A submission becomes a turn and a job, over HTTP and on a socket alike.

use miyabi_app::chat::{NotAsked, Place};
use miyabi_app::conversation::{Refusal, Submission};
use miyabi_channels::web::parse::{self, Ask, SubmissionError};
use miyabi_core::fault::Notice;
use miyabi_core::ports::{Clock, Random};
use miyabi_core::problem::Problem;

use super::chat::{changes, place};
use super::limits::{self, Policy};

/// Returns where a submission belongs, and its turn. `key` is what makes it one whatever it says; without one
/// it is unique by what it says and the client's id of it, and without that too, each time anew.
///
/// # Errors
/// 409 for a conversation of another platform, or a failure of the platform's random numbers.
pub(crate) fn prepare(
    host: &(impl Clock + Random),
    owner: &str,
    submitted: parse::Submission,
    key: Option<String>,
) -> Result<(Place, Submission), Problem> {
    let is_keyed = key.is_some();
    let unique = match key {
        Some(key) => key,
        None if submitted.message.is_empty() => hex::encode(host.random::<16>()?),
        None => String::new(),
    };
    let conversation = match &submitted.conversation {
        Some(id) => id.clone(),
        // Made of the same things as the turn, so that a repeat finds it.
        None => parse::turn_id(owner, "", &submitted, &unique),
    };
    changes(&conversation)?;
    let place = place(owner, &conversation);
    let turn = if is_keyed && !submitted.is_ui_messages {
        parse::keyed_turn_id(owner, &conversation, &unique)
    } else {
        parse::turn_id(owner, &conversation, &submitted, &unique)
    };
    let message = Some(submitted.message).filter(|id| !id.is_empty());
    let (text, replaces, again) = match submitted.ask {
        Ask::New(text) => (text, None, None),
        Ask::Edit { text, replaces } => (text, Some(replaces), None),
        Ask::Again { message, text } => (text, None, Some(message)),
    };
    let asked = host.now();
    Ok((
        place,
        Submission { turn, text, asked, message, replaces, again, is_keyed, is_fresh: false },
    ))
}

/// Returns the problem of what is no question.
pub(crate) fn refused_submission(error: SubmissionError) -> Problem {
    let (status, code) = match error {
        SubmissionError::TooLong => (413, "message_too_long"),
        SubmissionError::TooMany => (413, "too_many_messages"),
        SubmissionError::Shape
        | SubmissionError::Blank
        | SubmissionError::Id(_)
        | SubmissionError::File
        | SubmissionError::Nothing => (400, "invalid_body"),
    };
    Problem::new(status, code, error.to_string())
}

/// Returns the problem of a question that was not asked.
pub(crate) fn not_asked(why: NotAsked) -> Problem {
    let (status, code, detail) = match why {
        NotAsked::Failed(fault) => return fault.into(),
        NotAsked::NoJob(notice) => return no_job(notice),
        NotAsked::Deleted => (410, "conversation_deleted", "you have deleted it; begin a new one"),
        NotAsked::TooManyConversations => {
            (409, "too_many_conversations", "you have as many as there may be; delete some")
        }
        NotAsked::Refused(refusal) => match refusal {
            Refusal::Deleted => {
                (410, "conversation_deleted", "you have deleted it; begin a new one")
            }
            Refusal::Full => (409, "conversation_full", "it holds no more; begin a new one"),
            Refusal::TooLong => (413, "message_too_long", "the question is longer than 32 KiB"),
            Refusal::Unknown => (404, "unknown_message", "the conversation has no such message"),
            Refusal::Superseded => (409, "superseded", "another run has this turn; read it again"),
        },
    };
    Problem::new(status, code, detail)
}

/// No job was made: a rate limit, or nothing that would keep it answers.
fn no_job(notice: Notice) -> Problem {
    if is_limit(notice) {
        let detail = "you ask faster than you may; wait a minute";
        let problem = Problem::new(429, "too_many_requests", detail);
        return limits::refused(problem, Policy::Questions);
    }
    let detail = "the question could not be taken; try again in a moment";
    Problem::new(503, "unavailable", detail).header("retry-after", "2")
}

/// Returns whether a question failed by a limit or budget of its asker.
pub(super) const fn is_limit(notice: Notice) -> bool {
    matches!(
        notice,
        Notice::Crowded
            | Notice::ServerCrowded
            | Notice::AskerBudget
            | Notice::ServerBudget
            | Notice::DayBudget
            | Notice::BudgetHeld
    )
}
