//! The reply to a moderator who wants to know whose question a message belongs to.

use super::{Language, Markup, Sentence};

/// Who wants to know about which message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Message's id; empty if the platform did not tell it.
    pub message: String,
    /// Id of whoever wants to know; empty if the platform did not tell it.
    pub moderator: String,
    /// Server's id, if whoever wants to know moderates it.
    pub server: Option<String>,
    /// Language of the reply.
    pub language: Language,
}

/// Whose question a message belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Asker's id; empty if the platform did not tell it.
    pub asker: String,
    /// Job's id.
    pub job: String,
    /// When it was asked, in seconds.
    pub asked_s: u64,
}

/// Reply to somebody who does not moderate the server.
const NOT_YOURS: Sentence = Sentence {
    english: "Only members who may manage messages here are told who asked.",
    japanese: "質問した人を見られるのは、このサーバーで「メッセージの管理」の権限がある人だけです。",
};

/// Returns the reply to somebody who does not moderate the server.
pub const fn refusal(language: Language) -> &'static str {
    NOT_YOURS.in_language(language)
}

/// Returns the reply about a message with a record, as the platform marks it up.
pub fn found(origin: &Origin, language: Language, markup: &impl Markup) -> String {
    let Origin { asker, job, asked_s } = origin;
    let (job, asked) = (markup.code(job), markup.date(*asked_s, language));
    let (person, id) = (markup.person(asker), markup.code(asker));
    match (language, asker.as_str()) {
        (Language::English, "") => {
            format!(
                "This message belongs to question {job}, {asked}, whose asker the platform did not name."
            )
        }
        (Language::Japanese, "") => {
            format!(
                "このメッセージは質問 {job} ({asked}) のものですが、質問した人は知らされませんでした。"
            )
        }
        (Language::English, _) => format!(
            "This message belongs to a question of {person}.\nUser {id}, question {job}, {asked}"
        ),
        (Language::Japanese, _) => format!(
            "このメッセージは {person} さんの質問のものです。\nユーザー {id}、質問 {job}、{asked}"
        ),
    }
}

/// Returns the reply about a message without a record, where records are kept for so many days.
pub fn unknown(days: u32, language: Language) -> String {
    match language {
        Language::English => format!(
            "I have no record of this message: it is not mine, or only just being posted, or its question is more than {days} days old. \
             Under every question of mine stands its asker: the name above it ends in the handle, `(@handle)`, or in the user's id."
        ),
        Language::Japanese => format!(
            "このメッセージの記録はありません。私のものではないか、投稿の途中か、質問から{days}日以上たっています。\
             私が投稿する質問では、名前の最後に質問した人のユーザー名 `(@handle)` かIDが付いています。"
        ),
    }
}
