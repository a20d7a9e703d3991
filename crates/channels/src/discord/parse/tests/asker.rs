//! The name, id and picture of whoever asks.

use super::*;

#[test]
fn the_name_is_the_nickname_then_the_display_name_then_the_username() {
    for (nick, global_name, username, expected) in [
        (json!("みお"), json!("Mio"), json!("mio"), "みお"),
        (json!(null), json!("Mio"), json!("mio"), "Mio"),
        (json!(""), json!("Mio"), json!("mio"), "Mio"),
        (json!(" \u{3000}"), json!("Mio"), json!("mio"), "Mio"),
        (json!("\u{200b}\u{3164}"), json!("Mio"), json!("mio"), "Mio"),
        (json!(7), json!("Mio"), json!("mio"), "Mio"),
        (json!(null), json!(null), json!("mio"), "mio"),
        (json!(null), json!(" "), json!("mio"), "mio"),
        (json!(null), json!(null), json!(null), ""),
    ] {
        let mut command = command();
        set(&mut command, "/member/nick", Some(nick));
        set(&mut command, "/member/user/global_name", Some(global_name));
        set(&mut command, "/member/user/username", Some(username));
        assert_eq!(question(&command).asker.name, expected);
    }
}

#[test]
fn a_name_is_read_without_what_hides_in_it() {
    for (nick, expected) in [
        ("M\u{34f}iya\u{200b}bi\u{fe0f}", "Miyabi"),
        ("\u{202e}oiM", "oiM"),
        (" a \u{3164} b\n", "a b"),
    ] {
        assert_eq!(question(&with("/member/nick", Some(json!(nick)))).asker.name, expected);
    }
}

#[test]
fn the_handle_is_the_username_where_discord_gives_it_to_one_account_only() {
    for (username, discriminator, expected) in [
        (json!("mio_art"), json!("0"), "mio_art"),
        (json!("mio.art.2"), json!(null), "mio.art.2"),
        (json!("Mio"), json!("0000"), "Mio"),
        (json!("mio"), json!("1337"), ""),
        (json!("み お"), json!("0"), ""),
        (json!("m\u{456}o"), json!("0"), ""),
        (json!("a)(@admin"), json!("0"), ""),
        (json!("x".repeat(33)), json!("0"), ""),
        (json!(""), json!("0"), ""),
        (json!(null), json!("0"), ""),
        (json!(5), json!("0"), ""),
    ] {
        let mut command = command();
        set(&mut command, "/member/user/username", Some(username.clone()));
        set(&mut command, "/member/user/discriminator", Some(discriminator));
        assert_eq!(question(&command).asker.handle, expected, "{username}");
    }
}

#[test]
fn a_question_needs_no_asker() {
    for member in [None, Some(json!(null)), Some(json!({})), Some(json!({ "user": null }))] {
        let asker = question(&with("/member", member)).asker;
        assert_eq!((asker.id.as_str(), asker.name.as_str()), ("", ""));
        assert_eq!(asker.avatar_url, "https://cdn.discordapp.com/embed/avatars/0.png");
    }
}

/// Returns the avatar's path for these values of member's hash, user's hash, id and discriminator.
fn avatar(member: Option<&str>, user: Option<&str>, id: &str, discriminator: &str) -> String {
    let mut command = command();
    set(&mut command, "/member/avatar", Some(json!(member)));
    set(&mut command, "/member/user/avatar", Some(json!(user)));
    set(&mut command, "/member/user/id", Some(json!(id)));
    set(&mut command, "/member/user/discriminator", Some(json!(discriminator)));
    let url = question(&command).asker.avatar_url;
    url.strip_prefix("https://cdn.discordapp.com/").unwrap().to_owned()
}

/// Shifted by 22 bits it is 19157197529, which is 5 modulo 6.
const USER: &str = "80351110224678912";

#[test]
fn the_avatar_is_the_members_then_the_users_then_a_default_one() {
    let of_member = format!("guilds/290926798626357999/users/{USER}/avatars");
    for (member, user, id, discriminator, expected) in [
        (Some("abc"), Some("def"), USER, "0", format!("{of_member}/abc.png")),
        (Some("a_abc"), Some("def"), USER, "0", format!("{of_member}/a_abc.png")),
        (None, Some("def"), USER, "0", format!("avatars/{USER}/def.png")),
        (None, Some("a_def"), USER, "0", format!("avatars/{USER}/a_def.png")),
        (None, None, USER, "0", "embed/avatars/5.png".to_owned()),
        (None, None, USER, "0000", "embed/avatars/5.png".to_owned()),
        (None, None, USER, "", "embed/avatars/5.png".to_owned()),
        (None, None, USER, "1337", "embed/avatars/2.png".to_owned()),
        (None, None, "1", "0", "embed/avatars/0.png".to_owned()),
    ] {
        assert_eq!(avatar(member, user, id, discriminator), expected);
    }
}

#[test]
fn an_avatar_that_is_no_hash_cannot_lead_anywhere_else() {
    for hostile in [
        "",
        "../../x",
        "a/b",
        "a?b",
        "a#b",
        "a%2fb",
        "a b",
        "a\\b",
        "é",
        "https://evil.example/a",
        &"a".repeat(65),
    ] {
        let shown = avatar(Some(hostile), Some(hostile), USER, "0");
        assert_eq!(shown, "embed/avatars/5.png", "{hostile}");
    }
    for hostile in ["", "..", "1/2", "-1", "١", "1?", "1000000000000000000000"] {
        let shown = avatar(Some("abc"), Some("abc"), hostile, "0");
        assert_eq!(shown, "embed/avatars/0.png", "{hostile}");
    }
    let mut command = with("/guild_id", Some(json!("../1")));
    set(&mut command, "/member/avatar", Some(json!("abc")));
    assert_eq!(
        question(&command).asker.avatar_url,
        "https://cdn.discordapp.com/avatars/539082325061836806/\
         a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6.png"
    );
}

#[test]
fn the_askers_id_is_the_users_and_nothing_but_an_id() {
    assert_eq!(question(&command()).asker.id, "539082325061836806");
    let direct = include_str!("../fixtures/direct_message.json");
    let direct: Value = serde_json::from_str(direct).unwrap();
    assert_eq!(question(&direct).asker.id, "539082325061836806");
    for other in [json!(null), json!(5), json!(""), json!("x"), json!("1/2"), json!("1".repeat(21))]
    {
        let command = with("/member/user/id", Some(other));
        assert_eq!(question(&command).asker.id, "", "{command}");
    }
}
