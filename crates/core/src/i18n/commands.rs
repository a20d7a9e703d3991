//! Words of commands: what a platform shows in its menu, and what Miyabi replies at once.

use super::Sentence;

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
    english: "Do not use a saved answer",
    japanese: "保存した回答を使わずに、新しく答える",
};

/// Name of the option `fresh`, as it is shown.
pub const ASK_FRESH_NAME: Sentence = Sentence { english: "fresh", japanese: "新しく" };

/// What `/usage` does.
pub const USAGE: Sentence = Sentence {
    english: "See what your questions have used and cost",
    japanese: "質問で使った量と料金を見る",
};

/// Name of the command in the menu of a message that says whose question the message belongs to.
pub const WHO_ASKED: Sentence =
    Sentence { english: "Who asked this", japanese: "質問した人を見る" };

/// Reply to `/ask` without a question.
pub const ASK_SOMETHING: Sentence = Sentence {
    english: "Ask me something: `/ask question: …`",
    japanese: "質問を書いてください: `/ask question: …`",
};

/// Reply to a command, component or modal that the program does not know.
pub const UNKNOWN: Sentence = Sentence {
    english: "I do not know this command or button (any more). You can ask me with `/ask`.",
    japanese: "このコマンドやボタンには対応していません。質問は `/ask` でどうぞ。",
};

/// Name of an asker whose own name cannot be shown.
pub const NAMELESS: &str = "Someone";
