//! The tools that touch what is the asker's: the product carries them out, since it has the data.
//!
//! | tool | effect | why repeating it is safe |
//! | --- | --- | --- |
//! | `remember` | a fact | its key is the question's turn and its words: [`super::facts`] |
//! | `recall` | none | reads |
//! | `draw` | none: an image is drawn when the answer is there | [`super::drawing`] |
//! | `remind_me` | a reminder | its id is made of the job and of how many it had set before: [`super::reminders`] |
//!
//! A model chooses, and says nothing itself: what is remembered are words of the question
//! ([`rules::own_words`]), and the line that says so is the program's (docs/decisions/0046).

use core::cell::OnceCell;
use core::time::Duration;

use serde_json::{Value, json};

use super::conversation::{Command, MAX_PAGE, PageTurn, Reply};
use super::facts::{self, Note, Recall, Recalled, Request, rules, terms};
use super::memory;
use super::{JobContext, chat, consent, reminders};
use miyabi_ai::ToolOutcome;
use miyabi_ai::files::{ReadFile, spoken};
use miyabi_ai::tools::errands::{Act, Claimed, Errand, Errands, Told};
use miyabi_ai::tools::{Tool, remind_me};
use miyabi_core::i18n::{Language, drawing, reminders as words, typed};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Clock, Conversations, Log, Sql, Steps, Stop};
use miyabi_core::time::to_iso;
use miyabi_core::transport::{Route, Transport};

/// What the model reads when the words are not the asker's.
const NOT_OWN: &str =
    "only the asker's own words count here: copy a part of the question word for word";

/// What the model reads when the person's object does not say, or nothing is remembered here.
const NOT_NOW: &str = "nothing can be remembered or found at the moment; tell the asker so";

/// What the model reads when it has pointed at too many things.
const ENOUGH: &str = "no more can be remembered of this question";

/// What the model reads when nothing can be brought to this place later.
const NO_PLACE: &str = "no reminder can be brought here: tell the asker to ask for it in a channel of a server where \
     this application posts its answers, and not in private";

/// What the model reads when the asker has too many reminders.
const TOO_MANY: &str = "no more reminders can be set: the asker has 25 that wait, which `/status` lists and `/cancel` takes back";

/// What the model reads when the words are long.
const TOO_LONG: &str = "a reminder has at most 500 characters";

/// What the model reads when there is nothing to draw, and when an image is going to be drawn.
const NO_PROMPT: &str = "say what the image is to show";
const DRAWN: &str = "the image of the first call is drawn when the answer is there, and attached below it with the \
     prompt; answer in a sentence, without a link to an image";

/// Earlier questions that are returned, and how much of each answer.
const MAX_EARLIER: usize = 3;
const ANSWER_CHARS: usize = 500;

/// The errands of one job.
#[derive(Debug)]
pub struct OwnErrands<'a, H, S, T> {
    /// Job.
    pub context: JobContext<'a, H, S, T>,
    /// Age of the question from which on no model is asked any more.
    pub latest: Duration,
    /// What the asker has said in place of writing it, once it was heard.
    spoken: OnceCell<String>,
}

impl<'a, H, S, T> OwnErrands<'a, H, S, T> {
    /// Returns those of a question.
    pub fn new(context: JobContext<'a, H, S, T>, latest: Duration) -> Self {
        Self { context, latest, spoken: OnceCell::new() }
    }

    /// Returns the asker's own words: those of the question, or what is said in one of its files in place of them.
    pub fn hear(&self, files: &[ReadFile]) -> &str {
        if let Some(words) = spoken(files) {
            self.spoken.get_or_init(|| words.to_owned());
        }
        self.words()
    }

    fn words(&self) -> &str {
        self.spoken.get().unwrap_or(&self.context.job.question.text)
    }
}

impl<H, S, T> Errands for OwnErrands<'_, H, S, T>
where
    H: Conversations + Clock + Log + Sql,
    S: Steps,
    T: Transport,
{
    fn can_ask(&self) -> bool {
        consent::can_ask(self.context.transport, &self.context.job.question)
    }

    async fn ask_person(&self, ordinal: u32, acts: &[Act], has_read: bool) -> Result<(), Stop> {
        consent::ask(self.context, self.latest, (ordinal, acts, has_read)).await
    }

    async fn claim(&self, act: &Act) -> Claimed {
        consent::claim(self.context, act).await
    }

    async fn record(&self, act: &Act, outcome: ToolOutcome, told: &str) {
        consent::record(self.context.host, self.context.job, act, outcome, told).await;
    }

    fn offers(&self, tool: Tool) -> bool {
        let JobContext { settings, transport, job, .. } = self.context;
        match tool {
            // Where others do not see the answer, nothing is brought either.
            Tool::RemindMe => {
                transport.capabilities().reminds
                    && !job.question.asker.id.is_empty()
                    && !job.question.is_private
                    // An answer that is written once more sets nothing once more.
                    && job.question.again.is_none()
            }
            Tool::Draw => transport.attaches_files(&job.question),
            Tool::Remember | Tool::Recall => {
                (tool == Tool::Recall || job.question.again.is_none())
                    && facts::object(&job.question.asker.id).is_some()
                    && memory::learned_in(settings, &job.question).is_some()
            }
            Tool::Calculate
            | Tool::CurrentTime
            | Tool::FetchPage
            | Tool::Weather
            | Tool::WebSearch => false,
        }
    }

    async fn carry_out(&self, errand: Errand<'_>) -> Result<Told, String> {
        let text =
            |name: &str| errand.arguments.get(name).and_then(Value::as_str).unwrap_or_default();
        match errand.tool {
            Tool::Remember => self.remember(text("words")).await,
            Tool::Recall => self.recall(text("about")).await,
            Tool::Draw => Self::draw(text("prompt")),
            Tool::RemindMe => self.remind(errand.nth, text("time"), text("words")).await,
            Tool::Calculate
            | Tool::CurrentTime
            | Tool::FetchPage
            | Tool::Weather
            | Tool::WebSearch => Err(NOT_NOW.to_owned()),
        }
    }
}

impl<H: Conversations + Clock + Log + Sql, S, T: Transport> OwnErrands<'_, H, S, T> {
    fn draw(words: &str) -> Result<Told, String> {
        let prompt = drawing::prompt(words);
        if prompt.is_empty() {
            return Err(NO_PROMPT.to_owned());
        }
        Ok(Told { result: DRAWN.to_owned(), prompt, ..Told::default() })
    }

    async fn remember(&self, words: &str) -> Result<Told, String> {
        let question = self.words();
        let words = rules::own_words(question, words).ok_or(NOT_OWN)?;
        let recall = self.question().ok_or(NOT_NOW)?;
        let recalled = self.ask(Request::Learn { recall, words }).await.ok_or(NOT_NOW)?;
        let note = recalled.notes.into_iter().next().ok_or(ENOUGH)?;
        let told = memory::sentence(Language::English, &note);
        let said = memory::sentence(Language::of_text(question), &note);
        let is_done = matches!(note, Note::Remembered { .. });
        let result = json!({ "done": is_done, "told_to_the_asker": told }).to_string();
        Ok(Told { result, note: said, ..Told::default() })
    }

    async fn remind(&self, nth: usize, time: &str, said: &str) -> Result<Told, String> {
        let JobContext { host, transport, job, .. } = self.context;
        let question = &job.question;
        let said = rules::quoted(self.words(), said).ok_or(NOT_OWN)?;
        if said.chars().count() > reminders::MAX_WORDS_CHARS {
            return Err(TOO_LONG.to_owned());
        }
        let due_s = remind_me::due_s(time, question.asked).map_err(|error| error.to_string())?;
        match transport.route(question).await {
            Ok(Route::Shared { .. }) => {}
            Ok(Route::Private) => return Err(NO_PLACE.to_owned()),
            Err(_) => return Err(NOT_NOW.to_owned()),
        }
        let set = reminders::set(host, job, nth, &said, due_s).await.map_err(|_fault| NOT_NOW)?;
        let set = set.ok_or_else(|| typed(TOO_MANY, transport))?;
        let note = words::set(Language::of_text(self.words()), &set.words, set.due_s, transport);
        let result = json!({ "reminder": set.words, "at": to_iso(set.due_s) }).to_string();
        Ok(Told { result, note, ..Told::default() })
    }

    async fn recall(&self, about: &str) -> Result<Told, String> {
        let text = about.to_owned();
        let recall = Recall { text, ..self.question().ok_or(NOT_NOW)? };
        let recalled = self.ask(Request::Find(recall)).await.ok_or(NOT_NOW)?;
        let facts: Vec<String> = recalled.facts.into_iter().map(|fact| fact.text).collect();
        let earlier = self.earlier(about, recalled.forgotten.unwrap_or_default()).await;
        let result = json!({ "remembered": facts, "said_earlier": earlier }).to_string();
        Ok(Told { result, ..Told::default() })
    }

    /// Returns what was said earlier in the conversation and shares enough with a text, the newest first.
    /// Nothing of what was asked before the person has last had something forgotten.
    async fn earlier(&self, about: &str, forgotten: Millis) -> Vec<Value> {
        let JobContext { host, settings, job, .. } = self.context;
        let name = memory::remembered_in(settings, &job.question);
        let Some(name) = name.filter(|_| !job.question.is_fresh) else { return Vec::new() };
        let read = Command::Read { before: None, limit: MAX_PAGE };
        let Ok(Reply::Page(page)) = memory::persist(host, name, &read).await else {
            return Vec::new();
        };
        let query = terms::Query::of(about);
        let fits = |turn: &PageTurn| {
            turn.state == "done"
                && turn.asked_ms > forgotten
                && turn.id != job.id().as_str()
                && query.score(&turn.question).is_some()
        };
        let turns = page.turns.into_iter().filter(fits).take(MAX_EARLIER);
        let said = |turn: PageTurn| {
            let answer = turn.answer.unwrap_or_default();
            let answer: String = answer.chars().take(ANSWER_CHARS).collect();
            json!({ "question": chat::title(&turn.question), "answer": answer })
        };
        turns.map(said).collect()
    }

    fn question(&self) -> Option<Recall> {
        memory::question_of(self.context.settings, self.context.job)
    }

    async fn ask(&self, request: Request) -> Option<Recalled> {
        let JobContext { host, job, .. } = self.context;
        let person = facts::object(&job.question.asker.id)?;
        let reply = memory::persist_for(host, job, &person, &Command::Facts(request)).await.ok()?;
        if let Reply::Facts(facts::Reply::Recalled(recalled)) = reply {
            Some(recalled)
        } else {
            None
        }
    }
}
