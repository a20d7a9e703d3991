//! The model, which gives answers with marks, calls tools, fails, and is silent for long.

use core::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value, json};

use super::outside;
use crate::base::marks::{self, Mark};
use crate::base::outage::{Outage, Service, Symptom};
use crate::base::record::{Invariant, ModelCall};
use crate::base::run::Run;
use crate::base::shared::{Fate, Shared};

/// Longer than any step waits.
const FOREVER_MS: u64 = 3_600_000;
/// Codes that pass, and codes that do not.
const CODES: [u32; 8] = [3040, 3021, 3008, 3036, 3006, 5007, 3003, 0];

/// What the model draws: the beginning of a JPEG.
const IMAGE: &str = "/9j/4AAQSkZJRg==";

fn clock() -> Value {
    json!({ "name": "current_time", "arguments": { "time_zone": "Asia/Tokyo" } })
}

/// The model of one seed.
#[derive(Debug)]
pub struct Model {
    shared: Rc<Shared>,
    /// What it was asked and said, by the number of the question.
    questions: RefCell<Vec<Said>>,
}

/// The tools that a model may call.
#[derive(Debug, Clone, Copy)]
struct Offered {
    any: bool,
    draws: bool,
    reminds: bool,
}

/// What the model knows of a question.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// When it was asked.
    pub asked_ms: u64,
    /// The question that asked the same before.
    pub twin_of: Option<usize>,
    /// Conversation that it is asked in.
    pub conversation: Option<String>,
    /// The question whose answer it wants once more.
    pub again_of: Option<usize>,
    /// The answers that were given to it, as their numbers of paragraphs.
    pub versions: Vec<usize>,
}

impl Model {
    /// Returns the model of a seed.
    pub fn new(shared: &Rc<Shared>) -> Self {
        Self { shared: Rc::clone(shared), questions: RefCell::default() }
    }

    /// Takes note of the next question.
    pub fn expect(&self, said: Said) {
        self.questions.borrow_mut().push(said);
    }

    /// Returns which question is to be answered, by the one whose words were read last: an answer once more is
    /// one to the press.
    fn asked(&self, run: &Run, read: usize) -> usize {
        let questions = self.questions.borrow();
        let is_again = |ask: &usize| questions.get(*ask).is_some_and(|it| it.again_of.is_some());
        run.actor.ask.filter(is_again).unwrap_or(read)
    }

    /// Whoever asks a model has it read nothing of another conversation.
    fn check_privacy(&self, ask: usize, marks: &[Mark]) {
        let questions = self.questions.borrow();
        let said = |ask: usize| questions.get(ask);
        let conversation = said(ask).and_then(|said| said.conversation.as_ref());
        let again_of = said(ask).and_then(|said| said.again_of);
        let is_own =
            |mark: &Mark| mark.ask() == ask || (again_of == Some(mark.ask()) && !mark.is_answer());
        for mark in marks.iter().filter(|mark| !is_own(mark)) {
            let other = said(mark.ask()).and_then(|said| said.conversation.as_ref());
            if other.is_none() || other != conversation {
                let what = format!("{mark:?} is told to the model for question {ask}");
                self.shared.violate(Invariant::Silent, what);
            }
        }
    }

    /// Returns the answers that were given to a question, or to the one that asked the same before, as
    /// their numbers of paragraphs.
    pub fn versions(&self, question: usize) -> Vec<usize> {
        let questions = self.questions.borrow();
        let twin_of = questions.get(question).and_then(|said| said.twin_of);
        let said = questions.get(twin_of.unwrap_or(question));
        said.map(|said| said.versions.clone()).unwrap_or_default()
    }

    /// Runs the model.
    ///
    /// # Errors
    /// As the world wants it.
    pub async fn run(
        self: &Rc<Self>,
        run: &Run,
        inputs: &Value,
        pieces: &dyn Fn(&[u8]),
    ) -> Result<Value, u32> {
        let shared = &self.shared;
        let text = inputs.to_string();
        let is_image = inputs.get("messages").is_none();
        let is_summary = text.contains("notes of a conversation");
        let marks = Mark::all(&text);
        // What was said before comes first.
        let asked = marks.iter().rfind(|mark| matches!(mark, Mark::Question { .. }));
        let ask = self.asked(run, asked.map_or(usize::MAX, |mark| mark.ask()));
        self.check_privacy(ask, &marks);
        let may_call = inputs.get("tools").is_some() && !text.contains("\"role\":\"tool\"");
        let offers = |name: &str| may_call && text.contains(&format!("\"name\":\"{name}\""));
        // Where nobody can look it would be a job like any other; and of two that ask the same, the first one alone
        // is reminded, by its own words.
        let reminds = offers("remind_me")
            && !shared.record.borrow().plain.contains(&ask)
            && run.actor.ask == Some(ask);
        let offered = Offered { any: may_call, draws: offers("draw"), reminds };
        let code = error(run);
        let is_silent = code.is_none() && is_silent(run);
        let arrives_ms = shared.rng.within(5..=400);
        let is_slow = shared.strikes(shared.plan.model.slow);
        let thinks_ms = if is_slow { 60_000..=118_000 } else { 200..=8_000 };
        let returns_ms = arrives_ms + shared.rng.within(thinks_ms);
        let fate =
            Fate { arrives_ms: Some(arrives_ms), returns_ms: (!is_silent).then_some(returns_ms) };
        run.note("model", || format!("question {ask}, summary {is_summary}"));
        let model_call = ModelCall {
            ask: run.actor.ask.unwrap_or(ask),
            at_ms: shared.executor.now(),
            attempt_began_ms: run.actor.attempt_began_ms.get(),
            run_began_ms: run.actor.began_ms,
            who: run.actor.name.clone(),
        };
        // A summary comes when its job has ended.
        if !is_summary {
            shared.record.borrow_mut().model_calls.push(model_call);
        }
        let model = Rc::clone(self);
        let said = run
            .call(fate, FOREVER_MS, move || {
                if is_image {
                    json!({ "image": IMAGE })
                } else if is_summary {
                    json!({ "response": "They spoke." })
                } else {
                    model.answer(ask, offered)
                }
            })
            .await;
        if let Some(code) = code {
            return Err(code);
        }
        let said = said.ok_or(0_u32)?;
        match said.get("response").and_then(Value::as_str) {
            Some(text) if inputs.get("stream").is_some() => stream(run, text, pieces).await,
            _ => Ok(said),
        }
    }

    /// Returns what the model says to a question: another answer each time, as models do.
    fn answer(&self, ask: usize, offered: Offered) -> Value {
        let shared = &self.shared;
        if offered.reminds && shared.strikes(shared.plan.model.reminds) {
            let time = format!("in {} minutes", shared.rng.within(1..=6));
            let arguments = json!({ "time": time, "words": marks::errand(ask) });
            let call = json!({ "name": "remind_me", "arguments": arguments });
            return json!({ "response": null, "tool_calls": [call] });
        }
        if offered.any && shared.strikes(shared.plan.model.acts) {
            let title = format!("t{ask}{}", if shared.rng.chance(100) { "b" } else { "" });
            let call = json!({ "name": outside::TOOL, "arguments": { "title": title } });
            return json!({ "response": null, "tool_calls": [call] });
        }
        if offered.any && shared.strikes(shared.plan.model.tools) {
            let draws = offered.draws && shared.rng.chance(300);
            let drawing = json!({ "name": "draw", "arguments": { "prompt": "a cat" } });
            let call = if draws { drawing } else { clock() };
            return json!({ "response": null, "tool_calls": [call] });
        }
        let (parts, filler) = if shared.strikes(shared.plan.model.long) {
            // Paragraphs of 1,500 letters: one message each, and too many of them are a file.
            (usize::try_from(shared.rng.within(2..=8)).unwrap_or(2), 250)
        } else {
            (1, 3)
        };
        let (version, parts, filler) = match self.twins_answer(ask) {
            Some(parts) => (1, parts, 250),
            None => (self.new_version(ask, parts), parts, filler),
        };
        let mark = |part| Mark::Answer { ask, version, part };
        json!({ "response": marks::text(parts, filler, mark) })
    }

    /// Returns the number of a new answer.
    fn new_version(&self, ask: usize, parts: usize) -> usize {
        self.questions.borrow_mut().get_mut(ask).map_or(0, |said| {
            said.versions.push(parts);
            said.versions.len()
        })
    }

    /// Returns the paragraphs of the answer to a question that is asked twice: the same each time, so
    /// that only the ledger can tell the messages apart.
    fn twins_answer(&self, ask: usize) -> Option<usize> {
        let mut questions = self.questions.borrow_mut();
        let has_twin = questions.iter().any(|other| other.twin_of == Some(ask));
        let said = questions.get_mut(ask).filter(|_| has_twin)?;
        let parts = 1 + usize::from(said.asked_ms.is_multiple_of(2));
        said.versions = vec![parts];
        Some(parts)
    }
}

/// Says a text piece by piece, to its end or not.
async fn stream(run: &Run, text: &str, pieces: &dyn Fn(&[u8])) -> Result<Value, u32> {
    let shared = &run.shared;
    let count = shared.rng.within(1..=12);
    let is_cut = shared.strikes(shared.plan.model.cuts);
    let letters: Vec<char> = text.chars().collect();
    let size = letters.len().div_ceil(usize::try_from(count).unwrap_or(1)).max(1);
    let mut whole = String::new();
    let mut say = |event: String| {
        pieces(event.as_bytes());
        whole.push_str(&event);
    };
    let end = if is_cut { shared.rng.below(count) } else { count };
    for piece in letters.chunks(size).take(usize::try_from(end).unwrap_or(usize::MAX)) {
        run.wait(shared.rng.within(50..=1_500)).await;
        let delta = json!({ "content": piece.iter().collect::<String>() });
        say(format!("data: {}\n\n", json!({ "choices": [{ "delta": delta }] })));
    }
    if is_cut {
        run.fault("stream cut");
    } else {
        say("data: [DONE]\n\n".to_owned());
    }
    Ok(Value::String(whole))
}

fn error(run: &Run) -> Option<u32> {
    let shared = &run.shared;
    let is_away = matches!(
        shared.plan.outage(Service::Model, shared.since_ms()),
        Some(Outage { symptom: Symptom::Errors, .. })
    );
    if is_away {
        run.fault("model away");
        return Some(3040);
    }
    shared.strikes(shared.plan.model.fails).then(|| {
        let code = shared.rng.pick(&CODES).unwrap_or(0);
        run.fault(&format!("model error {code}"));
        code
    })
}

fn is_silent(run: &Run) -> bool {
    let shared = &run.shared;
    let is_silent = shared.is_away(Service::Model) || shared.strikes(shared.plan.model.hangs);
    if is_silent {
        run.fault("model silent");
    }
    is_silent
}
