//! Random walks: whatever models, tools and people do, a run ends within its bounds, and a run that is
//! stored and read back after each move goes the same way.

use serde::Serialize;
use serde_json::Value;

use super::*;
use crate::budget::Budget;

const WALKS: u64 = 600;

/// Answers of models, and failures between them.
const MOST_CALLS: u32 = 6 + 12;

/// A small generator of pseudo-random numbers: xorshift.
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

fn call_of(chance: &mut Chance, agent: &AgentLoop, planned: &PlannedCall) -> ModelCall {
    // A model takes what it is given, and never more than it was allowed to say.
    let prompt_tokens = prompt::estimate_messages(&planned.messages).into();
    let completion_tokens = chance.below(u64::from(planned.max_tokens) + 1);
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
    ModelCall { at_ms: chance.below(400_000), ..ended(agent, said) }
}

/// Results of a round: some missing, one perhaps long.
fn round_of(chance: &mut Chance, calls: &[ToolCall]) -> ToolRound {
    let outcomes = [ToolOutcome::Done, ToolOutcome::Failed, ToolOutcome::Invalid];
    let outcome = outcomes[usize::try_from(chance.below(3)).unwrap()];
    let mut results = results(calls, outcome);
    results.truncate(usize::try_from(chance.below(6)).unwrap());
    if let Some(first) = results.first_mut() {
        first.content = "雨".repeat(usize::try_from(chance.below(1_500)).unwrap());
    }
    ToolRound { results, requests: 1 }
}

fn check(seed: u64, planned: &PlannedCall) {
    assert!(planned.ordinal <= MOST_CALLS, "seed {seed}");
    assert!(planned.wait <= Duration::from_mins(1));
    is_well_formed(&planned.messages);
}

fn stored(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

/// Writes a turn and reads it back, as the engine does.
fn read_back(turn: &Turn) -> Turn {
    serde_json::from_value(stored(turn)).unwrap()
}

fn walk(seed: u64) -> Vec<Value> {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let models = models(&mut chance);
    let granted = (chance.below(2) == 0).then(|| 1_000 + chance.below(200_000));
    let plan = Plan { granted, ..plan(models) };
    let question = "word ".repeat(usize::try_from(chance.below(6_000)).unwrap());
    let mut agent = AgentLoop::new(&question, plan.clone());
    let mut states = Vec::new();
    let mut next = agent.begin_round();
    loop {
        let state = stored(agent.state());
        let read = serde_json::from_value(state.clone()).expect("its state reads back");
        agent = AgentLoop::resume(read, plan.clone()).expect("it is of this version");
        assert_eq!(stored(agent.state()), state);
        states.push(state);
        next = match next {
            Next::CallModel(planned) => {
                check(seed, &planned);
                let call = Some(call_of(&mut chance, &agent, &planned));
                agent.take_turn(read_back(&Turn { tools: None, call }))
            }
            Next::RunTools { ordinal, calls } => {
                let round = round_of(&mut chance, &calls);
                let mut after = agent.clone();
                let call = match after.take_results(&round.results) {
                    Next::CallModel(planned) => {
                        assert_eq!(planned.ordinal, ordinal, "seed {seed}");
                        check(seed, &planned);
                        Some(call_of(&mut chance, &after, &planned))
                    }
                    Next::Finish(_) | Next::Fail(_) => None,
                    Next::RunTools { .. } | Next::AskPerson { .. } => panic!("seed {seed}"),
                };
                agent.take_turn(read_back(&Turn { tools: Some(round), call }))
            }
            Next::AskPerson { calls, .. } => {
                assert!(!calls.is_empty());
                agent.take_decision()
            }
            Next::Finish(answer) => {
                assert!(!answer.text.trim().is_empty(), "seed {seed}");
                break;
            }
            Next::Fail(_) => break,
        };
    }
    if let Some(granted) = granted {
        let spent = Budget::after(&agent.state.attempts, None).spent;
        assert!(spent <= granted, "seed {seed}: {spent} of {granted}");
    }
    let is_ok = |attempt: &&Attempt| attempt.outcome == AttemptOutcome::Ok;
    let answers = agent.state.attempts.iter().filter(is_ok).count();
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
    let resumed = |state: Value| {
        let plan = plan(vec![candidate("@cf/a/one", "workers-ai")]);
        AgentLoop::resume(serde_json::from_value(state).ok()?, plan)
    };
    let state = stored(agent_for(QUESTION).state());
    assert!(resumed(state.clone()).is_some());
    let mut odd = state.clone();
    odd["fallback"]["current"] = "1".into();
    assert!(resumed(odd).is_none());
    let mut odd = state;
    odd["version"] = 2.into();
    assert!(resumed(odd).is_none());
    assert!(resumed(Value::Null).is_none());
}
