//! The words of the page that shows a conversation to whoever has its link.

use super::{Language, Sentence};

/// Word above a question.
pub const QUESTION: Sentence = Sentence { english: "Question", japanese: "質問" };

/// Word above an answer.
pub const ANSWER: Sentence = Sentence { english: "Miyabi’s answer", japanese: "Miyabiの回答" };

/// Mark of an answer that was stopped.
pub const STOPPED: Sentence = Sentence { english: "stopped here", japanese: "ここで停止" };

/// Title of a conversation that has none.
pub const UNTITLED: Sentence = Sentence { english: "A conversation", japanese: "会話" };

/// Says that the beginning is not shown.
pub const CUT: Sentence = Sentence {
    english: "The conversation is longer: its beginning is not shown.",
    japanese: "会話には続きがあり、最初の部分は表示されていません。",
};

/// Says what the page is.
pub const ABOUT: Sentence = Sentence {
    english: "Somebody shared this conversation with Miyabi, an AI assistant, as it was then. Answers may be wrong.",
    japanese: "AIアシスタントMiyabiとの会話が、共有された時点の内容で公開されています。回答は間違っていることがあります。",
};

/// Title where there is nothing to show.
pub const NOTHING: Sentence =
    Sentence { english: "There is nothing here", japanese: "ここには何もありません" };

/// Says why there is nothing to show.
pub const WHY_NOTHING: Sentence = Sentence {
    english: "The link is not whole, has ended, or was taken back. Ask whoever gave it to you for a new one.",
    japanese: "リンクが不完全か、期限が切れたか、取り消されました。リンクをくれた人に新しいものをもらってください。",
};

/// Says when it was shared and when the link ends; both are marked up already.
pub fn dates(language: Language, shared: &str, ends: &str) -> String {
    match language {
        Language::English => format!("Shared {shared} · the link ends {ends}"),
        Language::Japanese => format!("{shared} に共有 · リンクは {ends} まで有効"),
    }
}
