//! The loop of model and tools is bounded.

use serde_json::{Value, json};

use crate::asking::{Asked, Call};
use crate::world::{self, text};

fn models(asked: &Asked<'_>) -> Vec<Value> {
    asked.calls_of("ai_run").iter().map(|call| call["body"]["inputs"].clone()).collect()
}

/// Whether tools were offered, call by call.
fn offers(asked: &Asked<'_>) -> Vec<bool> {
    let offered =
        |inputs: &Value| inputs["tools"].as_array().is_some_and(|tools| !tools.is_empty());
    models(asked).iter().map(offered).collect()
}

/// Content of the last tool result that the model was told.
fn last_result(asked: &Asked<'_>) -> String {
    let last = models(asked).pop().unwrap();
    let messages = last["messages"].as_array().unwrap().clone();
    let result = messages.iter().rev().find(|message| message["role"] == "tool").unwrap().clone();
    text(&result, "content").to_owned()
}

#[test]
fn a_question_about_the_time_is_answered_with_the_clock_s_result() {
    let world = world::shared();
    let asked = world.ask("What time is it in Tokyo?").by("alex").send();
    let answer = asked.answer();
    let result = last_result(&asked);
    assert!(result.contains("Asia/Tokyo"), "{result}");
    assert!(answer.contains(&result), "{answer}");
    assert_eq!(offers(&asked), [true, true]);
}

#[test]
fn a_question_about_the_weather_is_answered_with_the_forecast_of_the_place() {
    let world = world::shared();
    let asked = world.ask("京都の天気は?").send();
    let answer = asked.answer();
    let result = last_result(&asked);
    assert!(result.contains("Kyoto"), "{result}");
    assert!(answer.contains("temperature_c"), "{answer}");
    let calls = world.calls();
    let is_forecast = |call: &&Value| call["operation"] == "weather" && call["status"] == 200;
    assert!(calls.iter().any(|call| is_forecast(&call)));
}

#[test]
fn a_sum_is_calculated_exactly_and_a_wrong_one_is_explained() {
    let world = world::shared();
    for (question, words) in [
        ("calculate 0.1 + 0.2 + 15% of 80?", r#"{"result":"12.3","exact":true}"#),
        ("calculate 8畳 in m2?", r#""result":"12.96","unit":"m2""#),
        ("calculate 2026-11-28 + 90 days?", r#"{"result":"2027-02-26","weekday":"Friday""#),
        ("calculate 9^9^9?", "error: the result, or a number on the way to it, has more than 28"),
    ] {
        let asked = world.ask(question).by("alex").send();
        asked.answer();
        let result = last_result(&asked);
        assert!(result.contains(words), "{question}: {result}");
    }
}

#[test]
fn all_four_families_of_replies_lead_to_the_same_result() {
    let world = world::shared();
    let shapes = ["", "[shape hybrid]", "[shape chat]", "[shape responses]"];
    let ask =
        |shape: &&str| world.ask(&format!("What time is it in Paris? {shape}")).by("alex").send();
    let all: Vec<_> = shapes.iter().map(ask).collect();
    for (shape, asked) in shapes.iter().zip(&all) {
        let answer = asked.answer();
        assert!(
            answer.contains("The tool says") && answer.contains("Europe/Paris"),
            "{shape}: {answer}"
        );
        assert_eq!(asked.calls_of("ai_run").len(), 2, "{shape}");
    }
}

#[test]
fn a_tool_that_does_not_exist_is_explained_to_the_model() {
    let world = world::shared();
    let asked = world.ask("[unknown-tool]").by("alex").send();
    asked.answer();
    let result = last_result(&asked);
    assert!(result.contains("no tool `no_such_tool`"), "{result}");
}

#[test]
fn arguments_that_do_not_parse_are_explained_to_the_model() {
    let world = world::shared();
    let asked = world.ask("[bad-args]").by("alex").send();
    asked.answer();
    let result = last_result(&asked);
    assert!(result.starts_with("error: the arguments of"), "{result}");
}

#[test]
fn a_place_that_nobody_knows_is_explained_to_the_model() {
    let world = world::shared();
    let asked = world.ask("weather in Nowhereville?").by("alex").send();
    asked.answer();
    let result = last_result(&asked);
    assert!(result.contains("no place named `Nowhereville`"), "{result}");
}

#[test]
fn a_service_that_fails_is_explained_to_the_model() {
    let world = world::alone();
    for (operation, then, words) in [
        ("geocoding", json!({ "status": 500 }), "the geocoding service answered with status 500"),
        ("weather", json!({ "drop": "before" }), "the weather service did not answer"),
        (
            "weather",
            json!({ "body": "<html>" }),
            "the weather service answered in an unknown shape",
        ),
    ] {
        // Not only once: the runtime repeats a GET whose connection was cut.
        let fault = json!({ "match": { "operation": operation }, "times": 9, "then": then });
        world.freshen();
        world.tell_lab("/lab/faults", &fault);
        let asked = world.ask("weather in Paris?").by("alex").send();
        let answer = asked.answer();
        assert!(answer.contains(words), "{words}: {answer}");
    }
}

#[test]
fn a_model_that_only_calls_tools_is_asked_for_an_answer_without_them() {
    let world = world::shared();
    let asked = world.ask("[loop]").by("alex").send();
    assert!(!asked.answer().is_empty());
    let offers = offers(&asked);
    let (last, before) = offers.split_last().unwrap();
    assert!(!last && before.iter().all(|offered| *offered), "{offers:?}");
    assert!(offers.len() <= 5, "{offers:?}");
}

#[test]
fn five_rounds_of_different_calls_end_in_an_answer_without_tools() {
    let world = world::shared();
    let mut ask = world.ask("keep looking").by("alex").answered("Enough.");
    for city in ["Tokyo", "Paris", "London", "Kyoto"] {
        let call = json!({ "name": "weather", "arguments": { "place": city } });
        let body = json!({ "response": null, "tool_calls": [call] });
        ask = ask.breaking(Call::Model, 1, json!({ "body": body }));
    }
    let asked = ask.send();
    assert_eq!(asked.answer(), asked.said("Enough."));
    assert_eq!(offers(&asked), [true, true, true, true, false]);
}

#[test]
fn two_empty_answers_become_an_honest_sentence() {
    let world = world::shared();
    let english = world.ask("[empty]").by("alex").send();
    let japanese = world.ask("[empty] 何か言って").send();
    assert!(english.answer().contains("could not put an answer into words"));
    assert!(japanese.answer().contains("うまく答えを言葉にできませんでした"));
    assert_eq!(english.calls_of("ai_run").len(), 2);
}

#[test]
fn a_tool_call_that_leaks_as_text_is_run_and_not_shown() {
    let world = world::shared();
    let asked = world.ask("[leak]").by("alex").send();
    let answer = asked.answer();
    assert!(!answer.contains("<function"), "{answer}");
    assert!(answer.contains("Asia/Tokyo"), "{answer}");
}
