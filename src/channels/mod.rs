//! How people reach Miyabi: what a question is, whoever carried it, and what they read.

pub mod discord;

use crate::fault::Notice;
use crate::ids::{JobId, Secret};

/// A question, as every platform delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Id of the platform's event.
    pub id: JobId,
    /// Token by which the platform lets us answer this event.
    pub token: Secret,
    /// The question's text, not blank.
    pub text: String,
    /// Who asks.
    pub asker: Asker,
    /// Where.
    pub place: Place,
    /// Language of sentences that the program itself writes to the asker.
    pub language: Language,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asker {
    /// Display name, as the platform shows it in this place.
    pub name: String,
    /// Picture's URL.
    pub avatar_url: String,
}

/// Where a question was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a server's channel or thread.
    Channel {
        /// Channel's id, if the platform told it.
        id: Option<String>,
        /// Id of the channel that a thread belongs to; `None` outside of threads.
        parent: Option<String>,
    },
    /// In a conversation that is not a server's.
    Direct,
}

/// Language of the program's own sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English, and every language we have no sentences for.
    English,
    /// Japanese.
    Japanese,
}

impl Language {
    /// Returns the language for a locale such as `ja` or `en-US`.
    pub fn of_locale(locale: &str) -> Self {
        if locale == "ja" || locale.starts_with("ja-") { Self::Japanese } else { Self::English }
    }

    /// Returns the short name, a locale that [`Language::of_locale`] reads back.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }
}

/// Returns what the asker reads in place of "thinking…" when the question cannot be answered.
pub const fn sentence(notice: Notice, language: Language) -> &'static str {
    use Language::{English, Japanese};
    match (notice, language) {
        (Notice::TryAgain, English) => {
            "Sorry, something went wrong and I could not answer. Please ask me again. (´・ω・`)"
        }
        (Notice::TryAgain, Japanese) => {
            "ごめんなさい、問題が起きて答えられませんでした。もう一度聞いてください (´・ω・`)"
        }
        (Notice::Busy, English) => {
            "Sorry, there is a crowd right now and I could not answer. Please try again in a few \
             minutes."
        }
        (Notice::Busy, Japanese) => {
            "ごめんなさい、いま混み合っていて答えられませんでした。数分後にもう一度お試しください。"
        }
        (Notice::Quota, English) => {
            "Sorry, today's allowance for answers is used up. It comes back at 00:00 UTC."
        }
        (Notice::Quota, Japanese) => {
            "ごめんなさい、今日の回答枠を使い切りました。日本時間の午前9時に戻ります。"
        }
        (Notice::TooLong, English) => {
            "Sorry, that is too long for me to read at once. Please ask in fewer words."
        }
        (Notice::TooLong, Japanese) => {
            "ごめんなさい、長すぎて一度に読めませんでした。もう少し短く聞いてください。"
        }
        (Notice::Misconfigured, English) => {
            "Sorry, I am not set up correctly, so I cannot answer. Please tell whoever runs me."
        }
        (Notice::Misconfigured, Japanese) => {
            "ごめんなさい、設定に問題があって答えられません。管理者に知らせてください。"
        }
        (Notice::Blocked, English) => {
            "Sorry, Discord did not let me post the answer here. A moderator may know why."
        }
        (Notice::Blocked, Japanese) => {
            "ごめんなさい、Discordがここへの投稿を受け付けませんでした。管理者に確認してください。"
        }
    }
}

/// Why an inbound request is refused: status, and a fixed sentence that tells the sender nothing
/// more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// No such path.
    UnknownPath,
    /// The path exists, the method does not.
    WrongMethod {
        /// Value of `Allow`.
        allow: &'static str,
    },
    /// The body is above the limit.
    TooLarge,
    /// The sender went away in the middle of the body.
    Incomplete,
    /// The signature or its timestamp is missing, malformed, wrong or stale.
    Unsigned,
    /// Signed, but not an interaction.
    Malformed,
    /// The Worker lacks its configuration.
    Unconfigured,
}

impl Rejection {
    /// Returns the HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::UnknownPath => 404,
            Self::WrongMethod { .. } => 405,
            Self::TooLarge => 413,
            Self::Unsigned => 401,
            Self::Incomplete | Self::Malformed => 400,
            Self::Unconfigured => 503,
        }
    }

    /// Returns the fixed sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::UnknownPath => "not found",
            Self::WrongMethod { .. } => "method not allowed",
            Self::TooLarge => "body too large",
            Self::Incomplete => "body incomplete",
            Self::Unsigned => "invalid request signature",
            Self::Malformed => "not an interaction",
            Self::Unconfigured => "not configured",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn reads_the_locales_that_we_have_sentences_for() {
        assert_eq!(Language::of_locale("ja"), Language::Japanese);
        assert_eq!(Language::of_locale("en-US"), Language::English);
        assert_eq!(Language::of_locale("jam"), Language::English);
    }
}
