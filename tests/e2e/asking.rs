//! A question carries a mark, by which a test finds its own calls and messages among those of others.
//!
//! Every question carries `q0001x`, every answer given by a test `a0001x`, and every interaction's
//! token `0001x`. Whoever waits for a job's end also checks what holds for every job: nothing was
//! sent that Discord or Workers AI refuses, nobody was pinged, and the row is as it has to be.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{CHAIN, World, text, within};

/// Longest wait for a job: some wait out a minute of backoff on a slow machine.
const JOB: Duration = Duration::from_mins(2);
/// As often as anybody will call.
const ALWAYS: u32 = 1000;

/// What no log may hold: marks of questions and answers, and tokens.
pub(crate) static UNSPEAKABLE: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A question that is not asked yet.
#[derive(Debug)]
pub(crate) struct Ask<'w> {
    world: &'w World,
    mark: String,
    order: Value,
    rules: Vec<Value>,
    has_answer: bool,
}

/// A question that was delivered, and its acknowledgement.
#[derive(Debug)]
pub(crate) struct Asked<'w> {
    world: &'w World,
    mark: String,
    pub(crate) id: String,
    pub(crate) token: String,
    pub(crate) receipt: Value,
}

/// A call on the way of one question.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Call {
    Model,
    PostOfQuestion,
    PostOfAnswer,
    Edit,
    Removal,
    LookAtWebhook,
}

impl World {
    /// Prepares a question; Mio asks it in general.
    pub(crate) fn ask(&self, question: &str) -> Ask<'_> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let mark = format!("{:04}x", NEXT.fetch_add(1, Ordering::Relaxed));
        let token = format!("e2e-interaction-token-{mark}");
        let marks = [token.clone(), format!("q{mark}"), format!("a{mark}")];
        UNSPEAKABLE.lock().unwrap().extend(marks);
        let order = json!({
            "ask": format!("{question} q{mark}"),
            "interaction": { "token": token },
        });
        Ask { world: self, mark, order, rules: Vec::new(), has_answer: false }
    }
}

impl<'w> Ask<'w> {
    /// Has `mio` or `alex` ask.
    pub(crate) fn by(mut self, who: &str) -> Self {
        self.order["as"] = json!(who);
        self
    }

    /// Asks in `general`, `random`, `thread`, `post`, `dm` or `group`.
    pub(crate) fn at(mut self, channel: &str) -> Self {
        self.order["in"] = json!(channel);
        self
    }

    /// Changes fields of the interaction.
    pub(crate) fn with(mut self, field: &str, value: Value) -> Self {
        self.order["interaction"][field] = value;
        self
    }

    /// Asks for an answer that is not a saved one.
    pub(crate) fn fresh(mut self) -> Self {
        let question = json!({ "name": "question", "type": 3, "value": self.order["ask"] });
        let fresh = json!({ "name": "fresh", "type": 5, "value": true });
        self.order["interaction"]["data"]["options"] = json!([question, fresh]);
        self
    }

    /// Brings a file along.
    pub(crate) fn with_file(mut self, file: &Value) -> Self {
        self.order["file"] = file.clone();
        self
    }

    /// Asks by an application that the asker brought along, in a server that it is not in.
    pub(crate) fn installed_by_user(mut self) -> Self {
        self.order["install"] = json!("user");
        self
    }

    /// Lets the model answer with this, and a mark.
    pub(crate) fn answered(mut self, answer: &str) -> Self {
        let answer = format!("{answer} a{}", self.mark);
        let usage = json!({ "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15 });
        self.rules.push(json!({
            "match": { "operation": "ai_run", "body_contains": format!("q{}", self.mark) },
            "times": ALWAYS,
            "then": { "body": { "response": answer, "tool_calls": [], "usage": usage } },
        }));
        self.has_answer = true;
        self
    }

    /// Says what the first calls to a vendor's model do for this question; rules of one vendor follow
    /// each other.
    pub(crate) fn at_model(mut self, operation: &str, times: u32, model: Value) -> Self {
        let matching =
            json!({ "operation": operation, "body_contains": format!("q{}", self.mark) });
        let mut rule = json!({ "match": matching, "times": times });
        rule["then"]["model"] = model;
        self.rules.push(rule);
        self
    }

    /// Has every model of the shared chain before this one busy, whenever it is asked.
    pub(crate) fn after_all_before(self, operation: &str) -> Self {
        let before = CHAIN.iter().take_while(|(name, _)| *name != operation);
        before.fold(self, |ask, (name, _)| ask.at_model(name, ALWAYS, json!({ "fails": "busy" })))
    }

    /// Breaks the first calls of a kind for this question; rules of one kind follow each other.
    pub(crate) fn breaking(mut self, call: Call, times: u32, then: Value) -> Self {
        let mark = &self.mark;
        let token = text(&self.order["interaction"], "token").to_owned();
        let matching = match call {
            Call::Model => json!({ "operation": "ai_run", "body_contains": format!("q{mark}") }),
            Call::PostOfQuestion => {
                json!({ "operation": "execute_webhook", "body_contains": format!("q{mark}") })
            }
            Call::PostOfAnswer => {
                json!({ "operation": "execute_webhook", "body_contains": format!("a{mark}") })
            }
            Call::Edit => json!({ "operation": "edit_original", "path_contains": token }),
            Call::LookAtWebhook => json!({ "operation": "get_webhook" }),
            Call::Removal => json!({ "operation": "delete_original", "path_contains": token }),
        };
        // Before the rule that gives the answer, which would take every call.
        let at = self.rules.len() - usize::from(self.has_answer);
        let mut rule = json!({ "match": matching, "times": times });
        rule["then"] = then;
        self.rules.insert(at, rule);
        self
    }

    /// Asks, and expects the deferred reply.
    pub(crate) fn send(self) -> Asked<'w> {
        self.set_rules();
        let asked = self.deliver();
        asked.assert_deferred();
        asked
    }

    /// Delivers the same interaction twice at the same time, and expects the deferred reply to both.
    pub(crate) fn send_twice(self) -> Asked<'w> {
        let ping = self.world.deliver(&json!({ "interaction": { "type": 1 } }));
        // Of the same millisecond, and beyond all that the lab gives out within it.
        let id = text(&ping, "id").parse::<u64>().unwrap() | 0x20_0000;
        let ask = self.with("id", json!(id.to_string()));
        ask.set_rules();
        let (one, other) = std::thread::scope(|scope| {
            let other = scope.spawn(|| ask.deliver());
            (ask.deliver(), other.join().unwrap())
        });
        one.assert_deferred();
        other.assert_deferred();
        one
    }

    fn set_rules(&self) {
        if !self.rules.is_empty() {
            self.world.tell_lab("/lab/faults", &json!(self.rules));
        }
    }

    fn deliver(&self) -> Asked<'w> {
        let receipt = self.world.deliver(&self.order);
        let (id, token) = (text(&receipt, "id").to_owned(), text(&receipt, "token").to_owned());
        Asked { world: self.world, mark: self.mark.clone(), id, token, receipt }
    }
}

impl<'w> Asked<'w> {
    /// Prepares the same question, as another interaction.
    pub(crate) fn once_more(&self) -> Ask<'w> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let token = format!("{}-{}", self.token, NEXT.fetch_add(1, Ordering::Relaxed));
        UNSPEAKABLE.lock().unwrap().push(token.clone());
        let calls = self.calls_of("interaction");
        let options = &calls[0]["body"]["data"]["options"];
        let order = json!({ "ask": options[0]["value"], "interaction": { "token": token } });
        let mark = self.mark.clone();
        Ask { world: self.world, mark, order, rules: Vec::new(), has_answer: false }
    }
}

impl Asked<'_> {
    /// Delivers the same interaction again, byte for byte, and expects the deferred reply again.
    pub(crate) fn again(&self) {
        let receipt = self.world.deliver(&json!({ "id": self.id, "token": self.token }));
        let (id, token, mark) = (self.id.clone(), self.token.clone(), self.mark.clone());
        Asked { world: self.world, mark, id, token, receipt }.assert_deferred();
    }

    fn assert_deferred(&self) {
        let receipt = &self.receipt;
        assert_eq!(receipt["status"], 200, "{receipt}");
        assert_eq!(receipt["ack"], json!({ "type": 5, "data": { "flags": 64 } }), "{receipt}");
        assert_eq!(receipt["violations"], json!([]), "{receipt}");
    }

    /// Waits for the job to end well, checks what holds for every job, and returns its answer.
    pub(crate) fn answer(&self) -> String {
        let row = self.end();
        assert_eq!(row["status"], "COMPLETED", "{row}");
        text(&row, "result").to_owned()
    }

    /// Waits for the job to end in an error, checks what holds for every job, and returns the cause.
    pub(crate) fn error(&self) -> String {
        let row = self.end();
        assert_eq!(row["status"], "ERROR", "{row}");
        text(&row, "result").to_owned()
    }

    /// Waits for the job to end, checks what holds for every job, and returns its row.
    pub(crate) fn end(&self) -> Value {
        let row = self.row();
        let violations: Vec<_> =
            self.calls().iter().map(|call| call["violations"].clone()).collect();
        assert!(violations.iter().all(|found| *found == json!([])), "{violations:?}");
        row
    }

    /// Waits for the job to end, and returns its row; checks only what holds whatever Discord says.
    pub(crate) fn row(&self) -> Value {
        // The log costs less to look at than the database.
        let job = format!(r#""job":"{}""#, self.id);
        let ends = |line: &str| {
            let is_end = line.contains("job_completed") || line.contains("job_failed");
            line.contains(&job) && is_end
        };
        let mut from = 0;
        within(JOB, "the job to end", || {
            self.world.stack().logs_from(&mut from).lines().any(ends).then_some(())
        });
        let row = self.world.row(&self.id).unwrap();
        assert_eq!(row["token"], "", "{row}");
        assert!(matches!(text(&row, "status"), "COMPLETED" | "ERROR"), "{row}");
        for call in self.calls() {
            if call["body"]["content"].is_string() {
                assert_eq!(call["body"]["allowed_mentions"], json!({ "parse": [] }), "{call}");
            }
        }
        for message in self.world.channel("general") {
            assert_eq!(message["pings"], json!([]), "{message}");
        }
        row
    }

    /// Returns the calls that are recognizably about this question, in order.
    pub(crate) fn calls(&self) -> Vec<Value> {
        let mut calls = self.world.calls();
        calls.retain(|call| {
            let body = call["body"].to_string();
            let path = text(call, "path");
            body.contains(&self.mark) || path.contains(&self.token)
        });
        calls
    }

    /// Returns the calls of one operation about this question, in order.
    pub(crate) fn calls_of(&self, operation: &str) -> Vec<Value> {
        let mut calls = self.calls();
        calls.retain(|call| call["operation"] == operation);
        calls
    }

    /// Returns how often each model was asked and what became of it, as the database has it.
    pub(crate) fn attempts(&self) -> Vec<(String, String)> {
        let statement =
            "SELECT model, outcome FROM attempts WHERE job = ? ORDER BY generation, ordinal";
        let rows = self.world.stack().query(statement, &[&self.id]).unwrap();
        let of = |row: &Value, field| text(row, field).to_owned();
        rows.iter().map(|row| (of(row, "model"), of(row, "outcome"))).collect()
    }

    /// Returns the messages of a channel that carry this question's mark or its answer's.
    pub(crate) fn posts(&self, channel: &str) -> Vec<Value> {
        let mut messages = self.world.channel(channel);
        messages.retain(|message| text(message, "content").contains(&self.mark));
        messages
    }

    /// Waits until nothing about this question stands in a channel: one without an answer is taken back.
    pub(crate) fn is_taken_back(&self, channel: &str) {
        crate::world::until("the question to be taken back", || {
            self.contents(channel).is_empty().then_some(())
        });
    }

    /// Returns the texts of [`Asked::posts`].
    pub(crate) fn contents(&self, channel: &str) -> Vec<String> {
        self.posts(channel).iter().map(|post| text(post, "content").to_owned()).collect()
    }

    /// Returns the reply to the interaction as the asker sees it, `None` if it is gone.
    pub(crate) fn reply(&self) -> Option<Value> {
        self.world.stack().reply(&self.id).unwrap()
    }

    /// Has the asker dismiss the reply.
    pub(crate) fn dismiss(&self) {
        self.world.tell_lab(&format!("/lab/interactions/{}", self.id), &json!({ "dismiss": true }));
    }

    /// Ends the token, as 15 minutes do.
    pub(crate) fn expire(&self) {
        self.world.tell_lab(&format!("/lab/interactions/{}", self.id), &json!({ "expire": true }));
    }

    /// Returns the question as it was asked, with its mark.
    pub(crate) fn question(&self, text: &str) -> String {
        format!("{text} q{}", self.mark)
    }

    /// Returns the answer as the model gave it, with its mark.
    pub(crate) fn said(&self, text: &str) -> String {
        format!("{text} a{}", self.mark)
    }
}
