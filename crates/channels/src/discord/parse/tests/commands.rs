//! Which command an interaction is, and who may use it.

use super::*;
use miyabi_core::i18n::attribution;
use miyabi_core::i18n::keys;
use miyabi_core::i18n::memory::Wish;

#[test]
fn only_who_manages_a_server_is_told_what_its_members_use() {
    let inquiry = |pointer: &str, value: Option<Value>| {
        let mut usage = with("/data/name", Some(json!("usage")));
        usage["data"].as_object_mut().unwrap().remove("options");
        set(&mut usage, pointer, value);
        match parse_bytes(usage.to_string()) {
            Ok(Inbound::Usage(inquiry)) => inquiry,
            other => panic!("{other:?}"),
        }
    };
    let server = Some("290926798626357999".to_owned());
    for (permissions, may_know) in [
        (json!("8"), true),
        (json!("32"), true),
        (json!("2251799813685247"), true),
        (json!("0"), false),
        (json!("16"), false),
        (json!("2251799813685207"), false),
        (json!(8), false),
        (json!(""), false),
        (json!("-8"), false),
    ] {
        let inquiry = inquiry("/member/permissions", Some(permissions.clone()));
        let expected = Inquiry {
            asker: "539082325061836806".to_owned(),
            server: server.clone().filter(|_| may_know),
            language: Language::Japanese,
        };
        assert_eq!(inquiry, expected, "{permissions}");
    }
    assert_eq!(inquiry("/member/permissions", None).server, None, "who is not told of has none");
    assert_eq!(inquiry("/guild_id", Some(json!("x"))).server, None);
    let nobody = inquiry("/member/user/id", Some(json!("not a snowflake")));
    assert_eq!((nobody.asker.as_str(), nobody.server), ("", server));
    let mut direct: Value =
        serde_json::from_str(include_str!("../fixtures/direct_message.json")).unwrap();
    set(&mut direct, "/data/name", Some(json!("usage")));
    let Ok(Inbound::Usage(inquiry)) = parse_bytes(direct.to_string()) else { panic!("{direct}") };
    assert_eq!((inquiry.asker.as_str(), inquiry.server), ("539082325061836806", None));
}

/// `/key` with this in its data's options.
fn key(options: Value) -> Value {
    let mut key = with("/data/name", Some(json!("key")));
    key["data"]["options"] = options;
    key
}

#[test]
fn a_command_about_keys_has_its_subcommand_and_who_sends_it() {
    let text = |name: &str, value: Value| json!({ "name": name, "type": 3, "value": value });
    let create =
        |name: &str, scopes: &str| keys::Wish::Create { name: name.into(), scopes: scopes.into() };
    for (subcommand, options, wish) in [
        (
            "create",
            json!([text("name", json!("a")), text("scopes", json!("chat"))]),
            create("a", "chat"),
        ),
        ("create", json!([text("scopes", json!(5)), text("x", json!("y"))]), create("", "5")),
        ("create", json!(null), create("", "")),
        ("create", json!([{ "name": "name", "options": [] }, 7]), create("", "")),
        ("list", json!([]), keys::Wish::List),
        (
            "revoke",
            json!([text("id", json!("00ff"))]),
            keys::Wish::Revoke { id: "00ff".to_owned() },
        ),
        ("revoke", json!({}), keys::Wish::Revoke { id: String::new() }),
    ] {
        let subcommand = json!([{ "name": subcommand, "type": 1, "options": options }]);
        let Ok(Inbound::Key(inquiry, installation)) = parse_bytes(key(subcommand).to_string())
        else {
            panic!("{wish:?}")
        };
        let expected = keys::Inquiry {
            owner: "539082325061836806".to_owned(),
            server: Some("290926798626357999".to_owned()),
            is_manager: true,
            wish,
            language: Language::Japanese,
        };
        assert_eq!((inquiry, installation), (expected, Installation::Server));
    }
    for options in [json!([]), json!(null), json!([{ "name": "steal" }]), json!([{}]), json!([7])] {
        let parsed = parse_bytes(key(options.clone()).to_string());
        assert_eq!(parsed, Ok(Inbound::Unknown(Language::Japanese)), "{options}");
    }
}

#[test]
fn link_wants_a_code_whatever_comes_with_it() {
    for options in [json!(null), json!([{ "name": "revoke", "type": 1 }])] {
        let mut link = key(options);
        set(&mut link, "/data/name", Some(json!("link")));
        let Ok(Inbound::Key(inquiry, installation)) = parse_bytes(link.to_string()) else {
            panic!("{link}")
        };
        assert_eq!((inquiry.wish, installation), (keys::Wish::Link, Installation::Server));
        assert_eq!(inquiry.owner, "539082325061836806");
    }
}

#[test]
fn link_takes_accounts_back_only_where_that_is_chosen() {
    for (value, wish) in [(true, keys::Wish::Unlink), (false, keys::Wish::Link)] {
        let mut link = key(json!([{ "name": "off", "type": 5, "value": value }]));
        set(&mut link, "/data/name", Some(json!("link")));
        let Ok(Inbound::Key(inquiry, _)) = parse_bytes(link.to_string()) else { panic!("{link}") };
        assert_eq!(inquiry.wish, wish);
    }
}

#[test]
fn only_who_manages_a_server_manages_what_it_knows() {
    let is_manager = |pointer: &str, value: Value| {
        let mut list = key(json!([{ "name": "list", "type": 1 }]));
        set(&mut list, pointer, Some(value));
        match parse_bytes(list.to_string()) {
            Ok(Inbound::Key(inquiry, _)) => inquiry.is_manager,
            other => panic!("{other:?}"),
        }
    };
    for (permissions, expected) in
        [(json!("8"), true), (json!("32"), true), (json!("16"), false), (json!(null), false)]
    {
        assert_eq!(
            is_manager("/member/permissions", permissions.clone()),
            expected,
            "{permissions}"
        );
    }
    assert!(!is_manager("/guild_id", json!("x")), "there is no server");
}

#[test]
fn what_is_wanted_of_memory_is_its_subcommand() {
    let wish = |options: Value| {
        let mut command = with("/data/name", Some(json!("memory")));
        set(&mut command, "/data/options", Some(options));
        parse_bytes(command.to_string()).unwrap()
    };
    let number = |value: Value| json!([{ "name": "number", "type": 4, "value": value }]);
    for (name, options, expected) in [
        ("list", json!([]), Wish::List),
        ("forget", number(json!(3)), Wish::Forget { id: 3 }),
        ("forget-all", json!([]), Wish::ForgetAll),
        ("export", json!(null), Wish::Export),
        ("on", json!([]), Wish::Switch { is_on: true }),
        ("off", json!([]), Wish::Switch { is_on: false }),
    ] {
        let parsed = wish(json!([{ "name": name, "type": 1, "options": options }]));
        let Inbound::Memory(question, wish) = parsed else { panic!("{parsed:?}") };
        assert_eq!((wish, question.asker.id.as_str()), (expected, "539082325061836806"));
    }
    for options in [
        json!([]),
        json!(null),
        json!([{ "name": "learn", "type": 1 }]),
        json!([{ "name": "forget", "type": 1 }]),
        json!([{ "name": "forget", "type": 1, "options": number(json!("3")) }]),
        json!([{ "name": "forget", "type": 1, "options": number(json!(-3)) }]),
        json!([{ "name": "forget", "type": 1, "options": [{ "name": "id", "value": 3 }] }]),
    ] {
        assert_eq!(wish(options.clone()), Inbound::Unknown(Language::Japanese), "{options}");
    }
}

#[test]
fn another_command_is_unknown() {
    for (pointer, value) in [
        ("/data/name", Some(json!("notify_asker"))),
        ("/data/name", Some(json!("ASK"))),
        ("/data/name", None),
        ("/data/type", Some(json!(2))),
        ("/data/type", Some(json!("1"))),
        ("/data", None),
        ("/data", Some(json!([]))),
    ] {
        let parsed = parse_bytes(with(pointer, value).to_string());
        assert_eq!(parsed, Ok(Inbound::Unknown(Language::Japanese)), "{pointer}");
    }
}

#[test]
fn a_command_without_a_type_is_a_slash_command() {
    for kind in [None, Some(json!(null)), Some(json!(1))] {
        assert_eq!(question(&with("/data/type", kind)).text, "雅とは何ですか？");
    }
}

#[test]
fn only_who_manages_messages_is_told_who_asked() {
    let asked = |pointer: &str, value: Option<Value>| {
        let mut menu = with("/data", Some(who_asked("1299999999999999999")));
        set(&mut menu, pointer, value);
        match parse_bytes(menu.to_string()) {
            Ok(Inbound::WhoAsked(inquiry)) => inquiry,
            other => panic!("{other:?}"),
        }
    };
    let server = Some("290926798626357999".to_owned());
    for (permissions, may_know) in [
        (json!("8"), true),
        (json!("8192"), true),
        (json!("2251799813685247"), true),
        (json!("0"), false),
        (json!("32"), false),
        (json!("2251799813677055"), true),
        (json!("2251799813677047"), false),
        (json!(8192), false),
        (json!(""), false),
        (json!("-8192"), false),
        (json!(null), false),
    ] {
        let expected = attribution::Inquiry {
            message: "1299999999999999999".to_owned(),
            moderator: "539082325061836806".to_owned(),
            server: server.clone().filter(|_| may_know),
            language: Language::Japanese,
        };
        let inquiry = asked("/member/permissions", Some(permissions.clone()));
        assert_eq!(inquiry, expected, "{permissions}");
    }
    assert_eq!(asked("/guild_id", Some(json!("x"))).server, None);
    for odd in [json!(5), json!("../1"), json!("@original"), json!(""), json!(null)] {
        assert_eq!(asked("/data/target_id", Some(odd.clone())).message, "", "{odd}");
    }
    let mut direct: Value =
        serde_json::from_str(include_str!("../fixtures/direct_message.json")).unwrap();
    set(&mut direct, "/data", Some(who_asked("1")));
    let Ok(Inbound::WhoAsked(inquiry)) = parse_bytes(direct.to_string()) else {
        panic!("{direct}")
    };
    assert_eq!(inquiry.server, None, "there is nobody who moderates");
}

/// The command in the menu of a message.
fn who_asked(message: &str) -> Value {
    let messages = json!({ message: { "id": message, "content": "hi", "type": 0 } });
    json!({
        "id": "771825006014889986", "type": 3, "name": "Who asked this", "target_id": message,
        "resolved": { "messages": messages },
    })
}

#[test]
fn a_slash_command_of_that_name_is_none_for_moderators() {
    for kind in [json!(1), json!(2), json!(null), json!("3")] {
        let mut menu = with("/data", Some(who_asked("1")));
        set(&mut menu, "/data/type", Some(kind.clone()));
        let parsed = parse_bytes(menu.to_string());
        assert_eq!(parsed, Ok(Inbound::Unknown(Language::Japanese)), "{kind}");
    }
}

/// `/ask` with these options besides its question.
#[expect(clippy::needless_pass_by_value, reason = "tests write it where they use it")]
fn ask_with(options: Value) -> Value {
    let mut ask = command();
    let options = options.as_array().unwrap().clone();
    let question = json!({ "name": "question", "type": 3, "value": "why?" });
    ask["data"]["options"] = [vec![question], options].concat().into();
    ask
}

#[test]
fn a_private_question_is_posted_nowhere_and_belongs_to_a_conversation_of_its_own() {
    let private =
        |value: Value| ask_with(json!([{ "name": "private", "type": 5, "value": value }]));
    let asked = question(&private(json!(true)));
    assert!(asked.is_private && !asked.is_fresh);
    assert_eq!(Place::of(&asked), Place::Direct);
    assert_eq!(
        asked.conversation.as_deref(),
        Some("discord:645027906669510667-private:539082325061836806")
    );
    assert_eq!(asked.server.as_deref(), Some("290926798626357999"), "its budget counts");
    for value in [json!(false), json!("true"), json!(1), json!(null)] {
        let asked = question(&private(value));
        assert!(!asked.is_private && Place::of(&asked) != Place::Direct);
    }
    let mut direct: Value =
        serde_json::from_str(include_str!("../fixtures/direct_message.json")).unwrap();
    let public = question(&direct).conversation;
    direct["data"]["options"] = private(json!(true))["data"]["options"].clone();
    assert_eq!(question(&direct).conversation, public, "nobody else reads along there anyway");
}

#[test]
fn a_model_is_taken_as_it_is_named() {
    let model = |value: Value| ask_with(json!([{ "name": "model", "type": 3, "value": value }]));
    let asked = question(&model(json!(" openai/gpt-5-mini ")));
    assert_eq!(asked.model.as_deref(), Some("openai/gpt-5-mini"));
    for value in [json!(""), json!(" "), json!(7), json!(null)] {
        assert_eq!(question(&model(value)).model, None);
    }
}

#[test]
fn completions_are_for_the_option_that_is_being_typed() {
    let complete = |name: &str, focused: Value| {
        let mut ask = ask_with(json!([
            { "name": name, "type": 3, "value": " GPT", "focused": focused },
        ]));
        ask["type"] = json!(4);
        parse_bytes(ask.to_string()).unwrap()
    };
    let expected = Completion {
        typed: "gpt".to_owned(),
        server: Some("290926798626357999".to_owned()),
        installation: Installation::Server,
    };
    assert_eq!(complete("model", json!(true)), Inbound::CompleteModel(expected));
    let asker = "539082325061836806".to_owned();
    let conversation = format!("discord:645027906669510667:{asker}");
    let expected = Inbound::CompleteQuestion { asker, conversation, typed: "gpt".to_owned() };
    assert_eq!(complete("question", json!(true)), expected);
    for (name, focused) in [("model", json!(false)), ("model", json!(null)), ("other", json!(true))]
    {
        assert_eq!(complete(name, focused), Inbound::Autocomplete, "{name}");
    }
}

#[test]
fn help_status_and_cancel_are_read() {
    let named = |name: &str| {
        let mut command = with("/data/name", Some(json!(name)));
        set(&mut command, "/data/options", None);
        parse_bytes(command.to_string()).unwrap()
    };
    let server = Some("290926798626357999".to_owned());
    assert_eq!(named("help"), Inbound::Help(Language::Japanese, server, Installation::Server));
    for (name, cancels) in [("status", false), ("cancel", true)] {
        let asker = "539082325061836806".to_owned();
        let language = Language::Japanese;
        let expected = status::Inquiry { asker, cancels, reminder: None, language };
        assert_eq!(named(name), Inbound::Status(expected));
    }
}

#[test]
fn a_reminder_is_completed_and_taken_back_by_cancel() {
    let cancel = |kind: u64, value: &str| {
        let mut command = ask_with(json!([
            { "name": "reminder", "type": 3, "value": value, "focused": kind == 4 },
        ]));
        set(&mut command, "/data/name", Some(json!("cancel")));
        command["type"] = json!(kind);
        parse_bytes(command.to_string()).unwrap()
    };
    let asker = "539082325061836806".to_owned();
    let typed = "pizza".to_owned();
    assert_eq!(cancel(4, " Pizza"), Inbound::CompleteReminder { asker: asker.clone(), typed });
    for (value, reminder) in [(" reminder_1_0 ", Some("reminder_1_0".to_owned())), (" ", None)] {
        let (asker, language) = (asker.clone(), Language::Japanese);
        let expected = status::Inquiry { asker, cancels: true, reminder, language };
        assert_eq!(cancel(2, value), Inbound::Status(expected), "{value}");
    }
}

#[test]
fn what_is_to_be_drawn_is_one_line_and_private_where_no_file_may_be() {
    let imagine = |prompt: Value, private: bool| {
        let mut command = ask_with(json!([]));
        set(&mut command, "/data/name", Some(json!("imagine")));
        command["data"]["options"] = json!([
            { "name": "prompt", "type": 3, "value": prompt },
            { "name": "private", "type": 5, "value": private },
        ]);
        command
    };
    let asked = question(&imagine(json!(" a cat\n on the moon "), false));
    assert_eq!(
        (asked.text.as_str(), asked.draws, asked.is_private),
        ("a cat on the moon", true, false)
    );
    assert!(question(&imagine(json!("a cat"), true)).is_private);
    assert!(!question(&ask_with(json!([]))).draws);
    let mut without_files = imagine(json!("a cat"), false);
    // View Channel and Send Messages, without Attach Files.
    set(&mut without_files, "/member/permissions", Some(json!("3072")));
    let asked = question(&without_files);
    assert!(asked.is_private && asked.draws);
    for nothing in [json!(""), json!(" \n"), json!("\u{200b}")] {
        let parsed = parse_bytes(imagine(nothing.clone(), false).to_string());
        assert_eq!(parsed, Ok(Inbound::DrawNothing(Language::Japanese)), "{nothing}");
    }
}
