//! What the Graph API is told.
//!
//! # Source
//! Meta's `OpenAPI` description of the API, v23.0 (MIT), and the schema of messages made of it, read 2026-11-30.

use serde::Serialize;

use super::buttons::ReplyButton;
use super::marks::format;
use super::place::Place;
use super::{MAX_SHORT, MAX_TEXT};
use miyabi_core::config::Template;
use miyabi_core::text::{LengthUnit, truncate};

const PRODUCT: &str = "whatsapp";

/// Most words of a template's parameter, in UTF-16 units.
///
/// # Source
/// WhatsApp Cloud API v23.0, templates, read 2026-11: 1024 in a body that has nothing else but text.
const MAX_PARAMETER: usize = 1024;

/// A message.
#[derive(Debug, Serialize)]
pub struct SendMessage<'a> {
    messaging_product: &'static str,
    recipient_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<&'a str>,
    /// What Meta tells again with all that becomes of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    biz_opaque_callback_data: Option<&'a str>,
    #[serde(flatten)]
    content: &'a Content,
}

/// What a message says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Words.
    Text {
        /// Words.
        text: Text,
    },
    /// Words with buttons or a list below.
    Interactive {
        /// Words and what stands below.
        interactive: Interactive,
    },
    /// A file.
    Document {
        /// File.
        document: Media,
    },
    /// An image.
    Image {
        /// Image.
        image: Media,
    },
    /// A message that Meta has approved.
    Template {
        /// Template.
        template: Filled,
    },
}

/// Words.
#[derive(Debug, Serialize)]
pub struct Text {
    body: String,
    /// Meta would request an address that a page has told the model to write.
    preview_url: bool,
}

/// Words with something to choose below.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Interactive {
    /// Buttons.
    Button {
        /// Words.
        body: Body,
        /// Buttons.
        action: Buttons,
    },
    /// A list that is opened.
    List {
        /// Words.
        body: Body,
        /// List.
        action: List,
    },
}

/// Words of an interactive message.
#[derive(Debug, Serialize)]
pub struct Body {
    text: String,
}

/// Buttons.
#[derive(Debug, Serialize)]
pub struct Buttons {
    buttons: Vec<ReplyButton>,
}

/// A list.
#[derive(Debug, Serialize)]
pub struct List {
    button: &'static str,
    sections: [Section; 1],
}

#[derive(Debug, Serialize)]
struct Section {
    rows: Vec<Row>,
}

/// A row of a list.
#[derive(Debug, Serialize)]
pub struct Row {
    id: String,
    title: String,
    description: String,
}

/// A file that was uploaded.
#[derive(Debug, Serialize)]
pub struct Media {
    id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    caption: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    filename: Option<String>,
}

/// A template and what stands in its places.
#[derive(Debug, Serialize)]
pub struct Filled {
    name: String,
    language: Code,
    components: [Component; 1],
}

#[derive(Debug, Serialize)]
struct Code {
    code: String,
}

#[derive(Debug, Serialize)]
struct Component {
    #[serde(rename = "type")]
    kind: &'static str,
    parameters: [Parameter; 1],
}

#[derive(Debug, Serialize)]
struct Parameter {
    #[serde(rename = "type")]
    kind: &'static str,
    text: String,
}

impl<'a> SendMessage<'a> {
    /// Returns a message to a place. `tag` is what its statuses are known by; blank for none.
    pub fn of(place: &'a Place, tag: &'a str, content: &'a Content) -> Self {
        let (to, recipient, recipient_type) = match (&place.group, &place.phone, &place.user) {
            (Some(group), ..) => (Some(group.as_str()), None, "group"),
            (None, Some(phone), _) => (Some(phone.as_str()), None, "individual"),
            (None, None, user) => (None, user.as_deref(), "individual"),
        };
        Self {
            messaging_product: PRODUCT,
            recipient_type,
            to,
            recipient,
            biz_opaque_callback_data: Some(tag).filter(|tag| !tag.is_empty()),
            content,
        }
    }
}

impl Content {
    /// Returns words, which are Markdown.
    pub fn words(markdown: &str) -> Self {
        Self::Text { text: Text { body: format(markdown, MAX_TEXT), preview_url: false } }
    }

    /// Returns words with buttons below, or without where they do not fit.
    pub(super) fn with_buttons(markdown: &str, buttons: Vec<ReplyButton>) -> Self {
        let text = format(markdown, MAX_TEXT);
        if buttons.is_empty() || LengthUnit::Utf16Units.length(&text) > MAX_SHORT {
            return Self::Text { text: Text { body: text, preview_url: false } };
        }
        let (body, action) = (Body { text }, Buttons { buttons });
        Self::Interactive { interactive: Interactive::Button { body, action } }
    }

    /// Returns words with a list of commands below, each with its name and what it does, or without where they do not
    /// fit. `button` opens it.
    pub fn with_list<'c>(
        markdown: &str,
        button: &'static str,
        commands: impl Iterator<Item = (&'c str, &'c str)>,
    ) -> Self {
        let text = format(markdown, MAX_TEXT);
        if LengthUnit::Utf16Units.length(&text) > MAX_SHORT {
            return Self::Text { text: Text { body: text, preview_url: false } };
        }
        let rows = commands.map(|(name, description)| Row {
            id: ["/", name].concat(),
            title: ["/", name].concat(),
            description: truncate(description, 72, LengthUnit::Utf16Units),
        });
        let sections = [Section { rows: rows.take(10).collect() }];
        let (body, action) = (Body { text }, List { button, sections });
        Self::Interactive { interactive: Interactive::List { body, action } }
    }

    /// Returns a file that was uploaded. `caption` is Markdown.
    pub(super) fn document(id: String, name: &str, caption: &str) -> Self {
        let (caption, filename) = (format(caption, MAX_SHORT), Some(name.to_owned()));
        Self::Document { document: Media { id, caption, filename } }
    }

    /// Returns an image that was uploaded. `caption` is Markdown.
    pub(super) fn image(id: String, caption: &str) -> Self {
        let caption = format(caption, MAX_SHORT);
        Self::Image { image: Media { id, caption, filename: None } }
    }

    /// Returns a template with words in its one place: in one line and without marks, as Meta wants them.
    ///
    /// # Source
    /// WhatsApp Cloud API, error 132018, read 2026-11: no line ends, no tabs, at most four spaces on end.
    pub(super) fn template(template: &Template, markdown: &str) -> Self {
        let text = crate::markdown::read(markdown).text;
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = truncate(&line, MAX_PARAMETER, LengthUnit::Utf16Units);
        Self::Template {
            template: Filled {
                name: template.name.clone(),
                language: Code { code: template.language.clone() },
                components: [Component {
                    kind: "body",
                    parameters: [Parameter { kind: "text", text }],
                }],
            },
        }
    }
}

/// That a message was read, and that an answer to it is being written.
#[derive(Debug, Serialize)]
pub struct MarkRead<'a> {
    messaging_product: &'static str,
    status: &'static str,
    message_id: &'a str,
    typing_indicator: Kind,
}

#[derive(Debug, Serialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: &'static str,
}

impl<'a> MarkRead<'a> {
    /// Returns that of an answer to a place's message.
    pub fn of(place: &'a Place) -> Self {
        Self {
            messaging_product: PRODUCT,
            status: "read",
            message_id: &place.message,
            typing_indicator: Kind { kind: "text" },
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use serde_json::json;

    fn place() -> Place {
        Place {
            number: "1".to_owned(),
            phone: Some("16505551234".to_owned()),
            user: Some("US.1".to_owned()),
            group: None,
            message: "wamid.x".to_owned(),
            wrote_s: 1_700_000_000,
        }
    }

    fn json(place: &Place, content: &Content) -> serde_json::Value {
        serde_json::to_value(SendMessage::of(place, "job.1", content)).unwrap()
    }

    #[test]
    fn words_go_to_their_person() {
        let text = json!({ "body": "*Hi*", "preview_url": false });
        let mut expected = json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "16505551234",
            "biz_opaque_callback_data": "job.1", "type": "text", "text": text,
        });
        assert_eq!(json(&place(), &Content::words("**Hi**")), expected);
        let hidden = Place { phone: None, ..place() };
        expected.as_object_mut().unwrap().remove("to");
        expected["recipient"] = json!("US.1");
        assert_eq!(json(&hidden, &Content::words("**Hi**")), expected);
        let group = Place { group: Some("Y2Fw".to_owned()), ..place() };
        let sent = json(&group, &Content::words("Hi"));
        assert_eq!((&sent["to"], &sent["recipient_type"]), (&json!("Y2Fw"), &json!("group")));
    }

    #[test]
    fn a_template_has_words_in_one_line() {
        let template = Template { name: "reminder".to_owned(), language: "en_US".to_owned() };
        let content = Content::template(&template, "**Tea**\n\n- is\tready      now");
        assert_eq!(
            json(&place(), &content)["template"],
            json!({
                "name": "reminder", "language": { "code": "en_US" },
                "components": [{ "type": "body", "parameters": [{ "type": "text", "text": "Tea • is ready now" }] }],
            })
        );
    }

    #[test]
    fn what_is_too_long_for_a_list_is_words_alone() {
        let commands = || [("help", "What I can do"), ("status", "Your questions")].into_iter();
        let short = json(&place(), &Content::with_list("Help", "Commands", commands()));
        assert_eq!(
            short["interactive"]["action"]["sections"][0]["rows"][1]["id"],
            json!("/status")
        );
        let long = json(&place(), &Content::with_list(&"x".repeat(1025), "Commands", commands()));
        assert_eq!(long["type"], json!("text"));
    }
}
