//! Settings are read, defaulted and refused as documented.

use std::collections::BTreeMap;

use super::*;

mod access;
mod budgets;
mod mcp;
mod origins;
mod search;
mod suggestions;
mod team;

pub(super) struct Map(BTreeMap<&'static str, &'static str>);

impl Environment for Map {
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| (*value).to_owned())
    }

    fn has_binding(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

fn complete() -> Map {
    Map(BTreeMap::from([
        ("DISCORD_APPLICATION_ID", "775799577604522054"),
        ("DISCORD_PUBLIC_KEY", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
        ("DISCORD_WEBHOOK_URL", "https://discord.com/api/webhooks/123/to-ken_1"),
        ("DISCORD_TOKEN", "bot"),
        ("MIYABI_MODEL", "@cf/meta/llama-3.3-70b-instruct-fp8-fast"),
        ("AI", ""),
        ("miyabi_db", ""),
        ("miyabi_workflow", ""),
        ("miyabi_queue", ""),
        ("miyabi_cache", ""),
    ]))
}

/// Reads what one method of a reader reads, and returns it with the names of the settings that are wrong.
pub(super) fn read_by<T>(
    values: &[(&'static str, &'static str)],
    read: fn(&mut Reader<'static, Map>) -> T,
) -> (T, Vec<&'static str>) {
    let environment: &Map = Box::leak(Box::new(Map(values.iter().copied().collect())));
    let mut reader = Reader { environment, problems: Vec::new() };
    let found = read(&mut reader);
    (found, reader.problems.iter().map(|problem| problem.setting.name).collect())
}

/// Reads an environment whose channel takes any webhook as it is.
fn read(environment: &impl Environment) -> Config {
    Config::read(environment, |text, api_base| {
        let (_, path) = text.split_once("/webhooks/")?;
        Some(Webhook { url: format!("{api_base} {path}"), id: path.to_owned() })
    })
}

#[test]
fn remembers_where_that_is_on_and_has_somewhere_to_be_kept() {
    for (word, binding, expected) in [
        (None, true, true),
        (Some("on"), true, true),
        (Some("off"), true, false),
        (None, false, false),
        (Some("on"), false, false),
    ] {
        let mut map = complete();
        map.0.extend(word.map(|word| ("MIYABI_MEMORY", word)));
        map.0.extend(binding.then_some(("miyabi_conversation", "")));
        let settings = read(&map).settings.unwrap();
        assert_eq!(settings.is_remembering, expected, "{word:?} {binding}");
    }
    let mut map = complete();
    map.0.insert("MIYABI_MEMORY", "yes");
    assert!(problems(&map).contains("`MIYABI_MEMORY` is not `on` or `off`"));
}

#[test]
fn a_limit_that_is_bound_has_a_number_to_tell() {
    let read_limit = |map: &Map| read(map).settings.unwrap().asker_limit;
    let mut map = complete();
    assert_eq!(read_limit(&map), None);
    map.0.insert("miyabi_asker_limit", "");
    assert_eq!(read_limit(&map), Some(5));
    map.0.insert("MIYABI_ASKER_LIMIT", "20");
    assert_eq!(read_limit(&map), Some(20));
    for wrong in ["0", "off", "1000001"] {
        map.0.insert("MIYABI_ASKER_LIMIT", wrong);
        assert!(problems(&map).contains("`MIYABI_ASKER_LIMIT` is not a number from 1"), "{wrong}");
    }
}

#[test]
fn visitors_may_ask_only_with_a_secret_and_a_limit() {
    const SHORT: &str = "123456789abcdef0123456789abcdef";
    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    let with = |values: &[(&'static str, &'static str)]| {
        let mut map = complete();
        map.0.extend(values.iter().copied());
        map
    };
    let on = ("MIYABI_ANONYMOUS", "on");
    let bound = ("miyabi_visitor_limit", "");
    for off in [&[][..], &[("MIYABI_ANONYMOUS", "off"), ("MIYABI_SESSION_SECRET", "x"), bound]] {
        assert!(read(&with(off)).settings.unwrap().visitors.is_none());
    }
    let visitors = read(&with(&[on, bound, ("MIYABI_SESSION_SECRET", SECRET)]));
    let visitors = visitors.settings.unwrap().visitors.unwrap();
    assert_eq!((visitors.secret.reveal(), visitors.limit), (SECRET, 10));
    for (values, wrong) in [
        (&[on, bound][..], "missing secret `MIYABI_SESSION_SECRET`"),
        (&[on, bound, ("MIYABI_SESSION_SECRET", "off")], "missing secret `MIYABI_SESSION_SECRET`"),
        (
            &[on, bound, ("MIYABI_SESSION_SECRET", SHORT)],
            "secret `MIYABI_SESSION_SECRET` is shorter than 32 bytes",
        ),
        (&[on, ("MIYABI_SESSION_SECRET", SECRET)], "missing binding `miyabi_visitor_limit`"),
        (&[("MIYABI_ANONYMOUS", "yes")], "variable `MIYABI_ANONYMOUS` is not `on` or `off`"),
    ] {
        let problems = problems(&with(values));
        assert!(problems.contains(wrong), "{problems}");
        assert!(!problems.contains(SHORT), "{problems}");
    }
}

#[test]
fn conversations_may_be_shared_unless_that_is_off() {
    for (word, expected) in [(None, true), (Some("on"), true), (Some("off"), false)] {
        let mut map = complete();
        map.0.extend(word.map(|word| ("MIYABI_SHARING", word)));
        assert_eq!(read(&map).settings.unwrap().is_sharing, expected, "{word:?}");
    }
    let mut map = complete();
    map.0.insert("MIYABI_SHARING", "no");
    assert!(problems(&map).contains("`MIYABI_SHARING` is not `on` or `off`"));
}

#[test]
fn remembers_nothing_in_the_servers_that_are_named() {
    let mut map = complete();
    map.0.insert("miyabi_conversation", "");
    map.0.insert("MIYABI_MEMORY_OFF_SERVERS", "7, -9");
    let settings = read(&map).settings.unwrap();
    let remembers = [None, Some("7"), Some("8"), Some("-9")].map(|it| settings.remembers_in(it));
    assert_eq!(remembers, [true, false, true, false]);
    map.0.insert("MIYABI_MEMORY", "off");
    let settings = read(&map).settings.unwrap();
    assert!([None, Some("8")].into_iter().all(|server| !settings.remembers_in(server)));
    map.0.insert("MIYABI_MEMORY_OFF_SERVERS", "all");
    assert!(problems(&map).contains("`MIYABI_MEMORY_OFF_SERVERS` is not a list of server ids"));
}

fn problems(map: &Map) -> String {
    read(map).settings.unwrap_err().to_string()
}

#[test]
fn reads_a_complete_environment_with_defaults() {
    let settings = read(&complete()).settings.unwrap();
    assert_eq!((settings.max_tokens, settings.max_chunks, settings.jobs_per_asker), (1024, 5, 3));
    let Watch { stall_s, deadline_s, retention_days } = settings.watch;
    assert_eq!((stall_s, deadline_s, retention_days), (540, 780, 30));
    assert_eq!(settings.discord.api_base, "https://discord.com/api/v10");
    assert_eq!(settings.discord.webhook_url.reveal(), "https://discord.com/api/v10 123/to-ken_1");
    assert_eq!(settings.discord.webhook_id, "123/to-ken_1");
}

#[test]
fn discord_is_off_where_telegram_is_on_and_none_of_its_secrets_is_set() {
    let mut map = complete();
    map.0.retain(|name, _| !name.starts_with("DISCORD_"));
    assert!(problems(&map).contains("DISCORD_TOKEN"), "there is no other channel");
    map.0.insert("TELEGRAM_BOT_TOKEN", "1:abc");
    map.0.insert("TELEGRAM_SECRET_TOKEN", "abc");
    let config = read(&map);
    assert_eq!(config.public_key, None);
    let settings = config.settings.unwrap();
    assert!(!settings.discord.is_on() && settings.telegram.is_some());
    map.0.insert("DISCORD_TOKEN", "half");
    assert!(problems(&map).contains("DISCORD_APPLICATION_ID"), "half of it is a mistake");
    assert!(read(&complete()).settings.unwrap().discord.is_on());
}

/// Reads a complete environment with this operator's token.
fn with_token(token: &'static str) -> Config {
    let mut map = complete();
    map.0.insert("MIYABI_OPERATOR_TOKEN", token);
    read(&map)
}

#[test]
fn without_an_operator_s_token_or_with_off_there_is_none() {
    assert_eq!(read(&complete()).operator_token, None);
    for token in ["", " \n", "off", " off\n"] {
        let config = with_token(token);
        assert_eq!(config.operator_token, None, "{token:?}");
        assert!(config.settings.is_ok(), "{token:?}");
    }
}

#[test]
fn an_operator_s_token_that_could_be_guessed_is_a_problem_and_no_token() {
    let guessable = ["x", "OFF", "on", "password", "fifteen-charact"];
    let repeated = ["0000000000000000", "offoffoffoffoffoffoff", "abcabcabcabcabcabcabc"];
    // They would open nothing: a header does not bring them as they are.
    let unsendable =
        ["雅雅雅雅雅雅", "雅な道具箱と八つの違う文字の合い言葉", "two words and some more 12"];
    for token in [guessable.as_slice(), &repeated, &unsendable].concat() {
        let config = with_token(token);
        assert_eq!(config.operator_token, None, "{token}");
        let message = config.settings.unwrap_err().to_string();
        assert!(message.contains("`MIYABI_OPERATOR_TOKEN` is not `off` or a token"), "{message}");
        assert!(token.len() < 8 || !message.contains(token), "{message}");
    }
    let config = with_token(" sixteen-characte\n");
    assert_eq!(config.operator_token.as_ref().map(Secret::reveal), Some("sixteen-characte"));
    assert!(config.settings.is_ok());
}

#[test]
fn lists_all_that_is_missing_with_the_command_that_sets_it() {
    let config = read(&Map(BTreeMap::new()));
    let message = config.settings.unwrap_err().to_string();
    for setting in SETTINGS.iter().filter(|setting| setting.default.is_none()) {
        assert!(message.contains(&format!("`{}`", setting.name)), "{}", setting.name);
        assert!(message.contains(&setting.hint()), "{}", setting.hint());
    }
    assert_eq!(config.public_key, None);
}

#[test]
fn a_blank_value_is_missing() {
    let mut map = complete();
    map.0.insert("DISCORD_TOKEN", "  ");
    assert_eq!(
        problems(&map),
        "missing secret `DISCORD_TOKEN`\nhint: npx wrangler secret put DISCORD_TOKEN"
    );
}

#[test]
fn says_what_is_wrong_with_a_value_without_repeating_it() {
    for (name, value, wrong) in [
        ("DISCORD_PUBLIC_KEY", "d75a98", "is not 64 hex digits"),
        ("DISCORD_WEBHOOK_URL", "https://discord.com/channels/1/2", "is not …/webhooks/"),
        ("DISCORD_API_BASE", "http://discord.com/api/v10", "is not an https URL"),
        ("WEATHER_API_BASE", "http://127.0.0.1.example.com", "is not an https URL"),
        ("GEOCODING_API_BASE", "http://localhost@example.com", "is not an https URL"),
        ("PAGES_API_BASE", "http://10.0.0.1", "is not an https URL"),
        ("MIYABI_FETCH_PAGES", "yes", "is not `on` or `off`"),
        ("MIYABI_FETCH_BLOCKED", "https://a.example/", "is not a list of names of hosts"),
        ("DISCORD_APPLICATION_ID", "1/../2", "is not an id"),
        ("DISCORD_API_BASE", "discord.com", "is not an https URL"),
        ("MIYABI_MAX_TOKENS", "0", "is not a number"),
        ("MIYABI_MAX_TOKENS", "many", "is not a number"),
    ] {
        let mut map = complete();
        map.0.insert(name, value);
        let message = problems(&map);
        assert!(message.contains(name) && message.contains(wrong), "{message}");
        assert!(value.len() < 3 || !message.contains(value), "{message}");
    }
}

#[test]
fn the_public_key_is_usable_before_the_rest_is_set() {
    let mut map = complete();
    map.0.remove("DISCORD_TOKEN");
    assert!(read(&map).public_key.is_some());
}

/// Every number, with its least, its most and what it is by default.
const NUMBERS: [(&str, u32, u32, u32); 6] = [
    ("MIYABI_MAX_TOKENS", 1, 16_384, 1024),
    ("MIYABI_MAX_CHUNKS", 1, 10, 5),
    ("MIYABI_JOBS_PER_ASKER", 1, 100, 3),
    ("MIYABI_STALL_SECONDS", 10, 3600, 540),
    ("MIYABI_DEADLINE_SECONDS", 60, 780, 780),
    ("MIYABI_RETENTION_DAYS", 1, 3650, 30),
];

/// Reads a complete environment in which one number has this text.
fn with_number(name: &'static str, text: &str) -> Result<u32, ConfigError> {
    struct Changed<'a>(Map, &'static str, &'a str);

    impl Environment for Changed<'_> {
        fn text(&self, name: &str) -> Option<String> {
            if name == self.1 { Some(self.2.to_owned()) } else { self.0.text(name) }
        }

        fn has_binding(&self, name: &str) -> bool {
            self.0.has_binding(name)
        }
    }

    let settings = read(&Changed(complete(), name, text)).settings?;
    Ok(match name {
        "MIYABI_MAX_TOKENS" => settings.max_tokens,
        "MIYABI_CACHE_SECONDS" => settings.cache_s,
        "MIYABI_STREAMING" => settings.is_streaming.into(),
        "MIYABI_MAX_CHUNKS" => settings.max_chunks.try_into().unwrap(),
        "MIYABI_JOBS_PER_ASKER" => settings.jobs_per_asker,
        "MIYABI_STALL_SECONDS" => settings.watch.stall_s,
        "MIYABI_DEADLINE_SECONDS" => settings.watch.deadline_s,
        _ => settings.watch.retention_days,
    })
}

#[test]
fn a_number_is_taken_within_its_range_and_nowhere_else() {
    for (name, least, most, default) in NUMBERS {
        for taken in [least, default, most] {
            assert_eq!(with_number(name, &taken.to_string()), Ok(taken), "{name}");
            assert_eq!(with_number(name, &format!(" {taken}\n")), Ok(taken), "{name}");
        }
        assert_eq!(with_number(name, ""), Ok(default), "{name}");
        let range = format!("is not a number from {least} to {most}");
        for refused in [
            (least - 1).to_string(),
            (most + 1).to_string(),
            format!("-{least}"),
            format!("{most}.0"),
        ] {
            let message = with_number(name, &refused).unwrap_err().to_string();
            assert!(message.contains(name) && message.contains(&range), "{refused}: {message}");
        }
        assert!(with_number(name, "99999999999999999999").is_err(), "{name}");
    }
}

#[test]
fn a_numbers_documented_range_is_its_range() {
    for (name, least, most, default) in NUMBERS {
        let setting = SETTINGS.iter().find(|setting| setting.name == name).unwrap();
        assert!(setting.doc.contains(&format!("({least} to {most})")), "{}", setting.doc);
        assert_eq!(setting.default, Some(default.to_string().as_str()), "{name}");
    }
}

#[test]
fn a_binding_with_a_default_may_be_left_unbound_and_any_other_may_not() {
    for setting in SETTINGS.iter().filter(|setting| setting.kind == Kind::Binding) {
        let mut map = complete();
        map.0.remove(setting.name);
        let is_optional = setting.default.is_some();
        assert_eq!(read(&map).settings.is_ok(), is_optional, "{}", setting.name);
        if !is_optional {
            let missing =
                format!("missing binding `{0}`\nhint: bind `{0}` in wrangler.toml", setting.name);
            assert_eq!(problems(&map), missing);
        }
    }
}

/// Reads a complete environment with these settings.
fn with(changed: &[(&'static str, &'static str)]) -> Result<Settings, ConfigError> {
    let mut map = complete();
    for (name, text) in changed {
        map.0.insert(name, text);
    }
    read(&map).settings
}

#[test]
fn answers_are_saved_for_a_minute_at_least_or_not_at_all() {
    for (value, seconds) in [
        ("0", Some(0)),
        ("60", Some(60)),
        ("2592000", Some(2_592_000)),
        ("59", None),
        ("2592001", None),
    ] {
        let read = with_number("MIYABI_CACHE_SECONDS", value);
        assert_eq!(read.ok(), seconds, "{value}");
    }
}

#[test]
fn saved_answers_need_their_namespace() {
    let mut map = complete();
    map.0.remove("miyabi_cache");
    assert!(read(&map).settings.is_ok());
    map.0.insert("MIYABI_CACHE_SECONDS", "600");
    assert!(problems(&map).contains("missing binding `miyabi_cache`"));
}

#[test]
fn streaming_is_on_or_off() {
    for (word, expected) in [("on", Some(true)), ("off", Some(false)), ("yes", None)] {
        let read = with_number("MIYABI_STREAMING", word);
        assert_eq!(read.ok(), expected.map(u32::from), "{word}");
    }
}
