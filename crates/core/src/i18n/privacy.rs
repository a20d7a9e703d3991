//! Words of what is kept of a person, and what a person wants of it.

use super::{Language, Markup, Sentence, typed};
use crate::ids::Millis;

/// Who wants to see or change what is kept of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Person's id; empty if the platform did not tell it.
    pub person: String,
    /// Language of the reply.
    pub language: Language,
    /// What is wanted.
    pub wish: Wish,
}

/// What a person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// To see it.
    Show,
    /// To have questions quoted, and not posted in the person's name; or posted again.
    Quote(bool),
    /// To be asked whether all of it is to be deleted.
    AskToErase,
    /// To have everything deleted that there was at this time.
    Erase(Millis),
}

/// What is kept of a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// Questions, and answers to them, that are kept as jobs.
    pub questions: u64,
    /// Conversations.
    pub conversations: u64,
    /// Facts that they have had remembered; `None` if the object with them did not say.
    pub facts: Option<u64>,
    /// Keys of the HTTP API.
    pub keys: u64,
    /// Links to conversations.
    pub links: u64,
    /// Messages that they are about to ask about, and questions that could not be started.
    pub others: u64,
    /// Whether their questions are quoted everywhere.
    pub is_quoted: bool,
    /// Whether all of it is being deleted.
    pub is_erasing: bool,
    /// The person and the accounts that are linked to them; none where there are no such accounts.
    pub accounts: Vec<String>,
}

const fn pair(english: &'static str, japanese: &'static str) -> Sentence {
    Sentence { english, japanese }
}

/// Labels of the buttons.
pub const QUOTE: Sentence = pair("Never post as me", "自分の名前で投稿しない");
/// See [`QUOTE`].
pub const POST: Sentence = pair("Post as me again", "また自分の名前で投稿する");
/// See [`QUOTE`].
pub const DELETE: Sentence = pair("Delete everything", "すべて削除");
/// See [`QUOTE`].
pub const CONFIRM: Sentence = pair("Yes, delete everything", "はい、すべて削除します");
/// See [`QUOTE`].
pub const BACK: Sentence = pair("No, keep it", "いいえ、残します");

const HEADING: Sentence = pair("What I keep of you", "あなたについて保存しているもの");
const QUESTIONS: Sentence = pair("Questions with their answers", "質問と回答");
const CONVERSATIONS: Sentence = pair("Conversations", "会話");
const FACTS: Sentence = pair("Facts you had remembered (`/memory`)", "覚えたこと (`/memory`)");
const KEYS: Sentence = pair("API keys (`/key`)", "APIキー (`/key`)");
const KEYS_ALONE: Sentence = pair("API keys", "APIキー");
const LINKS: Sentence = pair("Links to conversations", "会話へのリンク");
const OTHERS: Sentence = pair(
    "Messages you are about to ask about, and questions that did not start",
    "質問しかけのメッセージと、開始できなかった質問",
);
const ACCOUNTS: Sentence = pair("Accounts that are you", "あなたのアカウント");
const UNKNOWN: Sentence = pair("not known right now", "いまは確認できません");
const POSTED: Sentence = pair(
    "Your questions are posted under your name, where a server has it so.",
    "質問は、サーバーの設定に応じて、あなたの名前で投稿されます。",
);
const QUOTED: Sentence = pair(
    "Your questions are quoted in the answers and never posted under your name, in every server.",
    "質問は、どのサーバーでもあなたの名前では投稿されず、回答の中で引用されます。",
);
const STAYS: Sentence = pair(
    "Besides: how much your questions cost, in numbers without words, for 400 days; and the choice above.",
    "ほかに、質問の費用の数字 (内容は含みません) を400日間と、上の選択を保存しています。",
);
const ERASING: Sentence = pair(
    "It is being deleted, until no question from before runs any more: mostly within minutes.",
    "削除しています。前の質問の処理がすべて終わるまで、ふつうは数分かかります。",
);
const SURE: Sentence = pair(
    "Delete everything above, for good? Questions that are being answered are stopped, and API keys end at \
     once.\n\
     What stays: messages in channels, which you can delete there; numbers of what was spent; what you have \
     chosen about your name; for some days what the machinery keeps of jobs that ran; and, where the operator \
     has that on, saved answers without your name until they are over.",
    "上のすべてを完全に削除しますか? 回答中の質問は停止し、APIキーはすぐに使えなくなります。\n\
     残るもの: チャンネルのメッセージ (そこで削除できます)、費用の数字、名前についての選択、実行記録として数日間残る処理の内容、\
     運営者が有効にしている場合は、期限までの保存済みの回答 (名前は含みません)。",
);

/// Returns what is kept of a person, as the platform marks it up. `posts` is whether it posts questions in their name.
pub fn list(kept: &Kept, language: Language, markup: &impl Markup, posts: bool) -> String {
    let say = |sentence: Sentence| sentence.in_language(language);
    let number = |number: u64| number.to_string();
    let keys = if markup.command("key").is_some() { KEYS } else { KEYS_ALONE };
    let lines = [
        (QUESTIONS, number(kept.questions)),
        (CONVERSATIONS, number(kept.conversations)),
        (FACTS, kept.facts.map_or_else(|| say(UNKNOWN).to_owned(), number)),
        (keys, number(kept.keys)),
        (LINKS, number(kept.links)),
        (OTHERS, number(kept.others)),
    ];
    let mut text = markup.strong(say(HEADING));
    for (name, value) in lines {
        text.extend(["\n- ", &typed(say(name), markup), ": ", &value]);
    }
    if !kept.accounts.is_empty() {
        let names: Vec<_> = kept.accounts.iter().map(|id| markup.code(&named(id))).collect();
        text.extend(["\n- ", say(ACCOUNTS), ": ", &names.join(", ")]);
    }
    if posts {
        text.extend(["\n", say(if kept.is_quoted { QUOTED } else { POSTED })]);
    }
    text.extend(["\n", &markup.small_print(say(STAYS))]);
    if kept.is_erasing {
        text.extend(["\n", &markup.strong(say(ERASING))]);
    }
    text
}

/// Returns an account's id with its platform: those of Discord are numbers alone.
fn named(id: &str) -> String {
    if id.contains(':') { id.to_owned() } else { ["discord:", id].concat() }
}

/// Returns what is asked before everything is deleted.
pub const fn sure(language: Language) -> &'static str {
    SURE.in_language(language)
}

#[cfg(test)]
mod tests {
    use super::super::tests::Plain;
    use super::*;

    #[test]
    fn a_list_says_how_much_there_is_and_what_is_chosen() {
        let kept = Kept { questions: 3, keys: 1, ..Kept::default() };
        let text = list(&kept, Language::English, &Plain, true);
        assert!(text.contains("answers: 3\n") && text.contains("(`/key`): 1\n"), "{text}");
        assert!(
            text.contains("not known right now") && text.contains("under your name,"),
            "{text}"
        );
        let kept = Kept { facts: Some(2), is_quoted: true, is_erasing: true, ..kept };
        let text = list(&kept, Language::English, &Plain, true);
        assert!(text.contains("(`/memory`): 2\n") && text.contains("never posted"), "{text}");
        assert!(text.contains("being deleted"), "{text}");
        assert!(!list(&kept, Language::English, &Plain, false).contains("under your name"));
        assert!(text.chars().count() < 2_000 && sure(Language::English).chars().count() < 1_000);
    }
}
