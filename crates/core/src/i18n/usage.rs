//! The reply to a question about usage: sums in, sentences out.

use core::fmt;

use super::{Language, Markup, Sentence};

/// Who asks for their usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Asker's id; empty if the platform did not tell it.
    pub asker: String,
    /// Server's id, if the asker may know what its members use.
    pub server: Option<String>,
    /// Language of the reply.
    pub language: Language,
}

/// What was used in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Questions that were begun.
    pub questions: u64,
    /// Calls of models.
    pub calls: u64,
    /// Tokens of prompts and completions.
    pub tokens: u64,
    /// What that cost, in nano-dollars.
    pub nano: u64,
    /// What is set aside for questions that are being answered, in nano-dollars.
    pub reserved: u64,
    /// How many of the costs are estimated.
    pub estimated: u64,
    /// How many of the calls have no price.
    pub unpriced: u64,
}

impl Sums {
    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.questions, other.questions),
            (&mut self.calls, other.calls),
            (&mut self.tokens, other.tokens),
            (&mut self.nano, other.nano),
            (&mut self.reserved, other.reserved),
            (&mut self.estimated, other.estimated),
            (&mut self.unpriced, other.unpriced),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}

/// What one person or one server has used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// Today, UTC.
    pub today: Sums,
    /// In the last 30 days, today included.
    pub month: Sums,
    /// The same 30 days, each model of them, the dearest first.
    pub models: Vec<(String, Sums)>,
    /// Budget of a day, in nano-dollars.
    pub budget: Option<u64>,
}

/// Most models that are listed.
const MAX_MODELS: usize = 8;

/// Nano-dollars of the smallest amount that is shown, a hundredth of a cent.
pub(super) const SHOWN: u64 = 100_000;

/// What the reply is about.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// What the asker has used.
    pub own: &'a Account,
    /// What the server's members have used, if the asker may know. Models are listed in this order.
    pub server: Option<&'a Account>,
    /// Language of the reply.
    pub language: Language,
    /// When the budgets of a day are new, in Unix seconds.
    pub until_s: u64,
    /// How the platform writes it.
    pub markup: &'a dyn Markup,
}

impl fmt::Debug for Report<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Report").field("own", &self.own).finish_non_exhaustive()
    }
}

impl Report<'_> {
    /// Returns the reply.
    pub fn text(&self) -> String {
        let Self { language, until_s, markup, .. } = *self;
        let mut writer = Writer { language, until_s, markup, words: String::new() };
        writer.put(&markup.strong(OWN.in_language(language)));
        writer.account(self.own);
        if let Some(server) = self.server {
            writer.put("\n\n");
            writer.put(&markup.strong(SERVER.in_language(language)));
            writer.account(server);
            if !server.models.is_empty() {
                writer.put(MODELS.in_language(language));
            }
            for (model, sums) in server.models.iter().take(MAX_MODELS) {
                writer.put(&format!("\n- {}: ", markup.code(model)));
                writer.taken(sums.calls, CALLS, sums);
            }
        }
        writer.words
    }
}

const OWN: Sentence = Sentence { english: "You", japanese: "あなた" };
const SERVER: Sentence = Sentence { english: "This server", japanese: "このサーバー" };
const MODELS: Sentence = Sentence {
    english: "\nModels of the last 30 days:",
    japanese: "\nこの30日間のモデル:",
};

/// A reply, as far as it is written.
struct Writer<'a> {
    language: Language,
    /// When the budgets of a day are new, in Unix seconds.
    until_s: u64,
    markup: &'a dyn Markup,
    words: String,
}

/// Things that are counted.
#[derive(Clone, Copy)]
struct Noun {
    english: &'static str,
    /// With its counter.
    japanese: &'static str,
}

const QUESTIONS: Noun = Noun { english: "question", japanese: "件の質問" };
const CALLS: Noun = Noun { english: "call", japanese: "回" };
const TOKENS: Noun = Noun { english: "token", japanese: "トークン" };
const UNPRICED_CALLS: Noun = Noun { english: "unpriced call", japanese: "回" };

impl Writer<'_> {
    fn put(&mut self, words: &str) {
        self.words.push_str(words);
    }

    fn account(&mut self, account: &Account) {
        let (today, month) = match self.language {
            Language::English => ("\nToday: ", "\nLast 30 days: "),
            Language::Japanese => ("\n今日: ", "\nこの30日間: "),
        };
        for (name, sums) in [(today, &account.today), (month, &account.month)] {
            self.put(name);
            self.taken(sums.questions, QUESTIONS, sums);
        }
        let Some(budget) = account.budget else { return };
        let held = account.today.nano.saturating_add(account.today.reserved);
        let (left, of) = (dollars(budget.saturating_sub(held)), dollars(budget));
        let until = self.markup.time(self.until_s, self.language);
        self.put(&match self.language {
            Language::English => format!("\nLeft of today's budget: {left} of {of}, new {until}"),
            Language::Japanese => format!("\n今日の予算の残り: {of}のうち{left}、{until}に更新"),
        });
    }

    /// Writes a number of things, and the tokens and costs that they took.
    fn taken(&mut self, number: u64, things: Noun, sums: &Sums) {
        let (comma, about, plus) = match self.language {
            Language::English => (", ", "about ", ", plus "),
            Language::Japanese => ("、", "約", "、ほかに料金不明の呼び出し"),
        };
        let about = if sums.estimated > 0 { about } else { "" };
        self.count(number, things);
        self.put(comma);
        self.count(sums.tokens, TOKENS);
        self.put(&format!("{comma}{about}{}", dollars(sums.nano)));
        if sums.unpriced > 0 {
            self.put(plus);
            self.count(sums.unpriced, UNPRICED_CALLS);
        }
    }

    /// Writes `1 question`, `2,000 questions`, `2,000件の質問`.
    fn count(&mut self, number: u64, things: Noun) {
        let digits = number.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                self.words.push(',');
            }
            self.words.push(digit);
        }
        let plural = if number == 1 { "" } else { "s" };
        self.put(&match self.language {
            Language::English => format!(" {}{plural}", things.english),
            Language::Japanese => things.japanese.to_owned(),
        });
    }
}

/// Returns an amount such as `$0.05`, `$1.2345` or `<$0.0001`, rounded to a hundredth of a cent.
pub fn dollars(nano: u64) -> String {
    let shown = nano.saturating_add(SHOWN / 2) / SHOWN;
    if shown == 0 && nano > 0 {
        return "<$0.0001".to_owned();
    }
    let (whole, fraction) = (shown / 10_000, shown % 10_000);
    match (fraction % 100, fraction % 10) {
        (0, _) => format!("${whole}.{:02}", fraction / 100),
        (_, 0) => format!("${whole}.{:03}", fraction / 10),
        _ => format!("${whole}.{fraction:04}"),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    const UNTIL_S: u64 = 1_730_073_600;

    fn sums(questions: u64, tokens: u64, nano: u64) -> Sums {
        Sums { questions, calls: questions * 2, tokens, nano, ..Sums::default() }
    }

    /// Marks what it is given, as no platform does.
    struct Marks;

    impl Markup for Marks {
        fn strong(&self, words: &str) -> String {
            format!("<{words}>")
        }

        fn code(&self, word: &str) -> String {
            format!("[{word}]")
        }

        fn small_print(&self, line: &str) -> String {
            line.to_owned()
        }

        fn date(&self, unix_s: u64, _language: Language) -> String {
            format!("on {unix_s}")
        }

        fn time(&self, unix_s: u64, _language: Language) -> String {
            format!("at {unix_s}")
        }
    }

    fn said(own: &Account, server: Option<&Account>, language: Language) -> String {
        Report { own, server, language, until_s: UNTIL_S, markup: &Marks }.text()
    }

    #[test]
    fn money_is_written_from_integers() {
        for (nano, expected) in [
            (0, "$0.00"),
            (1, "<$0.0001"),
            (49_999, "<$0.0001"),
            (50_000, "$0.0001"),
            (149_999, "$0.0001"),
            (150_000, "$0.0002"),
            (1_000_000, "$0.001"),
            (10_000_000, "$0.01"),
            (12_300_000, "$0.0123"),
            (50_000_000, "$0.05"),
            (999_960_000, "$1.00"),
            (1_500_000_000, "$1.50"),
            (123_456_789_000_000, "$123456.789"),
            (u64::MAX, "$18446744073.7095"),
        ] {
            assert_eq!(dollars(nano), expected, "{nano}");
        }
    }

    fn count(number: u64, language: Language, things: Noun) -> String {
        let mut writer = Writer { language, until_s: 0, markup: &Marks, words: String::new() };
        writer.count(number, things);
        writer.words
    }

    #[test]
    fn numbers_have_their_groups_and_words_their_number() {
        for (number, english, japanese) in [
            (0, "0 tokens", "0トークン"),
            (1, "1 token", "1トークン"),
            (999, "999 tokens", "999トークン"),
            (1_000, "1,000 tokens", "1,000トークン"),
            (1_234_567, "1,234,567 tokens", "1,234,567トークン"),
        ] {
            assert_eq!(count(number, Language::English, TOKENS), english);
            assert_eq!(count(number, Language::Japanese, TOKENS), japanese);
        }
    }

    #[test]
    fn who_has_asked_nothing_reads_so() {
        let expected = "<You>\nToday: 0 questions, 0 tokens, $0.00\n\
                        Last 30 days: 0 questions, 0 tokens, $0.00";
        assert_eq!(said(&Account::default(), None, Language::English), expected);
    }

    #[test]
    fn a_person_reads_their_own_and_what_is_left() {
        let today = Sums { reserved: 50_000_000, ..sums(1, 1_234, 12_300_000) };
        let month = Sums { estimated: 1, unpriced: 2, ..sums(30, 45_678, 1_500_000_000) };
        let own = Account { today, month, budget: Some(100_000_000), ..Account::default() };
        let expected = "<You>\nToday: 1 question, 1,234 tokens, $0.0123\n\
                        Last 30 days: 30 questions, 45,678 tokens, about $1.50, plus 2 unpriced calls\n\
                        Left of today's budget: $0.0377 of $0.10, new at 1730073600";
        assert_eq!(said(&own, None, Language::English), expected);
        let expected = "<あなた>\n今日: 1件の質問、1,234トークン、$0.0123\n\
                        この30日間: 30件の質問、45,678トークン、約$1.50、ほかに料金不明の呼び出し2回\n\
                        今日の予算の残り: $0.10のうち$0.0377、at 1730073600に更新";
        assert_eq!(said(&own, None, Language::Japanese), expected);
        let spent = Account { budget: Some(1), ..own };
        assert!(said(&spent, None, Language::English).contains("$0.00 of <$0.0001"));
    }

    #[test]
    fn an_admin_reads_the_servers_too_and_its_first_models() {
        let models: Vec<_> = (1..=10)
            .map(|number| (format!("@cf/m/{number}"), sums(0, 1_000, number * 1_000_000)))
            .collect();
        let server = Account { models, ..Account::default() };
        let writer = said(&Account::default(), Some(&server), Language::English);
        let listed: Vec<&str> = writer.lines().filter(|line| line.starts_with("- ")).collect();
        assert_eq!(listed.len(), 8);
        assert_eq!(listed.first(), Some(&"- [@cf/m/1]: 0 calls, 1,000 tokens, $0.001"));
        assert!(writer.contains("\n\n<This server>\nToday: "), "{writer}");
        let none = said(&Account::default(), Some(&Account::default()), Language::Japanese);
        assert!(none.contains("<このサーバー>") && !none.contains("モデル"), "{none}");
    }

    #[test]
    fn sums_add_up() {
        let mut sum = Sums { reserved: 1, estimated: 2, unpriced: 3, ..sums(4, 5, 6) };
        sum.add(&sum.clone());
        let expected = Sums { reserved: 2, estimated: 4, unpriced: 6, ..sums(8, 10, 12) };
        assert_eq!(sum, expected);
    }
}
