//! Rounds of tools: with a person's decision, and together with the model call after them.

use super::*;

#[test]
fn a_call_that_needs_a_person_waits_for_one_and_then_runs_with_the_rest_of_its_round() {
    for name in ["buy", "functions.buy"] {
        let mut agent = agent_for(QUESTION);
        planned(agent.begin_round());
        let made = vec![call("a", "weather", "{}"), call("b", name, "{}")];
        let Next::AskPerson { ordinal, calls: asks } = agent.take(calls(made)) else { panic!() };
        assert_eq!((ordinal, asks.len(), asks[0].id.as_str()), (1, 1, "b"));
        let runs = asked(agent.take_decision());
        assert_eq!(runs.iter().map(|call| call.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let next = planned(agent.take_results(&results(&runs, ToolOutcome::Done)));
        is_well_formed(&next.messages);
    }
}

#[test]
fn a_turn_with_tools_is_their_results_and_then_the_model_call() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let Next::RunTools { ordinal, calls } = agent.take(calls(vec![call("a", "weather", "{}")]))
    else {
        panic!()
    };
    assert_eq!(ordinal, 2, "the ordinal of the model call after them");
    let tools = Some(ToolRound { results: results(&calls, ToolOutcome::Done), requests: 2 });
    let mut other = agent.clone();
    let failed = ended(&agent, Err(failure(Class::Transient)));
    let again = planned(agent.take_turn(Turn { tools: tools.clone(), call: Some(failed) }));
    assert_eq!(again.ordinal, 3, "only the model is asked again");
    is_well_formed(&again.messages);
    assert!(matches!(again.messages.last(), Some(Message::Tool { .. })));
    let said = ended(&other, Ok(says("It rains.")));
    assert_eq!(answer(other.take_turn(Turn { tools, call: Some(said) })).text, "It rains.");
}

#[test]
fn a_stored_call_is_booked_although_the_settings_would_not_make_it_any_more() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    asked(agent.take(calls(vec![call("a", "weather", "{}")])));
    let said = ended(&agent, Ok(says("It rains.")));
    agent.plan.models.clear();
    let turn = Turn { tools: Some(ToolRound::default()), call: Some(said) };
    assert_eq!(answer(agent.take_turn(turn)).text, "It rains.");
    let ordinals: Vec<u32> = agent.into_attempts().iter().map(|it| it.ordinal).collect();
    assert_eq!(ordinals, [1, 2]);
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let neither = Turn { tools: None, call: None };
    assert_eq!(agent.take_turn(neither), Next::Fail(ModelError::Closed));
}

#[test]
fn a_call_that_was_stopped_ends_the_run_and_is_booked() {
    let unknown = Err(Failure::new(Class::Truncated, 0));
    for (result, text, least_tokens) in [
        (Ok(Completion { is_cut: true, ..says("It ra") }), "It ra", 1),
        (Ok(Completion { is_cut: true, ..says(" ") }), Language::English.empty_answer(), 0),
        // Nobody knows how much of what it was allowed to write it has written.
        (unknown, Language::English.empty_answer(), 1024),
    ] {
        let mut agent = agent_for(QUESTION);
        planned(agent.begin_round());
        let call = ModelCall { is_stopped: true, ..ended(&agent, result) };
        let answer = answer(agent.take_turn(Turn { tools: None, call: Some(call) }));
        assert_eq!((answer.text.as_str(), answer.ending), (text, Ending::Stopped));
        let attempts = agent.into_attempts();
        let usage = attempts[0].usage;
        assert!(usage.prompt_tokens > 0, "{usage:?}");
        assert!((least_tokens..least_tokens + 4).contains(&usage.completion_tokens), "{usage:?}");
    }
}
