//! What Miyabi replies at once in the chats of a messenger, where commands are typed.

use super::{Language, Markup, Sentence};

/// Reply in front of others to a command that is about somebody alone.
pub const IN_PRIVATE: Sentence = Sentence {
    english: "That is for you alone: ask me in a private chat.",
    japanese: "これはあなただけに見せるものなので、個別チャットで聞いてください。",
};

/// Reply to a command that there is not.
pub const UNKNOWN_COMMAND: Sentence = Sentence {
    english: "I do not know this command. `/help` says what I can do.",
    japanese: "このコマンドはわかりません。`/help` でできることを説明します。",
};

/// Reply to a message without a question.
pub const ASK_SOMETHING: Sentence = Sentence {
    english: "Write your question behind it, and I will answer.",
    japanese: "続けて質問を書いてください。お答えします。",
};

/// The question of who sends a file without words.
pub const ABOUT_FILE: Sentence =
    Sentence { english: "What is this?", japanese: "これは何ですか?" };

/// The question of who speaks instead of writing, until it is known what was said.
pub const SPOKEN: Sentence = Sentence {
    english: "Answer what I say here.",
    japanese: "この音声に答えてください。",
};

/// What opens the list of commands below the help.
pub const COMMANDS: Sentence = Sentence { english: "Commands", japanese: "コマンド" };

/// What stands below a thread while an answer is being written, behind the name of the bot.
pub const THINKING: Sentence =
    Sentence { english: "is thinking…", japanese: "が考えています…" };

/// Returns what is shown of tools that run, or have run, by their names.
pub fn tools(language: Language, names: &[&str], is_running: bool) -> String {
    match (language, is_running) {
        (Language::English, true) => ["Looking into it: ", &names.join(", ")].concat(),
        (Language::English, false) => ["Used ", &names.join(", ")].concat(),
        (Language::Japanese, true) => ["調べています: ", &names.join("、")].concat(),
        (Language::Japanese, false) => ["使った道具: ", &names.join("、")].concat(),
    }
}

/// Reply to a command where Miyabi cannot write.
pub const NOT_IN_CHANNEL: Sentence = Sentence {
    english: "I am not in this channel: `/invite` me, and ask again.",
    japanese: "このチャンネルに参加していません。`/invite` で招待してから、もう一度聞いてください。",
};

/// Reply to words behind `/memory` that mean nothing.
pub const MEMORY_USAGE: Sentence = Sentence {
    english: "`/memory` shows what I remember about you, `/memory forget 3` and `/memory forget all` forget it, and `/memory off` and `/memory on` switch it.",
    japanese: "`/memory` で覚えていることを表示し、`/memory forget 3` や `/memory forget all` で忘れます。`/memory off` と `/memory on` で切り替えます。",
};

/// What stands below what is kept of a person.
pub const PRIVACY_USAGE: Sentence = Sentence {
    english: "`/privacy delete` deletes all of it.",
    japanese: "`/privacy delete` ですべて削除できます。",
};

/// What stands below the question whether everything is to be deleted.
pub const PRIVACY_CONFIRM: Sentence = Sentence {
    english: "If you are sure, write `/privacy delete everything`.",
    japanese: "よければ `/privacy delete everything` と書いてください。",
};

/// Returns the reply to somebody who may not ask. `id` is what the operator lets in.
pub fn not_admitted(language: Language, id: &str, markup: &impl Markup) -> String {
    let id = markup.code(id);
    match language {
        Language::English => {
            format!("I answer only people and groups that my operator has let in. Your id is {id}.")
        }
        Language::Japanese => format!(
            "運営者が許可した人とグループだけにお答えしています。あなたの ID は {id} です。"
        ),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::tests::Plain;
    use super::*;

    #[test]
    fn who_may_not_ask_is_told_by_which_id_they_may() {
        for language in Language::ALL {
            assert!(not_admitted(language, "52", &Plain).contains("52"));
        }
    }
}
