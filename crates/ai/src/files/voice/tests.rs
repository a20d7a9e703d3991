//! What comes of a recording.

use core::cell::RefCell;
use core::future::pending;

use serde_json::{Value, json};

use super::*;
use crate::script::block_on;
use miyabi_core::config::models::Gateway;
use miyabi_core::ids::Millis;

const WHISPER: &str = "@cf/openai/whisper-large-v3-turbo";

/// A model that hears, and what it was called with; without a reply it hangs, and the wait is over at once.
struct Ear(Option<Result<Value, u32>>, RefCell<Vec<(String, Value, Value)>>);

impl Ai for Ear {
    async fn run(
        &self,
        model: &str,
        inputs: &Value,
        options: &Value,
        _pieces: &dyn Fn(&[u8]),
    ) -> Result<Value, u32> {
        self.1.borrow_mut().push((model.to_owned(), inputs.clone(), options.clone()));
        match &self.0 {
            Some(reply) => reply.clone(),
            None => pending().await,
        }
    }
}

impl Clock for Ear {
    fn now(&self) -> Millis {
        Millis(0)
    }

    async fn sleep(&self, _duration: Duration) {
        if self.0.is_some() {
            pending::<()>().await;
        }
    }

    fn local_time(&self, _time_zone: &str) -> Option<String> {
        None
    }
}

type Heard = (Result<String, Problem>, Option<Attempt>);

fn heard(model: Option<&Model>, reply: Option<Result<Value, u32>>) -> (Heard, Ear) {
    let ear = Ear(reply, RefCell::default());
    let recording = Recording { media: "audio/ogg", bytes: b"OggS\0 speech".to_vec() };
    let heard = block_on(transcribe(&ear, model, recording, (2, None)));
    (heard, ear)
}

fn by(reply: Option<Result<Value, u32>>) -> Heard {
    heard(Some(&Model::by_binding(WHISPER)), reply).0
}

fn said(text: &str) -> Value {
    let info = json!({ "language": "ja", "language_probability": 0.9, "duration": 60.0 });
    json!({ "text": text, "word_count": 2, "transcription_info": info })
}

#[test]
fn a_model_is_sent_base64_and_no_language_and_the_minute_has_its_price() {
    let mut model = Model::by_binding(WHISPER);
    model.gateway = Some(Gateway { id: "g".to_owned(), token: None });
    let ((text, attempt), ear) = heard(Some(&model), Some(Ok(said(" 今日は何曜日ですか。\n"))));
    assert_eq!(text, Ok("今日は何曜日ですか。".to_owned()));
    let sent = json!({ "audio": "T2dnUwAgc3BlZWNo", "task": "transcribe", "vad_filter": true });
    let options = json!({ "gateway": { "id": "g" } });
    assert_eq!(*ear.1.borrow(), [(WHISPER.to_owned(), sent, options)]);
    let cost = Cost { nano: 510_000, pricing: Pricing::Table };
    let attempt = attempt.unwrap();
    assert_eq!((attempt.ordinal, attempt.cost), (102, cost));
    assert_eq!((attempt.outcome, attempt.usage), (AttemptOutcome::Ok, Usage::default()));
}

#[test]
fn silence_is_an_empty_transcript_that_was_heard() {
    let (text, attempt) = by(Some(Ok(said(" \n"))));
    assert_eq!(text, Ok(String::new()));
    assert_eq!(attempt.unwrap().cost.nano, 510_000);
}

#[test]
fn a_reply_without_a_length_costs_the_most_that_it_may_be() {
    let (text, attempt) = by(Some(Ok(json!({ "text": "Hi." }))));
    assert_eq!(text, Ok("Hi.".to_owned()));
    // 12 bytes, of 1,500 in a second.
    assert_eq!(attempt.unwrap().cost, Cost { nano: 68, pricing: Pricing::Estimated });
}

#[test]
fn each_failure_is_a_problem_and_costs_nothing_unless_it_may_have_been_heard() {
    let odd = |reply: Value| Some(Ok(reply));
    for (reply, class, problem) in [
        (Some(Err(3040)), Class::Busy, Problem::Unreachable),
        (Some(Err(3036)), Class::Quota, Problem::Unreachable),
        (Some(Err(5007)), Class::Config, Problem::Unreachable),
        (Some(Err(5006)), Class::BadRequest, Problem::Broken),
        (Some(Err(3006)), Class::TooLong, Problem::TooLarge),
        (Some(Err(0)), Class::Transient, Problem::Unreachable),
        (odd(json!("text")), Class::Transient, Problem::Unreachable),
        (odd(json!({ "text": 7 })), Class::Transient, Problem::Unreachable),
        (odd(json!({ "error": "5006: no" })), Class::BadRequest, Problem::Broken),
        (None, Class::Transient, Problem::Unreachable),
    ] {
        let (text, attempt) = by(reply.clone());
        assert_eq!(text, Err(problem), "{reply:?}");
        let attempt = attempt.unwrap();
        assert_eq!(attempt.outcome, AttemptOutcome::Failed(class), "{reply:?}");
        let cost = if class == Class::Transient {
            Cost { nano: 68, pricing: Pricing::Estimated }
        } else {
            Cost { nano: 0, pricing: Pricing::Exact }
        };
        assert_eq!(attempt.cost, cost, "{reply:?}");
    }
}

#[test]
fn a_model_without_a_price_is_unpriced_and_without_a_model_nothing_is_heard() {
    let model = Model::by_binding("@cf/somebody/ear");
    let ((_, attempt), _) = heard(Some(&model), Some(Ok(said("Hi."))));
    assert_eq!(attempt.unwrap().cost, Cost { nano: 0, pricing: Pricing::Unpriced });
    let (nothing, ear) = heard(None, Some(Ok(said("Hi."))));
    assert_eq!(nothing, (Err(Problem::Kind), None));
    assert!(ear.1.borrow().is_empty());
}

#[test]
fn what_is_granted_has_to_pay_for_the_longest_that_it_may_last() {
    let model = Model::by_binding(WHISPER);
    // 3 seconds of packed speech, and less than one of what is not packed.
    for (media, most) in [("audio/ogg", 25_500), (WAV, 4_786)] {
        for (granted, is_heard) in [(most, true), (most - 1, false)] {
            let ear = Ear(Some(Ok(said("Hi."))), RefCell::default());
            let recording = Recording { media, bytes: vec![0; 4_500] };
            let heard = block_on(transcribe(&ear, Some(&model), recording, (0, Some(granted))));
            assert_eq!(heard.0.is_ok(), is_heard, "{media} {granted}");
            assert_eq!(ear.1.borrow().len(), usize::from(is_heard), "{media} {granted}");
        }
    }
}
