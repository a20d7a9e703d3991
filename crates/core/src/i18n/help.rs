//! The reply to who wants to know what Miyabi can do here.

use super::{Language, Markup, typed};

/// What there is here.
#[derive(Debug, Clone, Copy)]
pub struct Help<'a> {
    /// Ids of the models, in the order they are tried.
    pub models: &'a [&'a str],
    /// Whether what is said is remembered here.
    pub remembers: bool,
    /// Language of the reply.
    pub language: Language,
    /// How people use it there.
    pub way: Way,
}

/// How people use Miyabi where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By commands with options, and by the menus of messages.
    Menus,
    /// By writing, and by commands that are typed.
    Chat,
    /// By mentioning it in channels, by writing to it, and by what stands behind its command.
    Workspace,
    /// By writing, and by commands that stand in a list below the help.
    List,
}

impl Help<'_> {
    /// Returns the heading and what follows, in lines.
    fn lines(&self) -> Vec<&'static str> {
        match self.way {
            Way::Menus => self.of_menus(),
            Way::Chat => self.of_chat(),
            Way::Workspace => self.of_workspace(),
            Way::List => self.of_list(),
        }
    }

    fn of_menus(&self) -> Vec<&'static str> {
        match self.language {
            Language::English => vec![
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
            Language::Japanese => vec![
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
        }
    }

    fn of_chat(&self) -> Vec<&'static str> {
        self.of_messenger(match self.language {
            Language::English => [
                "Write to me, and I answer. In a group I answer whoever mentions me, replies to me or begins with `/ask`.",
                "Reply to a message, or forward one to me, and I answer about it.",
                "I remember what we have said in each chat; `/new` and a question begins anew. I keep what you ask me to: \"remember that …\". `/memory` shows and forgets it.",
            ],
            Language::Japanese => [
                "メッセージを送ると答えます。グループでは、メンション、私への返信、`/ask` で始まるメッセージに答えます。",
                "メッセージに返信したり転送したりすると、それについて答えます。",
                "チャットごとに会話を覚えていて、`/new` に続けて質問すると新しく始めます。「…と覚えておいて」と頼まれたことも覚えます。`/memory` で見たり忘れさせたりできます。",
            ],
        })
    }

    fn of_workspace(&self) -> Vec<&'static str> {
        self.of_messenger(match self.language {
            Language::English => [
                "Mention me in a channel, or write to me: I answer in the thread of your question. `/ask` asks me in front of everybody in a channel.",
                "In the menu of a message, *Ask Miyabi* explains it.",
                "I remember what we have said in each thread; `/new` and a question begins anew. I keep what you ask me to: \"remember that …\". `/memory` shows and forgets it.",
            ],
            Language::Japanese => [
                "チャンネルでメンションするか、メッセージを送ってください。質問のスレッドで答えます。`/ask` と打てば、チャンネルのみんなの前で答えます。",
                "メッセージのメニューの「Ask Miyabi」は、そのメッセージを説明します。",
                "スレッドごとに会話を覚えていて、`/new` に続けて質問すると新しく始めます。「…と覚えておいて」と頼まれたことも覚えます。`/memory` で見たり忘れさせたりできます。",
            ],
        })
    }

    /// Returns few words: what a list stands below is short.
    fn of_list(&self) -> Vec<&'static str> {
        let lines = self.of_messenger(match self.language {
            Language::English => [
                "Write to me, and I answer. In a group I answer whoever mentions me, replies to me or begins with `/ask`.",
                "Send or forward me a message, an image, a document or a voice message, and I answer about it.",
                "I remember what we have said; `/new` and a question begins anew. `/memory` shows and forgets what I keep.",
            ],
            Language::Japanese => [
                "メッセージを送ると答えます。グループでは、メンション、私への返信、`/ask` で始まるメッセージに答えます。",
                "メッセージ、画像、文書、音声を送るか転送すると、それについて答えます。",
                "会話を覚えていて、`/new` に続けて質問すると新しく始めます。`/memory` で覚えていることを見たり忘れさせたりできます。",
            ],
        });
        // The other commands are in the list.
        lines.into_iter().filter(|line| !line.starts_with("`/")).collect()
    }

    /// Returns the lines of a messenger, of which three are its own: how to ask, how to ask about a message, and, where it
    /// is so, that what is said is remembered.
    fn of_messenger(&self, [ask, about, remembered]: [&'static str; 3]) -> Vec<&'static str> {
        let remembered = |nothing| if self.remembers { remembered } else { nothing };
        match self.language {
            Language::English => vec![
                "What I can do",
                ask,
                about,
                "I look up what I cannot know, such as the time and the weather anywhere.",
                remembered("I remember nothing here: each question stands alone."),
                "`/status` shows your questions, `/cancel` stops what I am answering, and `/usage` says what they cost.",
                "`/link` signs you in to my web page, and `/privacy` shows and deletes what I keep of you.",
                "Models: ",
            ],
            Language::Japanese => vec![
                "雅にできること",
                ask,
                about,
                "時刻や天気など、調べないとわからないことは調べます。",
                remembered("ここでは何も覚えません。質問はひとつずつ答えます。"),
                "`/status` で質問の状態、`/cancel` で回答の停止、`/usage` で使った量と料金が見られます。",
                "`/link` で Web ページにサインイン、`/privacy` で保存している内容の確認と削除ができます。",
                "モデル: ",
            ],
        }
    }

    /// Returns the reply.
    pub fn text(&self, markup: &impl Markup) -> String {
        let lines = self.lines();
        let (heading, rest) = lines.split_first().unwrap_or((&"", &[]));
        let models: Vec<_> = self.models.iter().map(|model| markup.code(model)).collect();
        let rest = typed(&rest.join("\n"), markup);
        [&markup.strong(heading), "\n", &rest, &models.join(", ")].concat()
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
                let menus = ["/ask", "/imagine", "/status", "/cancel", "/usage", "/link", "/key"];
                let chat = ["/ask", "/status", "/cancel", "/usage", "/link", "/privacy"];
                for (way, commands, lines) in [
                    (Way::Menus, &menus[..], 9),
                    (Way::Chat, &chat, 8),
                    (Way::Workspace, &chat, 8),
                    (Way::List, &["/ask"], 6),
                ] {
                    let text = Help { models: &models, remembers, language, way }.text(&Plain);
                    assert!(text.ends_with("openai/gpt-5-mini, @cf/meta/llama"), "{text}");
                    assert_eq!(text.contains("/memory"), remembers);
                    assert_eq!(Language::of_text(&text), language);
                    assert!(commands.iter().all(|it| text.contains(it)), "{text}");
                    let limit = if way == Way::List { 700 } else { 1500 };
                    assert!(text.chars().count() < limit, "{text}");
                    assert_eq!(text.lines().count(), lines);
                }
            }
        }
    }
}
