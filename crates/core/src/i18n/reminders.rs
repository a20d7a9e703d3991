//! Sentences about reminders: the line below an answer that set one, the reminder itself, and the list of those
//! that wait.

use super::{Language, Markup, Sentence, typed};

/// A reminder, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What of.
    pub words: String,
    /// When, in Unix seconds.
    pub due_s: u64,
    /// Whether it was not brought, since it may not be posted any more where it was set.
    pub is_lost: bool,
}

const LOST: Sentence = Sentence {
    english: "not posted, since it is not allowed there any more",
    japanese: "設定したチャンネルに投稿できなくなったため、お知らせできませんでした",
};

const HEADING: Sentence =
    Sentence { english: "Your reminders", japanese: "あなたのリマインダー" };

/// Reply to who takes a reminder back.
pub const CANCELLED: Sentence = Sentence {
    english: "The reminder is taken back.",
    japanese: "リマインダーを取り消しました。",
};

/// Reply to who wants to take back a reminder that is not there.
pub const NONE: Sentence = Sentence {
    english: "There is no such reminder of yours: `/status` lists those that wait.",
    japanese: "そのリマインダーはありません。待っているものは `/status` で見られます。",
};

const KEPT: Sentence = Sentence {
    english: "`/status` lists it, `/cancel` takes it back.",
    japanese: "`/status` で見られ、`/cancel` で取り消せます。",
};

/// Returns the line below an answer that says that a reminder is set.
pub fn set(language: Language, words: &str, due_s: u64, markup: &impl Markup) -> String {
    let due = markup.date(due_s, language);
    let kept = typed(KEPT.in_language(language), markup);
    match language {
        Language::English => format!("reminder set: {words} ({due}). {kept}"),
        Language::Japanese => format!("リマインダー: {words} ({due})。{kept}"),
    }
}

/// Returns the reminder.
pub fn due(language: Language, person: &str, words: &str) -> String {
    match language {
        Language::English => format!("{person} ⏰ You asked me to remind you: {words}"),
        Language::Japanese => format!("{person} ⏰ リマインダーです: {words}"),
    }
}

/// Returns the list of reminders that wait, or were not brought; blank if there is none.
pub fn list(entries: &[Entry], language: Language, markup: &impl Markup) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let mut text = markup.strong(HEADING.in_language(language));
    for Entry { words, due_s, is_lost } in entries {
        text.extend(["\n- ", &markup.time(*due_s, language), ": ", &markup.code(words)]);
        if *is_lost {
            text.extend([" (", LOST.in_language(language), ")"]);
        }
    }
    text
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::tests::Plain;
    use super::*;

    #[test]
    fn every_sentence_is_in_its_language() {
        for language in Language::ALL {
            let mut entry = Entry { words: "tea".to_owned(), due_s: 7, is_lost: false };
            let waits = list(&[entry.clone()], language, &Plain);
            assert!(waits.ends_with("\n- at 7: tea"), "{waits}");
            entry.is_lost = true;
            let list = list(&[entry], language, &Plain);
            assert!(list.ends_with(')'), "{list}");
            for said in [list, set(language, "x", 7, &Plain), due(language, "@mio", "x")] {
                assert_eq!(Language::of_text(&said), language, "{said}");
            }
            for said in [CANCELLED, NONE] {
                assert_eq!(Language::of_text(said.in_language(language)), language);
            }
        }
        assert_eq!(list(&[], Language::English, &Plain), "");
    }
}
