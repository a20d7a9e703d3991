//! Permissions are computed as Discord documents it: roles, then the channel's overwrites of everybody, of the
//! roles together, and of the member.

use serde_json::json;

use super::*;

const SERVER: &str = "8";
const MIO: &str = "5";
const NOW: Millis = Millis(1_700_000_000_000);

/// A server in which everybody may see and write, with these further roles.
fn server(everybody: u64, roles: &[(&str, u64)]) -> Value {
    let all = [(SERVER, everybody)].into_iter().chain(roles.iter().copied());
    let role = |(id, permissions): (&str, u64)| json!({ "id": id, "permissions": permissions.to_string() });
    json!({ "id": SERVER, "owner_id": "1", "roles": all.map(role).collect::<Vec<_>>() })
}

fn member(roles: &[&str]) -> Value {
    json!({ "roles": roles, "communication_disabled_until": null, "pending": false })
}

fn channel(kind: u64, overwrites: &[(&str, u64, u64, u64)]) -> Value {
    let overwrite = |&(id, kind, deny, allow): &(&str, u64, u64, u64)| json!({ "id": id, "type": kind, "deny": deny.to_string(), "allow": allow.to_string() });
    let overwrites: Vec<_> = overwrites.iter().map(overwrite).collect();
    json!({ "type": kind, "permission_overwrites": overwrites, "rate_limit_per_user": 0 })
}

fn judge(server: &Value, member: &Value, channel: &Value) -> Result<Rights, Mute> {
    Standing { server, member, person: MIO, channel, home: channel, now: NOW }.judge()
}

const WRITE: u64 = VIEW_CHANNEL | SEND_MESSAGES | USE_APPLICATION_COMMANDS;
const EVERY: u64 = OF_ROLE;

/// Id, type, denied and allowed of each.
type Overwrites<'a> = &'a [(&'a str, u64, u64, u64)];

#[test]
fn overwrites_count_in_the_order_everybody_roles_member() {
    let hidden = Err(Mute::Hidden);
    let denied = Err(Mute::Denied);
    let plain = Ok(Rights { attaches: false, ..Rights::ALL });
    let cases: [(&str, u64, Overwrites<'_>, Result<Rights, Mute>); 15] = [
        ("nothing is overwritten", WRITE, &[], plain),
        ("the server grants nothing", 0, &[], hidden),
        ("the server lets read alone", VIEW_CHANNEL, &[], denied),
        ("commands are denied", WRITE, &[(SERVER, EVERY, USE_APPLICATION_COMMANDS, 0)], denied),
        ("everybody is denied", WRITE, &[(SERVER, EVERY, SEND_MESSAGES, 0)], denied),
        ("everybody is let in", 0, &[(SERVER, EVERY, 0, WRITE)], plain),
        (
            "a role allows what everybody is denied",
            WRITE,
            &[(SERVER, EVERY, WRITE, 0), ("20", OF_ROLE, 0, WRITE)],
            plain,
        ),
        (
            "the order of the list does not count",
            WRITE,
            &[("20", OF_ROLE, 0, WRITE), (SERVER, EVERY, WRITE, 0)],
            plain,
        ),
        (
            "of two roles the one that allows counts",
            WRITE,
            &[("20", OF_ROLE, 0, WRITE), ("21", OF_ROLE, WRITE, 0)],
            plain,
        ),
        ("another's role does not count", 0, &[("22", OF_ROLE, 0, WRITE)], hidden),
        (
            "the member is denied what a role allows",
            WRITE,
            &[("20", OF_ROLE, 0, WRITE), (MIO, OF_MEMBER, SEND_MESSAGES, 0)],
            denied,
        ),
        (
            "the member is allowed what all else denies",
            WRITE,
            &[(SERVER, EVERY, WRITE, 0), ("20", OF_ROLE, WRITE, 0), (MIO, OF_MEMBER, 0, WRITE)],
            plain,
        ),
        ("another member does not count", WRITE, &[("6", OF_MEMBER, WRITE, 0)], plain),
        ("an id of the other type does not count", WRITE, &[(MIO, OF_ROLE, WRITE, 0)], plain),
        ("who does not see writes nothing", WRITE, &[(SERVER, EVERY, VIEW_CHANNEL, 0)], hidden),
    ];
    let member = member(&["20", "21"]);
    for (why, everybody, overwrites, expected) in cases {
        let server = server(everybody, &[("20", 0), ("21", 0), ("22", 0)]);
        assert_eq!(judge(&server, &member, &channel(0, overwrites)), expected, "{why}");
    }
}

#[test]
fn roles_add_up_and_administrator_and_owner_may_do_all() {
    let denied = channel(0, &[(SERVER, EVERY, u64::MAX, 0), (MIO, OF_MEMBER, u64::MAX, 0)]);
    let roles = server(
        VIEW_CHANNEL | USE_APPLICATION_COMMANDS,
        &[("20", SEND_MESSAGES), ("21", ATTACH_FILES)],
    );
    let rights = judge(&roles, &member(&["20", "21"]), &channel(0, &[])).unwrap();
    assert!(rights.attaches);
    let administrators = server(0, &[("20", ADMINISTRATOR)]);
    assert_eq!(judge(&administrators, &member(&["20"]), &denied), Ok(Rights::ALL));
    assert_eq!(judge(&administrators, &member(&[]), &denied), Err(Mute::Hidden));
    let mut owned = server(0, &[]);
    owned["owner_id"] = json!(MIO);
    assert_eq!(judge(&owned, &member(&[]), &denied), Ok(Rights::ALL));
    // An overwrite cannot make an administrator.
    let made = channel(0, &[(MIO, OF_MEMBER, 0, ADMINISTRATOR)]);
    assert_eq!(judge(&server(0, &[]), &member(&[]), &made), Err(Mute::Hidden));
}

#[test]
fn who_is_timed_out_writes_nothing_until_it_is_over() {
    let server = server(WRITE, &[("20", ADMINISTRATOR)]);
    for (until, expected) in [
        (json!(null), true),
        (json!("2023-11-14T22:13:19.999000+00:00"), true),
        (json!("2023-11-14T22:13:21+00:00"), false),
        (json!("2999-01-01T00:00:00.123000+00:00"), false),
        (json!("?"), true),
    ] {
        for (roles, expected) in [(&[][..], expected), (&["20"][..], true)] {
            let mut member = member(roles);
            member["communication_disabled_until"] = until.clone();
            let judged = judge(&server, &member, &channel(0, &[]));
            assert_eq!(judged.is_ok(), expected, "{until} {roles:?}");
            assert!(judged.is_ok() || judged == Err(Mute::TimedOut));
        }
    }
}

#[test]
fn a_thread_has_a_permission_of_its_own_and_closes() {
    let server = server(VIEW_CHANNEL | SEND_MESSAGES_IN_THREADS | USE_APPLICATION_COMMANDS, &[]);
    let (member, home) = (member(&[]), channel(0, &[]));
    let thread = |archived: bool, locked: bool| json!({ "type": 11, "thread_metadata": { "archived": archived, "locked": locked } });
    let judge = |channel: &Value| {
        Standing { server: &server, member: &member, person: MIO, channel, home: &home, now: NOW }
            .judge()
            .map(drop)
    };
    assert_eq!(judge(&thread(false, false)), Ok(()));
    assert_eq!(judge(&thread(true, false)), Err(Mute::Closed));
    assert_eq!(judge(&thread(false, true)), Err(Mute::Closed));
    assert_eq!(judge(&home), Err(Mute::Denied));
}

#[test]
fn slow_mode_rules_and_voice_channels_hold_too() {
    let everybody = server(WRITE, &[("20", MANAGE_MESSAGES), ("21", BYPASS_SLOWMODE)]);
    let mut slow = channel(0, &[]);
    slow["rate_limit_per_user"] = json!(5);
    assert_eq!(judge(&everybody, &member(&[]), &slow), Err(Mute::Slowed));
    for role in ["20", "21"] {
        assert!(judge(&everybody, &member(&[role]), &slow).is_ok());
    }
    let mut pending = member(&[]);
    pending["pending"] = json!(true);
    assert_eq!(judge(&everybody, &pending, &channel(0, &[])), Err(Mute::Pending));
    let voice = channel(2, &[]);
    assert_eq!(judge(&everybody, &member(&[]), &voice), Err(Mute::Hidden));
    assert!(judge(&server(WRITE | CONNECT, &[]), &member(&[]), &voice).is_ok());
}

#[test]
fn what_is_no_json_of_discord_grants_nothing() {
    let odd = [Value::Null, json!([]), json!({ "roles": 5, "id": 7, "owner_id": null })];
    for (server, member) in odd.iter().flat_map(|one| odd.iter().map(move |other| (one, other))) {
        assert_eq!(judge(server, member, &channel(0, &[])), Err(Mute::Hidden));
    }
}
