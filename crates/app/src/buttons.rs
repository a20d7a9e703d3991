//! The buttons below an answer: what is kept for them, and what becomes of a press.
//!
//! Who may press is decided by what is stored: whoever asked, and who moderates the server where it was asked.
//! What a button carries only names the job.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | the question is kept with its answer, without its token | `save_answer` | the first answer stays, and with it what is kept |
//! | the job's row names the press that has it answered once more | before that becomes a job | compare-and-set: the same press finds itself, and another one waits for it |
//! | the job of a press | [`super::accept`] | its id is the press's |
//! | the answer is kept as a message, for the form | before the form opens | [`super::quotes`] |
//! | messages are removed, those with the buttons last | before the reply, or after it | removing twice has no further effect |
//! | what is kept goes, and the answer too | when they are removed | the second time changes nothing |

use core::pin::pin;
use core::time::Duration;

use futures::future::{Either, select};
use serde_json::{Map, Value};

use super::accept::{Accepted, accept};
use super::inquiry::{self, Inquirer};
use super::{Job, consent, from_params, to_params};
use miyabi_ai::files::FIRST_ORDINAL;
use miyabi_core::config::Settings;
use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, Notice};
use miyabi_core::i18n::buttons::{self as words, Button, ModelRun, Press, ToolRun, Trace};
use miyabi_core::i18n::consent::Decided;
use miyabi_core::i18n::memory::without_notes;
use miyabi_core::i18n::{sentence, typed};
use miyabi_core::ids::{JobId, Secret};
use miyabi_core::json;
use miyabi_core::ports::{Host, Log, Sql, Statement};
use miyabi_core::question::{Again, Question, Quote};
use miyabi_core::transport::Transport;

/// Longest wait for the database before a question becomes a job, which may take 2.4 of the three seconds.
const LOOK_TIMEOUT: Duration = Duration::from_millis(500);

/// Longest time of a press until what is left of a removal goes on after the reply.
const DELETE_TIMEOUT: Duration = Duration::from_millis(2_400);

/// How long a statement that is not waited for any more may still take effect.
const LATE: Duration = Duration::from_secs(3);

/// Most of an answer that another question is asked about, in code points.
const MAX_CHARS: usize = 6_000;

/// Name of who wrote an answer.
const AUTHOR: &str = "Miyabi";

/// How long a press is believed to become a job whose row is not there yet, in seconds.
const STARTING_S: u32 = 60;

/// What becomes of a press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pressed {
    /// Who pressed reads this, alone.
    Told(String),
    /// A question is asked, by [`ask`].
    Ask(Box<Question>),
    /// A form is opened for a question about the answer, which is its quote.
    OpenForm(Box<Question>),
}

/// Returns what the buttons need of a question: its parameters, without the token; of somebody else's that is
/// answered once more, the job that has them, so that they go with that one: `{"of":"…"}`.
pub(crate) fn kept(job: &Job) -> String {
    let of = job.question.again.as_ref().filter(|_| job.question.conversation.is_none());
    if let Some(again) = of {
        return serde_json::json!({ "of": again.of }).to_string();
    }
    let token = Secret::new(String::new());
    let question = Question { token, ..job.question.clone() };
    to_params(&Job { question, generation: job.generation })
}

/// Carries out a press, as far as that is done before the reply.
///
/// # Repeats
/// See the table of this module; to ask how an answer came about, and to delete it, counts as a question does.
pub async fn press<H, T>(host: &H, transport: &T, press: Press) -> Pressed
where
    H: Host + Clone + 'static,
    T: Transport + Clone + 'static,
{
    let (begun, language) = (host.now(), press.question.language);
    let told = |words: &str| Pressed::Told(words.to_owned());
    let look = look(host, transport.name(), &press);
    let looked = match press.button {
        Button::Regenerate | Button::FollowUp => {
            let looked = inquiry::in_time(host, "buttons::look", LOOK_TIMEOUT, look).await;
            looked.map_err(|fault| {
                host.log(&Event::ButtonFailed { fault });
                let (host_after, of, id) =
                    (host.clone(), press.job.clone(), press.question.id.clone());
                host.wait_until(async move {
                    host_after.sleep(LATE).await;
                    release(&host_after, &of, &id).await;
                });
                sentence(Notice::TryAgain, language)
            })
        }
        Button::Decide(decision, generation, ordinal) => {
            let (job, person) = (press.job.clone(), press.question.asker.id.clone());
            // Nobody but who asked: whoever manages a place is not known on each platform.
            let decided =
                Decided { decision, job, generation, ordinal, person, server: None, language };
            return match consent::decide(host, decided).await {
                consent::Pressed::Done(words) | consent::Pressed::Told(words) => told(words),
            };
        }
        Button::Why | Button::Delete => {
            let person = press.question.asker.id.as_str();
            let inquirer = Inquirer { person, language, statement: "buttons::look" };
            inquiry::look_up(host, inquirer, look, |fault| Event::ButtonFailed { fault }).await
        }
    };
    let row = match looked {
        Ok(Some(row)) => row,
        Ok(None) => return told(&typed(words::GONE.in_language(language), transport)),
        Err(apology) => return told(apology),
    };
    let (kept, button) = (row.text("kept"), press.button);
    if !row.is_for(&press) {
        // Who has had everything deleted is known no more.
        let words = if kept.is_empty() { words::DELETED_BEFORE } else { words::NOT_YOURS };
        return told(words.in_language(language));
    }
    match (button, question_of(row.text("asked"))) {
        // Also where its person had everything deleted that was kept: the messages may be there still.
        (Button::Delete, _) => {
            let left = DELETE_TIMEOUT.saturating_sub(host.now().since(begun));
            remove(host, transport, &row, press, left).await
        }
        (_, None) if kept.is_empty() => told(words::DELETED_BEFORE.in_language(language)),
        (_, None) => told(&typed(words::GONE.in_language(language), transport)),
        (Button::Regenerate, _) if !row.has_begun => told(words::RUNNING.in_language(language)),
        (Button::Regenerate, Some(original)) => Pressed::Ask(Box::new(once_more(original, press))),
        (Button::FollowUp, Some(original)) => {
            Pressed::OpenForm(Box::new(about(&row, &original, press)))
        }
        (Button::Why | Button::Decide(..), Some(_)) => {
            let words = words::explain(&row.trace(&press.job), language, transport);
            Pressed::Told(transport.truncate(&words, ""))
        }
    }
}

/// Removes what an answer consists of, in the place of the press: it stands there.
async fn remove<H, T>(host: &H, transport: &T, row: &Row, press: Press, left: Duration) -> Pressed
where
    H: Host + Clone + 'static,
    T: Transport + Clone + 'static,
{
    let language = press.question.language;
    let messages = row.messages(&press.message);
    let work = delete(host.clone(), transport.clone(), press.job, press.question, messages);
    let words = match select(Box::pin(work), pin!(host.sleep(left))).await {
        Either::Left((true, _)) => words::DELETED,
        Either::Left((false, _)) => words::NOT_DELETED,
        Either::Right(((), work)) => {
            host.wait_until(async move {
                let _is_done = work.await;
            });
            words::DELETING
        }
    };
    Pressed::Told(words.in_language(language).to_owned())
}

/// Makes the question of a press a job. If it becomes none, another press may have that answer once more.
///
/// # Repeats
/// See [`accept()`].
pub async fn ask<H, T>(
    host: &H,
    transport: &T,
    settings: &Settings,
    mut question: Question,
) -> Accepted
where
    H: Host + Clone + 'static,
    T: Transport + Clone + 'static,
{
    // There may be other models than when it was asked.
    question.model.take_if(|model| !settings.has_model(model));
    let press = question.id.clone();
    let of = question.again.as_ref().map(|again| again.of.clone());
    let accepted = accept(host, transport, question).await;
    if let (Accepted::Refused(_), Some(of)) = (accepted, of) {
        let host_after = host.clone();
        host.wait_until(async move { release(&host_after, &of, &press).await });
    }
    accepted
}

/// Lets another press have an answer once more, if the question of this one became no job.
///
/// # Repeats
/// The second call changes nothing. Where it fails the next press waits for a minute.
async fn release(host: &(impl Sql + Log), of: &JobId, press: &JobId) {
    let released = host.run(Statement {
        name: "buttons::release",
        sql: "UPDATE jobs SET again = NULL WHERE id = ?1 AND again = ?2
                AND NOT EXISTS (SELECT 1 FROM jobs AS other WHERE other.id = ?2)",
        values: vec![of.as_str().into(), press.as_str().into()],
    });
    if let Err(fault) = released.await {
        host.log(&Event::ButtonFailed { fault });
    }
}

/// The same question, of whoever presses: in their conversation if it is theirs, and else by itself, since
/// nothing that is known of them belongs to somebody else's words.
fn once_more(original: Question, Press { job, question, link, .. }: Press) -> Question {
    let is_own = original.asker.id == question.asker.id;
    Question {
        text: original.text,
        quote: original.quote.map(|quote| Quote { is_own: quote.is_own && is_own, ..quote }),
        files: original.files,
        draws: original.draws,
        is_fresh: original.is_fresh,
        model: original.model,
        again: Some(Again { of: job, link }),
        conversation: question.conversation.filter(|_| is_own),
        ..question
    }
}

/// A question about an answer, whose words are still to come.
///
/// It is the asker's own if they asked, and not about the words of somebody else, which it may repeat.
fn about(row: &Row, original: &Question, Press { question, link, .. }: Press) -> Question {
    let answer = without_notes(row.text("result"));
    let text = answer.chars().take(MAX_CHARS).collect();
    let is_own = row.text("asker") == question.asker.id
        && original.quote.as_ref().is_none_or(|quote| quote.is_own);
    let (author, files) = (AUTHOR.to_owned(), Vec::new());
    let quote = Quote { link, author, text, files, is_own, attachments: Vec::new() };
    Question { quote: Some(quote), ..question }
}

/// Removes messages in their order, and then what is kept of their job; `false` if something is left.
async fn delete<H: Sql + Log, T: Transport>(
    host: H,
    transport: T,
    job: JobId,
    question: Question,
    messages: Vec<String>,
) -> bool {
    let (mut is_left, mut is_last_left) = (false, false);
    for (index, message) in messages.iter().enumerate() {
        if let Err(error) = transport.retract(&question, message).await {
            let may_pass = error.may_pass();
            host.log(&Event::ButtonFailed { fault: error.into() });
            if may_pass {
                return false;
            }
            // One that cannot be removed, or seen any more, keeps none of the others; those with the buttons
            // come last.
            is_left = true;
            is_last_left = index + 1 == messages.len();
        }
    }
    if is_last_left {
        return false;
    }
    let of_job = |name, sql| Statement { name, sql, values: vec![job.as_str().into()] };
    let forgotten = host.batch(vec![
        of_job("consents::forget_words", FORGET_CONSENTS),
        of_job("buttons::forget", FORGET),
    ]);
    match forgotten.await {
        Ok(_) => !is_left,
        Err(fault) => {
            host.log(&Event::ButtonFailed { fault });
            false
        }
    }
}

// That of a job which runs is its claim.
const FORGET_CONSENTS: &str = "DELETE FROM consents WHERE job = ?1
  AND NOT EXISTS (SELECT 1 FROM jobs WHERE id = ?1 AND status IN ('PENDING', 'PROCESSING'))";
const FORGET: &str = "UPDATE jobs SET kept = '', trace = NULL,
    result = iif(status = 'COMPLETED', '', result)
  WHERE id = ?1 AND kept IS NOT NULL";

fn question_of(kept: &str) -> Option<Question> {
    let question = from_params(&json::parse(kept)?)?.question;
    (!question.text.is_empty()).then_some(question)
}

/// What is known of an answer.
struct Row {
    columns: Map<String, Value>,
    /// Whether this press has it answered once more.
    has_begun: bool,
}

/// Reads what is known of an answer below which buttons stand; to have it answered once more, also begins that
/// if nobody else has.
async fn look(
    host: &impl Sql,
    platform: &str,
    Press { button, job, question, is_moderator, .. }: &Press,
) -> Result<Option<Row>, Fault> {
    let look = Statement {
        name: "buttons::look",
        sql: "SELECT asker, server, kept, (WITH RECURSIVE chain (kept) AS (
                  SELECT kept FROM jobs WHERE id = ?1
                  UNION SELECT first.kept FROM chain JOIN jobs AS first
                    ON first.id = CASE WHEN json_valid(chain.kept) THEN chain.kept ->> 'of' END)
                SELECT coalesce(kept, '') FROM chain
                WHERE kept IS NULL OR kept NOT GLOB '{\"of\":*') AS asked, coalesce(trace, '[]') AS trace, coalesce(result, '') AS result,
                (SELECT json_group_array(message_id) FROM (SELECT message_id FROM posts
                  WHERE job = ?1 AND state = 'SENT' AND message_id <> ''
                    AND (step GLOB 'question:*' OR step GLOB 'answer:*')
                  ORDER BY step GLOB 'answer:*', length(step), step)) AS messages,
                (SELECT json_group_array(json_object('model', model, 'outcome', outcome,
                    'is_round', ordinal < ?3, 'prompt', prompt_tokens, 'completion', completion_tokens, 'cost', cost_nano,
                    'priced', pricing <> 'unpriced'))
                  FROM (SELECT * FROM attempts WHERE job = ?1 ORDER BY generation, ordinal)) AS models
              FROM jobs WHERE id = ?1 AND platform = ?2 AND kept IS NOT NULL
                AND status IN ('PROCESSING', 'COMPLETED')",
        values: vec![job.as_str().into(), platform.into(), FIRST_ORDINAL.into()],
    };
    let first = |rows: Vec<Map<String, Value>>| rows.into_iter().next();
    if *button != Button::Regenerate {
        let row = first(host.query(look).await?);
        return Ok(row.map(|columns| Row { columns, has_begun: false }));
    }
    let moderated = question.server.as_deref().filter(|_| *is_moderator).unwrap_or_default();
    let begin = Statement {
        name: "buttons::begin_again",
        sql: "UPDATE jobs SET again = ?3, again_at = unixepoch()
              WHERE id = ?1 AND platform = ?2 AND kept <> ''
                AND ((asker = ?4 AND ?4 <> '') OR (server = ?5 AND ?5 <> ''))
                AND (again IS NULL OR again = ?3 OR NOT EXISTS (SELECT 1 FROM jobs AS other
                    WHERE other.id = jobs.again AND other.status IN ('PENDING', 'PROCESSING'))
                  AND (again_at <= unixepoch() - ?6
                    OR EXISTS (SELECT 1 FROM jobs AS other WHERE other.id = jobs.again)))
              RETURNING id",
        values: vec![
            job.as_str().into(),
            platform.into(),
            question.id.as_str().into(),
            question.asker.id.as_str().into(),
            moderated.into(),
            STARTING_S.into(),
        ],
    };
    let mut found = host.batch(vec![begin, look]).await?.into_iter();
    let has_begun = found.next().is_some_and(|rows| !rows.is_empty());
    Ok(found.next().and_then(first).map(|columns| Row { columns, has_begun }))
}

impl Row {
    fn text(&self, column: &str) -> &str {
        self.columns.get(column).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns a list that is stored as text.
    fn list(&self, column: &str) -> Vec<Value> {
        json::parse(self.text(column)).unwrap_or_default()
    }

    /// Returns whether the answer is that person's, or of a server that they moderate.
    fn is_for(&self, Press { question, is_moderator, .. }: &Press) -> bool {
        let is = |column: &str, id: &str| !id.is_empty() && self.text(column) == id;
        let server = question.server.as_deref().unwrap_or_default();
        is("asker", &question.asker.id) || (*is_moderator && is("server", server))
    }

    /// Returns the messages to remove, those with the buttons last.
    fn messages(&self, pressed: &str) -> Vec<String> {
        let known = self.list("messages");
        let ids = known.iter().filter_map(Value::as_str).filter(|id| *id != pressed);
        let ids = ids.chain([pressed]).filter(|id| !id.is_empty());
        ids.map(ToOwned::to_owned).collect()
    }

    fn trace(&self, job: &JobId) -> Trace {
        let word = |value: &Value, name: &str| {
            value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let number =
            |value: &Value, name: &str| value.get(name).and_then(Value::as_u64).unwrap_or_default();
        let tool = |tool: &Value| ToolRun {
            name: word(tool, "name"),
            arguments: word(tool, "arguments"),
            outcome: word(tool, "outcome"),
            took_ms: number(tool, "took_ms"),
        };
        let model = |model: &Value| ModelRun {
            model: word(model, "model"),
            outcome: word(model, "outcome"),
            prompt_tokens: number(model, "prompt"),
            completion_tokens: number(model, "completion"),
            cost_nano: number(model, "cost"),
            is_priced: number(model, "priced") != 0,
            is_round: number(model, "is_round") != 0,
        };
        Trace {
            job: job.as_str().to_owned(),
            tools: self.list("trace").iter().map(tool).collect(),
            models: self.list("models").iter().map(model).collect(),
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
