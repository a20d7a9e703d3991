//! A form for one question: what it shows, what Slack keeps with it, and what comes back.
//!
//! # Source
//! docs.slack.dev/surfaces/modals and the reference of `views.open`, May 2026.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::methods::Call;
use super::place::Place;
use crate::sent::SentFile;
use miyabi_core::i18n::{Language, Sentence, buttons, commands, messages};
use miyabi_core::json;
use miyabi_core::question::Question;

/// Names the form, its field, and the element of that. A refusal is shown at the field.
pub(super) const FORM: &str = "question";

/// Longest question, in code points, and longest text that Slack keeps with a form, in bytes here.
const MAX_QUESTION: usize = 3_000;
const MAX_KEPT: usize = 3_000;

/// What Slack keeps with a form, and nobody sees.
///
/// # Shape
/// `{"id":"slack_T1_C1_p0","place":{…},"conversation":"…","files":[…]}`
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Id under which the message is kept that is asked about.
    pub(super) id: String,
    pub(super) place: Place,
    pub(super) conversation: Option<String>,
    /// Files of that message.
    pub(super) files: Vec<SentFile>,
}

/// Opens a form.
#[derive(Debug, Serialize)]
pub struct OpenView<'a> {
    trigger_id: &'a str,
    view: Modal,
}

impl Call for OpenView<'_> {
    const METHOD: &'static str = "views.open";
}

#[derive(Debug, Serialize)]
struct Modal {
    #[serde(rename = "type")]
    kind: &'static str,
    callback_id: &'static str,
    private_metadata: String,
    title: Plain,
    submit: Plain,
    blocks: [Input; 1],
}

#[derive(Debug, Serialize)]
struct Input {
    #[serde(rename = "type")]
    kind: &'static str,
    block_id: &'static str,
    label: Plain,
    optional: bool,
    element: Field,
}

#[derive(Debug, Serialize)]
struct Field {
    #[serde(rename = "type")]
    kind: &'static str,
    action_id: &'static str,
    multiline: bool,
    max_length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    placeholder: Option<Plain>,
}

#[derive(Debug, Serialize)]
struct Plain {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'static str,
}

impl<'a> OpenView<'a> {
    /// Returns a form for a question about a message that is kept: an answer, or one with these files.
    pub fn of(
        trigger_id: &'a str,
        question: &Question,
        place: Place,
        files: Option<Vec<SentFile>>,
    ) -> Self {
        let plain = |sentence: Sentence| plain(sentence, question.language);
        let is_answer = files.is_none();
        let (title, label) = if is_answer {
            (buttons::TITLE, buttons::QUESTION)
        } else {
            (messages::TITLE, messages::QUESTION)
        };
        let (id, conversation) = (question.id.to_string(), question.conversation.clone());
        let mut kept = Kept { id, place, conversation, files: files.unwrap_or_default() };
        // Words and numbers always have JSON.
        let text_of = |kept: &Kept| serde_json::to_string(kept).unwrap_or_default();
        let mut private_metadata = text_of(&kept);
        while private_metadata.len() > MAX_KEPT && kept.files.pop().is_some() {
            private_metadata = text_of(&kept);
        }
        let element = Field {
            kind: "plain_text_input",
            action_id: FORM,
            multiline: true,
            max_length: MAX_QUESTION,
            placeholder: (!is_answer).then(|| plain(messages::EMPTY)),
        };
        let input = Input {
            kind: "input",
            block_id: FORM,
            label: plain(label),
            optional: !is_answer,
            element,
        };
        let view = Modal {
            kind: "modal",
            callback_id: FORM,
            private_metadata,
            title: plain(title),
            submit: plain(commands::ASK_ABOUT),
            blocks: [input],
        };
        Self { trigger_id, view }
    }
}

fn plain(sentence: Sentence, language: Language) -> Plain {
    Plain { kind: "plain_text", text: sentence.in_language(language) }
}

/// Reads a form that was sent: what was kept with it, and the words in its field; `None` if it is none of ours.
pub(super) fn read(view: &Value) -> Option<(Kept, &str)> {
    let text = |path: &str| view.pointer(path).and_then(Value::as_str);
    text("/callback_id").filter(|id| *id == FORM)?;
    let kept = json::parse(text("/private_metadata")?)?;
    Some((kept, text("/state/values/question/question/value").unwrap_or_default().trim()))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn forms_are_within_slacks_limits_and_bring_back_what_was_kept() {
        let place = Place::new(("T1", "C1", Some("1.2")), "U5", true).unwrap();
        let file = SentFile {
            id: format!("https://files.slack.com/{}", "a".repeat(600)),
            name: "a.pdf".to_owned(),
            kind: String::new(),
            bytes: 5,
            is_spoken: false,
        };
        for language in Language::ALL {
            for files in [None, Some(vec![file.clone(); 9])] {
                let question = Question { language, ..miyabi_testing::question("hi") };
                let open = OpenView::of("1.2", &question, place.clone(), files.clone());
                let view = serde_json::to_value(&open).unwrap()["view"].clone();
                let input = &view["blocks"][0];
                for (words, most) in [
                    (&view["title"]["text"], 24),
                    (&view["submit"]["text"], 24),
                    (&input["label"]["text"], 2_000),
                ] {
                    assert!((1..=most).contains(&words.as_str().unwrap().chars().count()));
                }
                assert_eq!(input["optional"], files.is_some());
                assert!(view["private_metadata"].as_str().unwrap().len() <= MAX_KEPT);

                let mut sent = view;
                sent["state"] = json!({ "values": { FORM: { FORM: { "value": " why? " } } } });
                let (kept, words) = read(&sent).unwrap();
                assert_eq!((kept.id.as_str(), words), (question.id.as_str(), "why?"));
                assert_eq!((kept.place, kept.conversation), (place.clone(), question.conversation));
                assert!(files.is_none() || kept.files.len() > 1);
                sent["callback_id"] = json!("else");
                assert!(read(&sent).is_none());
            }
        }
    }
}
