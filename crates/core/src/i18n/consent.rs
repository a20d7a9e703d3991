//! What a person is asked before a tool acts outside, who decides, and what they read then.

use super::buttons::Button;
use super::{Language, Markup, Sentence};
use crate::ids::JobId;
use crate::text::{is_default_ignorable, is_hidden};

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It may be done.
    Approve,
    /// It must not be done.
    Deny,
}

impl Decision {
    /// Both, as their buttons stand from left to right.
    pub const ALL: [Self; 2] = [Self::Approve, Self::Deny];

    /// Returns what stands on its button.
    pub const fn label(self, language: Language) -> &'static str {
        let label = match self {
            Self::Approve => Sentence { english: "Approve", japanese: "許可する" },
            Self::Deny => Sentence { english: "Deny", japanese: "許可しない" },
        };
        label.in_language(language)
    }

    /// Returns what stands in the place of the buttons.
    pub const fn done(self, language: Language) -> &'static str {
        let done = match self {
            Self::Approve => Sentence {
                english: "You approved it. I go on…",
                japanese: "許可しました。続けています…",
            },
            Self::Deny => Sentence {
                english: "You denied it, so it is not done. I go on without it…",
                japanese: "許可しなかったので、実行しません。そのまま続けています…",
            },
        };
        done.in_language(language)
    }
}

/// A decision that was made, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Decision.
    pub decision: Decision,
    /// Job that was asked about, and its generation and the ordinal of the model call, as the button says.
    pub job: JobId,
    /// Generation.
    pub generation: u32,
    /// Ordinal.
    pub ordinal: u32,
    /// Person's id; empty if the platform did not tell it.
    pub person: String,
    /// Server that the person manages and is in.
    pub server: Option<String>,
    /// Language of the reply.
    pub language: Language,
}

/// Reads what a button of a question carries: the job's id, its generation and an ordinal, with `-` between them. `None`
/// for one that there is not.
pub fn read(decision: Decision, id: &str) -> Option<(Button, JobId)> {
    let mut parts = id.rsplitn(3, '-');
    let (ordinal, generation) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((Button::Decide(decision, generation, ordinal), JobId::parse(parts.next()?)?))
}

/// Reply to somebody whose decision it is not.
pub const NOT_YOURS: Sentence = Sentence {
    english: "Only who asked, and members who may manage this server, can decide that.",
    japanese: "これを決められるのは、質問した人と、「サーバー管理」の権限がある人だけです。",
};

/// Reply to who decides once more.
pub const DECIDED: Sentence = Sentence {
    english: "This was decided already, and stays so.",
    japanese: "すでに決定済みで、変更できません。",
};

/// Reply to who decides too late.
pub const OVER: Sentence = Sentence {
    english: "It is too late to decide that: it was not done.",
    japanese: "時間切れです。実行されませんでした。",
};

/// Returns what a person is asked: whether these tools may be called, each with its arguments as JSON.
pub fn question(
    calls: &[(&str, &str)],
    until_s: u64,
    has_read: bool,
    language: Language,
    markup: &impl Markup,
) -> String {
    let until = markup.time(until_s, language);
    let (heading, rest, warning) = match language {
        Language::English => (
            "May I do this?",
            format!("It reaches outside and cannot be taken back. This question ends {until}."),
            "I have read pages or results that others wrote, which may have led me to this.",
        ),
        Language::Japanese => (
            "実行してもよいですか?",
            format!("外部に影響し、取り消せません。回答の期限: {until}"),
            "ほかの人が書いたページや結果を読んだあとの操作です。その影響を受けているかもしれません。",
        ),
    };
    let mut text = markup.strong(heading);
    for (tool, arguments) in calls {
        text.extend(["\n- ", &markup.code(tool), ": ", &markup.code(&legible(arguments))]);
    }
    text.extend(["\n", &markup.small_print(&rest)]);
    if has_read {
        text.extend(["\n⚠️ ", warning]);
    }
    text
}

/// Returns JSON with what nobody would see, and what could end a mark of code, written out.
pub fn legible(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        // What makes one emoji of several can say something where it does not.
        let is_unseen = is_hidden(c) || is_default_ignorable(c);
        if c == '`' || is_unseen || (c != ' ' && c.is_whitespace()) {
            text.extend(c.escape_unicode());
        } else {
            text.push(c);
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
    fn everything_that_would_be_done_is_shown_and_nothing_of_it_is_hidden() {
        let written =
            "{\"a\":\"`x`\u{200b}\u{202e} 雅\u{e0041}\u{2028}\u{3164}\u{61c}\u{fe01}\u{200d}\"}";
        let shown = legible(written);
        assert_eq!(
            shown,
            r#"{"a":"\u{60}x\u{60}\u{200b}\u{202e} 雅\u{e0041}\u{2028}\u{3164}\u{61c}\u{fe01}\u{200d}"}"#
        );
        for language in Language::ALL {
            let calls = [("mcp_a_b", written), ("c", "{}")];
            let asked = question(&calls, 60, true, language, &Plain);
            assert!(asked.contains(&shown) && asked.contains('⚠'), "{asked}");
            let asked = question(&[("c", "{}")], 60, false, language, &Plain);
            assert!(!asked.contains('⚠'), "{asked}");
        }
    }
}
