//! Words of commands: what a platform shows in its menu, and what Miyabi replies at once.

use super::{Language, Sentence};

/// What `/ask` does.
pub const ASK: Sentence =
    Sentence { english: "Ask Miyabi a question", japanese: "雅に質問する" };

/// What is asked for by the option `question` of `/ask`.
pub const ASK_QUESTION: Sentence =
    Sentence { english: "What would you like to know?", japanese: "知りたいことは?" };

/// Name of the option `question`, as it is shown.
pub const ASK_QUESTION_NAME: Sentence = Sentence { english: "question", japanese: "質問" };

/// What the option `fresh` of `/ask` does.
pub const ASK_FRESH: Sentence = Sentence {
    english: "Begin anew: without what was said before, and without a saved answer",
    japanese: "これまでの会話や保存した回答を使わずに、新しく始める",
};

/// What the option `file` of `/ask` is.
pub const ASK_FILE: Sentence = Sentence {
    english: "A file that the question is about: an image, text, a table, PDF, Word or Excel",
    japanese: "質問の対象になるファイル (画像、テキスト、表、PDF、Word、Excel)",
};

/// Name of the option `file`, as it is shown.
pub const ASK_FILE_NAME: Sentence = Sentence { english: "file", japanese: "ファイル" };

/// What the option `private` of `/ask` does.
pub const ASK_PRIVATE: Sentence = Sentence {
    english: "Only you see the question and the answer",
    japanese: "質問と回答を自分だけに表示する",
};

/// Name of the option `private`, as it is shown.
pub const ASK_PRIVATE_NAME: Sentence = Sentence { english: "private", japanese: "自分だけ" };

/// What the option `model` of `/ask` is.
pub const ASK_MODEL: Sentence = Sentence {
    english: "Which model answers first; another one does if it fails",
    japanese: "最初に答えるモデル (失敗したら別のモデルが答えます)",
};

/// Name of the option `model`, as it is shown.
pub const ASK_MODEL_NAME: Sentence = Sentence { english: "model", japanese: "モデル" };

/// Name of the option `fresh`, as it is shown.
pub const ASK_FRESH_NAME: Sentence = Sentence { english: "fresh", japanese: "新しく" };

/// What `/imagine` does.
pub const IMAGINE: Sentence =
    Sentence { english: "Have Miyabi draw an image", japanese: "雅に絵を描いてもらう" };

/// What is asked for by the option `prompt` of `/imagine`.
pub const IMAGINE_PROMPT: Sentence =
    Sentence { english: "What is the image to show?", japanese: "どんな絵を描きますか?" };

/// Name of the option `prompt`, as it is shown.
pub const IMAGINE_PROMPT_NAME: Sentence = Sentence { english: "prompt", japanese: "内容" };

/// What the option `private` of `/imagine` does.
pub const IMAGINE_PRIVATE: Sentence =
    Sentence { english: "Only you see the image", japanese: "絵を自分だけに表示する" };

/// What `/usage` does.
pub const USAGE: Sentence = Sentence {
    english: "See what your questions have used and cost",
    japanese: "質問で使った量と料金を見る",
};

/// What `/key` is about.
pub const KEY: Sentence = Sentence {
    english: "Your keys for the HTTP API",
    japanese: "HTTP API のキーを管理する",
};

/// What `/key create` does.
pub const KEY_CREATE: Sentence = Sentence {
    english: "Make a key, which is shown this once and to you alone",
    japanese: "キーを作る (あなたにだけ、一度だけ表示)",
};

/// What the option `name` of `/key create` is.
pub const KEY_NAME: Sentence =
    Sentence { english: "What you will know it by", japanese: "見分けるための名前" };

/// What the option `scopes` of `/key create` is.
pub const KEY_SCOPES: Sentence = Sentence {
    english: "What it may do, such as chat,memory:read,usage",
    japanese: "できること (例: chat,memory:read,usage)",
};

/// What `/key list` does.
pub const KEY_LIST: Sentence =
    Sentence { english: "See which keys you have", japanese: "キーの一覧を見る" };

/// What `/key revoke` does.
pub const KEY_REVOKE: Sentence =
    Sentence { english: "Take a key back", japanese: "キーを無効にする" };

/// What `/link` does.
pub const LINK: Sentence = Sentence {
    english: "Get a code, for you alone, to sign in to the web page or to link another account",
    japanese: "Web ページへのサインインや別のアカウントとの連携に使うコードを受け取る (あなたにだけ表示)",
};

/// What the option `off` of `/link` is.
pub const LINK_OFF: Sentence = Sentence {
    english: "Take back every account that is linked to you",
    japanese: "連携しているアカウントをすべて解除する",
};

/// What the option `id` of `/key revoke` is.
pub const KEY_ID: Sentence = Sentence {
    english: "The key's id, as /key list shows it",
    japanese: "キーの ID (/key list に出ます)",
};

/// What `/memory` does.
pub const MEMORY: Sentence = Sentence {
    english: "See and change what Miyabi remembers about you",
    japanese: "雅があなたについて覚えていることを見る・変える",
};

/// What `/memory list` does.
pub const MEMORY_LIST: Sentence =
    Sentence { english: "See what is remembered", japanese: "覚えていることを見る" };

/// What `/memory forget` does.
pub const MEMORY_FORGET: Sentence =
    Sentence { english: "Let one thing be forgotten", japanese: "ひとつ忘れさせる" };

/// What is asked for by the option `number` of `/memory forget`.
pub const MEMORY_NUMBER: Sentence =
    Sentence { english: "Its number in the list", japanese: "一覧にある番号" };

/// What `/memory forget-all` does.
pub const MEMORY_FORGET_ALL: Sentence =
    Sentence { english: "Let everything be forgotten", japanese: "すべて忘れさせる" };

/// What `/memory export` does.
pub const MEMORY_EXPORT: Sentence = Sentence {
    english: "Get everything as a file",
    japanese: "すべてをファイルで受け取る",
};

/// What `/memory off` does.
pub const MEMORY_OFF: Sentence = Sentence {
    english: "Remember nothing new, and use nothing",
    japanese: "新しく覚えず、覚えたことも使わない",
};

/// What `/memory on` does.
pub const MEMORY_ON: Sentence =
    Sentence { english: "Remember again", japanese: "また覚えるようにする" };

/// Name of the command in the menu of a message that says whose question the message belongs to.
pub const WHO_ASKED: Sentence =
    Sentence { english: "Who asked this", japanese: "質問した人を見る" };

/// What `/help` does.
pub const HELP: Sentence =
    Sentence { english: "See what Miyabi can do", japanese: "雅にできることを見る" };

/// What `/settings` does.
pub const SETTINGS: Sentence = Sentence {
    english: "See and change how Miyabi behaves in this server",
    japanese: "このサーバーでの雅のふるまいを設定する",
};

/// What `/privacy` does.
pub const PRIVACY: Sentence = Sentence {
    english: "See and delete what Miyabi keeps of you, and never be posted as yourself",
    japanese: "自分について保存されているものの確認や削除、名前での投稿の停止",
};

/// What `/status` does.
pub const STATUS: Sentence = Sentence {
    english: "See what has become of your questions",
    japanese: "自分の質問の状態を見る",
};

/// What `/cancel` does.
pub const CANCEL: Sentence = Sentence {
    english: "Stop what is being answered to you",
    japanese: "回答中の自分の質問を停止する",
};

/// What the option of `/cancel` takes.
pub const CANCEL_REMINDER: Sentence = Sentence {
    english: "Take this reminder back instead",
    japanese: "質問の代わりに、このリマインダーを取り消す",
};

/// Name of the command in the menu of a message that asks about it.
pub const ASK_ABOUT: Sentence = Sentence { english: "Ask Miyabi", japanese: "雅に質問する" };

/// Name of the command in the menu of a message that translates it.
pub const TRANSLATE: Sentence = Sentence { english: "Translate", japanese: "翻訳する" };

/// Name of the command in the menu of a message that summarizes it.
pub const SUMMARIZE: Sentence = Sentence { english: "Summarize", japanese: "要約する" };

/// Reply to `/ask` without a question.
pub const ASK_SOMETHING: Sentence = Sentence {
    english: "Ask me something: `/ask question: …`",
    japanese: "質問を書いてください: `/ask question: …`",
};

/// Reply to `/imagine` without words.
pub const IMAGINE_SOMETHING: Sentence = Sentence {
    english: "Tell me what to draw: `/imagine prompt: …`",
    japanese: "描くものを書いてください: `/imagine prompt: …`",
};

/// Reply to a command, component or modal that the program does not know.
pub const UNKNOWN: Sentence = Sentence {
    english: "I do not know this command or button (any more). You can ask me with `/ask`.",
    japanese: "このコマンドやボタンには対応していません。質問は `/ask` でどうぞ。",
};

/// Reply to a question for a model that is not one of the chain.
pub fn no_such_model(language: Language, models: &str) -> String {
    match language {
        Language::English => format!("I cannot ask that model. There is: {models}"),
        Language::Japanese => format!("そのモデルは使えません。使えるのは {models} です。"),
    }
}

/// Name of an asker whose own name cannot be shown.
pub const NAMELESS: &str = "Someone";
