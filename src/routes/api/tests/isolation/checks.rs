//! One step of a walk, and what has to hold after it.

use core::fmt::Write as _;
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::super::table::{Handler, Keyed, Public, Route};
use super::super::reply_by;
use super::calls::{Call, Sent, Subject, make};
use super::ears::talk;
use super::walk::{Link, NOBODY, WORDS, Walk};
use super::{Covered, ROUTES};
use miyabi_app::conversation::Command;
use miyabi_core::http::{ConversationStream, Reply, SocketReply};
use miyabi_core::ports::Conversations as _;
use miyabi_testing::{Arrival, run};

/// Why a walk has failed, in words that begin with the name of what did not hold.
type Held = Result<(), String>;

impl Walk {
    /// Has somebody call something, in three of ten cases a question; then a job may run.
    pub(super) fn step(&mut self, covered: &mut Covered) -> Held {
        let asks = |it: &&Route| matches!(it.handler, Handler::Keyed(Keyed::Ask, ..));
        let asks = ROUTES.iter().find(asks).filter(|_| self.dice.below(10) < 3);
        let route = asks.unwrap_or(&ROUTES[self.dice.below(ROUTES.len())]);
        let who = self.dice.pick(&[0, 0, 1, 1, 2, NOBODY]);
        self.call(who, route, covered)?;
        self.run_jobs()
    }

    /// Has everybody call every route once, when there is something to find.
    pub(super) fn sweep(&mut self, covered: &mut Covered) -> Held {
        for route in &ROUTES {
            for who in 0..WORDS.len() {
                self.call(who, route, covered)?;
            }
        }
        Ok(())
    }

    /// Has somebody call a route, and looks at what came of it.
    fn call(&mut self, who: usize, route: &'static Route, covered: &mut Covered) -> Held {
        self.world.now.set(self.world.now.get() + 1_000);
        let call = make(self, who, route);
        self.lines.push(format!("{} {} {:?}", WORDS[who], call.sent.line(), call.frames));
        let waits = self.dice.below(3) > 0;
        self.jobs.awaited.set(waits.then_some(who));
        let (others, objects) = (self.others(who), self.objects());
        let is_own = self.is_own(who, &call.subject);
        let reply = self.send(who, &call.sent);
        let is_refused = matches!(reply.socket, Some(SocketReply::Refused { .. }));
        let told = self.told(who, &call, &reply)?;
        if reply.status < 300 && !is_refused {
            let has_words = covered.entry((route.method, route.path)).or_default();
            *has_words |= !words(&told).is_empty();
        }
        let held = self.follow_links(who, &call, &reply);
        self.look(held)?;
        self.note_ids();
        let held = self.no_byte_of_anothers(who, &call, &told);
        self.look(held)?;
        self.look(self.no_object_by_trying(who, &call, &objects))?;
        self.look(self.no_others_usage(who, &call, &reply))?;
        self.look(self.same(&others, "a call changed what is another's"))?;
        let must_be_unknown = match is_own {
            Some(is_own) => !is_own,
            None => reply.status >= 400,
        };
        if let Some(twin) = call.twin.as_ref().filter(|_| must_be_unknown) {
            let unknown = self.send(who, twin);
            let (found, expected) = (seen(&reply), seen(&unknown));
            if found != expected {
                let why = format!("unknown: another's is {found}, and nobody's {expected}");
                self.look(Err(why))?;
            }
            self.look(self.same(&others, "a call about nothing changed what is another's"))?;
        }
        Ok(())
    }

    /// Lets pass what is not looked at.
    fn look(&self, held: Held) -> Held {
        match (held, self.only) {
            (Err(why), Some(only)) if !why.starts_with(only) => Ok(()),
            (held, _) => held,
        }
    }

    fn send(&mut self, who: usize, sent: &Sent) -> Reply {
        let arrival = self.signed(who, sent.arrival());
        self.sent[who].extend(tokens(&sent.line()).map(str::to_owned));
        reply_by(&self.world, &self.config, &arrival)
    }

    fn others(&self, who: usize) -> Vec<(usize, String)> {
        (0..NOBODY).filter(|other| *other != who).map(|other| (other, self.state(other))).collect()
    }

    fn same(&self, before: &[(usize, String)], what: &str) -> Held {
        for (other, before) in before {
            let after = self.state(*other);
            if after != *before {
                return Err(format!("state: {what}\nbefore:\n{before}\nafter:\n{after}"));
            }
        }
        Ok(())
    }

    fn objects(&self) -> BTreeSet<String> {
        self.world.conversations.borrow().keys().cloned().collect()
    }

    /// Returns whether what a call is about is its sender's; `None` if only the reply says so.
    fn is_own(&self, who: usize, subject: &Subject) -> Option<bool> {
        match subject {
            Subject::Nothing => Some(true),
            Subject::Conversation(id) => Some(self.has_conversation(who, id)),
            Subject::Key(id) => Some(self.has_key(who, id)),
            // Whoever has the token of a link that is open may read it.
            Subject::Link(token) => Some(self.link(token).is_some_and(|link| link.is_open)),
            Subject::Refused => None,
        }
    }

    fn link(&self, token: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.token == token)
    }

    /// Returns all that a reply tells, with what is written on its stream or its socket.
    fn told(&self, who: usize, call: &Call, reply: &Reply) -> Result<String, String> {
        let mut told = format!("{} {:?}\n{}\n", reply.status, reply.headers, reply.body);
        let is_its_own = |taken: &ConversationStream| {
            if self.is_object_of(who, &taken.conversation) {
                return Ok(());
            }
            Err(format!("object: the reply is written by {}", taken.conversation))
        };
        if let Some(stream) = &reply.stream {
            is_its_own(stream)?;
            let request: Value = serde_json::from_str(&stream.request).unwrap();
            let turn = request["turn"].as_str().map(str::to_owned);
            let look = serde_json::to_string(&Command::Look { turn, from: 0 }).unwrap();
            told += &run(self.world.converse(&stream.conversation, &look)).unwrap().unwrap();
        }
        match &reply.socket {
            Some(SocketReply::Conversation(taken)) => {
                is_its_own(taken)?;
                told += &talk(&self.world, taken, &call.frames);
            }
            Some(refused @ SocketReply::Refused { .. }) => write!(told, "{refused:?}").unwrap(),
            None => {}
        }
        Ok(told)
    }

    /// What a reply tells has no word and no id of another's, but for what a link shows.
    fn no_byte_of_anothers(&mut self, who: usize, call: &Call, told: &str) -> Held {
        self.sent[who].extend(
            call.frames.iter().flat_map(|frame| {
                tokens(&frame.to_string()).map(str::to_owned).collect::<Vec<_>>()
            }),
        );
        if let (Handler::Public(Public::Shared), Subject::Link(token)) =
            (call.route.handler, &call.subject)
        {
            let nothing = BTreeSet::new();
            let link = self.link(token).filter(|link| link.is_open);
            let shared = link.map_or(&nothing, |link| &link.words);
            let shown = words(told);
            if !shown.is_subset(shared) || (link.is_some() && !told.starts_with("200 ")) {
                return Err(format!("share: {shared:?} was shared, and shown is {told}"));
            }
        } else if let Some(word) = words(told).into_iter().find(|it| !it.starts_with(WORDS[who])) {
            return Err(format!("word: {} was told {word}: {told}", WORDS[who]));
        }
        let is_anothers = |token: &&str| {
            self.made.get(*token).is_some_and(|owner| *owner != who)
                && !self.sent[who].contains(*token)
        };
        match tokens(told).find(is_anothers) {
            Some(id) => Err(format!("id: {} was told {id}: {told}", WORDS[who])),
            None => Ok(()),
        }
    }

    /// Objects are made by asking and by looking at what is remembered, and under one's own name.
    fn no_object_by_trying(&self, who: usize, call: &Call, before: &BTreeSet<String>) -> Held {
        let Handler::Keyed(handler, ..) = call.route.handler else {
            return self.no_new_object(before, |_| false);
        };
        let asks = matches!(handler, Keyed::Ask | Keyed::Mcp | Keyed::Socket(_));
        let remembers = matches!(
            handler,
            Keyed::ListMemory | Keyed::SwitchMemory | Keyed::ForgetAll | Keyed::ForgetFact
        );
        self.no_new_object(before, |name| {
            let is_person = name.starts_with("person:");
            // A job that has run while its asker waits makes the person's.
            self.is_object_of(who, name) && (asks || (remembers && is_person))
        })
    }

    /// Sums have no words: they are compared with what was booked.
    fn no_others_usage(&self, who: usize, call: &Call, reply: &Reply) -> Held {
        let is_usage = matches!(call.route.handler, Handler::Keyed(Keyed::Usage, ..));
        let Some(booked) = self.questions(who).filter(|_| is_usage) else { return Ok(()) };
        let used: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        if used["last30Days"]["questions"] == booked {
            return Ok(());
        }
        Err(format!("usage: {booked} questions of {} are {used}", WORDS[who]))
    }

    fn no_new_object(&self, before: &BTreeSet<String>, may_be: impl Fn(&str) -> bool) -> Held {
        match self.objects().difference(before).find(|name| !may_be(name)) {
            Some(name) => Err(format!("object: {name} was made")),
            None => Ok(()),
        }
    }

    /// Keeps account of which links there are, and of what each shows at first.
    fn follow_links(&mut self, who: usize, call: &Call, reply: &Reply) -> Held {
        let Subject::Conversation(id) = &call.subject else { return Ok(()) };
        let Handler::Keyed(handler, ..) = call.route.handler else { return Ok(()) };
        let ends = matches!(handler, Keyed::Share | Keyed::Unshare | Keyed::DeleteConversation);
        if !ends || reply.status >= 300 {
            return Ok(());
        }
        let of_it = self.links.iter_mut().filter(|it| it.owner == who && it.conversation == *id);
        of_it.for_each(|link| link.is_open = false);
        if handler != Keyed::Share {
            return Ok(());
        }
        // The database has its own clock, and that of the world stands in the past.
        self.world.db.execute_batch("UPDATE shares SET expires_at = 9000000000").unwrap();
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        let token = body["token"].as_str().unwrap().to_owned();
        let show = Arrival::new("GET", &format!("/share/{token}"));
        let shown = reply_by(&self.world, &self.config, &show.header("accept", "application/json"));
        let own = self.signed(who, Arrival::new("GET", &format!("/api/conversations/{id}")));
        let own = words(&reply_by(&self.world, &self.config, &own).body);
        let words = words(&shown.body);
        if !words.is_subset(&own) {
            return Err(format!("share: of {own:?} there is shown {}", shown.body));
        }
        let conversation = id.clone();
        self.links.push(Link { token, owner: who, conversation, words, is_open: true });
        Ok(())
    }

    /// Runs the jobs of somebody, or of nobody: no model reads what another has said, and nothing of
    /// another's changes.
    fn run_jobs(&mut self) -> Held {
        let who = self.dice.below(8);
        let first = self.world.prompts.borrow().len();
        if who <= NOBODY {
            self.lines.push(format!("{} has its jobs run", WORDS[who]));
            let others = self.others(who);
            self.jobs.run(&self.world, who);
            self.look(self.same(&others, "a job changed what is another's"))?;
            for prompt in &self.world.prompts.borrow()[first..] {
                let prompt = prompt.to_string();
                if let Some(word) = words(&prompt).iter().find(|it| !it.starts_with(WORDS[who])) {
                    self.look(Err(format!("prompt: a model reads {word} for {}", WORDS[who])))?;
                }
            }
        }
        Ok(())
    }
}

/// Returns what a reply says to who may not know whether there is anything.
fn seen(reply: &Reply) -> String {
    let mut body: Value = serde_json::from_str(&reply.body).unwrap_or(json!(reply.body));
    if let Value::Object(fields) = &mut body {
        fields.remove("requestId");
    }
    let socket = match &reply.socket {
        Some(SocketReply::Conversation(_)) => "taken".to_owned(),
        refused => format!("{refused:?}"),
    };
    format!("{} {body} {} {socket}", reply.status, reply.stream.is_some())
}

/// Returns what could be an id, in a text.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_').filter(|it| it.len() >= 16)
}

/// Returns the words of principals in a text.
fn words(text: &str) -> BTreeSet<String> {
    let split = text.split(|it: char| !it.is_ascii_alphanumeric());
    split.filter(|word| WORDS.iter().any(|of| word.contains(of))).map(str::to_owned).collect()
}
