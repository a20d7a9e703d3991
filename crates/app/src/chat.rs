//! A question that is asked over HTTP, and read in its conversation.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | the files are the conversation's | first, where some come with it | they are its already, see [`uploads::questions`] |
//! | the row in the owner's list | then | it is there already |
//! | the turn, queued | then | its id is made of the submission |
//! | the job | if the turn is queued | its id is the turn's, see [`super::accept`] |
//! | the turn, taken back | if the job was refused | only by whom wrote it, and only while it is queued |
//! | the files, taken back | if there is no turn, or it was taken back | only what is there for this turn, and until a job has read it |
//!
//! Dying before the job leaves a queued turn without a job: the same submission makes it one, and after
//! fifteen minutes the conversation ends it.

mod wait;

use serde::{Deserialize, Serialize};

pub use self::wait::{begun, wait, wait_within};
use super::accept::{Accepted, accept};
use super::conversation::{Command, Page, Refusal, Reply, Submission, TurnState};
use super::conversations::{self, Touched};
use super::uploads::{self, questions};
use super::{memory, temporary};
use miyabi_ai::files::MAX_FILES;
use miyabi_core::fault::{Fault, Notice, StoreError};
use miyabi_core::i18n::Language;
use miyabi_core::ids::{JobId, Secret};
use miyabi_core::ports::{Clock, Conversations, Host, Sql, Statement};
use miyabi_core::question::{Asker, Question};
use miyabi_core::transport::Transport;

/// Where a question is asked, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Whose conversation it is.
    pub owner: String,
    /// Its id, among those of its owner.
    pub id: String,
    /// Name of its object.
    pub name: String,
}

/// Who asks, and on which platform the question is a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// Platform's name.
    pub platform: &'static str,
    /// Who asks, as the platform knows them.
    pub asker: Asker,
    /// Where the platform posts, in its own words.
    pub place: String,
    /// Server's id, if the platform posts in one.
    pub server: Option<String>,
    /// Language of sentences for the asker.
    pub language: Language,
}

impl Speaker {
    /// Returns the owner of a conversation that is read where it is asked.
    pub fn of(platform: &'static str, place: &Place, language: Language) -> Self {
        let asker = Asker {
            id: place.owner.clone(),
            name: place.owner.clone(),
            handle: String::new(),
            avatar_url: String::new(),
        };
        Self { platform, asker, place: place.id.clone(), server: None, language }
    }
}

/// Why a question is not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAsked {
    /// The conversation was deleted.
    Deleted,
    /// Its owner has as many conversations as there may be.
    TooManyConversations,
    /// It is that of an account which is linked to its owner.
    OfAccount,
    /// A file is not there, or part of another conversation.
    NoFile,
    /// The conversation does not take it.
    Refused(Refusal),
    /// It is no job: a limit, or nothing durable answers.
    NoJob(Notice),
    /// A store does not answer.
    Failed(Fault),
}

impl From<Fault> for NotAsked {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

/// Asks a question with files, by their ids: it is a turn of its conversation, and a job. `transport` tells nobody
/// but who reads the conversation, whichever platform the job is for.
///
/// # Errors
/// See [`NotAsked`]; nothing is left of what was not asked, but for the row in the list.
///
/// # Repeats
/// See the table of this module.
pub async fn ask<H, T>(
    host: &H,
    transport: &T,
    place: &Place,
    (mut submission, files): (Submission, &[String]),
    speaker: Speaker,
) -> Result<TurnState, NotAsked>
where
    H: Host + Clone + 'static,
    T: Transport + Clone + 'static,
{
    let first = submission.turn.clone();
    // Before anything else, so that what is refused leaves no conversation in the list.
    submission.files = claim(host, place, &first, files).await?;
    let is_again = submission.again.is_some();
    let mut turn = match submit(host, place, submission).await {
        Ok(turn) => turn,
        Err(why) => {
            // What fails may have a turn all the same, which a repeat finds.
            if !matches!(why, NotAsked::Failed(_)) {
                release(host, place, &first, files).await;
            }
            return Err(why);
        }
    };
    if turn.state != "queued" {
        return Ok(turn);
    }
    if turn.id != first {
        // One that is asked once more has a job of its own.
        claim(host, place, &turn.id, files).await?;
    }
    // Its own files are there, or it would have been refused. Others may have been deleted since.
    if is_again || turn.files.len() > files.len() {
        let known = (place.owner.as_str(), place.id.as_str());
        let all = [turn.files.as_slice(), turn.spare_files.as_slice()].concat();
        let own = if is_again { turn.own_files } else { 0 };
        turn.files = questions::present(host, known, (&all, own), MAX_FILES).await?;
    }
    let id = JobId::parse(&turn.id).ok_or_else(unreadable)?;
    let Speaker { platform, asker, place: posted_in, server, language } = speaker;
    let question = Question {
        platform: platform.to_owned(),
        id,
        // An answer goes to the conversation, which asks for none.
        token: Secret::new(String::new()),
        text: turn.question.clone(),
        asker,
        place: posted_in,
        conversation: Some(place.name.clone()),
        server,
        quote: None,
        again: None,
        files: turn.files.iter().map(uploads::Upload::attachment).collect(),
        is_private: false,
        draws: false,
        is_quoted: false,
        is_fresh: false,
        model: None,
        language,
        asked: host.now(),
    };
    match accept(host, transport, question).await {
        Accepted::Deferred => Ok(turn),
        Accepted::Refused(notice) => {
            if turn.is_new {
                release(host, place, &turn.id, files).await;
                // A turn that stays is ended by the conversation.
                let _told =
                    memory::persist(host, &place.name, &Command::Withdraw { turn: turn.id }).await;
            }
            Err(NotAsked::NoJob(notice))
        }
    }
}

/// Puts the conversation at the head of its owner's list, and the turn into it.
async fn submit<H: Host>(
    host: &H,
    place: &Place,
    submission: Submission,
) -> Result<TurnState, NotAsked> {
    // Words of a temporary one stand in no list.
    let is_temporary = temporary::is_id(&place.id);
    let title = if is_temporary { String::new() } else { title(&submission.text) };
    // Before the turn: a conversation that is not listed has no object.
    let now = host.now();
    match conversations::touch(host, &place.owner, &place.id, &title, now).await? {
        Touched::Listed => {}
        Touched::Deleted => return Err(NotAsked::Deleted),
        Touched::TooMany => return Err(NotAsked::TooManyConversations),
        Touched::OfAccount => return Err(NotAsked::OfAccount),
    }
    match turn(memory::persist(host, &place.name, &Command::Submit(submission)).await?)? {
        Ok(turn) => Ok(turn),
        Err(Refusal::Deleted) => Err(NotAsked::Deleted),
        Err(refusal) => Err(NotAsked::Refused(refusal)),
    }
}

/// Makes files part of the conversation, for a turn.
async fn claim(
    host: &impl Sql,
    place: &Place,
    turn: &str,
    files: &[String],
) -> Result<Vec<uploads::Upload>, NotAsked> {
    let place = (place.owner.as_str(), place.id.as_str());
    questions::claim(host, place, turn, files).await?.ok_or(NotAsked::NoFile)
}

/// Takes them back. Where that fails, another conversation may take them a little later.
async fn release(host: &impl Sql, place: &Place, turn: &str, files: &[String]) {
    let _later = questions::release(host, &place.owner, turn, files).await;
}

/// Ends a turn at its person's wish, and returns it; `None` if there is no such turn.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// A turn that has ended stays as it is.
pub async fn stop(
    host: &(impl Conversations + Clock),
    place: &Place,
    turn: &str,
) -> Result<Option<TurnState>, Fault> {
    Ok(self::turn(
        memory::persist(host, &place.name, &Command::Stop { turn: turn.to_owned() }).await?,
    )?
    .ok())
}

/// Returns a turn of a conversation, or its newest one; `None` if there is none.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only, but for turns whose run was interrupted.
pub async fn look(
    host: &(impl Conversations + Clock),
    place: &Place,
    turn: Option<&str>,
) -> Result<Option<TurnState>, Fault> {
    let look = Command::Look { turn: turn.map(str::to_owned), from: u64::MAX };
    Ok(self::turn(memory::persist(host, &place.name, &look).await?)?.ok())
}

/// Returns a page of a conversation's turns, the newest first.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only, but for turns whose run was interrupted.
pub async fn page(
    host: &(impl Conversations + Clock),
    place: &Place,
    before: Option<u64>,
    limit: u32,
) -> Result<Page, Fault> {
    if let Reply::Page(page) =
        memory::persist(host, &place.name, &Command::Read { before, limit }).await?
    {
        return Ok(page);
    }
    Ok(Page { turns: Vec::new(), cursor: None })
}

/// Deletes a conversation for good, and returns whether its owner ever had it.
///
/// # Errors
/// A store fault; worth a retry: the list knows that it is deleted, so a repeat goes on.
///
/// # Repeats
/// Gone is gone.
pub async fn delete(
    host: &(impl Conversations + Clock + Sql),
    place: &Place,
) -> Result<bool, Fault> {
    // Whoever does not have it must not make an object by its name.
    if !conversations::delete(host, &place.owner, &place.id).await? {
        return Ok(false);
    }
    memory::persist(host, &place.name, &Command::Delete).await.map(|_deleted| true)
}

/// What a turn has used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Tokens that models have read.
    pub input_tokens: u64,
    /// Tokens that models have written.
    pub output_tokens: u64,
    /// What that cost, in nano-dollars.
    pub cost_nano: u64,
}

/// Returns what was booked for a turn.
///
/// # Errors
/// A store fault; worth a retry.
///
/// # Repeats
/// Reads only.
pub async fn used(host: &impl Sql, turn: &str) -> Result<Used, Fault> {
    let used = host.row(Statement {
        name: "attempts::used",
        sql: "SELECT coalesce(sum(prompt_tokens), 0) AS input_tokens,
                coalesce(sum(completion_tokens), 0) AS output_tokens,
                coalesce(sum(cost_nano), 0) AS cost_nano
              FROM attempts WHERE job = ?1",
        values: vec![turn.into()],
    });
    Ok(used.await?.unwrap_or_default())
}

/// Returns the first line of a question as a title.
pub(crate) fn title(text: &str) -> String {
    const CHARS: usize = 80;
    let line = text.trim().lines().next().unwrap_or_default().trim();
    if line.chars().count() <= CHARS {
        return line.to_owned();
    }
    let cut: String = line.chars().take(CHARS - 1).collect();
    cut.trim_end().to_owned() + "…"
}

/// Returns the turn of a reply, or why there is none.
fn turn(reply: Reply) -> Result<Result<TurnState, Refusal>, Fault> {
    if let Reply::Turn(turn) | Reply::Seen { turn, .. } = reply {
        return Ok(Ok(turn));
    }
    if let Reply::Refused(refusal) = reply { Ok(Err(refusal)) } else { Err(unreadable()) }
}

fn unreadable() -> Fault {
    StoreError::Row { statement: "conversation::reply" }.into()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
