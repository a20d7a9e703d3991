//! The app's manifest: what Slack is told of Miyabi. Register and doctor read the same lists.
//!
//! # Source
//! Slack docs/App manifest reference and its schema (`slackapi/manifest-schema`), read 2026-11-30.

use miyabi_channels::slack::{ASK, ASK_ABOUT, MIYABI};
use miyabi_core::i18n::commands as words;
use serde_json::{Map, Value, json};

use crate::slack::{COMMANDS, EVENTS, INTERACTIVITY};

/// Name of the app, under which people find it.
const NAME: &str = "Miyabi";
/// Name of its bot, by which it is mentioned: small letters, digits and `-_.` alone.
const BOT: &str = "miyabi";
/// What stands where somebody opens the chat with it, at most 300 characters.
const AGENT: &str = "Ask Miyabi anything: it looks up what it cannot know, reads the files that you send, \
                     and answers in the thread of your question.";
/// What the entry in a message's menu does.
const ABOUT: &str = "Ask Miyabi about this message, in its thread";
/// What `/miyabi` does.
const ABOUT_ALL: &str = "See what Miyabi can do, what you asked and used, and what it keeps of you";
/// What may stand behind `/miyabi`.
const MIYABI_HINT: &str =
    "help | new … | imagine … | status | cancel | usage | memory | link | privacy";

/// What the bot may do, by name, and what does not work without it.
pub const SCOPES: [(&str, &str); 16] = [
    ("app_mentions:read", "nobody can mention it"),
    ("assistant:write", "it does not stand among Slack's agents"),
    ("channels:history", "it cannot read on in threads of public channels"),
    ("channels:read", "it cannot see whether it may post in a public channel"),
    ("chat:write", "it cannot answer"),
    ("chat:write.public", "it answers only in channels to which somebody has invited it"),
    ("commands", "there are no slash commands and no entry in the menu of messages"),
    ("files:read", "it cannot read files"),
    ("files:write", "it cannot send files and images"),
    ("groups:history", "it cannot read on in threads of private channels"),
    ("groups:read", "it cannot see whether it may post in a private channel"),
    ("im:history", "it cannot read what people write to it alone"),
    ("im:read", "it cannot see whether a chat is with one person"),
    ("mpim:history", "it cannot read on in threads of group messages"),
    ("mpim:read", "it cannot see whether it may post in a group message"),
    ("users:read", "it knows neither names nor languages"),
];

/// Events that Slack sends.
pub const EVENTS_SERVED: [&str; 6] = [
    "app_home_opened",
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
];

/// Returns the manifest of an app whose Worker is at this address, without a final slash.
pub fn manifest(url: &str) -> Value {
    let to = |path: &str| format!("{url}{path}");
    let command = |name: &str, description: &str, hint: &str| {
        json!({
            "command": name, "url": to(COMMANDS), "description": description,
            "usage_hint": hint, "should_escape": false,
        })
    };
    json!({
        "display_information": { "name": NAME, "description": words::ASK.english },
        "features": {
            "agent_view": { "agent_description": AGENT },
            "app_home": {
                "home_tab_enabled": true, "messages_tab_enabled": true,
                "messages_tab_read_only_enabled": false,
            },
            "bot_user": { "display_name": BOT, "always_online": true },
            "shortcuts": [{
                "name": words::ASK_ABOUT.english, "type": "message", "callback_id": ASK_ABOUT,
                "description": ABOUT,
            }],
            "slash_commands": [
                command(ASK, words::ASK.english, words::ASK_QUESTION_NAME.english),
                command(MIYABI, ABOUT_ALL, MIYABI_HINT),
            ],
        },
        "oauth_config": { "scopes": { "bot": SCOPES.map(|(scope, _)| scope) } },
        "settings": {
            "event_subscriptions": { "request_url": to(EVENTS), "bot_events": EVENTS_SERVED },
            "interactivity": { "is_enabled": true, "request_url": to(INTERACTIVITY) },
            "org_deploy_enabled": false, "socket_mode_enabled": false,
            "token_rotation_enabled": false,
        },
    })
}

/// Returns the scopes that are not among those that Slack has granted, each with what does not work.
pub fn missing(granted: &str) -> Vec<String> {
    let granted: Vec<&str> = granted.split(',').map(str::trim).collect();
    let missing = SCOPES.iter().filter(|(scope, _)| !granted.contains(scope));
    missing.map(|(scope, without)| format!("{scope} ({without})")).collect()
}

/// Returns the manifest as it should become: what Miyabi needs, and everything else as it is there.
///
/// An app keeps the name that it was given, and settings of which Miyabi knows nothing, such as the addresses that
/// may use its token.
pub fn over(current: &Value, wanted: &Value) -> Value {
    let mut merged = current.clone();
    // One of two ways to be an agent, which exclude each other.
    if let Some(features) = merged.get_mut("features").and_then(Value::as_object_mut) {
        features.remove("assistant_view");
    }
    lay(&mut merged, wanted);
    for name in ["/display_information", "/features/bot_user/display_name"] {
        if let (Some(own), Some(place)) = (current.pointer(name), merged.pointer_mut(name)) {
            *place = own.clone();
        }
    }
    merged
}

fn lay(below: &mut Value, above: &Value) {
    let Value::Object(fields) = above else {
        *below = above.clone();
        return;
    };
    if !below.is_object() {
        *below = Value::Object(Map::new());
    }
    for (name, value) in fields {
        if let Some(below) = below.as_object_mut() {
            lay(below.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// Puts lists of names in order, in which Slack returns them otherwise.
pub fn sorted(manifest: &Value) -> Value {
    match manifest {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), sorted(value))).collect()
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(sorted).collect();
            items.sort_by_key(|item| item.get("command").unwrap_or(item).to_string());
            Value::Array(items)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => manifest.clone(),
    }
}

#[cfg(test)]
mod tests {
    use miyabi_channels::commands::COMMANDS;

    use super::*;
    use crate::project;
    use crate::value::text;

    const URL: &str = "https://miyabi.example";

    /// Lengths and forms that Slack's schema wants, by the place in the manifest.
    #[test]
    fn slack_takes_the_manifest() {
        let manifest = manifest(URL);
        let long = |place: &str| text_at(&manifest, place).chars().count();
        for (place, most) in [
            ("/display_information/name", 35),
            ("/display_information/description", 140),
            ("/features/agent_view/agent_description", 300),
            ("/features/bot_user/display_name", 80),
            ("/features/shortcuts/0/name", 24),
            ("/features/shortcuts/0/callback_id", 255),
            ("/features/shortcuts/0/description", 150),
        ] {
            assert!((1..=most).contains(&long(place)), "{place}");
        }
        let bot = text_at(&manifest, "/features/bot_user/display_name");
        assert!(
            bot.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
        );
        for command in manifest["features"]["slash_commands"].as_array().unwrap() {
            let name = text(command, "command");
            assert!(name.starts_with('/') && (2..=32).contains(&name.len()), "{name}");
            assert!((1..=2000).contains(&text(command, "description").chars().count()), "{name}");
            assert!((1..=1000).contains(&text(command, "usage_hint").chars().count()), "{name}");
            assert_eq!(text(command, "url"), "https://miyabi.example/slack/commands");
        }
        let settings = &manifest["settings"];
        let events = text_at(settings, "/event_subscriptions/request_url");
        assert_eq!(events, "https://miyabi.example/slack/events");
        let interactivity = text_at(settings, "/interactivity/request_url");
        assert_eq!(interactivity, "https://miyabi.example/slack/interactivity");
        for list in [
            &manifest["oauth_config"]["scopes"]["bot"],
            &settings["event_subscriptions"]["bot_events"],
        ] {
            let names: Vec<&str> =
                list.as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert!(names.is_sorted_by(|a, b| a < b), "each once, in order: {names:?}");
            assert!(names.iter().all(|name| (1..=50).contains(&name.len())), "{names:?}");
        }
    }

    fn text_at<'a>(value: &'a Value, place: &str) -> &'a str {
        value.pointer(place).and_then(Value::as_str).unwrap_or_default()
    }

    /// Slack refuses a subscription whose scope is not asked for, and the scope of an agent without its view.
    #[test]
    fn each_event_has_its_scope() {
        for (event, scope) in [
            ("app_mention", "app_mentions:read"),
            ("message.channels", "channels:history"),
            ("message.groups", "groups:history"),
            ("message.im", "im:history"),
            ("message.mpim", "mpim:history"),
        ] {
            assert!(EVENTS_SERVED.contains(&event), "{event}");
            assert!(SCOPES.iter().any(|(name, _)| *name == scope), "{scope}");
        }
        assert!(manifest(URL)["features"]["agent_view"].is_object());
    }

    /// A scope that nothing uses is one that an admin need not grant.
    #[test]
    fn each_scope_is_one_that_the_worker_uses() {
        let mut sources = project::read("src/routes/slack.rs").unwrap();
        let mut folders = vec![project::root().unwrap().join("crates/channels/src/slack")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    sources.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        let uses = [
            ("app_mentions:read", "\"app_mention\""),
            ("assistant:write", "\"assistant.threads.setStatus\""),
            ("channels:history", "\"conversations.replies\""),
            ("channels:read", "\"conversations.info\""),
            ("chat:write", "\"chat.postMessage\""),
            ("chat:write.public", "\"chat.postMessage\""),
            ("commands", "\"/ask\""),
            ("files:read", "\"url_private\""),
            ("files:write", "\"files.completeUploadExternal\""),
            ("groups:history", "\"conversations.replies\""),
            ("groups:read", "\"conversations.info\""),
            ("im:history", "\"conversations.history\""),
            ("im:read", "\"conversations.info\""),
            ("mpim:history", "\"conversations.replies\""),
            ("mpim:read", "\"conversations.info\""),
            ("users:read", "\"users.info\""),
        ];
        for (scope, word) in uses {
            let is_asked_for = SCOPES.iter().any(|(name, _)| *name == scope);
            assert_eq!(is_asked_for, sources.contains(word), "{scope}, for {word}");
        }
        let is_known = |scope: &str| uses.iter().any(|(name, _)| *name == scope);
        assert!(SCOPES.iter().all(|(scope, _)| is_known(scope)));
    }

    #[test]
    fn each_command_stands_in_the_hint() {
        let hinted: Vec<&str> = MIYABI_HINT.split([' ', '|']).collect();
        for (name, ..) in COMMANDS.iter().filter(|(name, ..)| *name != "ask") {
            assert!(hinted.contains(name), "{name}");
        }
    }

    #[test]
    fn what_is_missing_is_said_with_what_does_not_work() {
        let all = SCOPES.map(|(scope, _)| scope).join(",");
        assert!(missing(&all).is_empty());
        assert!(missing(&format!("{}, pins:read", all.replace(',', ", "))).is_empty());
        let without = all.replace("chat:write,", "");
        assert_eq!(missing(&without), ["chat:write (it cannot answer)"]);
        assert_eq!(missing("").len(), SCOPES.len());
    }

    #[test]
    fn an_app_keeps_what_its_people_have_made_of_it() {
        let current = json!({
            "display_information": { "name": "Jasmine", "background_color": "#123456" },
            "features": {
                "assistant_view": { "assistant_description": "old" },
                "bot_user": { "display_name": "jasmine", "always_online": false },
            },
            "settings": {
                "allowed_ip_address_ranges": ["192.0.2.1"],
                "event_subscriptions": { "request_url": "https://old.example", "bot_events": ["app_mention"] },
            },
        });
        let merged = over(&current, &manifest(URL));
        assert_eq!(merged["display_information"], current["display_information"]);
        let bot = json!({ "display_name": "jasmine", "always_online": true });
        assert_eq!(merged["features"]["bot_user"], bot);
        assert_eq!(merged["features"].get("assistant_view"), None);
        assert!(merged["features"]["agent_view"].is_object());
        assert_eq!(merged["settings"]["allowed_ip_address_ranges"], json!(["192.0.2.1"]));
        assert_eq!(merged["settings"]["event_subscriptions"]["bot_events"], json!(EVENTS_SERVED));
        assert_eq!(over(&json!({}), &manifest(URL)), manifest(URL));
        assert_eq!(over(&merged, &manifest(URL)), merged, "nothing is left to change");
    }

    #[test]
    fn the_order_of_names_makes_no_difference() {
        let one =
            json!({ "a": ["x", "y"], "b": [{ "command": "/p", "url": "2" }, { "command": "/q" }] });
        let other =
            json!({ "a": ["y", "x"], "b": [{ "command": "/q" }, { "command": "/p", "url": "2" }] });
        assert_eq!(sorted(&one), sorted(&other));
    }
}
