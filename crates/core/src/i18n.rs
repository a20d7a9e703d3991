//! Every sentence that people read, in every language.

pub mod usage;

use crate::fault::Notice;

/// Language of the program's own sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English, and every language we have no sentences for.
    English,
    /// Japanese.
    Japanese,
}

impl Language {
    /// Returns the language for a locale such as `ja` or `en-US`.
    pub fn of_locale(locale: &str) -> Self {
        if locale == "ja" || locale.starts_with("ja-") { Self::Japanese } else { Self::English }
    }

    /// Returns the short name, a locale that [`Language::of_locale`] reads back.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }
}

/// Returns what the asker reads in place of "thinking…" when the question cannot be answered.
pub const fn sentence(notice: Notice, language: Language) -> &'static str {
    match language {
        Language::English => english(notice),
        Language::Japanese => japanese(notice),
    }
}

const fn english(notice: Notice) -> &'static str {
    match notice {
        Notice::TryAgain => {
            "Sorry, something went wrong and I could not answer. Please ask me again. (´・ω・`)"
        }
        Notice::Busy => {
            "Sorry, there is a crowd right now and I could not answer. Please try again in a few \
             minutes."
        }
        Notice::Quota => {
            "Sorry, today's allowance for answers is used up. It comes back at 00:00 UTC."
        }
        Notice::Crowded => {
            "Sorry, you have asked a lot just now. Please wait until your other questions are \
             answered, and ask again."
        }
        Notice::ServerCrowded => {
            "Sorry, this server has asked a lot just now. Please ask again in a minute."
        }
        Notice::AskerBudget => {
            "Sorry, your budget for today is used up. It is new again at 00:00 UTC."
        }
        Notice::ServerBudget => {
            "Sorry, this server's budget for today is used up. It is new again at 00:00 UTC."
        }
        Notice::DayBudget => {
            "Sorry, everybody's budget for today is used up. It is new again at 00:00 UTC."
        }
        Notice::BudgetHeld => {
            "Sorry, other questions are being answered right now, and what is left of the budget is \
             set aside for them. Please ask again in a moment."
        }
        Notice::Late => "Sorry, I could not finish the answer in time. Please ask me again later.",
        Notice::Refused => {
            "Sorry, the model's rules do not allow an answer to this. Please ask something else, or in \
             other words."
        }
        Notice::TooLong => {
            "Sorry, that is too long for me to read at once. Please ask in fewer words."
        }
        Notice::Misconfigured => {
            "Sorry, I am not set up correctly, so I cannot answer. Please tell whoever runs me."
        }
        Notice::Blocked => {
            "Sorry, I was not allowed to post the answer here. A moderator may know why."
        }
    }
}

const fn japanese(notice: Notice) -> &'static str {
    match notice {
        Notice::TryAgain => {
            "ごめんなさい、問題が起きて答えられませんでした。もう一度聞いてください (´・ω・`)"
        }
        Notice::Busy => {
            "ごめんなさい、いま混み合っていて答えられませんでした。数分後にもう一度お試しください。"
        }
        Notice::Quota => {
            "ごめんなさい、今日の回答枠を使い切りました。日本時間の午前9時に戻ります。"
        }
        Notice::Crowded => {
            "ごめんなさい、質問が続いています。ほかの質問の回答を待ってから、もう一度聞いてください。"
        }
        Notice::ServerCrowded => {
            "ごめんなさい、このサーバーからの質問が続いています。1分ほど待ってから聞いてください。"
        }
        Notice::AskerBudget => {
            "ごめんなさい、あなたの今日の予算を使い切りました。日本時間の午前9時に新しくなります。"
        }
        Notice::ServerBudget => {
            "ごめんなさい、このサーバーの今日の予算を使い切りました。日本時間の午前9時に新しくなります。"
        }
        Notice::DayBudget => {
            "ごめんなさい、みんなの今日の予算を使い切りました。日本時間の午前9時に新しくなります。"
        }
        Notice::BudgetHeld => {
            "ごめんなさい、いまほかの質問に答えていて、残りの予算を取り置いています。少し待ってからもう一度聞いてください。"
        }
        Notice::Late => {
            "ごめんなさい、時間内に答えられませんでした。しばらくしてからもう一度聞いてください。"
        }
        Notice::Refused => {
            "ごめんなさい、モデルの規約により、この質問には答えられません。別の質問や言い方でお試しください。"
        }
        Notice::TooLong => {
            "ごめんなさい、長すぎて一度に読めませんでした。もう少し短く聞いてください。"
        }
        Notice::Misconfigured => {
            "ごめんなさい、設定に問題があって答えられません。管理者に知らせてください。"
        }
        Notice::Blocked => {
            "ごめんなさい、ここへの投稿が許可されませんでした。管理者に確認してください。"
        }
    }
}

/// Returns what stands above the attached file of an answer that takes too many messages.
pub const fn attached(language: Language) -> &'static str {
    match language {
        Language::English => "The answer is long: all of it is in the attached file.",
        Language::Japanese => "回答が長いので、全文を添付ファイルにしました。",
    }
}

/// Returns the small line below an answer that was saved so many minutes ago.
pub fn saved(language: Language, minutes: u64) -> String {
    match language {
        Language::English => {
            format!("-# Saved answer, {minutes} min old. Ask with `fresh: True` for a new one.")
        }
        Language::Japanese => {
            format!("-# {minutes}分前に保存した回答です。`fresh: True` で新しく答えます。")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_has_a_sentence_of_its_own_in_each_language() {
        let mut sentences: Vec<&str> = Notice::ALL
            .into_iter()
            .flat_map(|notice| {
                [sentence(notice, Language::English), sentence(notice, Language::Japanese)]
            })
            .collect();
        sentences.sort_unstable();
        sentences.dedup();
        assert_eq!(sentences.len(), Notice::ALL.len() * 2);
    }

    #[test]
    fn every_sentence_fits_a_message() {
        let languages = [Language::English, Language::Japanese];
        let all = Notice::ALL.into_iter().flat_map(|n| languages.map(|l| sentence(n, l)));
        for text in all.chain(languages.map(attached)) {
            assert!((1..=2000).contains(&text.chars().count()), "{text}");
        }
        assert_ne!(attached(Language::English), attached(Language::Japanese));
    }

    #[test]
    fn a_languages_name_is_read_back() {
        for language in [Language::English, Language::Japanese] {
            assert_eq!(Language::of_locale(language.name()), language);
        }
    }

    #[test]
    fn reads_the_locales_that_we_have_sentences_for() {
        assert_eq!(Language::of_locale("ja"), Language::Japanese);
        assert_eq!(Language::of_locale("en-US"), Language::English);
        assert_eq!(Language::of_locale("jam"), Language::English);
    }
}
