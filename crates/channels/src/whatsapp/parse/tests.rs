//! Which messages are for Miyabi, what they ask, and that no delivery is an error that would come again for a week.

use super::*;
use crate::commands::Command;
use miyabi_core::i18n::Language;
use miyabi_core::i18n::buttons::Button;
use miyabi_core::ids::Millis;
use miyabi_testing::fuzz::{Numbers, mutate, rounds};
use serde_json::json;

const NUMBER: &str = "106540352242922";
const DISPLAY: &str = "15550783881";

fn metadata() -> Value {
    json!({ "display_phone_number": "+1 555-078-3881", "phone_number_id": NUMBER })
}

fn delivery(value: &Value) -> Value {
    let changes = json!([{ "field": "messages", "value": value }]);
    json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": changes }] })
}

/// A message of a person, with these fields over its own.
fn message(fields: &Value) -> Value {
    let mut message = json!({
        "from": "16505551234", "from_user_id": "US.1", "id": "wamid.a", "timestamp": "1700000000",
    });
    let own = message.as_object_mut().unwrap();
    own.extend(fields.as_object().unwrap().clone());
    own.retain(|_, value| !value.is_null());
    message
}

fn words(text: &str) -> Value {
    message(&json!({ "type": "text", "text": { "body": text } }))
}

fn of(messages: &[Value]) -> Value {
    let contact = json!({ "profile": { "name": "Sheena  Nelson" }, "wa_id": "16505551234" });
    delivery(&json!({
        "messaging_product": "whatsapp", "metadata": metadata(), "contacts": [contact], "messages": messages,
    }))
}

fn parsed(body: &Value) -> Delivery {
    parse(&Verified::of_test(body.to_string().as_bytes()), NUMBER).unwrap()
}

fn told(message: &Value) -> Told {
    let mut delivery = parsed(&of(core::slice::from_ref(message)));
    assert_eq!(delivery.messages.len(), 1, "{message}");
    match delivery.messages.remove(0).what {
        What::Told(told) => *told,
        What::Pressed(press) => panic!("pressed {press:?}"),
    }
}

#[test]
fn a_message_is_a_question_of_who_wrote_it() {
    let Told { wish, question, files, .. } = told(&words("What is tea?"));
    assert_eq!((wish, question.text.as_str(), files.len()), (Wish::Answer, "What is tea?", 0));
    assert_eq!(question.asker.id, "whatsapp:US.1");
    assert_eq!(question.asker.name, "Sheena Nelson");
    assert_eq!(question.asked, Millis(1_700_000_000_000));
    assert_eq!(question.conversation.as_deref(), Some("whatsapp:106540352242922:whatsapp:US.1"));
    assert_eq!(question.server, None);
    let place = Place::of(&question).unwrap();
    assert_eq!((place.chat(), place.message.as_str()), ("US.1", "wamid.a"));
}

#[test]
fn who_has_no_number_or_no_other_name_is_somebody_all_the_same() {
    let hidden = told(&message(&json!({ "from": null, "type": "text", "text": { "body": "hi" } })));
    assert_eq!(
        (hidden.question.asker.id.as_str(), hidden.question.asker.name.as_str()),
        ("whatsapp:US.1", "")
    );
    let old = message(&json!({ "from_user_id": null, "type": "text", "text": { "body": "hi" } }));
    assert_eq!(told(&old).question.asker.id, "whatsapp:16505551234");
    let nobody = message(
        &json!({ "from": null, "from_user_id": "", "type": "text", "text": { "body": "hi" } }),
    );
    assert_eq!(parsed(&of(&[nobody])).unserved, ["messages"]);
}

#[test]
fn everything_in_a_delivery_is_read() {
    let value = |nth: u64| {
        let messages: Vec<_> = (0..3_u64)
            .map(|it| {
                let time = (1_700_000_010 - nth * 3 - it).to_string();
                let id = format!("wamid.{nth}.{it}");
                message(
                    &json!({ "id": id, "timestamp": time, "type": "text", "text": { "body": id } }),
                )
            })
            .collect();
        json!({
            "metadata": metadata(), "messages": messages,
            "statuses": [{ "id": format!("wamid.s{nth}"), "status": "sent", "timestamp": "1", "biz_opaque_callback_data": "job.1" }],
        })
    };
    let change = |nth| json!([{ "field": "messages", "value": value(nth) }, { "field": "newer", "value": {} }]);
    let body = json!({
        "object": "whatsapp_business_account",
        "entry": [{ "id": "1", "changes": change(0) }, { "id": "1", "changes": change(1) }],
    });
    let Delivery { messages, statuses, unserved, .. } = parsed(&body);
    assert_eq!((messages.len(), statuses.len(), unserved), (6, 2, vec!["other"]));
    assert!(messages.is_sorted_by_key(|message| message.place.wrote_s), "the oldest first");
}

#[test]
fn a_status_says_what_became_of_a_message() {
    let body = delivery(&json!({ "metadata": metadata(), "statuses": [
        { "id": "wamid.a", "status": "read", "timestamp": "1", "biz_opaque_callback_data": "job.1" },
        { "id": "wamid.b", "status": "failed", "timestamp": "1", "errors": [{ "code": 131_047 }] },
        { "id": "wamid.c", "status": "failed", "timestamp": "1" },
        { "status": "sent" }, { "id": 5, "status": "sent" }, 7,
    ]}));
    let statuses = parsed(&body).statuses;
    let read: Vec<_> = statuses.iter().map(|it| (it.tag.as_str(), it.failed)).collect();
    assert_eq!(read, [("job.1", None), ("", Some(131_047)), ("", Some(0))]);
    assert!(statuses.iter().all(|it| it.message.len() == 16), "no id of Meta's is kept");
}

#[test]
fn commands_are_typed_or_chosen() {
    for (text, wish, rest) in [
        ("/help", Wish::Command(Command::Help), ""),
        ("/CANCEL 2", Wish::Command(Command::Cancel), "2"),
        ("/ask What is tea?", Wish::Answer, "What is tea?"),
        ("/ask", Wish::Command(Command::Ask), ""),
        ("/nothing here", Wish::UnknownCommand, "here"),
        ("/etc/passwd?", Wish::Answer, "/etc/passwd?"),
        ("/", Wish::Answer, "/"),
        ("  ", Wish::Nothing, ""),
    ] {
        let told = told(&words(text));
        assert_eq!((told.wish, told.question.text.as_str()), (wish, rest), "{text}");
    }
    assert!(told(&words("/new hi")).question.is_fresh);
    let chosen =
        json!({ "type": "list_reply", "list_reply": { "id": "/status", "title": "/status" } });
    let row = message(&json!({ "type": "interactive", "interactive": chosen }));
    assert_eq!(told(&row).wish, Wish::Command(Command::Status));
    let button =
        message(&json!({ "type": "button", "button": { "payload": "x", "text": "Yes, please" } }));
    assert_eq!(told(&button).question.text, "Yes, please");
}

#[test]
fn a_button_below_an_answer_is_told_from_others() {
    let pressed = |id: &str| {
        let reply = json!({ "type": "button_reply", "button_reply": { "id": id, "title": "Why" } });
        parsed(&of(&[message(&json!({ "type": "interactive", "interactive": reply }))]))
    };
    let job = super::super::job_id(NUMBER, "wamid.x").unwrap();
    let found = pressed(&format!("why:{job}")).messages.remove(0);
    let What::Pressed(press) = found.what else { panic!("{found:?}") };
    assert_eq!((press.button, &press.job), (Button::Why, &job));
    assert_eq!(press.question.asker.id, "whatsapp:US.1");
    let elsewhere = pressed("why:telegram_1_2_3");
    assert_eq!((elsewhere.messages.len(), elsewhere.unserved), (0, vec!["other"]));
    let words = pressed("cancel-button").messages.remove(0);
    assert!(matches!(words.what, What::Told(told) if told.question.text == "Why"));
}

#[test]
fn files_are_questions_too() {
    let file = |kind: &str, fields: Value| told(&message(&json!({ "type": kind, kind: fields })));
    let image = file("image", json!({ "id": "7", "caption": "Where is this?" }));
    assert_eq!((image.question.text.as_str(), image.files.len()), ("Where is this?", 1));
    assert_eq!(file("document", json!({ "id": "7" })).question.text, "What is this?");
    let voice = file("audio", json!({ "id": "7", "voice": true }));
    assert!(voice.files[0].is_spoken && voice.question.text == "Answer what I say here.");
    assert_eq!(file("video", json!({ "id": "7" })).wish, Wish::Unreadable);
    assert_eq!(file("video", json!({ "id": "7", "caption": "hi" })).wish, Wish::Answer);
    assert_eq!(file("location", json!({ "latitude": 1.5, "longitude": 2 })).wish, Wish::Unreadable);
}

#[test]
fn what_is_forwarded_is_somebody_elses() {
    let forwarded = message(
        &json!({ "type": "text", "text": { "body": "/privacy delete everything" }, "context": { "forwarded": true } }),
    );
    let told = told(&forwarded);
    assert_eq!((told.wish, told.is_forwarded), (Wish::Answer, true));
    assert_eq!(told.question.quote.unwrap().text, "/privacy delete everything");
    assert!(told.question.text.contains("Explain"), "{}", told.question.text);
}

#[test]
fn what_is_not_served_is_told_by_its_kind() {
    for (kind, shown) in [
        ("reaction", "reaction"),
        ("system", "system"),
        ("order", "order"),
        ("unsupported", "unsupported"),
        ("edit", "edit"),
        ("revoke", "revoke"),
        ("poll", "other"),
        ("interactive", "other"),
    ] {
        let read = parsed(&of(&[message(&json!({ "type": kind }))]));
        assert_eq!((read.messages.len(), read.unserved), (0, vec![shown]), "{kind}");
    }
    let change = |field: &str| {
        let changes = json!([{ "field": field, "value": { "metadata": metadata() } }]);
        parsed(&json!({ "object": "whatsapp_business_account", "entry": [{ "changes": changes }] }))
    };
    assert_eq!(change("standby").unserved, ["standby"]);
    assert_eq!(change("brand_new").unserved, ["other"]);
    let elsewhere =
        delivery(&json!({ "metadata": { "phone_number_id": "5" }, "messages": [words("hi")] }));
    assert_eq!(parsed(&elsewhere).unserved, ["another_number"]);
}

#[test]
fn who_is_called_something_else_is_told() {
    let read = |updates: Value| {
        let value = json!({ "metadata": metadata(), "user_id_update": updates });
        let changes = json!([{ "field": "user_id_update", "value": value }]);
        parsed(&json!({ "object": "whatsapp_business_account", "entry": [{ "changes": changes }] }))
    };
    let (old, new) = ("whatsapp:US.1".to_owned(), "whatsapp:US.2".to_owned());
    for update in [
        json!({ "previous": "US.1", "current": "US.2" }),
        json!({ "wa_id": "1", "user_id": { "previous": "US.1", "current": "US.2" } }),
    ] {
        assert_eq!(read(json!([update])).renamed, [(old.clone(), new.clone())]);
    }
    for odd in [
        json!([{ "previous": "US.1" }]),
        json!([{ "previous": "", "current": "US.2" }, 5]),
        json!(7),
    ] {
        assert!(read(odd).renamed.is_empty());
    }
}

#[test]
fn in_a_group_it_answers_who_addresses_it() {
    let said = |fields: Value| {
        let mut message = message(&fields);
        message["group_id"] = json!("Y2FwaV9ncm91cDoxZD==");
        message["timestamp"] = json!(1_700_000_000);
        parsed(&of(&[message])).messages
    };
    let text = |body: &str| json!({ "type": "text", "text": { "body": body } });
    assert!(said(text("hi all")).is_empty() && said(text("/other hi")).is_empty());
    let mention = said(text(&format!("@{DISPLAY} What is tea?"))).remove(0);
    assert_eq!(mention.place.wrote_s, 1_700_000_000);
    let What::Told(told) = mention.what else { panic!() };
    assert_eq!(told.question.text, "What is tea?");
    assert_eq!(
        told.question.server.as_deref(),
        Some(super::super::group_key("Y2FwaV9ncm91cDoxZD==").as_str())
    );
    assert_eq!(said(text("/ask hi")).len(), 1);
    let command = said(text(&format!("@{DISPLAY} /help"))).remove(0);
    assert!(matches!(command.what, What::Told(told) if told.wish == Wish::Command(Command::Help)));
    let mut reply = text("and coffee?");
    reply["context"] = json!({ "from": DISPLAY, "id": "wamid.b" });
    assert_eq!(said(reply.clone()).len(), 1);
    reply["context"]["from"] = json!("16505559999");
    assert!(said(reply).is_empty());
}

#[test]
fn who_writes_with_the_numbers_own_app_is_no_asker() {
    let own = message(&json!({ "from": DISPLAY, "type": "text", "text": { "body": "hi" } }));
    assert!(parsed(&of(&[own])).messages.is_empty());
}

#[test]
fn the_language_is_that_of_the_words_or_of_the_number() {
    let language = |from: &str, user: &str, body: &str| {
        let fields =
            json!({ "from": from, "from_user_id": user, "type": "text", "text": { "body": body } });
        told(&message(&fields)).question.language
    };
    assert_eq!(language("16505551234", "US.1", "hi"), Language::English);
    assert_eq!(language("16505551234", "US.1", "お茶とは?"), Language::Japanese);
    assert_eq!(language("819012345678", "JP.1", "hi"), Language::Japanese);
}

#[test]
fn metas_own_examples_are_read() {
    let schema = include_str!("examples.json");
    let examples: serde_json::Map<String, Value> = serde_json::from_str(schema).unwrap();
    assert_eq!(examples.len(), 16);
    for (name, body) in examples {
        let delivery = parse(&Verified::of_test(body.to_string().as_bytes()), NUMBER).unwrap();
        assert_eq!(delivery.messages.len() + delivery.unserved.len(), 1, "{name}: {delivery:?}");
    }
}

#[test]
fn what_is_no_delivery_is_refused() {
    for body in ["", "{", "[]", "5", "{}", r#"{"object":"page","entry":[]}"#] {
        let read = parse(&Verified::of_test(body.as_bytes()), NUMBER);
        assert_eq!(read, Err(Rejection::Malformed), "{body}");
    }
    let deep = format!(r#"{{"object":"whatsapp_business_account","entry":{}"#, "[".repeat(200));
    assert_eq!(parse(&Verified::of_test(deep.as_bytes()), NUMBER).unwrap().unserved, ["other"]);
}

#[test]
fn no_change_to_what_meta_sends_is_a_panic_or_anothers_job() {
    let mut numbers = Numbers::new(0x51_7c_c1_b7);
    let mut group = words("/ask hi");
    group["group_id"] = json!("Y2Fw");
    let seeds = [
        of(&[words("What is tea?"), group]),
        of(&[message(
            &json!({ "type": "image", "image": { "id": "7", "sha256": "x=", "caption": "hi" } }),
        )]),
        of(&[message(
            &json!({ "type": "text", "text": { "body": "x" }, "context": { "forwarded": true, "from": DISPLAY } }),
        )]),
        of(&[message(
            &json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": { "id": "why:whatsapp_106540352242922_0", "title": "Why" } } }),
        )]),
        delivery(
            &json!({ "metadata": metadata(), "statuses": [{ "id": "wamid.b", "status": "failed", "timestamp": "1", "errors": [{ "code": 131_047 }] }] }),
        ),
    ];
    for round in 0..rounds(60_000) {
        let mut body = seeds[round % seeds.len()].clone();
        for _ in 0..=numbers.below(3) {
            mutate(&mut body, &mut numbers);
        }
        let bytes = body.to_string().into_bytes();
        let cut = if numbers.below(5) == 0 { numbers.below(bytes.len()) } else { bytes.len() };
        let Ok(read) = parse(&Verified::of_test(&bytes[..cut]), NUMBER) else { continue };
        for message in read.messages {
            let question = match &message.what {
                What::Told(told) => &told.question,
                What::Pressed(press) => &press.question,
            };
            assert!(question.id.as_str().starts_with("whatsapp_106540352242922_"), "{body}");
            assert!(question.asker.id.len() > "whatsapp:".len(), "{body}");
        }
    }
}
