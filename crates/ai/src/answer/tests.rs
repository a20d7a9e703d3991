//! Whole conversations over a scripted world.

mod asked;
mod errands;
mod shown;
mod time;

use serde_json::{Value, json};

use super::*;
use crate::Ending;
use crate::attempt::AttemptOutcome;
use crate::background::Background;
use crate::files::Images;
use crate::preview::{Pace, PreviewOutcome};
use crate::prompt::{FINAL_NOTE, PERSONA};
use crate::script::{Direct, NOTHING_SETTLED, Script, block_on, settings};
use miyabi_core::fault::{Cause, Class, ModelError, Notice, Retry};
use miyabi_core::i18n::Language;
use miyabi_core::ids::{JobId, Millis};
use miyabi_core::ports::SqlValue;
use miyabi_core::question::Quote;

/// Age of a question from which on no model is asked.
const LATEST: Duration = Duration::from_mins(9);

/// Nothing is known of the asker.
static NOTHING: Background = Background { facts: Vec::new(), summary: None };

/// Shows nothing: no stream is asked for here.
struct Nowhere;

impl Preview for Nowhere {
    fn pace(&self) -> Pace {
        Pace { first: Duration::ZERO, pause: Duration::from_secs(1), most: 1 }
    }

    async fn show(&self, _: &str) -> PreviewOutcome {
        panic!("nothing here streams")
    }
}

/// Returns a question before which nothing was said, settled or attached.
fn plain<'a>(job: &'a JobId, question: &'a str) -> Run<'a> {
    Run {
        job,
        asked: Millis(0),
        question,
        quote: None,
        files: &[],
        attachments: &[],
        images: no_images(),
        background: &NOTHING,
        history: &[],
        granted: None,
        server: &NOTHING_SETTLED,
        closed: &[],
        latest: LATEST,
        is_stopped: false,
    }
}

fn answer_to(script: &Script, steps: &Direct, question: &str) -> (Result<Answer, Stop>, RunRecord) {
    let job = JobId::parse("1302817461728870430").unwrap();
    let run = plain(&job, question);
    let told = block_on(answer(script, steps, &settings(), run, (&Nowhere, &())));
    assert!(script.models.borrow().is_empty(), "a scripted answer was not asked for");
    assert!(script.responses.borrow().is_empty(), "a scripted response was not asked for");
    told
}

fn run(script: &Script, steps: &Direct, question: &str) -> Result<Answer, Stop> {
    answer_to(script, steps, question).0
}

fn calls(name: &str, arguments: &Value) -> Value {
    json!({ "response": null, "tool_calls": [{ "name": name, "arguments": arguments }] })
}

fn says(text: &str) -> Value {
    json!({ "response": text, "tool_calls": [] })
}

fn roles(inputs: &Value) -> Vec<&str> {
    inputs["messages"].as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap()).collect()
}

#[test]
fn answers_without_tools_in_one_step() {
    let usage = json!({ "prompt_tokens": 20, "completion_tokens": 3 });
    let script = Script::default().model(json!({ "response": "Hi!", "usage": usage }));
    let steps = Direct::default();
    let answer = run(&script, &steps, "Hello").unwrap();
    assert_eq!((answer.text.as_str(), answer.ending), ("Hi!", Ending::Answered));
    assert_eq!(*steps.names.borrow(), ["think:1"]);
    let ended = Event::RoundEnded {
        job: JobId::parse("1302817461728870430").unwrap(),
        round: 1,
        calls: 0,
        prompt_tokens: 20,
        completion_tokens: 3,
    };
    assert_eq!(*script.events.borrow(), [ended]);
    let inputs = &script.inputs.borrow()[0];
    assert_eq!(inputs["messages"][0]["content"], PERSONA.trim_end());
    assert_eq!(inputs["messages"][1], json!({ "role": "user", "content": "Hello" }));
}

#[test]
fn carries_a_tool_s_result_back_to_the_model() {
    let script = Script::default()
        .zone("Asia/Tokyo")
        .model(calls("current_time", &json!({ "time_zone": "asia/tokyo" })))
        .model(says("It is noon."));
    let steps = Direct::default();
    assert_eq!(run(&script, &steps, "What time is it?").unwrap().text, "It is noon.");
    assert_eq!(*steps.names.borrow(), ["think:1", "think:2"]);
    let inputs = script.inputs.borrow();
    assert_eq!(inputs[0]["messages"][0], inputs[1]["messages"][0]);
    assert_eq!(inputs[0]["tools"], inputs[1]["tools"]);
    let messages = &inputs[1]["messages"];
    expect_test::expect![[r#"
        [
          {
            "content": "",
            "role": "assistant",
            "tool_calls": [
              {
                "function": {
                  "arguments": "{\"time_zone\":\"asia/tokyo\"}",
                  "name": "current_time"
                },
                "id": "call_1_0",
                "type": "function"
              }
            ]
          },
          {
            "content": "{\"local_time\":\"noon in Asia/Tokyo\",\"time_zone\":\"Asia/Tokyo\"}",
            "name": "current_time",
            "role": "tool",
            "tool_call_id": "call_1_0"
          }
        ]"#]]
    .assert_eq(&format!("{:#}", json!([messages[2], messages[3]])));
}

#[test]
fn a_model_that_only_calls_is_made_to_answer_in_the_fifth_round() {
    let mut script = Script::default().zone("UTC");
    for number in 0..4 {
        script = script.model(calls("current_time", &json!({ "time_zone": format!("Z{number}") })));
    }
    let script = script.model(says("I do not know."));
    let steps = Direct::default();
    assert_eq!(run(&script, &steps, "When?").unwrap().text, "I do not know.");
    let names = "think:1 think:2 think:3 think:4 think:5";
    assert_eq!(steps.names.borrow().join(" "), names);
    let inputs = script.inputs.borrow();
    assert!(inputs[..4].iter().all(|inputs| inputs.get("tools").is_some()));
    assert_eq!(inputs[4].get("tools"), None);
    assert_eq!(roles(&inputs[3]).len(), 2 + 3 * 2);
    // The note is at the front, and the results are told as text: there are no tools any more.
    let [system, asked] = [0, 1].map(|index| inputs[4]["messages"][index]["content"].clone());
    assert!(system.as_str().unwrap().ends_with(FINAL_NOTE));
    assert_eq!(asked.as_str().unwrap().matches("error: unknown time zone").count(), 4);
    assert_eq!(roles(&inputs[4]), ["system", "user"]);
}

#[test]
fn an_empty_answer_twice_becomes_an_honest_sentence() {
    let script = Script::default().model(says("")).model(says("  "));
    let steps = Direct::default();
    let answer = run(&script, &steps, "今日は？").unwrap();
    assert_eq!(answer.text, Language::Japanese.empty_answer());
    assert_eq!(*steps.names.borrow(), ["think:1", "think:2"]);
    assert_eq!(script.inputs.borrow()[1].get("tools"), None);
}

#[test]
fn a_leaked_call_is_run_while_tools_are_offered_and_no_answer_after() {
    let leak = says(r#"{"name":"current_time","parameters":{"time_zone":"UTC"}}"#);
    let script = Script::default()
        .zone("UTC")
        .model(leak.clone())
        .model(leak.clone())
        .model(leak)
        .model(says("Noon."));
    let steps = Direct::default();
    assert_eq!(run(&script, &steps, "When?").unwrap().text, "Noon.");
    assert_eq!(*steps.names.borrow(), ["think:1", "think:2", "think:3", "think:4"]);
}

#[test]
fn wrong_calls_are_told_to_the_model_and_then_the_tools_are_gone() {
    let script = Script::default()
        .model(calls("web_search", &json!({})))
        .model(calls("weather", &json!("{\"place\": ")))
        .model(calls("weather", &json!({})))
        .model(says("Sorry."));
    let steps = Direct::default();
    assert_eq!(run(&script, &steps, "Who won?").unwrap().text, "Sorry.");
    let inputs = script.inputs.borrow();
    assert_eq!(inputs[3].get("tools"), None);
    let told = inputs[2]["messages"][3]["content"].as_str().unwrap();
    assert!(told.contains("there is no tool `web_search`"), "{told}");
    assert_eq!(inputs[2]["messages"][4]["tool_calls"][0]["function"]["arguments"], "{}");
    let told = inputs[2]["messages"][5]["content"].as_str().unwrap();
    assert!(told.contains("not a JSON object"), "{told}");
}

#[test]
fn calls_that_were_cut_off_are_dropped_and_their_siblings_run() {
    let made = json!([
        { "id": "a", "type": "function", "function": { "name": "current_time", "arguments": "{}" } },
        { "id": "b", "type": "function", "function": { "name": "weather", "arguments": "{\"pl" } },
    ]);
    let script = Script::default()
        .zone("Asia/Tokyo")
        .model(json!({ "choices": [{ "message": { "content": null, "tool_calls": made }, "finish_reason": "length" }] }))
        .model(says("Noon."));
    assert_eq!(run(&script, &Direct::default(), "When?").unwrap().text, "Noon.");
    let inputs = script.inputs.borrow();
    assert_eq!(roles(&inputs[1]), ["system", "user", "assistant", "tool"]);
}

#[test]
fn a_model_that_fails_for_a_moment_is_asked_again_in_a_step_of_its_own() {
    let script = Script::default();
    for code in [3040, 3040, 3007] {
        script.models.borrow_mut().push_back(Err(code));
    }
    let script = script.model(says("Hi!"));
    let steps = Direct::default();
    let (outcome, record) = answer_to(&script, &steps, "Hello");
    assert_eq!(outcome.unwrap().text, "Hi!");
    assert_eq!(*steps.names.borrow(), ["think:1", "think:2", "think:3", "think:4"]);
    let attempts = record.attempts.iter().map(|attempt| (attempt.ordinal, attempt.outcome));
    let expected = [
        (1, AttemptOutcome::Failed(Class::Busy)),
        (2, AttemptOutcome::Failed(Class::Busy)),
        (3, AttemptOutcome::Failed(Class::Transient)),
        (4, AttemptOutcome::Ok),
    ];
    assert_eq!(attempts.collect::<Vec<_>>(), expected);
    // It waited 1, 2 and 4 seconds.
    assert_eq!(script.now_ms.get(), 7_000);
    let is_failure = |event: &&Event| matches!(event, Event::ModelFailed { .. });
    assert_eq!(script.events.borrow().iter().filter(is_failure).count(), 3);
}

#[test]
fn a_quota_that_is_used_up_ends_the_conversation_and_is_remembered() {
    let script = Script::default();
    script.models.borrow_mut().push_back(Err(3036));
    let (outcome, record) = answer_to(&script, &Direct::default(), "Hello");
    let stop = outcome.unwrap_err();
    let Stop::Failed(fault) = stop else { panic!("{stop:?}") };
    assert_eq!(fault.notice, Notice::Quota);
    assert_eq!(
        fault.cause,
        Cause::Model(ModelError::Refused { vendor: "workers-ai", class: Class::Quota, code: 3036 })
    );
    assert_eq!(record.attempts.len(), 1);
    let statements = script.statements.borrow();
    let names: Vec<&str> = statements.iter().map(|statement| statement.name).collect();
    assert_eq!(names, ["model_breaker::remember", "model_breaker::close"]);
    assert_eq!(statements[1].values[3..], [SqlValue::Integer(86_400), SqlValue::Integer(60)]);
}

#[test]
fn a_vendor_that_is_closed_is_not_asked() {
    let script = Script::default();
    let job = JobId::parse("1302817461728870430").unwrap();
    let closed = ["workers-ai".to_owned()];
    let run = Run {
        job: &job,
        asked: Millis(0),
        question: "Hi",
        quote: None,
        files: &[],
        attachments: &[],
        images: no_images(),
        background: &NOTHING,
        history: &[],
        granted: None,
        server: &NOTHING_SETTLED,
        closed: &closed,
        latest: LATEST,
        is_stopped: false,
    };
    let steps = Direct::default();
    let (outcome, record) = block_on(answer(&script, &steps, &settings(), run, (&Nowhere, &())));
    let Err(Stop::Failed(fault)) = outcome else { panic!() };
    assert_eq!((fault.cause, fault.notice), (Cause::Model(ModelError::Closed), Notice::Quota));
    assert!(steps.names.borrow().is_empty() && record.attempts.is_empty());
}

#[test]
fn a_round_of_tools_that_takes_too_long_is_told_to_the_model() {
    let script = Script { is_silent: true, ..Script::default() };
    let script = script.model(calls("weather", &json!({ "place": "Kyoto" }))).model(says("Sorry."));
    assert_eq!(run(&script, &Direct::default(), "Rain?").unwrap().text, "Sorry.");
    let inputs = script.inputs.borrow();
    assert_eq!(inputs[1]["messages"][3]["content"], "error: the tool did not answer");
}

#[test]
fn results_of_tools_are_fetched_once_although_the_model_after_them_fails() {
    let place = json!({ "name": "Kyoto", "latitude": 35, "longitude": 135 });
    let script = Script::default()
        .model(calls("weather", &json!({ "place": "Kyoto" })))
        .response(200, &json!({ "results": [place] }))
        .response(200, &json!({ "current": { "temperature_2m": 9 } }));
    script.models.borrow_mut().push_back(Err(3007));
    let script = script.model(says("Nine degrees."));
    let steps = Direct::default();
    let (outcome, record) = answer_to(&script, &steps, "How warm is it?");
    assert_eq!(outcome.unwrap().text, "Nine degrees.");
    assert_eq!(*steps.names.borrow(), ["think:1", "think:2", "think:3"]);
    assert_eq!(script.requests.borrow().len(), 2, "one place and one forecast");
    let inputs = script.inputs.borrow();
    assert_eq!(inputs[1]["messages"], inputs[2]["messages"]);
    assert_eq!(record.attempts.len(), 3);
}

#[test]
fn a_step_that_is_repeated_runs_its_tools_again_and_asks_with_the_new_results() {
    let script = Script::default()
        .zone("UTC")
        .model(calls("current_time", &json!({ "time_zone": "UTC" })))
        .model(says("Lost."))
        .model(says("Noon."));
    let steps = Direct { repeating: Some("think:2"), ..Direct::default() };
    let (outcome, record) = answer_to(&script, &steps, "When?");
    assert_eq!(outcome.unwrap().text, "Noon.");
    assert_eq!(record.attempts.len(), 2, "what was not stored is not booked");
    let inputs = script.inputs.borrow();
    assert_eq!(inputs[1], inputs[2]);
}

#[test]
fn a_run_without_money_for_the_model_after_its_tools_ends_in_an_honest_sentence() {
    let job = JobId::parse("1302817461728870430").unwrap();
    let mut settings = settings();
    settings.models = vec![Model::by_binding("@cf/meta/llama-3.3-70b-instruct-fp8-fast")];
    let dear = json!({
        "response": null,
        "tool_calls": [{ "name": "current_time", "arguments": {} }],
        "usage": { "prompt_tokens": 1_000, "completion_tokens": 10, "neurons": 2_000 },
    });
    let script = Script { model: "@cf/meta/llama-3.3-70b-instruct-fp8-fast", ..Script::default() };
    let script = script.zone("Asia/Tokyo").model(dear);
    let granted = Some(20_000_000);
    let run = Run {
        job: &job,
        asked: Millis(0),
        question: "When?",
        quote: None,
        files: &[],
        attachments: &[],
        images: no_images(),
        background: &NOTHING,
        history: &[],
        granted,
        server: &NOTHING_SETTLED,
        closed: &[],
        latest: LATEST,
        is_stopped: false,
    };
    let steps = Direct::default();
    let (outcome, record) = block_on(answer(&script, &steps, &settings, run, (&Nowhere, &())));
    assert_eq!(outcome.unwrap().ending, Ending::OutOfMoney);
    assert_eq!(*steps.names.borrow(), ["think:1", "think:2"]);
    assert_eq!(record.attempts.len(), 1);
}

#[test]
fn a_generation_that_the_engine_ends_stops_at_once() {
    let script = Script::default();
    let steps = Direct { aborting: Some("think:1"), ..Direct::default() };
    assert_eq!(run(&script, &steps, "Hello"), Err(Stop::Aborted));
    let script = Script::default().model(calls("current_time", &json!({})));
    let steps = Direct { aborting: Some("think:2"), ..Direct::default() };
    assert_eq!(run(&script, &steps, "Hello"), Err(Stop::Aborted));
}

#[test]
fn a_step_that_fails_for_good_ends_the_run() {
    let script = Script::default().model(calls("current_time", &json!({})));
    let steps = Direct { failing: Some("think:2"), ..Direct::default() };
    assert!(matches!(run(&script, &steps, "When?"), Err(Stop::Failed(_))));
}

#[test]
fn no_model_is_asked_when_the_answer_would_come_too_late() {
    let script = Script::default().model(says("Just in time."));
    script.now_ms.set(9 * 60 * 1000);
    assert_eq!(run(&script, &Direct::default(), "Hello").unwrap().text, "Just in time.");
    script.now_ms.set(9 * 60 * 1000 + 1);
    let stop = run(&script, &Direct::default(), "Hello").unwrap_err();
    let Stop::Failed(fault) = stop else { panic!("{stop:?}") };
    assert_eq!((fault.notice, fault.retry), (Notice::Late, Retry::Never));
    assert_eq!(fault.cause, Cause::Model(ModelError::Late));
}

/// No images, for as long as a test runs.
fn no_images() -> &'static Images {
    Box::leak(Box::default())
}
