//! The reply to who wants to know what Miyabi can do here.

use super::{Language, Markup};

/// What there is here.
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
                "`/ask` answers a question where everybody sees it. `private` shows it to you alone, `fresh` begins anew, and `model` says who answers first.",
                "In the menu of a message, under *Apps*: *Ask Miyabi* answers a question about it, and *Translate* and *Summarize* answer you alone.",
                "`/imagine` draws an image of what you write.",
                "I look up what I cannot know, such as the time and the weather anywhere.",
                if self.remembers {
                    "I remember what we have said in each place, and keep what you ask me to: \"remember that …\". `/memory` shows and forgets it."
                } else {
                    "I remember nothing here: each question stands alone."
                },
                "`/status` shows your questions and reminders, `/cancel` stops what I am answering or takes a reminder back, and `/usage` says what they cost.",
                "`/link` signs you in to my web page, and `/key` makes a key with which your programs ask me.",
                "Models: ",
            ],
            Language::Japanese => [
                "雅にできること",
                "`/ask` で質問すると、みんなに見える形で答えます。`private` は自分だけに表示、`fresh` は新しく始める、`model` は最初に答えるモデルの指定です。",
                "メッセージのメニューの「アプリ」から:「雅に質問する」はそのメッセージについて答え、「翻訳する」「要約する」はあなただけに答えます。",
                "`/imagine` は、書いた内容の絵を描きます。",
                "時刻や天気など、調べないとわからないことは調べます。",
                if self.remembers {
                    "場所ごとに会話を覚えていて、「…と覚えておいて」と頼まれたことも覚えます。`/memory` で見たり忘れさせたりできます。"
                } else {
                    "ここでは何も覚えません。質問はひとつずつ答えます。"
                },
                "`/status` で質問とリマインダー、`/cancel` で回答の停止とリマインダーの取り消し、`/usage` で使った量と料金が見られます。",
                "`/link` で Web ページにサインインでき、`/key` でプログラムから質問するためのキーを作れます。",
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
                assert_eq!(Language::of_text(&text), language);
                for command in ["/ask", "/imagine", "/status", "/cancel", "/usage", "/link", "/key"]
                {
                    assert!(text.contains(command), "{command}");
                }
                assert!(text.chars().count() < 1500 && text.lines().count() == 9, "{text}");
            }
        }
    }
}
