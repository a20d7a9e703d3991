//! What a person has had remembered: facts in the person's own words, and the requests about them.
//!
//! All facts of a person are in one object ([`object`]), a database of its own as a conversation has one; it
//! carries out one request at a time, from its beginning to its end, in one transaction.
//!
//! | request | effect | why repeating it is safe |
//! | --- | --- | --- |
//! | [`Request::Recall`] | what the question asks to remember is written; what bears on it comes back | a fact's key is its question's turn and its place there |
//! | [`Request::Learn`] | words of the question are written | a fact's key is its question's turn and its words |
//! | [`Request::Find`] | none | reads |
//! | [`Request::List`] | none | reads |
//! | [`Request::Forget`], [`Request::ForgetAll`], [`Request::Erase`] | rows and index entries are gone | gone is gone; no id is given twice |
//! | [`Request::Switch`] | facts are used, or left alone | the last one counts |
//! | [`Request::Pack`] | none | reads |
//! | [`Request::Adopt`] | facts of another object of the same person are written | a fact's key is its question's turn and its number there; what is known in the same words is known |
//! | [`Request::Leave`] | rows and index entries are gone that are known elsewhere | gone is gone |
//!
//! - A fact is made from what the person asks, by fixed rules ([`rules`]), and from nothing else: a model may
//!   point at words of the question ([`rules::own_words`]), and no earlier turn and nothing that a tool or a
//!   person brings has a way to make one.
//! - What was said among others, in a server, is known in that server and where the person is alone with
//!   Miyabi; what was said there is known there only.
//! - A newer fact on the same [`subject`] supersedes the older one by a link, and overwrites nothing.
//! - A question that was asked before a fact was forgotten makes none any more, so a run that is repeated
//!   brings nothing back.

mod adopt;
mod forget;
mod learn;
mod recall;
pub mod rules;
mod schema;
pub mod subject;
pub mod terms;

use serde::{Deserialize, Serialize};

pub use self::forget::{forget, wake};
pub use self::recall::MAX_RECALLED;
use miyabi_ai::background::KnownFact;
use miyabi_core::fault::Fault;
use miyabi_core::ids::Millis;
use miyabi_core::ports::{SqlValue, Store};
use miyabi_core::session;

/// Most facts of one person that count, superseded ones aside.
pub const MAX_FACTS: u64 = 500;

/// Longest fact, in characters.
pub const MAX_FACT_CHARS: usize = 300;

/// Most rows of one person, superseded ones included; the oldest of these go first.
const MAX_ROWS: u64 = 2 * MAX_FACTS;

/// Most conversations of one person in which facts are used: each of them may repeat what has to be
/// forgotten, so each is kept in a row.
const MAX_CONVERSATIONS: u64 = 1_000;

/// Time after its person's last question at which a fact is forgotten, in milliseconds: a year.
const KEPT_UNUSED_MS: u64 = 365 * 24 * 60 * 60 * 1000;

/// Returns the name of the object that has a person's facts; `None` if the platform did not tell who it is, or
/// for a visitor, who has none.
///
/// `owner` is the asker's id, which is also the owner of a person's API keys. Ids of two platforms differ.
pub fn object(owner: &str) -> Option<String> {
    let is_known = !owner.is_empty() && !session::is_visitor(owner);
    is_known.then(|| ["person:", owner].concat())
}

/// What a person's object is told.
///
/// # Shape
/// JSON: `{"recall":{…}}`, `"list"`, `{"forget":{"id":3}}`. As with a conversation's commands, fields are only
/// added, with a default when absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// A run of a question begins.
    Recall(Recall),
    /// A model points at words of the question that are to be remembered.
    Learn {
        /// Question.
        recall: Recall,
        /// Words, as [`rules::own_words`] returns them.
        words: String,
    },
    /// A model looks for what bears on a text, which is in place of the question's.
    Find(Recall),
    /// The person wants to see everything.
    List,
    /// The person wants one fact gone, and what it superseded.
    Forget {
        /// [`Fact::id`].
        id: u64,
    },
    /// The person wants everything gone.
    ForgetAll,
    /// The person wants everything gone that was said until a time.
    Erase {
        /// Time.
        until: Millis,
    },
    /// The person wants facts used, or left alone. They stay as they are.
    Switch {
        /// Whether they are used.
        is_on: bool,
    },
    /// The person is another one now: what is to move there.
    Pack,
    /// What an account of the person has brought.
    Adopt(Listing),
    /// The facts with these ids have moved to another object.
    Leave {
        /// [`Fact::id`] of each.
        ids: Vec<u64>,
    },
}

/// A question, as facts are made from it and sought for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recall {
    /// Turn's id, which is the job's.
    pub turn: String,
    /// Question.
    pub text: String,
    /// When it was asked.
    pub asked: Millis,
    /// Where it was asked.
    pub place: Place,
    /// Name of its conversation.
    pub conversation: String,
    /// How many tokens facts may take.
    pub budget_tokens: u32,
}

/// Who reads along where a question is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Nobody else.
    Private,
    /// The members of the server with this id.
    Server(String),
}

impl Place {
    /// Returns the place of a question that was asked in this server, `None` for none.
    pub fn of(server: Option<&str>) -> Self {
        server.map_or(Self::Private, |id| Self::Server(id.to_owned()))
    }

    /// Returns the server's id; blank where nobody else reads along.
    fn server(&self) -> &str {
        match self {
            Self::Private => "",
            Self::Server(id) => id,
        }
    }
}

/// What a person's object replies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// To [`Request::Recall`], [`Request::Learn`] and [`Request::Find`].
    Recalled(Recalled),
    /// To [`Request::List`], [`Request::Switch`] and [`Request::Pack`]; to [`Request::Adopt`], with what is known now.
    Listed(Listing),
    /// To [`Request::Forget`], [`Request::ForgetAll`], [`Request::Erase`] and [`Request::Leave`].
    Forgotten(Forgotten),
}

/// What bears on a question.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Recalled {
    /// Facts, the best first.
    #[serde(default)]
    pub facts: Vec<KnownFact>,
    /// What came of what the question asks to remember.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// When the person has last had something forgotten: what was said until then is not read any more.
    #[serde(default)]
    pub forgotten: Option<Millis>,
}

/// What came of something that a question asks to remember.
///
/// # Shape
/// A part of a step's stored result: `{"remembered":{"text":"…","instead":null}}`, `"full"`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// It is remembered.
    Remembered {
        /// Fact.
        text: String,
        /// What it supersedes.
        instead: Option<String>,
    },
    /// It is longer than [`MAX_FACT_CHARS`].
    TooLong,
    /// There are [`MAX_FACTS`] already.
    Full,
    /// The person has switched it off.
    Off,
}

/// Everything that is known of a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Listing {
    /// Whether facts are used.
    pub is_on: bool,
    /// Facts that count, oldest first.
    pub facts: Vec<Fact>,
    /// Conversations that may repeat them; only of what is to move.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conversations: Vec<String>,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Number of it, unique among those of its person.
    pub id: u64,
    /// The person's own words.
    pub text: String,
    /// Id of the turn in whose question they stand.
    pub source: String,
    /// Id of the server in which they were said; blank where nobody else read along.
    #[serde(default)]
    pub server: String,
    /// When they were said.
    pub at: Millis,
}

/// What was forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Forgotten {
    /// How many facts that counted.
    pub facts: u64,
    /// When.
    pub at: Millis,
    /// Conversations that may repeat them, the last used first.
    pub conversations: Vec<String>,
}

/// Carries out a request, in one transaction.
///
/// # Errors
/// A store fault: nothing was changed.
///
/// # Repeats
/// See the table of this module.
pub fn carry_out(store: &impl Store, now: Millis, request: Request) -> Result<Reply, Fault> {
    store.transaction(|| {
        let it = Person { store, now };
        Ok(match request {
            Request::Recall(recall) => {
                let said = rules::facts(&recall.text);
                Reply::Recalled(it.recall(&recall, &said)?)
            }
            Request::Find(recall) => Reply::Recalled(it.recall(&recall, &[])?),
            Request::Learn { recall, words } => Reply::Recalled(it.learn_words(&recall, &words)?),
            Request::List => Reply::Listed(it.list()?),
            Request::Forget { id } => Reply::Forgotten(it.forget_one(id)?),
            Request::ForgetAll => Reply::Forgotten(it.forget_until(now, None)?),
            Request::Erase { until } => Reply::Forgotten(it.forget_until(until, Some(until))?),
            Request::Switch { is_on } => {
                it.switch(is_on)?;
                Reply::Listed(it.list()?)
            }
            Request::Pack => Reply::Listed(it.pack()?),
            Request::Adopt(brought) => Reply::Listed(it.adopt(brought)?),
            Request::Leave { ids } => Reply::Forgotten(it.leave(&ids)?),
        })
    })
}

/// The database, and the time of the request.
pub(crate) struct Person<'a, S> {
    store: &'a S,
    now: Millis,
}

/// A person's own row.
#[derive(Debug, Deserialize)]
struct Owner {
    #[serde(deserialize_with = "miyabi_core::ports::read_flag")]
    is_off: bool,
    forgotten_ms: Option<Millis>,
    seen_ms: Millis,
}

impl<S: Store> Person<'_, S> {
    fn list(&self) -> Result<Listing, Fault> {
        let Some(person) = self.person()? else {
            return Ok(Listing { is_on: true, ..Listing::default() });
        };
        let sql = "SELECT seq AS id, text, turn AS source, server, said_ms AS at FROM facts
                   WHERE superseded_by IS NULL ORDER BY seq";
        let facts = self.store.rows("facts::list", sql, Vec::new())?;
        Ok(Listing { is_on: !person.is_off, facts, conversations: Vec::new() })
    }

    fn switch(&self, is_on: bool) -> Result<(), Fault> {
        self.prepare()?;
        let sql = "UPDATE person SET is_off = ?1, seen_ms = ?2";
        let values = vec![u32::from(!is_on).into(), self.now.0.into()];
        self.store.run("person::switch", sql, values).map(drop)
    }

    /// Makes the tables and the person's row.
    fn prepare(&self) -> Result<(), Fault> {
        schema::prepare(self.store)?;
        let sql = "INSERT INTO person (id, seen_ms) VALUES (1, ?1) ON CONFLICT (id) DO NOTHING";
        self.store.run("person::create", sql, vec![self.now.0.into()]).map(drop)
    }

    /// Returns the person's row; `None` if nothing was ever remembered, and so there are no tables.
    fn person(&self) -> Result<Option<Owner>, Fault> {
        if !schema::is_there(self.store)? {
            return Ok(None);
        }
        let sql = "SELECT is_off, forgotten_ms, seen_ms FROM person";
        self.store.row("person::read", sql, Vec::new())
    }

    /// Returns the first column of the first row, which is named `number`; 0 if there is none.
    fn number(
        &self,
        name: &'static str,
        sql: &'static str,
        values: Vec<SqlValue>,
    ) -> Result<u64, Fault> {
        #[derive(Deserialize)]
        struct Row {
            number: u64,
        }
        let row: Option<Row> = self.store.row(name, sql, values)?;
        Ok(row.map_or(0, |row| row.number))
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
