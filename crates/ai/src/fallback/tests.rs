//! Each class, for the last model of a chain and for one before it.

use super::*;
use crate::Usage;

fn models(count: usize) -> Vec<Candidate> {
    let ids = ["@cf/a/one", "openai/two", "@cf/b/three"];
    let vendors = ["workers-ai", "openai", "workers-ai"];
    ids.into_iter()
        .zip(vendors)
        .take(count)
        .map(|(id, vendor)| Candidate { id: id.to_owned(), vendor, context: 1_000, price: None })
        .collect()
}

fn failure(class: Class) -> Failure {
    Failure { class, code: 7, after: None, usage: Usage::default() }
}

/// What follows when it keeps failing like this: waits in seconds by model, or the end.
fn story(count: usize, class: Class, after: Option<Duration>) -> Vec<String> {
    let models = models(count);
    let mut chain = FallbackChain::new(Vec::new(), &models);
    let mut story = Vec::new();
    loop {
        match chain.fail(&Failure { after, ..failure(class) }, &models) {
            NextAttempt::Ask(wait) => {
                let (index, _) = chain.current(&models).unwrap();
                story.push(format!("{index} after {}", wait.as_secs()));
            }
            NextAttempt::Trim => story.push("trim".to_owned()),
            NextAttempt::GiveUp(error) => {
                story.push(error.to_string());
                return story;
            }
        }
    }
}

#[test]
fn a_request_that_is_refused_for_what_it_says_ends_the_run() {
    let end = "workers-ai answered: policy (code 7)";
    assert_eq!(story(3, Class::Policy, None), [end]);
}

#[test]
fn a_request_whose_shape_one_server_refuses_goes_to_the_next_and_only_the_last_one_ends_the_run() {
    let end = "workers-ai answered: bad-request (code 7)";
    assert_eq!(story(3, Class::BadRequest, None), ["1 after 0", "2 after 0", end]);
    assert_eq!(story(1, Class::BadRequest, None), [end]);
}

#[test]
fn without_capacity_the_next_is_asked_at_once_and_the_last_again_after_waits() {
    let waits = ["2 after 1", "2 after 2", "2 after 4", "workers-ai answered: busy (code 7)"];
    let mut expected = vec!["1 after 0", "2 after 0"];
    expected.extend(waits);
    assert_eq!(story(3, Class::Busy, None), expected);
}

#[test]
fn a_limit_per_minute_goes_on_or_waits_as_it_says() {
    let end = "workers-ai answered: rate-limit (code 7)";
    let named = Some(Duration::from_secs(7));
    assert_eq!(story(2, Class::RateLimit, named), ["1 after 0", "1 after 7", "1 after 7", end]);
    assert_eq!(story(1, Class::RateLimit, None), ["0 after 30", "0 after 30", end]);
    assert_eq!(story(1, Class::RateLimit, Some(Duration::from_hours(1))), [end]);
}

#[test]
fn a_quota_is_the_vendor_s() {
    let end = "workers-ai answered: quota (code 7)";
    assert_eq!(story(3, Class::Quota, None), ["1 after 0", end]);
    assert_eq!(story(1, Class::Quota, None), [end]);
}

#[test]
fn a_wrong_configuration_is_one_model_s() {
    let end = "workers-ai answered: config (code 7)";
    assert_eq!(story(3, Class::Config, None), ["1 after 0", "2 after 0", end]);
}

#[test]
fn what_may_pass_is_tried_once_more_before_the_next() {
    for class in [Class::Transient, Class::Truncated] {
        let end = format!("workers-ai answered: {} (code 7)", class.name());
        let story = story(2, class, None);
        assert_eq!(
            story,
            ["0 after 1", "1 after 0", "1 after 1", "1 after 2", "1 after 4", end.as_str()]
        );
    }
}

#[test]
fn an_overflow_is_trimmed_once_and_then_needs_a_larger_model() {
    let end = "workers-ai answered: too-long (code 7)";
    assert_eq!(story(3, Class::TooLong, None), ["trim", end]);
    let mut models = models(3);
    models[2].context = 2_000;
    let mut chain = FallbackChain::new(Vec::new(), &models);
    assert_eq!(chain.fail(&failure(Class::TooLong), &models), NextAttempt::Trim);
    assert_eq!(chain.fail(&failure(Class::TooLong), &models), NextAttempt::Ask(Duration::ZERO));
    assert_eq!(chain.current(&models).unwrap().0, 2);
}

#[test]
fn a_run_never_goes_back() {
    let models = models(3);
    for first in Class::ALL {
        for second in Class::ALL {
            let mut chain = FallbackChain::new(Vec::new(), &models);
            let mut before = 0;
            for class in [first, second, first, second, Class::Busy] {
                if matches!(chain.fail(&failure(class), &models), NextAttempt::GiveUp(_)) {
                    break;
                }
                let (index, _) = chain.current(&models).unwrap();
                assert!(index >= before);
                before = index;
            }
        }
    }
}

#[test]
fn an_answer_makes_earlier_failures_count_no_more() {
    let models = models(1);
    let mut chain = FallbackChain::new(Vec::new(), &models);
    assert_eq!(chain.fail(&failure(Class::Busy), &models), NextAttempt::Ask(WAITS[0]));
    assert_eq!(chain.fail(&failure(Class::Busy), &models), NextAttempt::Ask(WAITS[1]));
    chain.answered();
    assert_eq!(chain.fail(&failure(Class::Busy), &models), NextAttempt::Ask(WAITS[0]));
}

#[test]
fn the_first_failure_is_the_one_that_is_told() {
    let models = models(2);
    let mut chain = FallbackChain::new(Vec::new(), &models);
    chain.fail(&failure(Class::Quota), &models);
    let NextAttempt::GiveUp(error) = chain.fail(&failure(Class::Config), &models) else { panic!() };
    assert_eq!(error.to_string(), "workers-ai answered: quota (code 7)");
}

#[test]
fn workers_ai_is_closed_until_midnight_utc_and_others_for_a_while() {
    let noon = Millis(1_763_726_400_000);
    assert_eq!(closed_until_s("workers-ai", noon), 1_763_769_600);
    assert_eq!(closed_until_s("openai", noon), 1_763_726_400 + 900);
}

#[test]
fn a_chain_reads_back_what_it_wrote() {
    let models = models(3);
    let mut chain = FallbackChain::new(vec!["openai".to_owned()], &models);
    for class in [Class::Transient, Class::Quota, Class::RateLimit] {
        let stored = serde_json::to_value(&chain).unwrap();
        assert_eq!(serde_json::from_value::<FallbackChain>(stored).unwrap(), chain);
        chain.fail(&failure(class), &models);
    }
    let mut stored = serde_json::to_value(&chain).unwrap();
    assert_eq!(serde_json::from_value::<FallbackChain>(stored.clone()).unwrap(), chain);
    assert_eq!(stored["first"]["vendor"], "workers-ai");
    stored["first"]["vendor"] = "nobody".into();
    assert!(serde_json::from_value::<FallbackChain>(stored).is_err());
}
