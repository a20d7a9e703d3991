//! Sentences about files that come with a question: the lines below its answer.

use serde::{Deserialize, Serialize};

use super::Language;

/// Why a file was not read.
///
/// # Shape
/// A stored format: its name in small letters, such as `"too_large"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// More bytes than are read.
    TooLarge,
    /// Neither text nor a document.
    Kind,
    /// The platform does not give it out any more.
    Expired,
    /// It did not arrive, or the service that reads it did not answer.
    Unreachable,
    /// Not what its name says, or damaged.
    Broken,
    /// Packed so tightly that it would become far larger.
    Bomb,
    /// Nothing to read in it.
    Empty,
    /// One of too many.
    TooMany,
    /// Nobody says anything in it.
    Silent,
}

/// Returns why a file was not read, as the end of a sentence.
pub const fn reason(problem: Problem, language: Language) -> &'static str {
    match (language, problem) {
        (Language::English, Problem::TooLarge) => "it is too large",
        (Language::English, Problem::Kind) => "files of this kind are not read here",
        (Language::English, Problem::Expired) => "its address has expired; please send it again",
        (Language::English, Problem::Unreachable) => "it could not be reached; please try again",
        (Language::English, Problem::Broken) => "it is damaged, or not what its name says",
        (Language::English, Problem::Bomb) => "it would unpack to far too much",
        (Language::English, Problem::Empty) => "there is nothing to read in it",
        (Language::English, Problem::TooMany) => "there are too many files",
        (Language::English, Problem::Silent) => "no words could be heard in it",
        (Language::Japanese, Problem::TooLarge) => "サイズが大きすぎます",
        (Language::Japanese, Problem::Kind) => "この種類のファイルには対応していません",
        (Language::Japanese, Problem::Expired) => {
            "ファイルの有効期限が切れています。もう一度送ってください"
        }
        (Language::Japanese, Problem::Unreachable) => {
            "取得できませんでした。もう一度お試しください"
        }
        (Language::Japanese, Problem::Broken) => "壊れているか、名前と中身が違います",
        (Language::Japanese, Problem::Bomb) => "展開すると大きくなりすぎます",
        (Language::Japanese, Problem::Empty) => "読めるものがありません",
        (Language::Japanese, Problem::TooMany) => "ファイルが多すぎます",
        (Language::Japanese, Problem::Silent) => "言葉を聞き取れませんでした",
    }
}

/// Returns the line that says of a file that it was not read, or of no problem that only a part of it was.
pub fn line(name: &str, problem: Option<Problem>, language: Language) -> String {
    // A name is its sender's choice: nothing in it ends the code that it is shown as.
    let name: String = name.chars().filter(|c| !c.is_control() && *c != '`').collect();
    match (problem, language) {
        (Some(problem), Language::English) => {
            format!("not read: `{name}` ({})", reason(problem, language))
        }
        (Some(problem), Language::Japanese) => {
            format!("読めなかったファイル: `{name}` ({})", reason(problem, language))
        }
        (None, Language::English) => {
            format!("only in part: `{name}` is longer than what I can read at once")
        }
        (None, Language::Japanese) => {
            format!("一部のみ: `{name}` は長いため、一部だけを読みました")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_the_file_and_the_reason_and_its_name_cannot_end_the_code() {
        for language in Language::ALL {
            let line = line("a`\n**b**.pdf", Some(Problem::Expired), language);
            assert!(line.contains("`a**b**.pdf`"), "{line}");
            assert!(line.contains(reason(Problem::Expired, language)), "{line}");
        }
    }
}
