//! The buttons below an answer: their labels, who presses them, and what is replied to that person alone.

use super::consent::Decision;
use super::usage::dollars;
use super::{Language, Markup, Sentence};
use crate::ids::JobId;
use crate::question::Question;

/// What a button below an answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// The question is answered once more.
    Regenerate,
    /// Another question about the answer.
    FollowUp,
    /// Says how the answer came about.
    Why,
    /// Removes the answer and its question.
    Delete,
    /// Decides, below a question to the asker, whether a tool may act: for a generation of the job, and the ordinal of a
    /// model call. It stands below no answer.
    Decide(Decision, u32, u32),
}

impl Button {
    /// All of those below an answer, as they stand from left to right.
    pub const ALL: [Self; 4] = [Self::Regenerate, Self::FollowUp, Self::Why, Self::Delete];

    /// Returns what stands on it.
    pub const fn label(self, language: Language) -> &'static str {
        let label = match self {
            Self::Regenerate => {
                Sentence { english: "Regenerate", japanese: "もう一度答える" }
            }
            Self::FollowUp => Sentence { english: "Follow up", japanese: "続けて質問する" },
            Self::Why => Sentence { english: "Why", japanese: "回答の経緯" },
            Self::Delete => Sentence { english: "Delete", japanese: "削除する" },
            Self::Decide(decision, ..) => return decision.label(language),
        };
        label.in_language(language)
    }
}

/// A button that was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Press {
    /// Button.
    pub button: Button,
    /// Job whose answer it stands below, as the button says.
    pub job: JobId,
    /// A question without words, of whoever presses it, where they press it.
    pub question: Question,
    /// Whether they moderate the server where they press it.
    pub is_moderator: bool,
    /// Id of the message that the button belongs to; empty if the platform did not tell it.
    pub message: String,
    /// Address of that message; empty if the platform did not tell it.
    pub link: String,
}

/// Reply to somebody whose answer it is not.
pub const NOT_YOURS: Sentence = Sentence {
    english: "Only who asked, and members who may manage messages here, can use these buttons.",
    japanese: "このボタンを使えるのは、質問した人と、このサーバーで「メッセージの管理」の権限がある人だけです。",
};

/// Reply about an answer of which nothing is kept any more.
pub const GONE: Sentence = Sentence {
    english: "I know nothing of this answer any more: it is too old. You can ask again with `/ask`.",
    japanese: "この回答の記録はもうありません (期限切れです)。`/ask` でもう一度質問できます。",
};

/// Reply about an answer that was deleted.
pub const DELETED_BEFORE: Sentence = Sentence {
    english: "This answer was deleted.",
    japanese: "この回答は削除されました。",
};

/// Reply to who wants another answer while one is being found.
pub const RUNNING: Sentence = Sentence {
    english: "I am answering this once more already. Wait for that answer.",
    japanese: "すでにもう一度回答しているところです。その回答をお待ちください。",
};

/// Reply to who has an answer deleted.
pub const DELETED: Sentence = Sentence {
    english: "I deleted the answer, and the question that I posted for it.",
    japanese: "回答と、投稿した質問を削除しました。",
};

/// Reply to who has an answer deleted, when that takes long.
pub const DELETING: Sentence = Sentence {
    english: "I am deleting the answer. If it is still there in a minute, press the button again.",
    japanese: "回答を削除しています。1分たっても残っていたら、もう一度ボタンを押してください。",
};

/// Reply to who has an answer deleted, when the platform does not let all of it be removed.
pub const NOT_DELETED: Sentence = Sentence {
    english: "I could not delete all of it. Press the button again in a minute, or have somebody delete it who may manage messages here.",
    japanese: "すべてを削除できませんでした。1分後にもう一度押すか、「メッセージの管理」の権限がある人に削除してもらってください。",
};

/// Title of the form for another question.
pub const TITLE: Sentence = Sentence { english: "Follow up", japanese: "続けて質問する" };

/// What is asked for by that form.
pub const QUESTION: Sentence = Sentence {
    english: "What do you want to know about this answer?",
    japanese: "この回答について知りたいことは?",
};

/// Returns the line below an answer to a question that was answered before, at this address.
pub fn again(language: Language, link: &str) -> String {
    match language {
        Language::English => format!("answered before: {link}"),
        Language::Japanese => format!("前の回答: {link}"),
    }
}

/// How an answer came about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trace {
    /// Job's id.
    pub job: String,
    /// Tools that ran, in their order.
    pub tools: Vec<ToolRun>,
    /// Models that were asked, in their order.
    pub models: Vec<ModelRun>,
}

/// A tool that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolRun {
    /// Name.
    pub name: String,
    /// Arguments, cut.
    pub arguments: String,
    /// How it went, such as `done`.
    pub outcome: String,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// A model that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRun {
    /// Model, as configured.
    pub model: String,
    /// How it went: `ok`, or the failure's class.
    pub outcome: String,
    /// Tokens of its prompt.
    pub prompt_tokens: u64,
    /// Tokens of its completion.
    pub completion_tokens: u64,
    /// What it cost, in nano-dollars.
    pub cost_nano: u64,
    /// Whether its price is known.
    pub is_priced: bool,
    /// Whether it was asked for the answer, and not for an image or a summary.
    pub is_round: bool,
}

/// Returns how an answer came about, as the platform marks it up.
pub fn explain(trace: &Trace, language: Language, markup: &impl Markup) -> String {
    let words = |english: &'static str, japanese: &'static str| {
        Sentence { english, japanese }.in_language(language)
    };
    // What a model wrote stands between marks of code.
    let code = |word: &str| markup.code(&word.replace('`', "'").replace(['\n', '\r'], " "));
    let mut lines = vec![markup.strong(words("How this answer came about", "この回答の経緯"))];
    let rounds = trace.models.iter().filter(|run| run.is_round && run.outcome == "ok").count();
    if trace.models.is_empty() {
        lines.push(
            words(
                "- a saved answer: no model was asked",
                "- 保存された回答 (モデルは使っていません)",
            )
            .to_owned(),
        );
    } else {
        lines.push(format!("- {}: {rounds}", words("rounds", "ラウンド")));
    }
    let mut sums = (0_u64, 0_u64, 0_u64);
    let mut is_priced = true;
    for run in &trace.models {
        let ModelRun { model, outcome, prompt_tokens, completion_tokens, cost_nano, .. } = run;
        sums.0 = sums.0.saturating_add(*prompt_tokens);
        sums.1 = sums.1.saturating_add(*completion_tokens);
        sums.2 = sums.2.saturating_add(*cost_nano);
        is_priced &= run.is_priced;
        let model = code(model);
        lines.push(format!("- {model}: {outcome}, {prompt_tokens} → {completion_tokens}"));
    }
    if !trace.models.is_empty() {
        let cost = dollars(sums.2);
        let unknown = if is_priced { "" } else { words(" or more", " 以上") };
        let tokens = words("tokens in → out", "トークン (入力 → 出力)");
        lines.push(format!("- {tokens}: {} → {}", sums.0, sums.1));
        lines.push(format!("- {}: {cost}{unknown}", words("cost", "料金")));
    }
    lines.push(format!("- {}: {}", words("job", "ジョブ"), code(&trace.job)));
    // Last: there may be more of them than a message holds.
    for ToolRun { name, arguments, outcome, took_ms } in &trace.tools {
        let (name, arguments) = (code(name), code(arguments));
        lines.push(format!("- {name} {arguments}: {outcome}, {took_ms} ms"));
    }
    lines.join("\n")
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::tests::Plain;
    use super::*;

    fn trace() -> Trace {
        let tool = ToolRun {
            name: "wea`ther".to_owned(),
            arguments: "{\n\"place\":\"`京都`\"}".to_owned(),
            outcome: "done".to_owned(),
            took_ms: 312,
        };
        let model = |outcome: &str, cost_nano, is_priced| ModelRun {
            model: "@cf/a".to_owned(),
            outcome: outcome.to_owned(),
            prompt_tokens: 800,
            completion_tokens: 20,
            cost_nano,
            is_priced,
            is_round: true,
        };
        Trace {
            job: "13".to_owned(),
            tools: vec![tool],
            models: vec![model("busy", 0, false), model("ok", 1_500_000, true)],
        }
    }

    #[test]
    fn an_answer_is_explained_by_its_tools_models_and_cost() {
        let expected = "How this answer came about\n- rounds: 1\n\
            - @cf/a: busy, 800 → 20\n- @cf/a: ok, 800 → 20\n\
            - tokens in → out: 1600 → 40\n- cost: $0.0015 or more\n- job: 13\n\
            - wea'ther { \"place\":\"'京都'\"}: done, 312 ms";
        assert_eq!(explain(&trace(), Language::English, &Plain), expected);
        let saved = Trace { job: "13".to_owned(), ..Trace::default() };
        let said = explain(&saved, Language::Japanese, &Plain);
        assert!(said.contains("保存された回答") && said.ends_with("ジョブ: 13"), "{said}");
    }

    #[test]
    fn labels_are_short_and_each_its_own() {
        for language in Language::ALL {
            let mut labels = Button::ALL.map(|button| button.label(language)).to_vec();
            assert!(labels.iter().all(|label| (1..=80).contains(&label.chars().count())));
            labels.dedup();
            assert_eq!(labels.len(), 4);
        }
    }
}
