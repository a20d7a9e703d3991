//! The rules of the agent loop, one by one.

mod bounds;
mod turns;
mod walks;

use super::*;
use crate::attempt::AttemptOutcome;
use crate::prices::Price;
use crate::script::call;
use crate::{ToolRound, Usage};
use miyabi_core::fault::Class;
use miyabi_core::i18n::Language;

const QUESTION: &str = "What is the weather?";

/// A model without a price, with the default model's context.
fn candidate(id: &str, vendor: &'static str) -> Candidate {
    Candidate { id: id.to_owned(), vendor, context: prompt::CONTEXT_TOKENS, price: None }
}

fn plan(models: Vec<Candidate>) -> Plan {
    let needs_person = vec!["buy".to_owned()];
    Plan {
        models,
        max_tokens: 1024,
        granted: None,
        closed: Vec::new(),
        tools_tokens: 300,
        needs_person,
    }
}

fn agent_for(question: &str) -> AgentLoop {
    AgentLoop::new(question, plan(vec![candidate("@cf/a/one", "workers-ai")]))
}

/// A model call that ended with this result, of the model that was asked.
fn ended(agent: &AgentLoop, result: Result<Completion, Failure>) -> ModelCall {
    let current = agent.state.fallback.current(&agent.plan.models);
    let model = current.map_or_else(String::new, |(_, model)| model.id.clone());
    ModelCall { model, result, at_ms: 0, has_unconfirmed_preview: false, is_stopped: false }
}

fn failure(class: Class) -> Failure {
    Failure { class, code: 429, after: None, usage: Usage::default() }
}

impl AgentLoop {
    fn take(&mut self, completion: Completion) -> Next {
        self.take_call(ended(self, Ok(completion)))
    }

    fn fail(&mut self, class: Class) -> Next {
        self.take_call(ended(self, Err(failure(class))))
    }
}

fn says(text: &str) -> Completion {
    Completion { text: text.to_owned(), ..Completion::default() }
}

fn calls(calls: Vec<ToolCall>) -> Completion {
    Completion { calls, ..Completion::default() }
}

fn results(calls: &[ToolCall], outcome: ToolOutcome) -> Vec<ToolResult> {
    calls
        .iter()
        .map(|call| ToolResult {
            id: call.id.clone(),
            content: "it rains".to_owned(),
            outcome,
            took_ms: 0,
            note: String::new(),
            prompt: String::new(),
        })
        .collect()
}

fn planned(next: Next) -> PlannedCall {
    let Next::CallModel(planned) = next else { panic!("{next:?}") };
    planned
}

fn asked(next: Next) -> Vec<ToolCall> {
    let Next::RunTools { calls, .. } = next else { panic!("{next:?}") };
    calls
}

fn answer(next: Next) -> Answer {
    let Next::Finish(answer) = next else { panic!("{next:?}") };
    answer
}

/// Plays one round in which the model makes these calls, and returns the next model call.
fn round(agent: &mut AgentLoop, made: Vec<ToolCall>, outcome: ToolOutcome) -> PlannedCall {
    let asked = asked(agent.take(calls(made)));
    planned(agent.take_results(&results(&asked, outcome)))
}

fn is_well_formed(messages: &[Message]) {
    let mut ids = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    for message in messages {
        match message {
            Message::Assistant { calls, .. } => {
                assert!(open.is_empty(), "calls without results: {open:?}");
                for call in calls {
                    assert!(!call.id.is_empty() && !ids.contains(&call.id), "{}", call.id);
                    ids.push(call.id.clone());
                    open.push(&call.id);
                }
            }
            Message::Tool { call_id, .. } => {
                assert_eq!(open.first(), Some(&call_id.as_str()));
                open.remove(0);
            }
            Message::System(_) | Message::User(_) => assert!(open.is_empty()),
        }
    }
    assert!(open.is_empty(), "calls without results: {open:?}");
}

#[test]
fn an_answer_without_tools_takes_one_call() {
    let mut agent = agent_for(QUESTION);
    let first = planned(agent.begin_round());
    assert_eq!((first.ordinal, first.offer, first.messages.len()), (1, Offer::Tools, 2));
    let answer = answer(agent.take(says("  Sunny.\n")));
    assert_eq!((answer.text.as_str(), answer.ending), ("Sunny.", Ending::Answered));
    assert_eq!(agent.state.model_calls, 1);
}

#[test]
fn a_model_that_always_calls_gets_no_tools_in_the_fifth_round() {
    let mut agent = agent_for(QUESTION);
    let mut next = planned(agent.begin_round());
    for ordinal in 1..MAX_ROUNDS {
        assert_eq!((next.ordinal, next.offer), (ordinal, Offer::Tools));
        let arguments = format!("{{\"place\":\"{ordinal}\"}}");
        next = round(&mut agent, vec![call("", "weather", &arguments)], ToolOutcome::Done);
        is_well_formed(&next.messages);
    }
    assert_eq!((next.ordinal, next.offer), (MAX_ROUNDS, Offer::Nothing));
    assert_eq!(next.messages.last(), Some(&Message::System(prompt::FINAL_NOTE.to_owned())));
    let more =
        Completion { text: "It rains.".to_owned(), ..calls(vec![call("", "weather", "{}")]) };
    assert_eq!(answer(agent.take(more)).text, "It rains.");
}

#[test]
fn the_final_note_is_in_no_call_that_offers_tools() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let second = round(&mut agent, vec![call("", "weather", "{}")], ToolOutcome::Done);
    assert_eq!(second.offer, Offer::Tools);
    let notes = second.messages.iter().filter(|message| matches!(message, Message::System(_)));
    assert_eq!(notes.count(), 1);
}

#[test]
fn an_empty_answer_is_asked_for_once_more_and_then_owned_up_to() {
    for (question, blank, sentence) in [
        (QUESTION, "", Language::English.empty_answer()),
        ("天気は？", " \n\u{3000}", Language::Japanese.empty_answer()),
    ] {
        let mut agent = agent_for(question);
        planned(agent.begin_round());
        let retry = planned(agent.take(says(blank)));
        assert_eq!((retry.ordinal, retry.offer), (2, Offer::Nothing));
        let answer = answer(agent.take(says(blank)));
        assert_eq!((answer.text.as_str(), answer.ending), (sentence, Ending::Empty));
        assert_eq!(agent.state.model_calls, 2);
    }
}

#[test]
fn an_empty_answer_in_the_last_round_is_retried_beside_the_rounds() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    for place in 1..MAX_ROUNDS {
        let arguments = format!("{{\"place\":\"{place}\"}}");
        round(&mut agent, vec![call("", "weather", &arguments)], ToolOutcome::Done);
    }
    let retry = planned(agent.take(calls(vec![call("", "weather", "{}")])));
    assert_eq!((retry.ordinal, retry.offer), (MAX_ROUNDS + 1, Offer::Nothing));
    assert_eq!(answer(agent.take(says("Rain."))).text, "Rain.");
    assert_eq!(agent.state.model_calls, 6);
}

#[test]
fn a_call_repeated_in_a_later_round_forces_the_last_round() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let first = vec![call("a", "weather", r#"{"place":"Kyoto","x":1}"#)];
    assert_eq!(round(&mut agent, first, ToolOutcome::Done).offer, Offer::Tools);
    let again = vec![
        call("b", "current_time", "{}"),
        call("c", "weather", r#"{ "x": 1, "place": "Kyoto" }"#),
    ];
    let last = round(&mut agent, again, ToolOutcome::Done);
    assert_eq!((last.ordinal, last.offer), (3, Offer::Nothing));
    is_well_formed(&last.messages);
}

#[test]
fn the_same_call_twice_in_one_round_or_with_other_arguments_is_no_repeat() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let twice = vec![call("a", "weather", "{}"), call("b", "weather", "{}")];
    assert_eq!(round(&mut agent, twice, ToolOutcome::Done).offer, Offer::Tools);
    let other = vec![call("c", "weather", r#"{"place":"Nara"}"#)];
    assert_eq!(round(&mut agent, other, ToolOutcome::Done).offer, Offer::Tools);
}

#[test]
fn invalid_calls_may_be_repaired_twice() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let bad = |text: &str| vec![call("", "weathr", text)];
    assert_eq!(round(&mut agent, bad("1"), ToolOutcome::Invalid).offer, Offer::Tools);
    assert_eq!(round(&mut agent, bad("2"), ToolOutcome::Failed).offer, Offer::Tools);
    assert_eq!(round(&mut agent, bad("3"), ToolOutcome::Invalid).offer, Offer::Tools);
    assert_eq!(round(&mut agent, bad("4"), ToolOutcome::Invalid).offer, Offer::Nothing);
}

#[test]
fn one_invalid_call_among_valid_ones_is_one_to_repair() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let mut offers = Vec::new();
    for number in 0..3 {
        let made = vec![
            call("", "weathr", &number.to_string()),
            call("", "weather", &format!("{{\"n\":{number}}}")),
        ];
        let asked = asked(agent.take(calls(made)));
        let mut results = results(&asked, ToolOutcome::Invalid);
        results[1].outcome = ToolOutcome::Done;
        offers.push(planned(agent.take_results(&results)).offer);
    }
    assert_eq!(offers, [Offer::Tools, Offer::Tools, Offer::Nothing]);
}

#[test]
fn calls_without_a_result_get_one_and_results_without_a_call_are_ignored() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let made = vec![call("a", "weather", "{}"), call("b", "current_time", "{}")];
    asked(agent.take(calls(made)));
    let stray = ToolResult {
        id: "z".to_owned(),
        content: "stray".to_owned(),
        outcome: ToolOutcome::Done,
        took_ms: 0,
        note: String::new(),
        prompt: String::new(),
    };
    let next = planned(agent.take_results(&[stray]));
    is_well_formed(&next.messages);
    let contents: Vec<&str> = next
        .messages
        .iter()
        .filter_map(|message| match message {
            Message::Tool { content, .. } => Some(content.as_str()),
            Message::System(_) | Message::User(_) | Message::Assistant { .. } => None,
        })
        .collect();
    assert_eq!(contents, [NO_RESULT, NO_RESULT]);
}

#[test]
fn ids_are_kept_if_free_and_made_up_the_same_way_if_not() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let made = vec![
        call("", "weather", "1"),
        call("x", "weather", "2"),
        call("x", "weather", "3"),
        call("call_1_0", "weather", "4"),
    ];
    let ids = |calls: &[ToolCall]| calls.iter().map(|call| call.id.clone()).collect::<Vec<_>>();
    let first = asked(agent.take(calls(made)));
    assert_eq!(ids(&first), ["call_1_0", "x", "call_1_2", "call_1_3"]);
    planned(agent.take_results(&results(&first, ToolOutcome::Done)));
    let made = vec![call("x", "weather", "5"), call("call_2_0", "weather", "6")];
    let second = asked(agent.take(calls(made)));
    assert_eq!(ids(&second), ["call_2_0", "call_2_1"]);
    let made = vec![call("call_3_1", "weather", "7"), call("x", "weather", "8")];
    planned(agent.take_results(&results(&second, ToolOutcome::Done)));
    let third = asked(agent.take(calls(made)));
    assert_eq!(ids(&third), ["call_3_1", "call_3_1_"]);
}

#[test]
fn calls_beyond_the_bound_are_dropped() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let many = (0..50).map(|n| call("", "weather", &n.to_string())).collect();
    let next = round(&mut agent, many, ToolOutcome::Done);
    assert_eq!(next.messages.len(), 2 + 1 + MAX_CALLS);
    is_well_formed(&next.messages);
}

#[test]
fn an_answer_that_was_cut_says_so() {
    for (question, note) in
        [(QUESTION, Language::English.cut_note()), ("天気", Language::Japanese.cut_note())]
    {
        let mut agent = agent_for(question);
        planned(agent.begin_round());
        let cut = Completion { is_cut: true, ..says("PostOnce upon a") };
        let answer = answer(agent.take(cut));
        assert_eq!(answer.text, format!("PostOnce upon a{note}"));
        assert_eq!(answer.ending, Ending::Cut);
    }
}

#[test]
fn a_completion_cut_with_nothing_but_reasoning_is_an_empty_answer() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let cut = Completion { is_cut: true, ..says("") };
    assert_eq!(planned(agent.take(cut)).offer, Offer::Nothing);
}

#[test]
fn a_context_that_is_nearly_full_forces_the_last_round() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let asked = asked(agent.take(calls(vec![call("", "weather", "{}")])));
    let mut results = results(&asked, ToolOutcome::Done);
    results[0].content = "雨".repeat(21_000);
    assert_eq!(planned(agent.take_results(&results)).offer, Offer::Nothing);
}

#[test]
fn an_empty_answer_is_asked_for_again_of_the_next_model_with_more_room_if_it_was_cut() {
    let models = vec![candidate("@cf/a/one", "workers-ai"), candidate("openai/two", "openai")];
    let mut agent = AgentLoop::new(QUESTION, plan(models));
    assert_eq!(planned(agent.begin_round()).model, 0);
    let again = planned(agent.take(Completion { is_cut: true, ..says("") }));
    assert_eq!((again.model, again.max_tokens, again.offer), (1, 2048, Offer::Nothing));
}

/// Whatever a model does in each of its calls, there is an answer within six calls.
#[test]
fn every_way_through_ends_in_an_answer_within_six_calls() {
    let mut agent = agent_for(QUESTION);
    let first = agent.begin_round();
    let answers = explore(&agent, first);
    assert!(answers > 1_000, "{answers}");
}

/// Follows every way on from here and returns how many answers there were.
fn explore(agent: &AgentLoop, next: Next) -> usize {
    match next {
        Next::Finish(answer) => {
            assert!(!answer.text.trim().is_empty());
            assert!(agent.state.model_calls <= MAX_ROUNDS + 1);
            1
        }
        Next::RunTools { calls, .. } => {
            [ToolOutcome::Done, ToolOutcome::Failed, ToolOutcome::Invalid]
                .into_iter()
                .map(|outcome| {
                    let mut agent = agent.clone();
                    let next = agent.take_results(&results(&calls, outcome));
                    explore(&agent, next)
                })
                .sum()
        }
        Next::AskPerson { .. } | Next::Fail(_) => panic!("{next:?}"),
        Next::CallModel(planned) => {
            assert!(planned.ordinal <= MAX_ROUNDS + 1);
            is_well_formed(&planned.messages);
            let unique = vec![call("", "weather", &planned.ordinal.to_string())];
            [
                says("Yes."),
                says(""),
                calls(unique),
                calls(vec![call("same", "weather", "{}")]),
                Completion { is_cut: true, ..says("Yes") },
            ]
            .into_iter()
            .map(|completion| {
                let mut agent = agent.clone();
                let next = agent.take(completion);
                explore(&agent, next)
            })
            .sum()
        }
    }
}
