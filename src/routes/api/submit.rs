//! A submission becomes a turn and a job, over HTTP and on a socket alike.

use crate::channels::Channel;
use miyabi_app::chat::{self, NotAsked, Place, Speaker};
use miyabi_app::conversation::{Refusal, Submission, TurnState};
use miyabi_channels::discord;
use miyabi_channels::messengers;
use miyabi_channels::web::PLATFORM;
use miyabi_channels::web::parse::{self, Ask, SubmissionError};
use miyabi_channels::web::transport::Web;
use miyabi_core::config::Settings;
use miyabi_core::fault::Notice;
use miyabi_core::i18n::Language;
use miyabi_core::ports::{Clock, Host, Random};
use miyabi_core::problem::Problem;

use super::chat::{elsewhere, of_account, place};
use super::limits::{self, Policy};
use super::post;

/// Whose submission it is, and how it is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender<'a> {
    /// Owner of the conversation.
    pub(crate) owner: &'a str,
    /// Language of sentences for them.
    pub(crate) language: Language,
}

/// What was asked, and where.
pub(crate) struct Begun {
    /// Where.
    pub(crate) place: Place,
    /// Turn.
    pub(crate) turn: TurnState,
    /// Question, as it was submitted.
    pub(crate) text: String,
}

/// Why nothing was asked.
pub(crate) enum Denied {
    /// The conversation, or what a job needs, does not take it.
    NotAsked(NotAsked),
    /// It is refused before that.
    Problem(Problem),
}

impl From<Problem> for Denied {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotAsked(why) => not_asked(why),
            Denied::Problem(problem) => problem,
        }
    }
}

/// Asks what was submitted: in its own conversation, or in a channel of Discord where the submission says so.
///
/// # Errors
/// See [`Denied`]; nothing was asked.
///
/// # Repeats
/// The same submission is the same turn.
pub(crate) async fn ask<H: Host + Clone + 'static>(
    host: &H,
    settings: &Settings,
    Sender { owner, language }: Sender<'_>,
    submitted: parse::Submission,
    key: Option<String>,
) -> Result<Begun, Denied> {
    let (is_posted, files) = (submitted.is_posted, submitted.files.clone());
    if is_posted && !files.is_empty() {
        return Err(Problem::wrong("#/files", "cannot be posted in Discord").into());
    }
    let (place, submission) = prepare(host, owner, submitted, key)?;
    let speaker = if is_posted {
        post::speaker(host, settings, &place, &submission, language).await?
    } else {
        Speaker::of(PLATFORM, &place, language)
    };
    let text = submission.text.clone();
    // Who asks reads the conversation, also where others read the answer elsewhere.
    let asked =
        chat::ask(host, &Channel::<H>::Web(Web), &place, (submission, &files), speaker).await;
    asked.map(|turn| Begun { place, turn, text }).map_err(Denied::NotAsked)
}

/// Returns where a submission belongs, and its turn. `key` is what makes it one whatever it says; without one
/// it is unique by what it says and the client's id of it, and without that too, each time anew.
///
/// # Errors
/// 400 for a question that is to be posted nowhere, 409 for one in a conversation of another platform that is
/// not to be posted there, or a failure of the platform's random numbers.
fn prepare(
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
    match (discord::channel_of(&conversation), &submitted.ask) {
        (None, _) if submitted.is_posted => {
            let detail = "takes a conversation of Discord: discord.CHANNEL";
            return Err(Problem::wrong("#/post", detail));
        }
        (None, _) if messengers::is_conversation(&conversation) => {
            return Err(elsewhere("ask there"));
        }
        (Some(_), _) if !submitted.is_posted => {
            return Err(elsewhere("send \"post\": true to ask there, in front of the others"));
        }
        (Some(_), Ask::Edit { .. } | Ask::Again { .. }) => {
            return Err(elsewhere("what is posted there is not taken back: ask anew"));
        }
        _ => {}
    }
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
        Submission {
            message,
            replaces,
            again,
            // What is posted in a channel follows what is said there.
            after: submitted.after.filter(|_| !submitted.is_posted),
            is_keyed,
            ..Submission::new(turn, text, asked)
        },
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
        | SubmissionError::TooManyFiles
        | SubmissionError::Nothing => (400, "invalid_body"),
    };
    Problem::new(status, code, error.to_string())
}

/// Returns the problem of a question that was not asked.
pub(crate) fn not_asked(why: NotAsked) -> Problem {
    let (status, code, detail) = match why {
        NotAsked::Failed(fault) => return fault.into(),
        NotAsked::NoJob(notice) => return no_job(notice),
        NotAsked::OfAccount => return of_account(),
        NotAsked::Deleted => (410, "conversation_deleted", "you have deleted it; begin a new one"),
        NotAsked::NoFile => (
            404,
            "unknown_file",
            "you have no such file, or it is part of another conversation; send it to POST /api/files",
        ),
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
pub(super) fn no_job(notice: Notice) -> Problem {
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
            | Notice::DayLimit
            | Notice::AskerBudget
            | Notice::ServerBudget
            | Notice::DayBudget
            | Notice::BudgetHeld
    )
}
