//! Waits for a job, and says on standard error what a real model does meanwhile.
//!
//! A local model on a processor may load for a minute and think for ten, so the wait is as long as the job
//! itself may take.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;

use crate::http;
use crate::problem::problem;
use crate::setup::say;
use crate::stack::{Model, Stack};
use crate::value::text;

/// How often the job is looked at.
const POLL: Duration = Duration::from_millis(100);
/// How often a line is written while nothing changes.
const LINE: Duration = Duration::from_secs(10);
/// Longest wait for a job that the scripted model answers.
const SCRIPTED: Duration = Duration::from_mins(1);
/// Longest wait for a job that a real model answers: `MIYABI_DEADLINE_SECONDS` as it is by default, and
/// what the watchdog takes then.
const REAL: Duration = Duration::from_secs(780 + 30);
/// Longest wait for a look at the model server.
const LOOK: Duration = Duration::from_secs(5);

/// Checks that the model server is there and has the model.
///
/// # Errors
/// A sentence with a hint, if nothing answers.
pub(super) fn check(model: &Model) -> Result<()> {
    let base = base(model);
    let Ok(reply) = http::get_within(&format!("{base}/v1/models"), LOOK) else {
        return Err(problem(
            format!("no model server answers at {base}"),
            "start it, for example with `ollama serve`; --model-url is its address",
        ));
    };
    let list = reply.json().unwrap_or_default();
    let models = list.get("data").and_then(Value::as_array);
    let known: Vec<&str> = models.into_iter().flatten().map(|model| text(model, "id")).collect();
    if !known.is_empty() && !known.iter().any(|id| is_same(id, &model.name)) {
        return Err(problem(
            format!("the model server has no model `{}`", model.name),
            format!("it has {}", known.join(", ")),
        ));
    }
    Ok(())
}

/// Returns the server's address without `/v1`.
fn base(model: &Model) -> &str {
    model.url.trim_end_matches('/').trim_end_matches("/v1")
}

/// A name without a tag means the tag `latest`.
fn is_same(id: &str, name: &str) -> bool {
    id == name || id.strip_suffix(":latest") == Some(name)
}

/// Waits until the job has ended, and returns its row.
///
/// # Errors
/// A sentence with a hint, if it does not end in time.
pub(super) fn wait(stack: &Stack, id: &str, model: Option<&Model>) -> Result<Value> {
    wait_and_watch(stack, id, model, || Ok(()))
}

/// Waits until the job has ended, looks at something else meanwhile, and returns the job's row.
///
/// # Errors
/// A sentence with a hint, if it does not end in time; and when `watch` fails.
pub(super) fn wait_and_watch(
    stack: &Stack,
    id: &str,
    model: Option<&Model>,
    mut watch: impl FnMut() -> Result<()>,
) -> Result<Value> {
    let begin = Instant::now();
    let longest = if model.is_some() { REAL } else { SCRIPTED };
    let mut teller = Teller::default();
    while begin.elapsed() < longest {
        watch()?;
        let row = stack.job_row(id)?;
        if let Some(row) = row
            && matches!(text(&row, "status"), "COMPLETED" | "ERROR")
        {
            return Ok(row);
        }
        if let Some(model) = model {
            let progress = stack.lab().get("/lab/model")?;
            if let Some(line) = teller.line(&progress, begin.elapsed(), || is_loaded(model)) {
                say(&line);
            }
        }
        std::thread::sleep(POLL);
    }
    let seconds = longest.as_secs();
    Err(match model {
        Some(model) => problem(
            format!(
                "`{}` did not answer within {seconds} s, which is as long as a job may take",
                model.name
            ),
            "try a smaller model, or a shorter question",
        ),
        None => problem(
            format!("the job did not end within {seconds} s"),
            "`cargo xtask dev` shows what the Worker logs",
        ),
    })
}

/// Returns whether the model is in memory, where the server says so: only Ollama does.
fn is_loaded(model: &Model) -> Option<bool> {
    let reply = http::get_within(&format!("{}/api/ps", base(model)), LOOK).ok()?.json().ok()?;
    let models = reply.get("models")?.as_array()?;
    Some(models.iter().any(|loaded| is_same(text(loaded, "name"), &model.name)))
}

/// What the model does, as far as it can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    /// It has not been called.
    #[default]
    NotCalled,
    /// It has been called and has not answered anything.
    Silent,
    /// It answers.
    Answering,
    /// It has answered, and the answer is delivered or another call follows.
    Answered,
}

/// Says what the model does: when that changes, and every ten seconds.
#[derive(Debug, Default)]
struct Teller {
    stage: Stage,
    said: Duration,
}

impl Teller {
    /// Returns the line that is due. `progress` is the lab's, see `GET /lab/model`.
    fn line(
        &mut self,
        progress: &Value,
        waited: Duration,
        is_loaded: impl FnOnce() -> Option<bool>,
    ) -> Option<String> {
        let number = |field: &str| progress.get(field).and_then(Value::as_u64);
        let first_token = number("first_token_ms");
        let stage = match (number("waited_ms"), first_token) {
            (None, _) => Stage::NotCalled,
            (Some(_), _) if progress.get("has_ended") == Some(&Value::Bool(true)) => {
                Stage::Answered
            }
            (Some(_), None) => Stage::Silent,
            (Some(_), Some(_)) => Stage::Answering,
        };
        if stage == self.stage && waited.saturating_sub(self.said) < LINE {
            return None;
        }
        (self.stage, self.said) = (stage, waited);
        let what = match stage {
            Stage::NotCalled => "the model has not been called".to_owned(),
            Stage::Silent => match is_loaded() {
                Some(false) => "the model is being loaded",
                Some(true) => "the model reads the question",
                None => "the model is being loaded, or reads the question",
            }
            .to_owned(),
            Stage::Answering => {
                let seconds = seconds(first_token.unwrap_or_default());
                let pieces = number("pieces").unwrap_or_default();
                format!("the first token came after {seconds} s; {pieces} tokens so far")
            }
            Stage::Answered => "the model has answered".to_owned(),
        };
        Some(format!("{:>4} s: {what}", waited.as_secs()))
    }
}

fn seconds(ms: u64) -> String {
    format!("{}.{}", ms / 1000, ms % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(first_token_ms: Option<u64>, pieces: u64, has_ended: bool) -> Value {
        json!({
            "waited_ms": 9, "first_token_ms": first_token_ms, "pieces": pieces,
            "has_ended": has_ended,
        })
    }

    #[test]
    fn each_stage_is_told_when_it_begins_and_every_ten_seconds() {
        let mut teller = Teller::default();
        let mut at = |seconds: u64, progress: &Value, is_loaded: Option<bool>| {
            teller.line(progress, Duration::from_secs(seconds), || is_loaded)
        };
        assert_eq!(at(0, &Value::Null, None), None);
        let loading = call(None, 0, false);
        assert_eq!(at(1, &loading, Some(false)).unwrap(), "   1 s: the model is being loaded");
        assert_eq!(at(5, &loading, Some(false)), None);
        assert_eq!(at(11, &loading, Some(true)).unwrap(), "  11 s: the model reads the question");
        let unknown = at(21, &loading, None).unwrap();
        assert_eq!(unknown, "  21 s: the model is being loaded, or reads the question");
        let begun = at(31, &call(Some(30_250), 1, false), None).unwrap();
        assert_eq!(begun, "  31 s: the first token came after 30.2 s; 1 tokens so far");
        assert_eq!(at(32, &call(Some(30_250), 5, false), None), None);
        let ended = at(40, &call(Some(30_250), 90, true), None).unwrap();
        assert_eq!(ended, "  40 s: the model has answered");
    }

    #[test]
    fn a_model_server_that_is_not_there_is_a_sentence_with_a_hint() {
        let model = Model { url: "http://127.0.0.1:1/v1/".to_owned(), name: "tiny".to_owned() };
        let error = check(&model).unwrap_err().to_string();
        let expected = "no model server answers at http://127.0.0.1:1\nhint: start it, for example \
                        with `ollama serve`; --model-url is its address";
        assert_eq!(error, expected);
    }

    #[test]
    fn a_name_without_a_tag_is_the_latest() {
        assert!(is_same("tiny", "tiny") && is_same("tiny:latest", "tiny"));
        assert!(!is_same("tiny:1b", "tiny") && !is_same("tiny", "tin"));
    }
}
