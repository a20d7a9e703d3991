//! Money, tokens, time and failures: what ends a run early, and how.

use super::*;
use crate::background::Background;
use crate::budget::LEAST_COMPLETION;
use crate::history::Exchange;
use crate::prices::Pricing;

/// 1 nano-dollar per token of the prompt, 2 per token of the completion.
const PRICE: Price = Price { input: 1_000, output: 2_000, cached: 0, context: 24_000 };

fn priced(id: &str, price: Price) -> Candidate {
    Candidate { price: Some(price), context: price.context, ..candidate(id, "openai") }
}

fn with_money(granted: u64, models: Vec<Candidate>) -> AgentLoop {
    AgentLoop::new(QUESTION, Plan { granted: Some(granted), ..plan(models) })
}

fn used(prompt_tokens: u64, completion_tokens: u64) -> Usage {
    Usage { prompt_tokens, completion_tokens, ..Usage::default() }
}

fn weather() -> Completion {
    Completion { usage: used(1_000, 24), ..calls(vec![call("", "weather", "{}")]) }
}

#[test]
fn tools_are_offered_while_there_is_money_for_them_and_the_answer() {
    let mut rich = with_money(1_000_000, vec![priced("openai/a", PRICE)]);
    assert_eq!(planned(rich.begin_round()).offer, Offer::Tools);
    let mut poor = with_money(5_000, vec![priced("openai/a", PRICE)]);
    let first = planned(poor.begin_round());
    assert_eq!((first.offer, first.max_tokens), (Offer::Nothing, 1024));
}

#[test]
fn a_completion_is_as_long_as_it_can_be_paid_for() {
    let mut agent = with_money(1_900, vec![priced("openai/a", PRICE)]);
    let first = planned(agent.begin_round());
    assert!((LEAST_COMPLETION..1024).contains(&first.max_tokens), "{}", first.max_tokens);
    let prompt = u64::from(prompt::estimate_messages(&first.messages[..2]) + NOTE_TOKENS);
    assert!(PRICE.of(prompt, first.max_tokens.into()) <= 1_900);
}

#[test]
fn without_money_for_any_model_the_answer_says_so() {
    let mut agent = with_money(100, vec![priced("openai/a", PRICE), priced("openai/b", PRICE)]);
    let answer = answer(agent.begin_round());
    assert_eq!(
        (answer.ending, answer.text.as_str()),
        (Ending::OutOfMoney, Language::English.out_of_money())
    );
}

#[test]
fn a_model_that_is_too_dear_is_passed_over() {
    let dear = Price { input: 1_000_000, output: 1_000_000, ..PRICE };
    let mut agent =
        with_money(50_000, vec![priced("openai/dear", dear), priced("openai/b", PRICE)]);
    assert_eq!(planned(agent.begin_round()).model, 1);
}

#[test]
fn what_failed_attempts_cost_is_spent_too() {
    let mut agent = with_money(9_000, vec![priced("openai/a", PRICE), priced("openai/b", PRICE)]);
    planned(agent.begin_round());
    let cut = Failure { usage: used(8_000, 500), ..failure(Class::Truncated) };
    let answer = answer(agent.take_call(ended(&agent, Err(cut))));
    assert_eq!(answer.ending, Ending::OutOfMoney);
    let attempts = agent.into_attempts();
    assert_eq!(
        (attempts.len(), attempts[0].outcome),
        (1, AttemptOutcome::Failed(Class::Truncated))
    );
    assert_eq!((attempts[0].cost.nano, attempts[0].cost.pricing), (9_000, Pricing::Table));
}

#[test]
fn every_attempt_is_booked_exactly_estimated_or_as_nothing() {
    let mut agent = agent_for(QUESTION);
    agent.plan.models = vec![
        priced("@cf/meta/llama-3.3-70b-instruct-fp8-fast", PRICE),
        candidate("ollama/two", "ollama"),
    ];
    planned(agent.begin_round());
    let neurons = Usage { neurons_milli: Some(100), ..used(10, 2) };
    asked(agent.take(Completion { usage: neurons, ..weather() }));
    agent.take_results(&[]);
    // Refused before it read anything.
    agent.fail(Class::Busy);
    answer(agent.take(says("It rains.")));
    let booked = agent.into_attempts();
    let booked: Vec<_> = booked.iter().map(|a| (a.ordinal, a.outcome, a.cost.pricing)).collect();
    assert_eq!(
        booked,
        [
            (1, AttemptOutcome::Ok, Pricing::Exact),
            (2, AttemptOutcome::Failed(Class::Busy), Pricing::Exact),
            (3, AttemptOutcome::Ok, Pricing::Unpriced),
        ]
    );
}

#[test]
fn tokens_that_nobody_reported_are_counted_from_the_texts() {
    let mut agent = agent_for(QUESTION);
    agent.plan.models = vec![priced("@cf/meta/llama-3.3-70b-instruct-fp8-fast", PRICE)];
    let first = planned(agent.begin_round());
    agent.fail(Class::Transient);
    answer(agent.take(says("It rains.")));
    for attempt in agent.into_attempts() {
        assert_eq!(attempt.cost.pricing, Pricing::Estimated);
        let prompt = prompt::estimate_messages(&first.messages) + plan(Vec::new()).tools_tokens;
        assert_eq!(attempt.usage.prompt_tokens, u64::from(prompt));
        assert!(attempt.cost.nano > 0);
    }
}

#[test]
fn a_call_that_ran_out_of_time_may_have_written_all_that_it_was_allowed_to() {
    for (code, arrived, completion) in [(0, 0, 1024), (503, 0, 0), (503, 7, 7), (0, 7, 1024)] {
        let mut agent = agent_for(QUESTION);
        agent.plan.models = vec![priced("openai/a", PRICE)];
        planned(agent.begin_round());
        let usage = Usage { completion_tokens: arrived, ..Usage::default() };
        let silent = Failure { code, usage, ..failure(Class::Transient) };
        agent.take_call(ended(&agent, Err(silent)));
        assert_eq!(agent.into_attempts()[0].usage.completion_tokens, completion, "{code}");
    }
}

#[test]
fn a_call_is_booked_as_the_model_s_that_was_asked_whatever_the_chain_is_now() {
    let models = vec![priced("openai/new", PRICE), priced("openai/old", PRICE)];
    let mut agent = AgentLoop::new(QUESTION, plan(models));
    planned(agent.begin_round());
    let old = ModelCall { model: "openai/old".to_owned(), ..ended(&agent, Ok(weather())) };
    let asked = asked(agent.take_call(old));
    assert_eq!(planned(agent.take_results(&results(&asked, ToolOutcome::Done))).model, 1);
    let said = ended(&agent, Ok(says("It rains.")));
    let gone = ModelCall { model: "openai/gone".to_owned(), ..said };
    answer(agent.take_call(gone));
    let attempts = agent.into_attempts();
    let booked: Vec<_> = attempts.iter().map(|a| (a.model.as_str(), a.cost.pricing)).collect();
    assert_eq!(booked, [("openai/old", Pricing::Table), ("openai/gone", Pricing::Unpriced)]);
}

#[test]
fn tools_are_taken_away_when_a_run_has_taken_its_tokens() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let much = Completion { usage: used(MAX_RUN_TOKENS - 3_000, 0), ..weather() };
    let asked = asked(agent.take(much));
    assert_eq!(
        planned(agent.take_results(&results(&asked, ToolOutcome::Done))).offer,
        Offer::Nothing
    );
}

#[test]
fn tools_are_taken_away_when_the_asker_has_waited_long() {
    let mut agent = agent_for(QUESTION);
    planned(agent.begin_round());
    let late = ModelCall { at_ms: TOOLS_UNTIL_MS + 1, ..ended(&agent, Ok(weather())) };
    let asked = asked(agent.take_call(late));
    assert_eq!(
        planned(agent.take_results(&results(&asked, ToolOutcome::Done))).offer,
        Offer::Nothing
    );
}

#[test]
fn a_context_overflow_trims_and_then_takes_a_larger_model() {
    let larger = Candidate { context: 128_000, ..candidate("openai/large", "openai") };
    let models = vec![
        candidate("@cf/a/small", "workers-ai"),
        candidate("@cf/b/small", "workers-ai"),
        larger,
    ];
    let mut agent = AgentLoop::new(&"word ".repeat(4_000), plan(models));
    let first = planned(agent.begin_round());
    let trimmed = planned(agent.fail(Class::TooLong));
    assert_eq!((first.model, trimmed.model), (0, 0));
    let tokens = prompt::estimate_messages;
    assert!(tokens(&trimmed.messages) <= tokens(&first.messages) / 5 * 3);
    assert_eq!(planned(agent.fail(Class::TooLong)).model, 2);
    assert!(matches!(
        agent.fail(Class::TooLong),
        Next::Fail(ModelError::Refused { class: Class::TooLong, .. })
    ));
}

#[test]
fn a_context_overflow_drops_what_was_said_first_and_leaves_the_question_whole() {
    let turn = |nth: usize| Exchange {
        question: format!("question {nth} {}", "word ".repeat(90)),
        answer: format!("answer {nth} {}", "word ".repeat(90)),
    };
    let history: Vec<Exchange> = (0..20).map(turn).collect();
    let background =
        Background { summary: Some("They spoke.".to_owned()), ..Background::default() };
    let models = vec![candidate("@cf/a/small", "workers-ai")];
    let mut agent = AgentLoop::new(QUESTION, plan(models)).after(&background, &history);
    let first = planned(agent.begin_round());
    let trimmed = planned(agent.fail(Class::TooLong));
    let tokens = prompt::estimate_messages;
    assert!(tokens(&trimmed.messages) <= tokens(&first.messages) / 5 * 3);
    // The oldest go, each question with its answer; persona, summary, the newest and the question stay.
    let gone = first.messages.len() - trimmed.messages.len();
    assert!(gone > 2 && gone.is_multiple_of(2), "{gone}");
    assert_eq!(trimmed.messages[..2], first.messages[..2]);
    assert_eq!(trimmed.messages[2..], first.messages[2 + gone..]);
    assert_eq!(trimmed.messages.last(), Some(&Message::User(QUESTION.to_owned())));
    let Next::Fail(error) = agent.fail(Class::TooLong) else { panic!() };
    assert!(
        matches!(error, ModelError::Refused { class: Class::TooLong, .. }),
        "once more, and no more"
    );
}

#[test]
fn messages_are_shortened_for_a_model_that_reads_less() {
    let larger = Candidate { context: 128_000, ..candidate("openai/large", "openai") };
    let models = vec![larger, candidate("@cf/a/small", "workers-ai")];
    let mut agent = AgentLoop::new(&"word ".repeat(30_000), plan(models));
    let first = planned(agent.begin_round());
    let second = planned(agent.fail(Class::Busy));
    assert_eq!(second.model, 1);
    assert!(prompt::estimate_messages(&first.messages) > prompt::CONTEXT_TOKENS);
    assert!(prompt::estimate_messages(&second.messages) + 1024 <= prompt::CONTEXT_TOKENS);
}

#[test]
fn a_failed_round_is_asked_again_with_the_same_offer() {
    let models = vec![candidate("@cf/a/one", "workers-ai"), candidate("openai/two", "openai")];
    let mut agent = AgentLoop::new(QUESTION, plan(models));
    assert!(planned(agent.begin_round()).rejects_if_busy);
    let second = planned(agent.fail(Class::Busy));
    assert_eq!((second.ordinal, second.model, second.offer), (2, 1, Offer::Tools));
    assert!(!second.rejects_if_busy);
    let asked = asked(agent.take(weather()));
    let third = planned(agent.take_results(&results(&asked, ToolOutcome::Done)));
    assert_eq!((third.ordinal, third.model), (3, 1), "a run that switched stays switched");
}

#[test]
fn closed_vendors_are_not_asked_and_with_all_closed_nobody_is() {
    let models = vec![candidate("@cf/a/one", "workers-ai"), candidate("openai/two", "openai")];
    let closed = vec!["workers-ai".to_owned()];
    let mut agent = AgentLoop::new(QUESTION, Plan { closed, ..plan(models) });
    assert_eq!(planned(agent.begin_round()).model, 1);
    assert!(matches!(agent.fail(Class::Quota), Next::Fail(ModelError::Refused { .. })));
    let closed = vec!["workers-ai".to_owned()];
    let one = vec![candidate("@cf/a/one", "workers-ai")];
    let mut agent = AgentLoop::new(QUESTION, Plan { closed, ..plan(one) });
    assert_eq!(agent.begin_round(), Next::Fail(ModelError::Closed));
}
