//! Sentences about what a person has had remembered: lines below an answer, and replies to who asks for it.
//! The line below an answer that says which message it is about is one of these, too.

use super::{Language, Markup, Sentence, typed};

/// What a person wants of what they have had remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// To see it.
    List,
    /// To have one thing forgotten.
    Forget {
        /// Its number.
        id: u64,
    },
    /// To have everything forgotten.
    ForgetAll,
    /// To have all of it as a file.
    Export,
    /// To have it used, or left alone.
    Switch {
        /// Whether it is used.
        is_on: bool,
    },
}

/// Something that is remembered, as a list shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Number by which it is forgotten.
    pub id: u64,
    /// The person's own words.
    pub text: &'a str,
    /// When they were said, in Unix seconds.
    pub said_s: u64,
    /// Whether they were said in a server, and so are used there too.
    pub is_shared: bool,
}

const HEADING: Sentence = Sentence {
    english: "What I remember about you",
    japanese: "あなたについて覚えていること",
};

const SWITCHED_OFF: Sentence = Sentence {
    english: "Memory is off: I remember nothing new, and use nothing of this.",
    japanese: "メモリーはオフです。新しく覚えず、ここにあることも使いません。",
};

const SHARED: Sentence = Sentence { english: "said in a server", japanese: "サーバーで" };

const NONE: Sentence = Sentence {
    english: "I remember nothing about you. Ask me with \"remember that …\", and I will.",
    japanese: "あなたについて覚えていることはありません。「…と覚えておいて」と言われたら覚えます。",
};

/// What stands above the file with everything.
pub const EXPORTED: Sentence = Sentence {
    english: "Everything that I remember about you:",
    japanese: "あなたについて覚えていることのすべてです。",
};

/// Reply where the operator has switched memory off.
pub const NOT_AVAILABLE: Sentence = Sentence {
    english: "I have no memory here: whoever runs me has switched it off.",
    japanese: "ここでは記憶が使えません。運営者がオフにしています。",
};

/// Returns the reply with everything that is remembered, the newest first, as far as it fits into `fits`.
pub fn list(
    entries: &[Entry<'_>],
    is_on: bool,
    language: Language,
    markup: &impl Markup,
    fits: impl Fn(&str) -> bool,
) -> String {
    let mut words = String::new();
    if !is_on {
        words.push_str(SWITCHED_OFF.in_language(language));
        words.push('\n');
    }
    if entries.is_empty() {
        words.push_str(NONE.in_language(language));
        return words;
    }
    words.push_str(&markup.strong(HEADING.in_language(language)));
    for (shown, entry) in entries.iter().rev().enumerate() {
        let Entry { id, text, said_s, is_shared } = *entry;
        let shared = if is_shared { SHARED.in_language(language) } else { "" };
        let details = [shared.to_owned(), markup.date(said_s, language)];
        let details: Vec<&str> =
            details.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let number = markup.code(&id.to_string());
        let line = format!("\n{number} {text} ({})", details.join(", "));
        let left = more(language, entries.len() - shown, markup);
        if !fits(&format!("{words}{line}{left}")) {
            words.push_str(&left);
            return words;
        }
        words.push_str(&line);
    }
    words
}

fn more(language: Language, count: usize, markup: &impl Markup) -> String {
    let export = markup.command("memory export").map(|command| markup.code(&command));
    match (language, export) {
        (Language::English, Some(all)) => format!("\n… and {count} more: {all} has all of them."),
        (Language::English, None) => format!("\n… and {count} more, which my web page shows."),
        (Language::Japanese, Some(all)) => format!("\n…ほか{count}件。{all} ですべて見られます。"),
        (Language::Japanese, None) => {
            format!("\n…ほか{count}件。Web ページですべて見られます。")
        }
    }
}

/// Returns the reply to who wanted something forgotten, where so many things were.
pub fn forgotten(language: Language, facts: u64, markup: &impl Markup) -> String {
    match (language, facts) {
        (Language::English, 0) => {
            typed("There is nothing to forget: `/memory list` shows what I remember.", markup)
        }
        (Language::English, 1) => {
            "Forgotten. I do not read our earlier conversation any more, either, since it may repeat it."
                .to_owned()
        }
        (Language::English, _) => format!(
            "Forgotten, all {facts}. I do not read our earlier conversation any more, either, since it may repeat them."
        ),
        (Language::Japanese, 0) => {
            typed("忘れることがありません。覚えていることは `/memory list` で見られます。", markup)
        }
        (Language::Japanese, _) => format!(
            "{facts}件忘れました。同じことが書かれているかもしれないので、これまでの会話ももう読みません。"
        ),
    }
}

/// Returns the reply to who has switched memory on or off.
pub fn switched(language: Language, is_on: bool, markup: &impl Markup) -> String {
    let words = match (language, is_on) {
        (Language::English, true) => "Memory is on: I remember what you ask me to.",
        (Language::English, false) => {
            "Memory is off: I remember nothing new about you, and use nothing of what I know. It stays until `/memory forget-all`. What we say in one place I still read there."
        }
        (Language::Japanese, true) => "メモリーはオンです。頼まれたことを覚えます。",
        (Language::Japanese, false) => {
            "メモリーはオフです。新しく覚えず、覚えたことも使いません。消すには `/memory forget-all` を使ってください。同じ場所での会話の続きはこれからも読みます。"
        }
    };
    typed(words, markup)
}

/// Beginnings of the lines below an answer, in every language. Only the program writes them.
const BEGINNINGS: [&str; 14] = [
    "remembered: ",
    "not remembered: ",
    "覚えました: ",
    "覚えていません: ",
    "about: https://",
    "answered before: https://",
    "前の回答: https://",
    "reminder set: ",
    "リマインダー: ",
    "元のメッセージ: https://",
    "not read: `",
    "読めなかったファイル: `",
    "only in part: `",
    "一部のみ: `",
];

/// Returns the line that says which message an answer is about.
pub fn about(language: Language, link: &str) -> String {
    match language {
        Language::English => format!("about: {link}"),
        Language::Japanese => format!("元のメッセージ: {link}"),
    }
}

/// Returns the line that says that a fact is remembered, and what it takes the place of.
pub fn remembered(language: Language, fact: &str, instead: Option<&str>) -> String {
    match (language, instead) {
        (Language::English, None) => format!("remembered: {fact}"),
        (Language::English, Some(old)) => format!("remembered: {fact} (instead of: {old})"),
        (Language::Japanese, None) => format!("覚えました: {fact}"),
        (Language::Japanese, Some(old)) => format!("覚えました: {fact} (これに代えて: {old})"),
    }
}

/// Returns the line that says that a fact is too long, where so many characters are the most.
pub fn too_long(language: Language, most: usize) -> String {
    match language {
        Language::English => format!("not remembered: it is longer than {most} characters."),
        Language::Japanese => format!("覚えていません: {most}文字より長いためです。"),
    }
}

/// Returns the line that says that there are as many facts as may be.
pub fn full(language: Language, most: u64) -> String {
    match language {
        Language::English => {
            format!("not remembered: you have {most} facts already. Let me forget some first.")
        }
        Language::Japanese => {
            format!("覚えていません: すでに{most}件あります。先にいくつか忘れさせてください。")
        }
    }
}

/// Returns the line that says that remembering is switched off.
pub fn off(language: Language) -> String {
    match language {
        Language::English => "not remembered: you have switched memory off.".to_owned(),
        Language::Japanese => "覚えていません: メモリーがオフになっています。".to_owned(),
    }
}

/// Returns an answer without the lines below it that the program writes, however they are marked up.
///
/// A model that has read such lines in earlier answers may write them too, and then they are not true.
pub fn without_notes(answer: &str) -> &str {
    let mut rest = answer.trim_end();
    loop {
        let (above, last) = rest.rsplit_once('\n').unwrap_or(("", rest));
        let words = last.trim_start_matches(|char: char| !char.is_alphanumeric());
        let lower = words.to_ascii_lowercase();
        if last.is_empty() || !BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning)) {
            return rest;
        }
        rest = above.trim_end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_known_as_one_and_taken_away() {
        for language in Language::ALL {
            for line in [
                remembered(language, "x", None),
                remembered(language, "x", Some("y")),
                too_long(language, 300),
                full(language, 500),
                off(language),
                about(language, "https://x.test/1"),
                super::super::buttons::again(language, "https://x.test/1"),
            ] {
                for marked in [format!("-# {line}"), line.clone(), format!("*{line}*")] {
                    let answer = format!("Yes.\nOf course.\n{marked}\n{marked}");
                    assert_eq!(without_notes(&answer), "Yes.\nOf course.", "{marked}");
                }
                assert_eq!(without_notes(&line), "");
            }
        }
        for answer in ["", "I remembered: it is so.", "remembered", "a\n\nb"] {
            assert_eq!(without_notes(answer), answer);
        }
    }
}
