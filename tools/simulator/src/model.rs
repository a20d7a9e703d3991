//! The model: answers with marks, calls of tools, errors and long silence.

use std::rc::Rc;

use serde_json::{Value, json};

use crate::marks::{self, Mark};
use crate::plan::{Outage, Service, Symptom};
use crate::record::Thought;
use crate::world::{Fate, Sim};

/// Longer than any step waits.
const FOREVER_MS: u64 = 3_600_000;
/// Codes that pass, and codes that do not.
const CODES: [u32; 8] = [3040, 3021, 3008, 3036, 3006, 5007, 3003, 0];

/// Runs the model.
///
/// # Errors
/// As the world wants it.
pub async fn run(sim: &Sim, inputs: &Value, pieces: &dyn Fn(&[u8])) -> Result<Value, u32> {
    let world = &sim.world;
    let text = inputs.to_string();
    let asked = Mark::all(&text).into_iter().find(|mark| matches!(mark, Mark::Question { .. }));
    let ask = asked.map_or(usize::MAX, Mark::ask);
    let may_call = inputs.get("tools").is_some() && !text.contains("\"role\":\"tool\"");
    let code = error(sim);
    let is_silent = code.is_none() && is_silent(sim);
    let arrives_ms = world.rng.within(5..=400);
    let is_slow = world.strikes(world.plan.model.slow);
    let thinks_ms = if is_slow { 60_000..=118_000 } else { 200..=8_000 };
    let returns_ms = arrives_ms + world.rng.within(thinks_ms);
    let fate =
        Fate { arrives_ms: Some(arrives_ms), returns_ms: (!is_silent).then_some(returns_ms) };
    world.note(&sim.actor.name, "model", || format!("question {ask}"));
    let thought = Thought {
        ask: sim.actor.ask.unwrap_or(ask),
        at_ms: world.executor.now(),
        attempt_began_ms: sim.actor.attempt_began_ms.get(),
        run_began_ms: sim.actor.began_ms,
        who: sim.actor.name.clone(),
    };
    world.record.borrow_mut().thoughts.push(thought);
    let inner = Rc::clone(world);
    let said = sim.call(fate, FOREVER_MS, move || inner.answer(ask, may_call)).await;
    if let Some(code) = code {
        return Err(code);
    }
    let said = said.ok_or(0_u32)?;
    match said.get("response").and_then(Value::as_str) {
        Some(text) if inputs.get("stream").is_some() => stream(sim, text, pieces).await,
        _ => Ok(said),
    }
}

/// Says a text piece by piece, to its end or not.
async fn stream(sim: &Sim, text: &str, pieces: &dyn Fn(&[u8])) -> Result<Value, u32> {
    let world = &sim.world;
    let count = world.rng.within(1..=12);
    let is_cut = world.strikes(world.plan.model.cuts);
    let letters: Vec<char> = text.chars().collect();
    let size = letters.len().div_ceil(usize::try_from(count).unwrap_or(1)).max(1);
    let mut whole = String::new();
    let mut say = |event: String| {
        pieces(event.as_bytes());
        whole.push_str(&event);
    };
    let end = if is_cut { world.rng.below(count) } else { count };
    for piece in letters.chunks(size).take(usize::try_from(end).unwrap_or(usize::MAX)) {
        sim.wait(world.rng.within(50..=1_500)).await;
        let delta = json!({ "content": piece.iter().collect::<String>() });
        say(format!("data: {}\n\n", json!({ "choices": [{ "delta": delta }] })));
    }
    if is_cut {
        sim.fault("stream cut");
    } else {
        say("data: [DONE]\n\n".to_owned());
    }
    Ok(Value::String(whole))
}

fn error(sim: &Sim) -> Option<u32> {
    let world = &sim.world;
    let is_away = matches!(
        world.plan.outage(Service::Model, world.since_ms()),
        Some(Outage { symptom: Symptom::Errors, .. })
    );
    if is_away {
        sim.fault("model away");
        return Some(3040);
    }
    world.strikes(world.plan.model.fails).then(|| {
        let code = world.rng.pick(&CODES).unwrap_or(0);
        sim.fault(&format!("model error {code}"));
        code
    })
}

fn is_silent(sim: &Sim) -> bool {
    let world = &sim.world;
    let is_silent = world.is_away(Service::Model) || world.strikes(world.plan.model.hangs);
    if is_silent {
        sim.fault("model silent");
    }
    is_silent
}

impl crate::world::World {
    /// Returns what the model says to a question: another answer each time, as models do.
    fn answer(&self, ask: usize, may_call: bool) -> Value {
        if may_call && self.strikes(self.plan.model.tools) {
            let call =
                json!({ "name": "current_time", "arguments": { "time_zone": "Asia/Tokyo" } });
            return json!({ "response": null, "tool_calls": [call] });
        }
        let (parts, filler) = if self.strikes(self.plan.model.long) {
            // Paragraphs of 1,500 letters: one message each, and too many of them are a file.
            (usize::try_from(self.rng.within(2..=8)).unwrap_or(2), 250)
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
        self.asks.borrow_mut().get_mut(ask).map_or(0, |ask| {
            ask.versions.push(parts);
            ask.versions.len()
        })
    }

    /// Returns the paragraphs of the answer to a question that is asked twice: the same each time, so
    /// that only the ledger can tell the messages apart.
    fn twins_answer(&self, ask: usize) -> Option<usize> {
        let mut asks = self.asks.borrow_mut();
        let has_twin = asks.iter().any(|other| other.twin_of == Some(ask));
        let ask = asks.get_mut(ask).filter(|_| has_twin)?;
        let parts = 1 + usize::from(ask.asked_ms.is_multiple_of(2));
        ask.versions = vec![parts];
        Some(parts)
    }
}
