//! What people press and send.

use super::*;
use miyabi_core::i18n::buttons::Button;

pub(super) fn pressed(payload: &Value) -> Result<Inbound, Rejection> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("payload", &payload.to_string());
    interaction(&verified(form.finish().as_bytes()))
}

pub(super) fn press(action: &str, job: &str) -> Value {
    json!({
        "type": "block_actions", "team": { "id": "T1" }, "channel": { "id": "C1" },
        "user": { "id": "U5", "username": "mio", "team_id": "T1" },
        "message": { "ts": "1700000009.000001", "thread_ts": TS },
        "trigger_id": "1.2.abc", "actions": [{ "action_id": action, "value": job }],
    })
}

#[test]
fn a_press_says_which_button_below_which_answer() {
    let Ok(Inbound::Pressed(read)) = pressed(&press("why", JOB)) else { panic!() };
    let Pressed { press: of, trigger, begins } = *read;
    assert_eq!((of.button, of.job.as_str()), (Button::Why, JOB));
    assert_eq!((trigger.as_str(), begins), ("1.2.abc", None));
    assert_eq!(of.question.asker.id, "slack:T1.U5");
    assert!(of.question.id.as_str().starts_with("slack_T1_C1_p"));
    let mut in_channel = press("follow", JOB);
    in_channel["message"]["thread_ts"] = json!("1700000009.000001");
    let Ok(Inbound::Pressed(read)) = pressed(&in_channel) else { panic!() };
    assert_eq!(read.begins.as_deref(), Some("1700000009.000001"), "its thread begins with it");
    for (action, job) in [
        ("why", "slack_T1_C2_1700000000123456"),
        ("why", "slack_T2_C1_1700000000123456"),
        ("why", "telegram_1_2_3"),
        ("why", "a b"),
        ("other", JOB),
    ] {
        let read = pressed(&press(action, job));
        assert_eq!(read, Ok(Inbound::Unserved("block_actions")), "{action} {job}");
    }
}

#[test]
fn a_message_is_explained_from_its_menu() {
    let payload = json!({
        "type": "message_action", "callback_id": "ask_about", "team": { "id": "T1" },
        "channel": { "id": "C1" }, "user": { "id": "U5" }, "trigger_id": "1.2.abc",
        "action_ts": "1700000010.000001",
        "message": { "type": "message", "user": "U9", "ts": TS, "text": "<https://a.example|docs> &amp; more" },
    });
    let mut read = told(pressed(&payload).unwrap());
    read.complete("Mio", "en-US");
    assert_eq!(read.wish, Wish::Answer);
    assert_eq!(read.question.text, "Explain this message.");
    assert_eq!(read.question.quote.unwrap().text, "[docs](https://a.example) & more");
    assert_eq!(read.place.thread.as_deref(), Some(TS));
    assert_eq!(read.window, Some(Window::Opens("1.2.abc".to_owned())));
    let mut empty = payload.clone();
    empty["message"]["text"] = json!("");
    assert_eq!(told(pressed(&empty).unwrap()).wish, Wish::Unreadable);
    let mut other = payload;
    other["callback_id"] = json!("else");
    assert_eq!(pressed(&other), Ok(Inbound::Unserved("message_action")));
}

#[test]
fn a_form_is_one_question_of_whoever_opened_it() {
    let place = Place::new(("T1", "C1", Some(TS)), "U5", true).unwrap();
    let kept = json!({
        "id": "slack_T1_C1_p0", "place": place, "conversation": "slack:T1.C1:slack:T1.U5", "files": [],
    });
    let payload = json!({
        "type": "view_submission", "team": { "id": "T1" }, "user": { "id": "U5" },
        "view": {
            "id": "V1", "callback_id": "question", "private_metadata": kept.to_string(),
            "state": { "values": { "question": { "question": { "value": "and why?" } } } },
        },
    });
    let read = told(pressed(&payload).unwrap());
    assert_eq!((read.question.text.as_str(), read.wish), ("and why?", Wish::Answer));
    assert_eq!(read.window, Some(Window::Sent("slack_T1_C1_p0".to_owned())));
    assert_eq!(read.question.conversation.as_deref(), Some("slack:T1.C1:slack:T1.U5"));
    assert!(Place::is_of_form(&read.question.id) && read.place == place);
    assert_eq!(told(pressed(&payload).unwrap()).question.id, read.question.id, "once");
    for (at, value) in [
        ("/user/id", json!("U6")),
        ("/team/id", json!("T2")),
        ("/view/callback_id", json!("else")),
        ("/view/private_metadata", json!("{}")),
        ("/view/id", json!(5)),
    ] {
        let mut other = payload.clone();
        *other.pointer_mut(at).unwrap() = value;
        assert_eq!(pressed(&other), Ok(Inbound::Unserved("view_submission")), "{at}");
    }
    let mut blank = payload;
    blank["view"]["state"] = json!(null);
    assert_eq!(told(pressed(&blank).unwrap()).question.text, "");
}

#[test]
fn what_is_no_interaction_is_malformed() {
    for body in ["", "payload=", "payload=x", "payload=%7B%7D", "other=%7B%7D"] {
        let read = interaction(&verified(body.as_bytes()));
        assert_eq!(read, Err(Rejection::Malformed), "{body}");
    }
    assert_eq!(
        pressed(&json!({ "type": "view_submission" })),
        Ok(Inbound::Unserved("view_submission"))
    );
}
