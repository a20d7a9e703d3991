//! Sentences in, above and in place of answers.

use super::{Language, Sentence};

/// Above the attached file of an answer that takes too many messages.
pub const ATTACHED: Sentence = Sentence {
    english: "The answer is long: all of it is in the attached file.",
    japanese: "回答が長いので、全文を添付ファイルにしました。",
};

/// In place of an answer, when the model had nothing to say, twice.
pub const EMPTY: Sentence = Sentence {
    english: "Sorry, I could not put an answer into words. Please try asking in a slightly different \
              way.",
    japanese: "ごめんなさい、うまく答えを言葉にできませんでした。聞き方を少し変えて、もう一度試してみてください。",
};

/// In place of an answer, when the budget of the question was used up first.
pub const OUT_OF_MONEY: Sentence = Sentence {
    english: "Sorry, this question used up what one question may cost before I had an answer. Please \
              try a shorter or more specific one.",
    japanese: "ごめんなさい、この質問に使える予算がなくなって、答えまでたどり着けませんでした。質問を短く、具体的にしてみてください。",
};

/// After an answer that ended at the limit of tokens.
pub const CUT: Sentence = Sentence {
    english: "… (this got too long and is cut off here)",
    japanese: "…（長くなりすぎたので、ここで切れています）",
};

impl Language {
    /// Returns the sentence for when the model had nothing to say, twice.
    pub const fn empty_answer(self) -> &'static str {
        EMPTY.in_language(self)
    }

    /// Returns the sentence for when the budget of the question was used up before its answer.
    pub const fn out_of_money(self) -> &'static str {
        OUT_OF_MONEY.in_language(self)
    }

    /// Returns the note after an answer that ended at the limit of tokens.
    pub const fn cut_note(self) -> &'static str {
        CUT.in_language(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_in_the_language_it_says() {
        for sentence in [ATTACHED, EMPTY, OUT_OF_MONEY, CUT] {
            for language in Language::ALL {
                assert_eq!(Language::of_text(sentence.in_language(language)), language);
            }
        }
    }
}
