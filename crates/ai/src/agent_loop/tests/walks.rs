//! Random walks: whatever models, tools and people do, a run ends, within its bounds, and a run that is
//! stored and read back after each move goes the same way.

use serde_json::Value;

use super::*;

const WALKS: u64 = 600;

/// Failures that a chain generations with, and one more.
const MOST_CALLS: u32 = 6 + 12;

/// A small generator of numbers that look like chance: xorshift.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

fn models(chance: &mut Chance) -> Vec<Candidate> {
    let vendors = ["workers-ai", "openai", "anthropic"];
    (0..=chance.below(4))
        .map(|number| {
            let vendor = vendors[usize::try_from(chance.below(3)).unwrap()];
            let context = 12_000 + u32::try_from(chance.below(100_000)).unwrap();
            let price = Price { input: 500, output: 1 + chance.below(9_000), cached: 100, context };
            let price = (chance.below(4) > 0).then_some(price);
            Candidate { context, price, ..candidate(&format!("m{number}"), vendor) }
        })
        .collect()
}

fn said(chance: &mut Chance, thought: &Thought) -> Turn {
    // A model takes what it is given, and never more than it was allowed to say.
    let prompt_tokens = prompt::estimate_messages(&thought.messages).into();
    let completion_tokens = chance.below(u64::from(thought.max_tokens) + 1);
    let usage = Usage { prompt_tokens, completion_tokens, ..Usage::default() };
    let made = |name: &str, arguments: u64| calls(vec![call("x", name, &arguments.to_string())]);
    let said = match chance.below(10) {
        0 | 1 => Ok(says("Yes.")),
        2 => Ok(says(" ")),
        3 => Ok(Completion { is_cut: true, ..says("") }),
        4 | 5 => Ok(made("weather", chance.below(3))),
        6 => Ok(calls((0..chance.below(8)).map(|n| call("", "buy", &n.to_string())).collect())),
        _ => {
            let class = Class::ALL[usize::try_from(chance.below(9)).unwrap()];
            let after = (chance.below(2) == 0).then(|| Duration::from_secs(chance.below(90)));
            Err(Failure { after, ..failure(class) })
        }
    };
    let said = said.map(|completion| Completion { usage, ..completion });
    Turn { said, at_ms: chance.below(400_000), ..turn(Ok(says(""))) }
}

fn walk(seed: u64) -> Vec<Value> {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let models = models(&mut chance);
    let granted = (chance.below(2) == 0).then(|| 1_000 + chance.below(200_000));
    let plan = Plan { granted, ..plan(models) };
    let question = "word ".repeat(usize::try_from(chance.below(6_000)).unwrap());
    let mut machine = AgentLoop::new(&question, plan.clone());
    let mut states = Vec::new();
    let mut next = machine.begin_round();
    loop {
        let state = machine.to_json();
        machine = AgentLoop::from_json(&state, plan.clone()).expect("its state reads back");
        assert_eq!(machine.to_json(), state);
        states.push(state);
        next = match next {
            Next::Think(thought) => {
                assert!(thought.ordinal <= MOST_CALLS, "seed {seed}");
                assert!(thought.wait <= Duration::from_mins(1));
                is_well_formed(&thought.messages);
                machine.take_turn(said(&mut chance, &thought))
            }
            Next::UseTools { calls, .. } => {
                let outcomes = [Outcome::Done, Outcome::Failed, Outcome::Invalid];
                let outcome = outcomes[usize::try_from(chance.below(3)).unwrap()];
                let mut results = results(&calls, outcome);
                results.truncate(usize::try_from(chance.below(6)).unwrap());
                if let Some(first) = results.first_mut() {
                    first.content = "雨".repeat(usize::try_from(chance.below(1_500)).unwrap());
                }
                machine.take_results(&results)
            }
            Next::AskPerson { calls, .. } => {
                assert!(!calls.is_empty());
                machine.take_decision(chance.below(2) == 0)
            }
            Next::Finish(answer) => {
                assert!(!answer.text.trim().is_empty(), "seed {seed}");
                break;
            }
            Next::Fail(_) => break,
        };
    }
    if let Some(granted) = granted {
        assert!(machine.spent() <= granted, "seed {seed}: {} of {granted}", machine.spent());
    }
    let answers = machine.attempts.iter().filter(|attempt| attempt.outcome == "ok").count();
    assert!(answers <= 6, "seed {seed}");
    states
}

#[test]
fn every_walk_ends_within_its_bounds_and_reads_back_after_each_move() {
    for seed in 0..WALKS {
        walk(seed);
    }
}

#[test]
fn a_walk_goes_the_same_way_again() {
    for seed in 0..200 {
        assert_eq!(walk(seed), walk(seed));
    }
}

#[test]
fn a_state_of_another_version_or_shape_is_refused() {
    let mut state = machine(QUESTION).to_json();
    let plan = || plan(vec![candidate("@cf/a/one", "workers-ai")]);
    assert!(AgentLoop::from_json(&state, plan()).is_some());
    state["chain"]["current"] = "1".into();
    assert!(AgentLoop::from_json(&state, plan()).is_none());
    let mut state = machine(QUESTION).to_json();
    state["v"] = 2.into();
    assert!(AgentLoop::from_json(&state, plan()).is_none());
    assert!(AgentLoop::from_json(&Value::Null, plan()).is_none());
}
