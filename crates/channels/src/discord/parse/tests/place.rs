//! The place of a question, its time, and what the application may do there.

use super::*;

#[test]
fn a_place_is_a_servers_if_anything_says_so() {
    let direct = || {
        let text = include_str!("../fixtures/direct_message.json");
        serde_json::from_str::<Value>(text).unwrap()
    };
    assert_eq!(Place::of(&question(&direct())), Place::Direct);
    for (field, value) in [
        ("/guild_id", json!("1")),
        ("/guild", json!({ "id": "1" })),
        ("/member", json!({})),
        ("/context", json!(0)),
    ] {
        let mut command = direct();
        set(&mut command, field, Some(value));
        let id = Some("1010101010101010101".to_owned());
        assert_eq!(
            Place::of(&question(&command)),
            Place::Channel { id, parent: None, rights: Rights::ALL },
            "{field}"
        );
    }
}

#[test]
fn a_channel_is_known_by_either_field_and_only_a_thread_has_a_parent() {
    let channel = |id: Option<&str>, parent: Option<&str>| Place::Channel {
        id: id.map(ToOwned::to_owned),
        parent: parent.map(ToOwned::to_owned),
        rights: Rights::ALL,
    };
    for (object, plain, expected) in [
        (json!({ "id": "5", "type": 0, "parent_id": "6" }), json!("5"), channel(Some("5"), None)),
        (
            json!({ "id": "5", "type": 10, "parent_id": "6" }),
            json!("5"),
            channel(Some("5"), Some("6")),
        ),
        (
            json!({ "id": "5", "type": 11, "parent_id": "6" }),
            json!("5"),
            channel(Some("5"), Some("6")),
        ),
        (
            json!({ "id": "5", "type": 12, "parent_id": "6" }),
            json!("5"),
            channel(Some("5"), Some("6")),
        ),
        (json!({ "id": "5", "type": 13, "parent_id": "6" }), json!("5"), channel(Some("5"), None)),
        (json!({ "id": "5", "type": 11 }), json!("5"), channel(Some("5"), None)),
        (json!({ "id": "5" }), json!(null), channel(Some("5"), None)),
        (json!(null), json!("5"), channel(Some("5"), None)),
        (json!(null), json!(null), channel(None, None)),
        (json!({ "id": "../5", "type": 11, "parent_id": "6/7" }), json!(null), channel(None, None)),
    ] {
        let mut command = command();
        set(&mut command, "/app_permissions", None);
        set(&mut command, "/channel", Some(object));
        set(&mut command, "/channel_id", Some(plain));
        assert_eq!(Place::of(&question(&command)), expected);
    }
}

/// Returns the rights of the command with these bits, and with this owner of the installation.
fn rights(bits: &Value, owners: &Value) -> Rights {
    let mut command = command();
    set(&mut command, "/app_permissions", Some(bits.clone()));
    set(&mut command, "/authorizing_integration_owners", Some(owners.clone()));
    match Place::of(&question(&command)) {
        Place::Channel { rights, .. } => rights,
        Place::Direct => panic!("{command}"),
    }
}

const VIEW: u64 = 1 << 10;
const EMBED: u64 = 1 << 14;
const ATTACH: u64 = 1 << 15;
const HISTORY: u64 = 1 << 16;
const WEBHOOKS: u64 = 1 << 29;

#[test]
fn the_applications_permissions_are_its_rights() {
    let in_server = json!({ "0": "290926798626357999" });
    for (bits, reads, manages_webhooks) in [
        (0, false, false),
        (EMBED, false, false),
        (ATTACH, false, false),
        (VIEW, false, false),
        (HISTORY, false, false),
        (VIEW | HISTORY, true, false),
        (WEBHOOKS, false, true),
        (VIEW | HISTORY | WEBHOOKS, true, true),
        (1 << 3, true, true),
        (u64::MAX, true, true),
        (!(VIEW | HISTORY | WEBHOOKS | 1 << 3), false, false),
    ] {
        let attaches = bits & (ATTACH | 1 << 3) != 0;
        let expected = Rights { speaks: true, attaches, reads, manages_webhooks };
        assert_eq!(rights(&json!(bits.to_string()), &in_server), expected, "{bits}");
    }
}

#[test]
fn who_may_not_write_in_a_channel_does_not_speak_there() {
    const SEND: u64 = 1 << 11;
    const SEND_IN_THREADS: u64 = 1 << 38;
    for (kind, bits, speaks) in [
        (0, SEND, true),
        (0, SEND_IN_THREADS, false),
        (0, 1 << 3, true),
        (0, 0, false),
        (11, SEND, false),
        (11, SEND_IN_THREADS, true),
    ] {
        let mut command = command();
        set(&mut command, "/channel", Some(json!({ "id": "5", "type": kind, "parent_id": "6" })));
        set(&mut command, "/member/permissions", Some(json!(bits.to_string())));
        let Place::Channel { rights, .. } = Place::of(&question(&command)) else {
            panic!("{command}")
        };
        assert_eq!(rights.speaks, speaks, "{kind} {bits}");
    }
}

#[test]
fn files_are_attached_only_where_the_asker_and_the_application_may_attach_them() {
    for (asker, application, attaches) in [
        (json!(ATTACH.to_string()), json!(ATTACH.to_string()), true),
        (json!("8"), json!(ATTACH.to_string()), true),
        (json!(ATTACH.to_string()), json!(null), true),
        (json!(EMBED.to_string()), json!(ATTACH.to_string()), false),
        (json!(ATTACH.to_string()), json!(EMBED.to_string()), false),
        (json!(null), json!("0"), false),
    ] {
        let mut command = command();
        set(&mut command, "/member/permissions", Some(asker.clone()));
        set(&mut command, "/app_permissions", Some(application.clone()));
        let Place::Channel { rights, .. } = Place::of(&question(&command)) else {
            panic!("{command}")
        };
        assert_eq!(rights.attaches, attaches, "{asker} {application}");
    }
}

#[test]
fn who_is_slowed_down_in_a_channel_does_not_speak_there() {
    const SEND: u64 = 1 << 11 | 1 << 38;
    for (seconds, bits, speaks) in [
        (json!(0), json!(SEND.to_string()), true),
        (json!(null), json!(SEND.to_string()), true),
        (json!(5), json!(SEND.to_string()), false),
        (json!(21600), json!(SEND.to_string()), false),
        (json!(5), json!((SEND | 1 << 4).to_string()), true),
        (json!(5), json!((SEND | 1 << 13).to_string()), true),
        (json!(5), json!((SEND | 1 << 52).to_string()), true),
        (json!(5), json!("8"), true),
        (json!(5), json!(null), false),
    ] {
        for kind in [0, 11] {
            let mut command = command();
            let channel = json!({
                "id": "5", "type": kind, "parent_id": "6", "rate_limit_per_user": seconds,
            });
            set(&mut command, "/channel", Some(channel));
            set(&mut command, "/member/permissions", Some(bits.clone()));
            let Place::Channel { rights, .. } = Place::of(&question(&command)) else {
                panic!("{command}")
            };
            assert_eq!(rights.speaks, speaks, "{seconds} {bits} {kind}");
        }
    }
}

#[test]
fn a_right_that_nobody_tells_is_taken_for_granted() {
    let in_server = json!({ "0": "290926798626357999" });
    for untold in [json!(null), json!(""), json!("x"), json!(0), json!("-1"), json!("1e3")] {
        assert_eq!(rights(&untold, &in_server), Rights::ALL, "{untold}");
    }
}

#[test]
fn whoever_brought_the_application_along_brought_no_rights() {
    let all = json!(u64::MAX.to_string());
    for (owners, expected) in [
        (json!({ "0": "290926798626357999" }), Rights::ALL),
        (json!({ "0": "290926798626357999", "1": "5" }), Rights::ALL),
        (json!({ "1": "539082325061836806" }), Rights::NONE),
        (json!({}), Rights::NONE),
        (json!(null), Rights::ALL),
        (json!([]), Rights::ALL),
    ] {
        assert_eq!(rights(&all, &owners), expected, "{owners}");
    }
}

#[test]
fn a_server_is_known_by_either_field() {
    for (plain, object, expected) in [
        (json!("5"), json!({ "id": "6" }), Some("5")),
        (json!(null), json!({ "id": "6" }), Some("6")),
        (json!("5"), json!(null), Some("5")),
        (json!(null), json!(null), None),
        (json!("../5"), json!(null), None),
    ] {
        let mut command = command();
        set(&mut command, "/guild_id", Some(plain));
        set(&mut command, "/guild", Some(object));
        assert_eq!(question(&command).server.as_deref(), expected);
    }
    let direct = include_str!("../fixtures/direct_message.json");
    assert_eq!(question(&serde_json::from_str(direct).unwrap()).server, None);
}

#[test]
fn a_question_was_asked_when_its_id_says() {
    // The example of Discord's reference.
    let command = with("/id", Some(json!("175928847299117063")));
    assert_eq!(question(&command).asked.0, 1_462_015_105_796);
    // Not an id of Discord, but one that a job may have: as old as can be.
    assert_eq!(question(&with("/id", Some(json!("hand-made_1")))).asked.0, 0);
}

#[test]
fn a_conversation_is_one_persons_in_one_place() {
    let of = |command: &Value| question(command).conversation;
    let here = of(&command()).unwrap();
    let [platform, channel, asker] = here.split(':').collect::<Vec<_>>()[..] else {
        panic!("{here}")
    };
    assert_eq!(platform, "discord");
    assert_eq!(question(&command()).asker.id, asker);
    assert!(channel.bytes().all(|byte| byte.is_ascii_digit()));
    let mut elsewhere = with("/channel/id", Some(json!("1200000000000000999")));
    set(&mut elsewhere, "/channel_id", Some(json!("1200000000000000999")));
    assert_ne!(of(&elsewhere).unwrap(), here);
    assert_ne!(of(&with("/member/user/id", Some(json!("80351110224678999")))).unwrap(), here);
    // Ids that are none are nobody's: a name is never made of what somebody could choose.
    for (place, value) in [
        ("/member/user/id", json!("1:2")),
        ("/member/user/id", json!("")),
        ("/member/user/id", json!(null)),
    ] {
        assert_eq!(of(&with(place, Some(value.clone()))), None, "{place} {value}");
    }
    // What was said where nobody else reads along must not be told here.
    let mut unknown = with("/guild_id", None);
    set(&mut unknown, "/guild", None);
    assert_eq!(of(&unknown), None);
    let mut nowhere = with("/channel/id", Some(json!("../1")));
    set(&mut nowhere, "/channel_id", None);
    assert_eq!(of(&nowhere), None);
}
