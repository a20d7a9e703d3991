//! Commands in the menu of a message, and the form.

use super::*;
use miyabi_core::i18n::messages;
use miyabi_core::question::{Attachment, Quote};

const TARGET: &str = "1100000000000000001";

/// A command in the menu of this message.
#[expect(clippy::needless_pass_by_value, reason = "tests write it where they use it")]
fn menu(name: &str, message: Value) -> Value {
    let mut command = command();
    command["data"] = json!({
        "id": "771825006014889984", "name": name, "type": 3, "target_id": TARGET,
        "resolved": { "messages": { TARGET: message } },
    });
    command
}

fn said(content: &str) -> Value {
    json!({ "id": TARGET, "content": content, "author": { "id": "5", "username": "alex", "global_name": "Alex" } })
}

fn read(interaction: &Value) -> Result<Inbound, Rejection> {
    parse_bytes(interaction.to_string())
}

fn quote(message: Value) -> Option<Quote> {
    match read(&menu("Ask Miyabi", message)) {
        Ok(Inbound::OpenForm(question, Installation::Server)) => question.quote,
        Ok(Inbound::NothingToRead(Language::Japanese)) => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_is_read_with_its_author_address_embeds_and_names_of_files() {
    let mut message = said("Look at this");
    message["embeds"] = json!([
        { "title": "News", "description": "It rains.", "fields": [{ "name": "Where", "value": "Kyoto" }] },
        { "title": 7 }, "x",
    ]);
    message["attachments"] =
        json!([{ "filename": "map.png", "url": "https://cdn.test/map.png" }, {}]);
    let expected = Quote {
        link: format!(
            "https://discord.com/channels/290926798626357999/645027906669510667/{TARGET}"
        ),
        author: "Alex".to_owned(),
        text: "Look at this\nNews\nIt rains.\nWhere\nKyoto".to_owned(),
        files: vec!["map.png".to_owned()],
        is_own: false,
        attachments: vec![Attachment { name: "map.png".to_owned(), ..Attachment::default() }],
    };
    assert_eq!(quote(message), Some(expected));
    let mut direct: Value =
        serde_json::from_str(include_str!("../fixtures/direct_message.json")).unwrap();
    direct["data"] = menu("Ask Miyabi", said("hi"))["data"].clone();
    let Ok(Inbound::OpenForm(question, _)) = read(&direct) else { panic!("{direct}") };
    let link = question.quote.unwrap().link;
    assert_eq!(link, format!("https://discord.com/channels/@me/1010101010101010101/{TARGET}"));
}

#[test]
fn a_message_that_was_passed_on_is_read() {
    let mut message = said("");
    message["message_snapshots"] =
        json!([{ "message": { "content": "Far away", "attachments": [{ "filename": "a.txt" }] } }]);
    let quote = quote(message).unwrap();
    assert_eq!((quote.text.as_str(), quote.files), ("Far away", vec!["a.txt".to_owned()]));
}

#[test]
fn a_long_message_loses_its_end_and_says_so() {
    let text = quote(said(&"雅".repeat(7_000))).unwrap().text;
    assert!(text.starts_with(&"雅".repeat(6_000)) && text.contains("left out"));
    assert!(text.chars().count() < 6_100);
    let exact = "雅".repeat(6_000);
    assert_eq!(quote(said(&exact)).unwrap().text, exact);
}

#[test]
fn a_message_without_anything_to_read_is_said_to_be_none() {
    for message in [json!({}), said(""), said(" \u{200b}\n"), json!("x"), json!(null)] {
        assert_eq!(quote(message), None);
    }
    for (pointer, value) in [
        ("/data/target_id", Some(json!("1100000000000000002"))),
        ("/data/target_id", Some(json!("../1"))),
        ("/data/resolved", None),
        ("/data/resolved/messages", Some(json!([]))),
    ] {
        let mut odd = menu("Ask Miyabi", said("hi"));
        set(&mut odd, pointer, value);
        assert_eq!(read(&odd), Ok(Inbound::NothingToRead(Language::Japanese)), "{pointer}");
    }
    let nobody = json!({ "content": "hi", "author": { "global_name": "\u{200b}" } });
    assert_eq!(quote(nobody).unwrap().author, "");
}

#[test]
fn a_translation_and_a_summary_are_for_the_asker_alone_and_in_their_language() {
    for (name, wish) in
        [("Translate", messages::Wish::Translate), ("Summarize", messages::Wish::Summarize)]
    {
        for locale in ["ja", "en-US", "fr"] {
            let mut command = menu(name, said("hi @everyone"));
            command["locale"] = json!(locale);
            let asked = question(&command);
            assert_eq!(asked.text, messages::question(wish, locale));
            assert!(asked.is_private && asked.is_fresh);
            assert_eq!(Place::of(&asked), Place::Direct, "no webhook posts it");
            assert_eq!(asked.server.as_deref(), Some("290926798626357999"));
            assert_eq!(asked.quote.unwrap().text, "hi @everyone");
            let conversation = asked.conversation.unwrap();
            assert_eq!(conversation, "discord:645027906669510667-private:539082325061836806");
        }
    }
    let mut direct: Value =
        serde_json::from_str(include_str!("../fixtures/direct_message.json")).unwrap();
    direct["data"] = menu("Translate", said("hi"))["data"].clone();
    let conversation = question(&direct).conversation.unwrap();
    assert_eq!(conversation, "discord:1010101010101010101:539082325061836806");
}

/// The form, with this in its data's components.
#[expect(clippy::needless_pass_by_value, reason = "tests write it where they use it")]
fn form(components: Value) -> Value {
    let mut form = command();
    form["type"] = json!(5);
    form["data"] = json!({ "custom_id": "1.ask.1300000000000000000", "components": components });
    form
}

fn sent(form: &Value) -> Question {
    match read(form) {
        Ok(Inbound::Form(question, Installation::Server, id)) if id == "1300000000000000000" => {
            *question
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_form_is_read_in_labels_and_in_rows() {
    let input = |value: Value| json!({ "type": 4, "custom_id": "question", "value": value });
    for components in [
        json!([{ "type": 18, "component": input(json!("Why?")) }]),
        json!([{ "type": 1, "components": [{ "custom_id": "x", "value": "y" }, input(json!("Why?"))] }]),
    ] {
        let asked = sent(&form(components));
        assert_eq!((asked.text.as_str(), asked.quote), ("Why?", None));
        assert!(!asked.is_private && !asked.is_fresh);
        assert_eq!(
            asked.conversation.as_deref(),
            Some("discord:645027906669510667:539082325061836806")
        );
    }
    for empty in [json!(""), json!(" \n"), json!(null), json!(7)] {
        let asked = sent(&form(json!([{ "type": 18, "component": input(empty) }])));
        assert_eq!(asked.text, messages::question(messages::Wish::Explain, "ja"));
    }
    assert_eq!(sent(&form(json!([]))).text, messages::question(messages::Wish::Explain, "ja"));
}

#[test]
fn a_form_of_another_version_is_said_to_be_unknown() {
    for id in
        [json!("1.ask."), json!("1.ask.x"), json!("ask:1"), json!("1.old.1"), json!(1), json!(null)]
    {
        let mut form = form(json!([]));
        form["data"]["custom_id"] = id;
        for kind in [3, 5] {
            form["type"] = json!(kind);
            assert_eq!(read(&form), Ok(Inbound::Unknown(Language::Japanese)), "{form}");
        }
    }
    let mut anonymous = form(json!([]));
    set(&mut anonymous, "/token", None);
    assert_eq!(parse_bytes(anonymous.to_string()), Err(Rejection::Malformed));
}

#[test]
fn a_file_of_a_command_is_read_and_only_from_discord_s_own_host() {
    let file = |url: &str| {
        let mut interaction = command();
        interaction["data"]["options"] = json!([
            { "name": "question", "type": 3, "value": "What is in it?" },
            { "name": "file", "type": 11, "value": "9" },
        ]);
        let file = json!({
            "id": "9", "filename": "a.pdf", "size": 1024, "content_type": "application/pdf", "url": url,
        });
        interaction["data"]["resolved"] = json!({ "attachments": { "9": file } });
        let Ok(Inbound::Ask(question, _)) = read(&interaction) else { panic!("{interaction}") };
        question.files
    };
    let own = "https://cdn.discordapp.com/ephemeral-attachments/1/9/a.pdf?ex=1&is=2&hm=3&";
    let expected = Attachment {
        name: "a.pdf".to_owned(),
        url: own.to_owned(),
        kind: "application/pdf".to_owned(),
        bytes: 1024,
        is_spoken: false,
    };
    assert_eq!(file(own), std::slice::from_ref(&expected));
    for other in ["https://cdn.discordapp.com.evil.example/a", "http://cdn.discordapp.com/a", ""] {
        assert_eq!(file(other), [Attachment { url: String::new(), ..expected.clone() }], "{other}");
    }
}
