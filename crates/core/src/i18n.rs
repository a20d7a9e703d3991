//! Every sentence that people read, in every language.

pub mod accounts;
pub mod answers;
pub mod attribution;
pub mod buttons;
pub mod chats;
pub mod commands;
pub mod consent;
pub mod drawing;
pub mod files;
pub mod help;
pub mod keys;
pub mod memory;
pub mod messages;
mod notices;
pub mod privacy;
pub mod reminders;
pub mod settings;
pub mod share;
pub mod status;
pub mod usage;

use serde::{Deserialize, Serialize};

use crate::fault::Notice;

/// Language of the program's own sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English, and every language for which there are no sentences.
    English,
    /// Japanese.
    Japanese,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Japanese];

    /// Returns the language for a locale such as `ja` or `en-US`.
    pub fn of_locale(locale: &str) -> Self {
        if locale == "ja" || locale.starts_with("ja-") { Self::Japanese } else { Self::English }
    }

    /// Returns the language that the header `Accept-Language` prefers, of those there are.
    ///
    /// # Source
    /// RFC 9110, 12.5.4 and 12.4.2.
    pub fn of_header(header: &str) -> Self {
        let mut best = ("0", Self::English);
        for range in header.split(',') {
            let (tag, parameter) = range.split_once(';').unwrap_or((range, ""));
            let quality = parameter.trim().strip_prefix("q=").unwrap_or("1");
            // "1.000" is "1". Digits after one dot compare as texts do.
            let quality = quality.trim_end_matches('0').trim_end_matches('.');
            let tag = tag.trim().to_ascii_lowercase();
            let is_known = ["ja", "en"].iter().any(|known| {
                tag.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            });
            if is_known && quality > best.0 {
                best = (quality, Self::of_locale(&tag));
            }
        }
        best.1
    }

    /// Returns the language of a text: Japanese if it has kana or kanji, else English.
    ///
    /// # Example
    ///
    /// ```
    /// # use miyabi_core::i18n::Language;
    /// assert_eq!(Language::of_text("What does 雅 mean?"), Language::Japanese);
    /// assert_eq!(Language::of_text("(・∀・)?"), Language::English, "a kaomoji is no Japanese");
    /// ```
    pub fn of_text(text: &str) -> Self {
        if text.chars().any(is_japanese) { Self::Japanese } else { Self::English }
    }

    /// Returns the short name, a locale that [`Language::of_locale`] reads back.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }
}

const fn is_japanese(character: char) -> bool {
    matches!(
        character,
        '\u{3005}'..='\u{3007}'
            | '\u{3041}'..='\u{309f}'
            | '\u{30a1}'..='\u{30fa}' // not U+30FB, the dot of many kaomoji
            | '\u{30fc}'..='\u{30ff}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{ff66}'..='\u{ff9f}'
    )
}

/// A sentence in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence {
    /// English.
    pub english: &'static str,
    /// Japanese.
    pub japanese: &'static str,
}

impl Sentence {
    /// Returns the sentence in one language.
    pub const fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Japanese => self.japanese,
        }
    }
}

/// Returns what the asker reads in place of the answer when the question cannot be answered.
pub const fn sentence(notice: Notice, language: Language) -> &'static str {
    match language {
        Language::English => notices::english(notice),
        Language::Japanese => notices::japanese(notice),
    }
}

/// Returns what stands above the attached file of an answer that takes too many messages.
pub const fn attached(language: Language) -> &'static str {
    answers::ATTACHED.in_language(language)
}

/// Returns the line below a block of code of which only the first lines are shown. `name` is the attached file with
/// all of its `lines`.
pub fn listing(language: Language, name: &str, lines: usize) -> String {
    match language {
        Language::English => format!("shortened; the whole ({lines} lines) is in `{name}`"),
        Language::Japanese => {
            format!("一部だけ表示しています。全体（{lines}行）は `{name}` にあります。")
        }
    }
}

/// Returns the line below an answer that was saved so many minutes ago. `option` is what an asker adds to
/// a question to get a new answer, as the platform shows it.
pub fn saved(language: Language, minutes: u64, option: Option<&str>) -> String {
    match (language, option) {
        (Language::English, Some(option)) => {
            format!("Saved answer, {minutes} min old. Ask with {option} for a new one.")
        }
        (Language::English, None) => format!("Saved answer, {minutes} min old."),
        (Language::Japanese, Some(option)) => {
            format!("{minutes}分前に保存した回答です。{option} で新しく答えます。")
        }
        (Language::Japanese, None) => format!("{minutes}分前に保存した回答です。"),
    }
}

/// Begins a command in a sentence.
const COMMAND: &str = "`/";

/// Returns a sentence of the program's own with each of its commands as it is typed where it is read.
///
/// In the sentence it stands as on Discord, such as `` `/memory list` ``. One that there is not stays as it stands.
pub fn typed(words: &str, markup: &impl Markup) -> String {
    let (mut text, mut rest) = (String::new(), words);
    while let Some((before, after)) = rest.split_once(COMMAND) {
        let Some((command, behind)) = after.split_once('`') else { break };
        let here = markup.command(command).unwrap_or_else(|| ["/", command].concat());
        text.extend([before, "`", &here, "`"]);
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// How a platform writes what is more than plain words. One that has no mark for something shows it as it is.
pub trait Markup {
    /// Returns words that stand out, such as a heading.
    fn strong(&self, words: &str) -> String {
        words.to_owned()
    }

    /// Returns a word that is shown exactly as it is, such as a name or what is to be typed.
    fn code(&self, word: &str) -> String {
        word.to_owned()
    }

    /// Returns a line that is shown smaller than the text above it.
    fn small_print(&self, line: &str) -> String {
        line.to_owned()
    }

    /// Returns what names a person to whoever reads it, and notifies nobody where that can be chosen.
    fn person(&self, id: &str) -> String {
        id.to_owned()
    }

    /// Returns what names a channel.
    fn channel(&self, id: &str) -> String {
        id.to_owned()
    }

    /// Returns words that somebody else has said, as such.
    fn quote(&self, words: &str) -> String {
        let lines = words.lines().map(|line| ["> ", line].concat());
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Returns a command as it is typed there, of `memory list` for example `/memory list`; `None` if there is no such
    /// command.
    fn command(&self, words: &str) -> Option<String> {
        Some(["/", words].concat())
    }

    /// Returns an instant, in Unix seconds, by its day and hour.
    fn date(&self, unix_s: u64, language: Language) -> String;

    /// Returns an instant, in Unix seconds, as the platform shows how near it is.
    fn time(&self, unix_s: u64, language: Language) -> String;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A platform without any marks.
    pub(super) struct Plain;

    impl Markup for Plain {
        fn date(&self, unix_s: u64, _language: Language) -> String {
            unix_s.to_string()
        }

        fn time(&self, unix_s: u64, _language: Language) -> String {
            format!("at {unix_s}")
        }
    }

    #[test]
    fn every_notice_has_a_sentence_of_its_own_in_each_language() {
        let mut sentences: Vec<&str> = Notice::ALL
            .into_iter()
            .flat_map(|notice| {
                [sentence(notice, Language::English), sentence(notice, Language::Japanese)]
            })
            .collect();
        sentences.sort_unstable();
        sentences.dedup();
        assert_eq!(sentences.len(), Notice::ALL.len() * 2);
    }

    #[test]
    fn every_sentence_fits_a_message() {
        let languages = Language::ALL;
        let all = Notice::ALL.into_iter().flat_map(|n| languages.map(|l| sentence(n, l)));
        for text in all.chain(languages.map(attached)) {
            assert!((1..=2000).contains(&text.chars().count()), "{text}");
        }
        assert_ne!(attached(Language::English), attached(Language::Japanese));
    }

    /// A platform with a command of its own before all others, and without one of them.
    struct Behind;

    impl Markup for Behind {
        fn command(&self, words: &str) -> Option<String> {
            (words != "key").then(|| ["/app ", words].concat())
        }

        fn date(&self, _unix_s: u64, _language: Language) -> String {
            String::new()
        }

        fn time(&self, _unix_s: u64, _language: Language) -> String {
            String::new()
        }
    }

    #[test]
    fn a_command_in_a_sentence_is_named_as_it_is_typed_there() {
        let sentence = "`/status` and `/memory list`, `/key`, a/b, `private`, and `/";
        assert_eq!(typed(sentence, &Plain), sentence);
        let here = "`/app status` and `/app memory list`, `/key`, a/b, `private`, and `/";
        assert_eq!(typed(sentence, &Behind), here);
    }

    #[test]
    fn what_has_no_command_there_is_said_without_one() {
        for language in Language::ALL {
            let kept = privacy::Kept::default();
            for (has_keys, text) in [
                (true, privacy::list(&kept, language, &Plain, false)),
                (false, privacy::list(&kept, language, &Behind, false)),
            ] {
                assert_eq!(text.contains("/key"), has_keys, "{text}");
            }
        }
    }

    #[test]
    fn a_languages_name_is_read_back() {
        for language in Language::ALL {
            assert_eq!(Language::of_locale(language.name()), language);
        }
    }

    #[test]
    fn a_text_with_kana_or_kanji_is_japanese() {
        for text in
            ["雅とは", "ﾃｽﾄ", "what does 々 mean", "ひ", "今何時？", "What does 雅 mean?", "ね"]
        {
            assert_eq!(Language::of_text(text), Language::Japanese, "{text}");
        }
        for text in ["", "What?", "(・∀・)", "안녕", "¿Qué?", "Қазір сағат неше?", "(・_・)"]
        {
            assert_eq!(Language::of_text(text), Language::English, "{text}");
        }
    }

    #[test]
    fn no_sentence_names_a_platform() {
        for notice in Notice::ALL {
            for language in Language::ALL {
                assert!(!sentence(notice, language).contains("Discord"), "{notice:?}");
            }
        }
    }

    #[test]
    fn a_header_s_preferred_language_is_taken_of_those_there_are() {
        for (header, expected) in [
            ("", Language::English),
            ("ja", Language::Japanese),
            ("ja,en-US;q=0.9,en;q=0.8", Language::Japanese),
            ("en-US,en;q=0.9,ja;q=0.85", Language::English),
            ("fr-FR, ja-JP;q=0.5", Language::Japanese),
            ("en;q=0.7, JA ; q=0.75", Language::Japanese),
            ("ja;q=0, en;q=0.1", Language::English),
            ("ja;q=0.000", Language::English),
            ("ja;q=1.000, en", Language::Japanese),
            ("jam, *", Language::English),
        ] {
            assert_eq!(Language::of_header(header), expected, "{header}");
        }
    }

    #[test]
    fn reads_the_locales_that_there_are_sentences_for() {
        assert_eq!(Language::of_locale("ja"), Language::Japanese);
        assert_eq!(Language::of_locale("en-US"), Language::English);
        assert_eq!(Language::of_locale("jam"), Language::English);
    }
}
