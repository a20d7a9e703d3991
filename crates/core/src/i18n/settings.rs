//! Words of a server's settings, and who wants to see or change them.

use super::usage::{SHOWN, dollars};
use super::{Language, Markup, Sentence};
use crate::config::parse_dollars;
use crate::server::{MAX_DAY_LIMIT, MIN_BUDGET_NANO, ServerSettings};

/// Who wants to see or change the settings of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Server's id, if whoever wants it manages the server.
    pub server: Option<String>,
    /// Id of whoever wants it; empty if the platform did not tell it.
    pub person: String,
    /// Id of the event: the same event changes something once.
    pub event: String,
    /// Language of the reply.
    pub language: Language,
    /// What is wanted.
    pub wish: Wish,
}

/// What is wanted of a server's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// To see them.
    Show,
    /// To see them before they are written in a form.
    Write,
    /// To change them, as they were seen in this version.
    Change(u64, Change),
}

/// A change of a server's settings, as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Language of answers and sentences; `None` for that of each person.
    Language(Option<Language>),
    /// Ids of the only channels; empty for all.
    Channels(Vec<String>),
    /// Ids of the only models.
    Models(Vec<String>),
    /// Names of the only tools; empty for none.
    Tools(Vec<String>),
    /// Whether questions are quoted, and not posted in the names of who asks.
    Quotes(bool),
    /// Whether nothing is remembered.
    Forgets(bool),
    /// What was written in the form.
    Form {
        /// Wish about manner and topics; blank for none.
        persona: String,
        /// Most questions of a person in a day; blank for no limit.
        day_limit: String,
        /// Most US dollars in a day; blank for no limit.
        budget: String,
    },
    /// The settings before the last change.
    Undo,
}

impl Change {
    /// Returns the word for what is changed. It is stored.
    pub const fn part(&self) -> &'static str {
        match self {
            Self::Language(_) => "language",
            Self::Channels(_) => "channels",
            Self::Models(_) => "models",
            Self::Tools(_) => "tools",
            Self::Quotes(_) => "questions",
            Self::Forgets(_) => "memory",
            Self::Form { .. } => "persona",
            Self::Undo => "undo",
        }
    }
}

/// A change that was made, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Version that it made.
    pub version: u64,
    /// What was changed: see [`Change::part`].
    pub part: String,
    /// Id of who changed it.
    pub by: String,
    /// When, in Unix seconds.
    pub at_s: u64,
}

const fn pair(english: &'static str, japanese: &'static str) -> Sentence {
    Sentence { english, japanese }
}

/// Reply to who does not manage the server.
pub const NOT_YOURS: Sentence = pair(
    "Only members who may manage this server see and change its settings.",
    "設定を見たり変えたりできるのは、このサーバーで「サーバー管理」の権限がある人だけです。",
);

/// What stands above settings that were changed by somebody else meanwhile.
pub const CHANGED_MEANWHILE: Sentence = pair(
    "The settings were changed meanwhile, so nothing was changed now. This is how they are:",
    "その間に設定が変わっていたので、いまは何も変えていません。現在の設定です。",
);

/// What stands above settings whose form had a wrong number.
pub const WRONG_LIMIT: Sentence = pair(
    "A limit is a number from 1 to 10000, or nothing. Nothing was changed.",
    "回数は1から10000までの数か、空欄にしてください。何も変えていません。",
);

/// What stands above settings whose form had a wrong amount.
pub const WRONG_BUDGET: Sentence = pair(
    "An amount is US dollars from 0.01 to 1000000, such as 2.50, or nothing. Nothing was changed.",
    "金額は0.01から1000000までの米ドル（例: 2.50）か、空欄にしてください。何も変えていません。",
);

/// Label of the button that opens the form, and title of the form.
pub const FORM: Sentence = pair("Persona and limits", "口調と上限");

/// Label of the field for the wish about manner and topics.
pub const PERSONA: Sentence = pair("Manner and topics", "口調や話題の希望");

/// What stands in that field while it is empty.
pub const PERSONA_HINT: Sentence = pair(
    "A wish that answers follow where they can. It overrides no rule.",
    "回答の参考にします。もとの決まりは変わりません。",
);

/// Label of the field for the limit.
pub const LIMIT: Sentence = pair("Questions of one person in a day", "1人が1日に質問できる回数");

/// Label of the field for the limit of money.
pub const BUDGET: Sentence = pair("US dollars in a day", "1日に使える金額（米ドル）");

/// What stands in the fields for limits while they are empty.
pub const LIMIT_HINT: Sentence = pair("Empty for no limit", "空欄なら制限なし");

/// Labels of the buttons that have questions posted or quoted, memory on or off, and a change undone.
pub const POST: Sentence = pair("Post as the asker", "質問者の名前で投稿");
/// See [`POST`].
pub const QUOTE: Sentence = pair("Quote questions", "質問を引用する");
/// See [`POST`].
pub const REMEMBER: Sentence = pair("Memory on", "記憶を使う");
/// See [`POST`].
pub const FORGET: Sentence = pair("Memory off", "記憶を使わない");
/// See [`POST`].
pub const UNDO: Sentence = pair("Undo", "元に戻す");

/// What stands in the empty menus.
pub const CHOOSE_LANGUAGE: Sentence = pair("Language of answers", "回答の言語");
/// See [`CHOOSE_LANGUAGE`].
pub const CHOOSE_CHANNELS: Sentence = pair("Only in these channels", "答えるチャンネルを限定");
/// See [`CHOOSE_LANGUAGE`].
pub const CHOOSE_MODELS: Sentence = pair("Models that may be asked", "使ってよいモデル");
/// See [`CHOOSE_LANGUAGE`].
pub const CHOOSE_TOOLS: Sentence = pair("Tools that may be used", "使ってよいツール");

/// Choice of a language that nobody has chosen for all.
pub const EACH_THEIR_OWN: Sentence = pair("Each person's own", "それぞれの人の言語");

const HEADING: Sentence = pair("Settings of this server", "このサーバーの設定");
const LANGUAGE: Sentence = pair("Language", "言語");
const CHANNELS: Sentence = pair("Channels", "チャンネル");
const QUESTIONS: Sentence = pair("Questions", "質問");
const MEMORY: Sentence = pair("Memory", "記憶");
const MODELS: Sentence = pair("Models", "モデル");
const TOOLS: Sentence = pair("Tools", "ツール");
const CHANGES: Sentence = pair("Last changes", "最近の変更");
const ALL: Sentence = pair("all", "すべて");
const NONE: Sentence = pair("none", "なし");
const POSTED: Sentence = pair("posted in the asker's name", "質問者の名前で投稿");
const QUOTED: Sentence = pair("quoted in the answer", "回答の中で引用");
const ON: Sentence = pair("on", "使う");
const OFF: Sentence = pair("off", "使わない");
const NO_LIMIT: Sentence = pair("no limit", "制限なし");

/// Most of the wish about manner and topics that the list shows, in code points.
const SHOWN_CHARS: usize = 300;

/// Returns a language's own name.
pub const fn name_of(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Japanese => "日本語",
    }
}

/// Returns the settings of a server and who has changed them, as the platform marks it up.
pub fn list(
    server: &ServerSettings,
    entries: &[Entry],
    language: Language,
    markup: &impl Markup,
) -> String {
    let say = |sentence: Sentence| sentence.in_language(language).to_owned();
    let either = |is: bool, yes, no| say(if is { yes } else { no });
    let codes =
        |names: &[String]| names.iter().map(|name| markup.code(name)).collect::<Vec<_>>().join(" ");
    let channels: Vec<_> = server.channels.iter().map(|id| markup.channel(id)).collect();
    let all_or = |text: String| if text.is_empty() { say(ALL) } else { text };
    let tools = match &server.tools {
        None => say(ALL),
        Some(names) if names.is_empty() => say(NONE),
        Some(names) => codes(names),
    };
    let limit = server.day_limit.map_or_else(|| say(NO_LIMIT), |limit| limit.to_string());
    let budget = server.budget_nano.map_or_else(|| say(NO_LIMIT), dollars);
    let lines = [
        (
            LANGUAGE,
            server.language.map_or_else(|| say(EACH_THEIR_OWN), |it| name_of(it).to_owned()),
        ),
        (CHANNELS, all_or(channels.join(" "))),
        (QUESTIONS, either(server.quotes, QUOTED, POSTED)),
        (MEMORY, either(server.forgets, OFF, ON)),
        (MODELS, all_or(codes(&server.models))),
        (TOOLS, tools),
        (LIMIT, limit),
        (BUDGET, budget),
    ];
    let mut text = markup.strong(&say(HEADING));
    for (name, value) in lines {
        text.extend(["\n- ", &say(name), ": ", &value]);
    }
    if !server.persona.is_empty() {
        let shown: String = server.persona.chars().take(SHOWN_CHARS).collect();
        let cut = if shown.len() < server.persona.len() { "…" } else { "" };
        text.extend(["\n- ", &say(PERSONA), ":\n", &markup.quote(&(shown + cut))]);
    }
    if !entries.is_empty() {
        text.extend(["\n", &markup.strong(&say(CHANGES))]);
    }
    for Entry { version, part, by, at_s } in entries {
        let (version, by) = (version.to_string(), markup.person(by));
        let part = markup.code(part);
        let at = markup.time(*at_s, language);
        text.extend(["\n- ", &version, ": ", &part, ", ", &by, ", ", &at]);
    }
    text
}

/// Returns the line above a question that is quoted.
pub fn asked(language: Language, asker: &str) -> String {
    match language {
        Language::English => format!("{asker} asks:"),
        Language::Japanese => format!("{asker} さんの質問:"),
    }
}

/// Reads a limit as it was written, blank for none; `None` if it is no such number.
pub fn limit(text: &str) -> Option<Option<u32>> {
    match text.trim() {
        "" => Some(None),
        number => number.parse().ok().filter(|it| (1..=MAX_DAY_LIMIT).contains(it)).map(Some),
    }
}

/// Reads an amount of US dollars as it was written, blank for none; `None` if it is no such amount.
///
/// It has no more digits than a list shows, so the form can show it again.
pub fn budget(text: &str) -> Option<Option<u64>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    let nano = parse_dollars(text.strip_prefix('$').unwrap_or(text))?;
    (nano >= MIN_BUDGET_NANO && nano.is_multiple_of(SHOWN)).then_some(Some(nano))
}

#[cfg(test)]
mod tests {
    use super::super::tests::Plain;
    use super::*;

    #[test]
    fn a_list_says_what_is_settled_and_who_settled_it() {
        let nothing = list(&ServerSettings::default(), &[], Language::English, &Plain);
        assert!(nothing.contains("- Channels: all\n- Questions: posted"), "{nothing}");
        assert!(
            nothing.ends_with("person in a day: no limit\n- US dollars in a day: no limit"),
            "{nothing}"
        );
        let server = ServerSettings {
            language: Some(Language::Japanese),
            channels: vec!["12".to_owned()],
            quotes: true,
            persona: "Tea\nonly".to_owned(),
            tools: Some(Vec::new()),
            forgets: true,
            day_limit: Some(3),
            budget_nano: Some(2_500_000_000),
            models: vec!["a".to_owned()],
        };
        let entry = Entry { version: 4, part: "tools".to_owned(), by: "5".to_owned(), at_s: 9 };
        let all = list(&server, &[entry], Language::English, &Plain);
        for part in [
            "日本語",
            "Channels: 12",
            "quoted",
            "Memory: off",
            "Models: a",
            "Tools: none",
            "person in a day: 3",
            "dollars in a day: $2.50",
        ] {
            assert!(all.contains(part), "{part} {all}");
        }
        assert!(all.contains("> Tea\n> only") && all.ends_with("- 4: tools, 5, at 9"), "{all}");
    }

    #[test]
    fn a_limit_is_a_number_in_its_range_or_none() {
        assert_eq!((limit(""), limit(" 12 ")), (Some(None), Some(Some(12))));
        for wrong in ["0", "-1", "10001", "many", "1.5"] {
            assert_eq!(limit(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_amount_is_in_its_range_or_none_and_is_shown_as_it_was_written() {
        assert_eq!(budget(" "), Some(None));
        for (text, shown) in [
            ("0.01", "$0.01"),
            (" $2.5 ", "$2.50"),
            ("0.0123", "$0.0123"),
            ("1000000", "$1000000.00"),
        ] {
            let nano = budget(text).unwrap().unwrap();
            assert_eq!(dollars(nano), shown, "{text}");
            assert_eq!(budget(shown), Some(Some(nano)), "{text}");
        }
        for wrong in ["0", "0.0099", "-1", "1000001", "2,50", "much", "0.12345", "1e3", "$"] {
            assert_eq!(budget(wrong), None, "{wrong}");
        }
    }
}
