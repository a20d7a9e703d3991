//! Words of the commands in the menu of a message: the form, and the question that each of them asks.

use super::{Language, Sentence};

/// Title of the form.
pub const TITLE: Sentence = Sentence { english: "Ask Miyabi", japanese: "雅に質問する" };

/// What is asked for by the form.
pub const QUESTION: Sentence = Sentence {
    english: "What would you like to know about it?",
    japanese: "このメッセージについて知りたいことは?",
};

/// What stands in the empty field.
pub const EMPTY: Sentence = Sentence {
    english: "Leave this empty to have the message explained",
    japanese: "空のままなら、メッセージの内容を説明します",
};

/// Reply to a form that was sent before, or is too old.
pub const FORM_IS_OVER: Sentence = Sentence {
    english: "This form was sent before, or is too old. Open the menu of the message again.",
    japanese: "このフォームは送信済みか、期限が切れています。メッセージのメニューからもう一度開いてください。",
};

/// Reply about a message that has nothing to read in it.
pub const NOTHING_TO_READ: Sentence = Sentence {
    english: "There is nothing in this message that I can read.",
    japanese: "このメッセージには、読めるものがありません。",
};

/// What is wanted of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// To understand it.
    Explain,
    /// To read it in one's own language, or what is written in that in another one.
    Translate,
    /// To read less.
    Summarize,
}

/// Returns the question to a model that fulfils a wish in the language of a locale, such as `ja` or `pt-BR`.
///
/// It is one in which no word is anybody else's.
pub fn question(wish: Wish, locale: &str) -> String {
    let (code, _) = locale.split_once('-').unwrap_or((locale, ""));
    let name = NAMES.iter().find(|(known, _)| [locale, code].contains(known));
    let name = name.map_or("English", |(_, name)| name);
    match (Language::of_locale(locale), wish) {
        (Language::English, Wish::Explain) if name == "English" => "Explain this message.".to_owned(),
        (Language::English, Wish::Explain) => format!("Explain this message, in {name}."),
        (Language::English, Wish::Translate) => {
            let other = if name == "English" { "Japanese" } else { "English" };
            format!(
                "Translate this message into {name}. If it is in {name} already, translate it into {other} \
                 instead. Answer with the translation alone."
            )
        }
        (Language::English, Wish::Summarize) => {
            format!("Summarize this message in a few sentences, in {name}.")
        }
        (Language::Japanese, Wish::Explain) => "このメッセージについて説明してください。".to_owned(),
        (Language::Japanese, Wish::Translate) => "このメッセージを日本語に翻訳してください。すでに日本語なら、代わりに英語に翻訳してください。訳文だけを答えてください。".to_owned(),
        (Language::Japanese, Wish::Summarize) => {
            "このメッセージを日本語で短く要約してください。".to_owned()
        }
    }
}

/// Names of languages by their locale, without Japanese and English.
///
/// # Source
/// Discord Docs/Reference, Locales, read 2026-11-29.
const NAMES: [(&str, &str); 30] = [
    ("id", "Indonesian"),
    ("da", "Danish"),
    ("de", "German"),
    ("es", "Spanish"),
    ("fr", "French"),
    ("hr", "Croatian"),
    ("it", "Italian"),
    ("lt", "Lithuanian"),
    ("hu", "Hungarian"),
    ("nl", "Dutch"),
    ("no", "Norwegian"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("fi", "Finnish"),
    ("sv", "Swedish"),
    ("vi", "Vietnamese"),
    ("tr", "Turkish"),
    ("cs", "Czech"),
    ("el", "Greek"),
    ("bg", "Bulgarian"),
    ("ru", "Russian"),
    ("uk", "Ukrainian"),
    ("hi", "Hindi"),
    ("th", "Thai"),
    ("zh-CN", "Simplified Chinese"),
    ("zh-TW", "Traditional Chinese"),
    ("ko", "Korean"),
    ("ar", "Arabic"),
    ("he", "Hebrew"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_translation_is_into_the_askers_language_or_another_one() {
        for (locale, into, or) in [
            ("en-US", "English", "Japanese"),
            ("", "English", "Japanese"),
            ("xx", "English", "Japanese"),
            ("pt-BR", "Portuguese", "English"),
            ("zh-TW", "Traditional Chinese", "English"),
            ("zh-CN", "Simplified Chinese", "English"),
            ("ko", "Korean", "English"),
        ] {
            let question = question(Wish::Translate, locale);
            assert!(question.contains(&format!("into {into}. ")), "{question}");
            assert!(question.contains(&format!("into {or} instead")), "{question}");
        }
        let question = question(Wish::Translate, "ja");
        assert!(question.contains("日本語に翻訳") && question.contains("英語に翻訳"), "{question}");
    }

    #[test]
    fn every_wish_is_one_of_its_own_in_the_askers_language() {
        for wish in [Wish::Explain, Wish::Translate, Wish::Summarize] {
            for locale in ["en-GB", "ja", "fr"] {
                let question = question(wish, locale);
                assert_eq!(Language::of_text(&question), Language::of_locale(locale), "{question}");
                assert_eq!(locale == "fr", question.contains("French"), "{question}");
            }
        }
        assert_eq!(question(Wish::Explain, "en-US"), "Explain this message.");
    }
}
