//! Buttons below answers: which one, by whom, and with which rights.

use super::*;
use miyabi_core::i18n::buttons::Button;

/// A button of this name, pressed below the answer of a job by who has these permissions.
fn press(custom_id: &str, permissions: &str) -> Value {
    let mut press: Value =
        serde_json::from_str(include_str!("../fixtures/component.json")).unwrap();
    press["data"]["custom_id"] = json!(custom_id);
    press["member"]["permissions"] = json!(permissions);
    press
}

fn read(interaction: &Value) -> Press {
    match parse_bytes(interaction.to_string()) {
        Ok(Inbound::Press(press, Installation::Server)) => *press,
        other => panic!("{interaction}: {other:?}"),
    }
}

#[test]
fn a_press_names_its_job_its_message_and_who_pressed() {
    for (name, button) in [
        ("again", Button::Regenerate),
        ("follow", Button::FollowUp),
        ("why", Button::Why),
        ("delete", Button::Delete),
    ] {
        let press = read(&press(&format!("1.{name}.1300000000000000042"), "0"));
        assert_eq!((press.button, press.job.as_str()), (button, "1300000000000000042"));
        assert_eq!(press.message, "1299999999999999999");
        let expected = "https://discord.com/channels/290926798626357999/645027906669510667/1299999999999999999";
        assert_eq!(press.link, expected);
        assert_eq!(press.question.asker.id, "539082325061836806");
        assert_eq!(press.question.id.as_str(), "1300000000000000000");
        assert_eq!(press.question.text, "");
    }
}

#[test]
fn only_who_may_manage_messages_in_a_server_moderates() {
    for (permissions, is_moderator) in
        [("8192", true), ("8", true), ("0", false), ("2048", false), ("x", false)]
    {
        assert_eq!(
            read(&press("1.why.1", permissions)).is_moderator,
            is_moderator,
            "{permissions}"
        );
    }
    let mut untold = press("1.why.1", "8192");
    set(&mut untold, "/member/permissions", None);
    assert!(!read(&untold).is_moderator, "what is not told is not granted");
}

#[test]
fn a_message_that_is_not_told_has_no_address() {
    for message in [Value::Null, json!({}), json!({ "id": "../1" }), json!(7)] {
        let mut press = press("1.why.1", "0");
        press["message"] = message;
        let press = read(&press);
        assert_eq!((press.message.as_str(), press.link.as_str()), ("", ""));
    }
}

#[test]
fn what_is_no_button_of_ours_is_unknown() {
    for custom_id in ["click_one", "1.ask.1", "1.why.", "1.why.-1", "2.why.1", "1.why.1.2"] {
        let parsed = parse_bytes(press(custom_id, "0").to_string());
        assert_eq!(parsed, Ok(Inbound::Unknown(Language::Japanese)), "{custom_id}");
    }
}
