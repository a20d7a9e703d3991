//! What Miyabi replies at once in the chats of a messenger, where commands are typed.

use super::{Language, Markup, Sentence};

/// Reply in front of others to a command that is about somebody alone.
pub const IN_PRIVATE: Sentence = Sentence {
    english: "That is for you alone: ask me in a private chat.",
    japanese: "これはあなただけに見せるものなので、個別チャットで聞いてください。",
};

/// Reply to a command that there is not.
pub const UNKNOWN_COMMAND: Sentence = Sentence {
    english: "I do not know this command. /help says what I can do.",
    japanese: "このコマンドはわかりません。/help でできることを説明します。",
};

/// Reply to a message without a question.
pub const ASK_SOMETHING: Sentence = Sentence {
    english: "Write your question behind it, and I will answer.",
    japanese: "続けて質問を書いてください。お答えします。",
};

/// The question of who sends a file without words.
pub const ABOUT_FILE: Sentence =
    Sentence { english: "What is this?", japanese: "これは何ですか?" };

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

/// What there is in these chats.
#[derive(Debug, Clone, Copy)]
pub struct Help<'a> {
    /// Ids of the models, in the order they are tried.
    pub models: &'a [&'a str],
    /// Whether what is said is remembered here.
    pub remembers: bool,
    /// Language of the reply.
    pub language: Language,
}

impl Help<'_> {
    /// Returns the reply.
    pub fn text(&self, markup: &impl Markup) -> String {
        let lines = match self.language {
            Language::English => [
                "What I can do",
                "Write to me, and I answer. In a group I answer whoever mentions me, replies to me or begins with `/ask`.",
                "Reply to a message, or forward one to me, and I answer about it.",
                "I look up what I cannot know, such as the time and the weather anywhere.",
                if self.remembers {
                    "I remember what we have said in each chat; `/new` begins anew. I keep what you ask me to: \"remember that …\". `/memory` shows and forgets it."
                } else {
                    "I remember nothing here: each question stands alone."
                },
                "`/status` shows your questions, `/cancel` stops what I am answering, and `/usage` says what they cost.",
                "`/link` signs you in to my web page, and `/privacy` shows and deletes what I keep of you.",
                "Models: ",
            ],
            Language::Japanese => [
                "雅にできること",
                "メッセージを送ると答えます。グループでは、メンション、私への返信、`/ask` で始まるメッセージに答えます。",
                "メッセージに返信したり転送したりすると、それについて答えます。",
                "時刻や天気など、調べないとわからないことは調べます。",
                if self.remembers {
                    "チャットごとに会話を覚えていて、`/new` で新しく始めます。「…と覚えておいて」と頼まれたことも覚えます。`/memory` で見たり忘れさせたりできます。"
                } else {
                    "ここでは何も覚えません。質問はひとつずつ答えます。"
                },
                "`/status` で質問の状態、`/cancel` で回答の停止、`/usage` で使った量と料金が見られます。",
                "`/link` で Web ページにサインイン、`/privacy` で保存している内容の確認と削除ができます。",
                "モデル: ",
            ],
        };
        let [heading, rest @ ..] = lines;
        let models: Vec<_> = self.models.iter().map(|model| markup.code(model)).collect();
        [&markup.strong(heading), "\n", &rest.join("\n"), &models.join(", ")].concat()
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::tests::Plain;
    use super::*;

    #[test]
    fn help_names_what_there_is_and_fits_into_a_message() {
        for language in Language::ALL {
            for remembers in [false, true] {
                let models = ["openai/gpt-5-mini", "@cf/meta/llama"];
                let text = Help { models: &models, remembers, language }.text(&Plain);
                assert!(text.ends_with("openai/gpt-5-mini, @cf/meta/llama"), "{text}");
                assert_eq!(text.contains("/memory"), remembers);
                for command in ["/ask", "/status", "/cancel", "/usage", "/link", "/privacy"] {
                    assert!(text.contains(command), "{command}");
                }
                assert!(text.chars().count() < 1500 && text.lines().count() == 8, "{text}");
            }
        }
    }

    #[test]
    fn who_may_not_ask_is_told_by_which_id_they_may() {
        for language in Language::ALL {
            assert!(not_admitted(language, "52", &Plain).contains("52"));
        }
    }
}
