//! `cargo xtask record "question"`: asks on a fresh stack, and writes the exchange as a fixture.
//!
//! `tests/e2e/replay.rs` plays every fixture again.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::problem::problem;
use crate::project;
use crate::setup::say;
use crate::stack::{self, Question, Stack};

/// Where fixtures are, in the checkout.
const FIXTURES: &str = "tests/fixtures/exchanges";
/// Channels that may have webhooks.
const WITH_WEBHOOKS: [&str; 3] = ["general", "random", "forum"];

/// What to ask, and where to keep it.
#[derive(Debug, Clone)]
pub struct Options {
    /// Question, asker and channel.
    pub question: Question,
    /// The file; without it one named after the question, among the fixtures.
    pub out: Option<PathBuf>,
}

/// Asks, waits for the end, and writes what was said.
///
/// # Errors
/// When something is missing, when the question is not answered, and when a secret would be written.
pub fn run(options: Options) -> Result<()> {
    let question = options.question;
    let path = options.out.map_or_else(|| named_after(&question), Ok)?;
    say("starting the lab and the Worker in workerd");
    let stack = Stack::start(stack::Options::default())?;
    let receipt = stack.ask(&question)?;
    if receipt.status != 200 {
        bail!("the Worker refused with status {}: {}", receipt.status, receipt.ack);
    }
    let row = stack.wait_for_job(&receipt.id)?;
    let status = row.get("status").and_then(Value::as_str).unwrap_or_default();
    let exchange = stack.lab().get(&format!("/lab/exchange?interaction={}", receipt.id))?;
    let mut secrets = secrets(&stack)?;
    secrets.push(receipt.token);
    drop(stack);
    write(&path, &exchange, &secrets)?;
    println!("{status}: {}", path.display());
    Ok(())
}

/// The fixture's name: the words of the question, and where it was asked.
fn named_after(question: &Question) -> Result<PathBuf> {
    let words = question.text.to_lowercase();
    let words: Vec<&str> =
        words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        let hint = format!("--out {FIXTURES}/NAME.json");
        return Err(problem("no file can be named after that question", hint));
    }
    let name = format!("{}-{}.json", words.join("-"), question.channel);
    Ok(project::root()?.join(FIXTURES).join(name))
}

/// Everything that the lab's world keeps secret.
fn secrets(stack: &Stack) -> Result<Vec<String>> {
    let world = stack.lab().get("/lab/world")?;
    let text = |value: &Value, name: &str| {
        value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let mut secrets: Vec<String> = ["bot_token", "webhook_token", "public_key"]
        .iter()
        .map(|name| text(&world, name).with_context(|| format!("the world has no {name}")))
        .collect::<Result<_>>()?;
    for channel in WITH_WEBHOOKS {
        let hooks = stack.lab().get(&format!("/lab/channels/{channel}/webhooks"))?;
        secrets.extend(hooks.as_array().into_iter().flatten().filter_map(|h| text(h, "token")));
    }
    Ok(secrets)
}

fn write(path: &Path, exchange: &Value, secrets: &[String]) -> Result<()> {
    let text = format!("{exchange:#}\n");
    if secrets.iter().any(|secret| text.contains(secret.as_str())) {
        return Err(problem(
            "a secret is left in the exchange, so nothing was written",
            "`masked` in tools/lab/src/live.rs is what replaces them",
        ));
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fixture_is_named_after_its_question() {
        let path = named_after(&Question::new("What's up, \u{96c5}?").in_channel("dm")).unwrap();
        assert!(path.ends_with("tests/fixtures/exchanges/what-s-up-dm.json"), "{path:?}");
        assert!(named_after(&Question::new("\u{96c5}?")).is_err());
    }

    #[test]
    fn a_secret_is_never_written() {
        let path = std::env::temp_dir().join(format!("exchange-{}.json", std::process::id()));
        let exchange = json!({ "path": "/webhooks/1/hush" });
        assert!(write(&path, &exchange, &["hush".to_owned()]).is_err());
        assert!(!path.exists());
        write(&path, &exchange, &["other".to_owned()]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{exchange:#}\n"));
        std::fs::remove_file(path).unwrap();
    }
}
