//! Replies to who wants to know what has become of their questions, or wants no answer any more.

use super::{Language, Markup, Sentence, typed};

/// Who wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Person's id; empty if the platform did not tell it.
    pub asker: String,
    /// Whether they want to stop what is being answered, and not only to see it.
    pub cancels: bool,
    /// Id of the reminder that they want to take back, as the platform's completions offer it.
    pub reminder: Option<String>,
    /// Language of the reply.
    pub language: Language,
}

/// What a question has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It waits for its run.
    Waiting,
    /// It is being answered.
    Answering,
    /// It is being stopped.
    Stopping,
    /// It was answered.
    Answered,
    /// It was not answered.
    Failed,
}

/// A question, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// State.
    pub state: State,
    /// Beginning of the question; empty where it is not kept any more.
    pub question: String,
    /// Seconds from the question until its end, or until now.
    pub took_s: u64,
    /// When it was asked, in Unix seconds.
    pub asked_s: u64,
}

const HEADING: Sentence = Sentence { english: "Your questions", japanese: "あなたの質問" };

const NONE: Sentence = Sentence {
    english: "You have asked nothing lately: `/ask` asks something.",
    japanese: "最近の質問はありません。`/ask` で質問できます。",
};

const NOTHING_RUNS: Sentence = Sentence {
    english: "I am answering no question of yours, so there is nothing to stop.",
    japanese: "回答中の質問はないので、停止するものはありません。",
};

/// Returns the list of somebody's questions.
pub fn list(entries: &[Entry], language: Language, markup: &impl Markup) -> String {
    if entries.is_empty() {
        return typed(NONE.in_language(language), markup);
    }
    let mut text = markup.strong(HEADING.in_language(language));
    for Entry { state, question, took_s, asked_s } in entries {
        let asked = markup.time(*asked_s, language);
        let state = state_in(language, *state);
        let line = match language {
            Language::English => format!("\n- {state}, {took_s} s; asked {asked}"),
            Language::Japanese => format!("\n- {state}・{took_s}秒 (質問: {asked})"),
        };
        text.push_str(&line);
        if !question.is_empty() {
            text.extend([": ", &markup.code(question)]);
        }
    }
    text
}

const fn state_in(language: Language, state: State) -> &'static str {
    let sentence = match state {
        State::Waiting => Sentence { english: "waiting", japanese: "待機中" },
        State::Answering => Sentence { english: "being answered", japanese: "回答中" },
        State::Stopping => Sentence { english: "being stopped", japanese: "停止中" },
        State::Answered => Sentence { english: "answered", japanese: "回答済み" },
        State::Failed => Sentence { english: "not answered", japanese: "回答なし" },
    };
    sentence.in_language(language)
}

/// Returns the reply to who wants no answer any more, where so many questions are being stopped.
pub fn stopping(language: Language, questions: usize) -> String {
    match (language, questions) {
        (_, 0) => NOTHING_RUNS.in_language(language).to_owned(),
        (Language::English, 1) => {
            "I am stopping your question. An answer that is ready by now comes all the same."
                .to_owned()
        }
        (Language::English, _) => format!(
            "I am stopping {questions} questions of yours. An answer that is ready by now comes all the same."
        ),
        (Language::Japanese, _) => {
            format!("質問{questions}件を停止しています。すでにできている回答は届くことがあります。")
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::tests::Plain;
    use super::*;

    #[test]
    fn each_question_is_a_line_with_its_state_and_how_long_it_took() {
        let entry = |state, question: &str| Entry {
            state,
            question: question.to_owned(),
            took_s: 12,
            asked_s: 7,
        };
        let entries = [entry(State::Answering, "Why?"), entry(State::Answered, "")];
        assert_eq!(
            list(&entries, Language::English, &Plain),
            "Your questions\n- being answered, 12 s; asked at 7: Why?\n- answered, 12 s; asked at 7"
        );
        assert_eq!(
            list(&entries, Language::Japanese, &Plain),
            "あなたの質問\n- 回答中・12秒 (質問: at 7): Why?\n- 回答済み・12秒 (質問: at 7)"
        );
        for language in Language::ALL {
            assert_eq!(Language::of_text(&list(&[], language, &Plain)), language);
            for questions in 0..3 {
                assert_eq!(Language::of_text(&stopping(language, questions)), language);
            }
        }
    }
}
