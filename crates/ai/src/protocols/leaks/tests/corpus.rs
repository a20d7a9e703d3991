//! Every sample of the corpus, whole and cut at every place.

use serde_json::Value;

use super::*;

struct Sample {
    family: String,
    text: String,
    says: String,
    calls: Vec<String>,
}

fn samples(kind: &str) -> Vec<Sample> {
    let corpus: Value = serde_json::from_str(include_str!("../corpus.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let sample = |sample: &Value| Sample {
        family: text(&sample["family"]),
        text: text(&sample["text"]),
        says: text(if sample["says"].is_null() { &sample["text"] } else { &sample["says"] }),
        calls: sample["calls"].as_array().unwrap().iter().map(text).collect(),
    };
    corpus[kind].as_array().unwrap().iter().map(sample).collect()
}

fn all() -> Vec<Sample> {
    let (mut leaks, innocent) = (samples("leaks"), samples("innocent"));
    assert!(leaks.len() >= 200 && innocent.len() >= 200);
    leaks.extend(innocent);
    leaks
}

#[test]
fn every_sample_says_what_it_says_and_calls_what_it_calls() {
    let mut wrong = Vec::new();
    for Sample { family, text, says, calls } in all() {
        let said = read(&text, &TOOLS);
        let render =
            |call: &ToolCall| format!("{}({})", call.name, Value::Object(call.object().unwrap()));
        let called: Vec<String> = said.calls.iter().map(render).collect();
        if (&said.text, &called) != (&says, &calls) {
            wrong.push(format!("{family}: {text:?}\n  says {:?}, calls {called:?}", said.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_preview_of_every_sample_is_the_beginning_of_what_it_says_wherever_it_is_cut() {
    // Thoughts whose beginning stands in the prompt are known only when they end.
    let is_knowable = |sample: &Sample| sample.family != "opened in the prompt";
    let mut wrong = Vec::new();
    for Sample { family, text, says, .. } in all().into_iter().filter(is_knowable) {
        for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            if let Some(seen) = presentable(text.get(..cut).unwrap(), &TOOLS)
                && !says.starts_with(&seen)
            {
                wrong.push(format!("{family}: {:?}\n  shows {seen:?}", text.get(..cut)));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_preview_of_an_innocent_text_arrives_at_its_end() {
    let mut wrong = Vec::new();
    for Sample { text, .. } in samples("innocent") {
        // Of a mark in an odd spelling, only the whole text says what it is.
        if text.contains("]<]") || text.contains("< | DSML") {
            continue;
        }
        // These begin as a call without any mark does.
        if text.starts_with(['{', '[', '<', '`']) || text == "analysis" {
            continue;
        }
        let seen = presentable(&format!("{text} And so on, and on."), &TOOLS).unwrap_or_default();
        let is_last_tag = text.ends_with('>') || text.ends_with("code");
        if !is_last_tag && !seen.ends_with("And so on, and on.") {
            wrong.push(format!("{text:?}\n  shows {seen:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
