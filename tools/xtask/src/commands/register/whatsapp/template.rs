//! The template by which a reminder reaches somebody who has not written for 24 hours: what it has to be, and how it
//! is made.

use miyabi_core::config::Template;
use miyabi_core::i18n::{Language, Sentence};
use serde_json::{Value, json};

use crate::value::text;

/// What a new template says. Meta takes none that begins or ends with a parameter.
///
/// # Source
/// WhatsApp Business Platform, Templates, Components, read 2026-11-30.
const BODY: Sentence = Sentence {
    english: "Here is your reminder: {{1}}\n\nReply to this message to ask something.",
    japanese: "リマインダーです: {{1}}\n\nこのメッセージに返信すると、質問できます。",
};

/// What Meta's reviewers see in place of the parameter.
const EXAMPLE: Sentence =
    Sentence { english: "Take the pizza out", japanese: "ピザをオーブンから出す" };

/// Returns the path that lists the templates of a name, in all of their languages.
pub(in crate::commands) fn path(account: &str, template: &Template) -> String {
    // The name is looked for within names, so that more may come than are meant.
    format!(
        "{account}/message_templates?name={}&fields=name,language,status,category,components,parameter_format,rejected_reason&limit=100",
        template.name
    )
}

/// Returns what is known of a template that can be sent with one parameter in its body.
///
/// # Errors
/// Why it cannot.
pub(in crate::commands) fn judge(list: &Value, template: &Template) -> Result<String, String> {
    let listed = list.get("data").and_then(Value::as_array).into_iter().flatten();
    let named: Vec<&Value> = listed.filter(|it| text(it, "name") == template.name).collect();
    let Some(found) = named.iter().find(|it| text(it, "language") == template.language) else {
        let languages: Vec<&str> = named.iter().map(|it| text(it, "language")).collect();
        return Err(if languages.is_empty() {
            "there is none of this name".to_owned()
        } else {
            format!("there is none in this language, only in: {}", languages.join(", "))
        });
    };
    match (text(found, "status"), text(found, "rejected_reason")) {
        ("APPROVED", _) => {}
        (status, "" | "NONE") => return Err(format!("Meta has it as {status}, not as APPROVED")),
        (status, reason) => return Err(format!("Meta has it as {status}: {reason}")),
    }
    let components = found.get("components").and_then(Value::as_array).into_iter().flatten();
    let (body, others): (Vec<&Value>, Vec<&Value>) =
        components.partition(|it| text(it, "type").eq_ignore_ascii_case("BODY"));
    let words = body.first().map(|it| text(it, "text")).unwrap_or_default();
    let places = words.matches("{{").count();
    if places != 1 {
        return Err(format!("its body has {places} parameters, not one"));
    }
    if !words.contains("{{1}}") {
        return Err("its parameter has a name, and has to be {{1}}".to_owned());
    }
    if others.into_iter().any(wants_more) {
        return Err("its header or a button has a parameter, and only the body may".to_owned());
    }
    Ok(format!("approved, {}", text(found, "category")))
}

/// Returns whether a header, footer or button has to be filled, with words or with a medium.
fn wants_more(component: &Value) -> bool {
    let format = text(component, "format");
    !matches!(format, "" | "TEXT") || component.to_string().contains("{{")
}

/// Returns a template as it is made, by `POST {account}/message_templates` or by hand.
pub(in crate::commands) fn draft(template: &Template) -> Value {
    let is_japanese = template.language == "ja";
    let language = if is_japanese { Language::Japanese } else { Language::English };
    json!({
        "name": template.name, "language": template.language, "category": "UTILITY",
        "components": [{
            "type": "BODY", "text": BODY.in_language(language),
            "example": { "body_text": [[EXAMPLE.in_language(language)]] },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reminder(language: &str) -> Template {
        Template { name: "reminder".to_owned(), language: language.to_owned() }
    }

    /// Returns the drafts as Meta lists them once they are approved.
    fn approved(languages: &[&str]) -> Value {
        let approved = languages.iter().map(|language| {
            let mut listed = draft(&reminder(language));
            listed["status"] = json!("APPROVED");
            listed
        });
        json!({ "data": approved.collect::<Value>() })
    }

    fn wrong(change: impl Fn(&mut Value)) -> String {
        let mut list = approved(&["en_US"]);
        change(&mut list["data"][0]);
        judge(&list, &reminder("en_US")).unwrap_err()
    }

    #[test]
    fn a_draft_can_be_sent_once_it_is_approved() {
        for language in ["en_US", "ja"] {
            let judged = judge(&approved(&["en_US", "ja"]), &reminder(language));
            assert_eq!(judged.unwrap(), "approved, UTILITY");
        }
        let body = draft(&reminder("ja"))["components"][0]["text"].to_string();
        assert!(body.contains("リマインダー"), "{body}");
    }

    /// Components of a template: no parameter at either end of the body.
    #[test]
    fn meta_takes_the_draft() {
        for language in ["en_US", "ja"] {
            let draft = draft(&reminder(language));
            let body = text(&draft["components"][0], "text");
            assert!(!body.starts_with("{{") && !body.ends_with("}}"), "{body}");
            assert!(body.chars().count() <= 1_024, "{body}");
        }
    }

    #[test]
    fn a_template_that_cannot_be_sent_with_one_parameter_says_why() {
        assert_eq!(
            judge(&approved(&["ja", "fr"]), &reminder("en_US")).unwrap_err(),
            "there is none in this language, only in: ja, fr"
        );
        // Another one, whose name begins with this name.
        assert_eq!(wrong(|it| it["name"] = json!("reminder_old")), "there is none of this name");
        assert_eq!(
            wrong(|it| it["status"] = json!("PENDING")),
            "Meta has it as PENDING, not as APPROVED"
        );
        let rejected = wrong(|it| {
            it["status"] = json!("REJECTED");
            it["rejected_reason"] = json!("INVALID_FORMAT");
        });
        assert_eq!(rejected, "Meta has it as REJECTED: INVALID_FORMAT");
        let body = |body: &str| {
            let body = body.to_owned();
            wrong(move |it| it["components"][0]["text"] = json!(body))
        };
        assert_eq!(body("Hello"), "its body has 0 parameters, not one");
        assert_eq!(body("Hello {{1}}: {{2}}."), "its body has 2 parameters, not one");
        assert!(body("Hello {{what}}.").contains("has to be {{1}}"));
        for more in [
            json!({ "type": "HEADER", "format": "IMAGE" }),
            json!({ "type": "HEADER", "format": "TEXT", "text": "For {{1}}" }),
            json!({ "type": "BUTTONS", "buttons": [{ "type": "URL", "url": "https://a.example/{{1}}" }] }),
        ] {
            let said = wrong(|it| it["components"].as_array_mut().unwrap().push(more.clone()));
            assert!(said.starts_with("its header or a button"), "{said}");
        }
        let mut list = approved(&["en_US"]);
        let footer = json!({ "type": "FOOTER", "text": "Miyabi" });
        list["data"][0]["components"].as_array_mut().unwrap().push(footer);
        assert!(judge(&list, &reminder("en_US")).is_ok());
    }
}
