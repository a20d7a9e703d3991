//! A world with four principals, and what is known of it: their words, their ids, their rows.

use core::cell::{Cell, RefCell};
use core::fmt::Write as _;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use rusqlite::types::Value;
use serde_json::json;

use super::super::nobody;
use crate::testing::configured;
use miyabi_app::conversation::{self, Live};
use miyabi_app::keys::{self as stored, Created, NewKey, Principal};
use miyabi_app::sign_in;
use miyabi_app::{Job, JobContext, from_params, workflow};
use miyabi_channels::web::transport::Web;
use miyabi_core::config::{Config, Visitors};
use miyabi_core::http::Incoming as _;
use miyabi_core::ids::Secret;
use miyabi_core::key::{ApiKey, Scopes};
use miyabi_core::session::{KEY_COOKIE, Session, is_visitor};
use miyabi_testing::{Arrival, Fake, Journal, run, settings};

/// How every word of each principal begins: two with keys, a visitor, and nobody.
pub(super) const WORDS: [&str; 4] = ["zqmio", "zqeve", "zqvis", "zqnob"];

/// Number of the visitor.
const VISITOR: usize = 2;

/// Number of who sends neither a key nor a cookie: each time another new visitor.
pub(super) const NOBODY: usize = 3;

/// A sequence of numbers that is the same each time.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    pub(super) fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }
}

/// What somebody has shared.
pub(super) struct Link {
    pub(super) token: String,
    pub(super) owner: usize,
    pub(super) conversation: String,
    /// Words that it has shown at first.
    pub(super) words: BTreeSet<String>,
    pub(super) is_open: bool,
}

/// Jobs, which run when the walk says so, or while somebody waits for them.
pub(super) struct Jobs {
    owners: [String; 3],
    known: RefCell<Vec<Rc<Job>>>,
    has_run: RefCell<BTreeSet<String>>,
    serial: Cell<u64>,
    /// Whose jobs run while somebody waits, if any do.
    pub(super) awaited: Cell<Option<usize>>,
}

impl Jobs {
    /// Returns another word of this principal's.
    pub(super) fn word(&self, who: usize) -> String {
        self.serial.set(self.serial.get() + 1);
        format!("{}{:04}", WORDS[who], self.serial.get())
    }

    /// Returns who has asked what a job answers.
    pub(super) fn asker(&self, job: &Job) -> usize {
        self.owners.iter().position(|owner| *owner == job.question.asker.id).unwrap_or(NOBODY)
    }

    /// Returns all jobs that were started.
    fn all(&self, world: &Fake) -> Vec<Rc<Job>> {
        let mut known = self.known.borrow_mut();
        let started = world.started.borrow();
        let new = started.iter().skip(known.len());
        known.extend(new.map(|(_, params)| Rc::new(from_params(params).unwrap())));
        known.clone()
    }

    /// Runs the jobs of one principal, each with a word of its asker in its answer and in what a tool is given.
    pub(super) fn run(&self, world: &Fake, who: usize) {
        for job in self.all(world) {
            if self.asker(&job) != who || !self.has_run.borrow_mut().insert(job.instance()) {
                continue;
            }
            let arguments = json!({ "expression": self.word(who) });
            let calls = json!([{ "name": "calculate", "arguments": arguments }]);
            let answer = json!({ "response": format!("Of course: {}.", self.word(who)) });
            let calls = json!({ "response": null, "tool_calls": calls });
            world.model.borrow_mut().extend([Ok(calls), Ok(answer)]);
            let (steps, transport, settings) = (&Journal::new(world), &Web, &settings());
            let context = JobContext { host: world, steps, transport, settings, job: &job };
            run(workflow::run(context)).expect("a job waited").unwrap();
            world.model.borrow_mut().clear();
        }
    }
}

/// The world, and what was done in it.
pub(super) struct Walk {
    pub(super) world: Fake,
    pub(super) config: Config,
    pub(super) dice: Dice,
    pub(super) jobs: Rc<Jobs>,
    pub(super) links: Vec<Link>,
    /// What was sent, oldest first.
    pub(super) lines: Vec<String>,
    /// Ids, tokens and keys that the program made, and whose each is.
    pub(super) made: BTreeMap<String, usize>,
    /// Those that each principal has sent: a reply may have them again.
    pub(super) sent: [BTreeSet<String>; 4],
    /// The one thing that is looked at, where a test wants to see that it finds something by itself.
    pub(super) only: Option<&'static str>,
    keys: [ApiKey; 2],
    cookie: String,
    /// Rows of each principal as they were read after so many changes of the database.
    rows: RefCell<[Option<(u64, String)>; 3]>,
}

impl Walk {
    /// Begins with a conversation of the visitor.
    pub(super) fn new(seed: u64) -> Self {
        let world = Fake::new();
        world.converse.set(Some(|store, now, command| {
            conversation::handle(store, &Live::default(), now, command)
        }));
        let secret = Secret::new("a secret of more than thirty-two bytes".to_owned());
        let session = Session::begin([0xa5; 20], world.now.get() / 1000);
        let cookie = session.cookie(&secret).split(';').next().unwrap().to_owned();
        let mut config = configured();
        config.settings.as_mut().unwrap().visitors = Some(Visitors { secret, limit: 10 });
        let owners = ["zqmioowner".to_owned(), "zqeveowner".to_owned(), session.owner()];
        let keys = [0, 1].map(|who| new_key(&world, &owners[who]));
        let jobs = Rc::new(Jobs {
            owners,
            known: RefCell::default(),
            has_run: RefCell::default(),
            serial: Cell::default(),
            awaited: Cell::default(),
        });
        let (asleep, during) = (Rc::clone(&jobs), world.clone());
        world.while_asleep.replace(Some(Box::new(move || {
            if let Some(who) = asleep.awaited.get() {
                asleep.run(&during, who);
            }
            false
        })));
        let (links, made) = (Vec::new(), BTreeMap::new());
        let (sent, dice, rows) = (Default::default(), Dice(seed), RefCell::default());
        Self {
            world,
            config,
            dice,
            jobs,
            links,
            lines: Vec::new(),
            made,
            sent,
            only: None,
            keys,
            cookie,
            rows,
        }
    }

    /// Returns a request with the credentials of a principal.
    pub(super) fn signed(&mut self, who: usize, arrival: Arrival) -> Arrival {
        match who {
            NOBODY => arrival,
            VISITOR => arrival.header("cookie", &self.cookie),
            _ => {
                let key = self.key_of(who);
                // Who has signed in to the page may have been a visitor before.
                if arrival.path().starts_with("/api/") && self.dice.below(2) == 0 {
                    let cookie = format!("{}; {KEY_COOKIE}={}", self.cookie, key.reveal());
                    return arrival.header("cookie", &cookie);
                }
                arrival.header("authorization", &format!("Bearer {}", key.reveal()))
            }
        }
    }

    /// Returns a code of a principal; nobody's for who has no person's id.
    pub(super) fn code_of(&self, who: usize) -> String {
        if who >= self.keys.len() {
            return "ZZZZ-ZZZZ".to_owned();
        }
        run(sign_in::offer(&self.world, &self.jobs.owners[who], "")).unwrap().unwrap().shown()
    }

    /// Returns the key of a principal; nobody's for who has none.
    pub(super) fn key_of(&mut self, who: usize) -> ApiKey {
        let Some(known) = self.keys.get(who) else { return ApiKey::of([0xa5; 20]) };
        // It may be among those that its owner has taken back.
        if self.count("api_keys", "hash = ?1 AND revoked_at IS NULL", [&known.hash()]) == 0 {
            self.keys[who] = new_key(&self.world, &self.jobs.owners[who]);
        }
        self.keys[who].clone()
    }

    pub(super) fn word(&self, who: usize) -> String {
        self.jobs.word(who)
    }

    /// Returns whether an object is one of a principal's, by its name.
    pub(super) fn is_object_of(&self, who: usize, name: &str) -> bool {
        let is_of = |owner: &String| name.ends_with(&format!(":{owner}"));
        if let Some(owner) = self.jobs.owners.get(who) {
            return is_of(owner);
        }
        let owner = name.splitn(3, ':').nth(2).unwrap_or_default();
        is_visitor(owner) && !self.jobs.owners.iter().any(is_of)
    }

    /// Returns whether a principal has a conversation, or has had it.
    pub(super) fn has_conversation(&self, who: usize, id: &str) -> bool {
        self.jobs.owners.get(who).is_some_and(|owner| {
            self.count("conversations", "owner = ?1 AND id = ?2", [owner.as_str(), id]) > 0
        })
    }

    /// Returns whether a key is one of a principal's, or was.
    pub(super) fn has_key(&self, who: usize, id: &str) -> bool {
        self.jobs.owners.get(who).is_some_and(|owner| {
            self.count("api_keys", "owner = ?1 AND id = ?2", [owner.as_str(), id]) > 0
        })
    }

    fn count(&self, table: &str, condition: &str, values: impl rusqlite::Params) -> u64 {
        let sql = format!("SELECT count(*) FROM {table} WHERE {condition}");
        let mut statement = self.world.db.prepare_cached(&sql).unwrap();
        statement.query_row(values, |row| row.get(0)).unwrap()
    }

    fn texts(&self, sql: &str) -> Vec<(String, String)> {
        let mut statement = self.world.db.prepare_cached(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Returns how many questions were booked for a principal.
    pub(super) fn questions(&self, who: usize) -> Option<u64> {
        let owner = self.jobs.owners.get(who)?;
        let sql = "SELECT coalesce(sum(question_count), 0) FROM spending WHERE kind = 'asker' AND key = ?1";
        self.world.db.query_row(sql, [owner], |row| row.get(0)).ok()
    }

    /// Returns an id of a conversation: one of the few that everybody chooses, or anybody's.
    pub(super) fn conversation(&mut self) -> String {
        let ids = match self.dice.below(6) {
            0 => self.texts("SELECT DISTINCT id, '' FROM conversations ORDER BY id"),
            1 | 2 => self.texts(
                "SELECT DISTINCT id, '' FROM conversations WHERE deleted_at IS NOT NULL ORDER BY id",
            ),
            _ => Vec::new(),
        };
        match ids.len() {
            0 => self.dice.pick(&["c1", "c2", "c3", "c4"]).to_owned(),
            length => ids[self.dice.below(length)].0.clone(),
        }
    }

    /// Returns anybody's turn.
    pub(super) fn turn(&mut self) -> String {
        let jobs = self.jobs.all(&self.world);
        match jobs.len() {
            0 => "t1".to_owned(),
            length => jobs[self.dice.below(length)].question.id.as_str().to_owned(),
        }
    }

    /// Returns anybody's message.
    pub(super) fn message(&mut self) -> String {
        match self.dice.below(3) {
            0 => format!("m{}", self.dice.below(6)),
            1 => self.turn() + "-q",
            _ => self.turn() + "-a",
        }
    }

    /// Returns the id of anybody's key.
    pub(super) fn key_id(&mut self) -> String {
        let ids = self.texts("SELECT id, owner FROM api_keys ORDER BY id");
        ids[self.dice.below(ids.len())].0.clone()
    }

    /// Returns the id of anybody's file.
    pub(super) fn file(&mut self) -> String {
        let ids = self.texts("SELECT id, owner FROM files WHERE deleted_at IS NULL ORDER BY id");
        let index = self.dice.below(ids.len().max(1));
        ids.get(index).map_or_else(|| "0".repeat(32), |(id, _)| id.clone())
    }

    /// Returns the id of anybody's fact.
    pub(super) fn fact(&mut self) -> String {
        let objects = self.world.conversations.borrow();
        let people = objects.iter().filter(|(name, _)| name.starts_with("person:"));
        let ids: Vec<u64> = people
            .flat_map(|(_, object)| {
                let sql = "SELECT seq FROM facts WHERE superseded_by IS NULL ORDER BY seq";
                // An object that was only asked has no tables yet.
                let Ok(mut statement) = object.db.prepare(sql) else { return Vec::new() };
                statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
            })
            .collect();
        if ids.is_empty() { "1".to_owned() } else { self.dice.pick(&ids).to_string() }
    }

    /// Returns the token of anybody's link, also of one that is taken back.
    pub(super) fn token(&mut self) -> Option<String> {
        let index = self.dice.below(self.links.len().max(1));
        self.links.get(index).map(|link| link.token.clone())
    }

    /// Notes what the program has made for whom.
    pub(super) fn note_ids(&mut self) {
        let jobs = self.jobs.all(&self.world).into_iter();
        let turns = jobs.map(|job| (job.question.id.as_str().to_owned(), self.jobs.asker(&job)));
        let owner_of = |owner: &str| {
            self.jobs.owners.iter().position(|known| known == owner).unwrap_or(NOBODY)
        };
        let rows = self.texts(
            "SELECT id, owner FROM api_keys
             UNION ALL SELECT id, owner FROM conversations WHERE length(id) = 32
             UNION ALL SELECT id, owner FROM files",
        );
        let rows = rows.into_iter().map(|(id, owner)| (id, owner_of(&owner)));
        let links = self.links.iter().map(|link| (link.token.clone(), link.owner));
        let keys = self.keys.iter().enumerate().map(|(who, key)| (key.reveal().to_owned(), who));
        let owners = self
            .jobs
            .owners
            .iter()
            .enumerate()
            .map(|(who, owner)| (owner.rsplit(':').next().unwrap_or_default().to_owned(), who));
        let made: Vec<_> = turns.chain(rows).chain(links).chain(keys).chain(owners).collect();
        for (id, who) in made {
            self.made.entry(id).or_insert(who);
        }
    }

    /// Returns all that is stored of a principal: its rows, and how many were ever written in its objects.
    pub(super) fn state(&self, who: usize) -> String {
        let changes = self.world.db.total_changes();
        let known = self.rows.borrow()[who].clone().filter(|(at, _)| *at == changes);
        let (_, mut state) = known.unwrap_or_else(|| (changes, self.read_rows(who)));
        self.rows.borrow_mut()[who] = Some((changes, state.clone()));
        for (name, object) in self.world.conversations.borrow().iter() {
            if self.is_object_of(who, name) {
                writeln!(state, "{name} {}", object.db.total_changes()).unwrap();
            }
        }
        state
    }

    fn read_rows(&self, who: usize) -> String {
        let mut state = String::new();
        for (columns, table, is_owned) in [
            ("id, name, hash, scopes, expires_at, revoked_at", "api_keys", "owner = ?1"),
            ("*", "sign_in_codes", "owner = ?1"),
            ("*", "conversations", "owner = ?1"),
            ("*", "shares", "owner = ?1"),
            ("*", "files", "owner = ?1"),
            ("*", "jobs", "asker = ?1"),
            ("*", "attempts", "asker = ?1"),
            ("*", "spending", "kind = 'asker' AND key = ?1"),
        ] {
            let sql = format!("SELECT {columns} FROM {table} WHERE {is_owned}");
            let mut statement = self.world.db.prepare_cached(&sql).unwrap();
            let width = statement.column_count();
            let mut rows = statement.query([&self.jobs.owners[who]]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                state.push_str(table);
                for column in 0..width {
                    write!(state, " {:?}", row.get::<_, Value>(column).unwrap()).unwrap();
                }
                state.push('\n');
            }
        }
        state
    }
}

/// Makes a key whose name has a word of its owner.
fn new_key(world: &Fake, owner: &str) -> ApiKey {
    let scopes = Scopes::parse("chat,memory,files,keys,usage").unwrap();
    let principal = Principal { owner: owner.to_owned(), scopes, ..nobody() };
    let new = NewKey { principal, name: format!("key of {owner}") };
    match run(stored::create(world, new)).unwrap().unwrap() {
        Created::Key(key, _) => key,
        Created::TooMany => panic!("too many"),
    }
}
