//! Words by which the simulation recognizes its own texts: whose question, which answer, which
//! paragraph. What people see is judged by them, not by the code that splits and posts.

/// Every secret holds this word, so that one in a log line is found.
pub const SECRET: &str = "SECRET";

/// Returns the words of which the asker of a question may be reminded. They are no mark, since an answer repeats
/// them.
pub fn errand(ask: usize) -> String {
    format!("tea{ask}x")
}

/// A mark in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// A paragraph of a question.
    Question {
        /// Number of the question.
        ask: usize,
        /// Paragraph, from 1.
        part: usize,
    },
    /// A paragraph of an answer.
    Answer {
        /// Number of the question.
        ask: usize,
        /// Which of the answers that the model gave to it, from 1.
        version: usize,
        /// Paragraph, from 1.
        part: usize,
    },
}

impl Mark {
    /// Returns the number of the question.
    pub const fn ask(self) -> usize {
        match self {
            Self::Question { ask, .. } | Self::Answer { ask, .. } => ask,
        }
    }

    /// Returns whether it is one of an answer.
    pub const fn is_answer(self) -> bool {
        matches!(self, Self::Answer { .. })
    }

    /// Returns the word.
    ///
    /// # Shape
    /// `qwz3p1zwq`, `qaz3v1p2zaq`
    pub fn word(self) -> String {
        match self {
            Self::Question { ask, part } => format!("qwz{ask}p{part}zwq"),
            Self::Answer { ask, version, part } => format!("qaz{ask}v{version}p{part}zaq"),
        }
    }

    /// Returns the marks of a text, in order.
    pub fn all(text: &str) -> Vec<Self> {
        let mut marks = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('q') {
            rest = rest.get(at..).unwrap_or_default();
            if let Some(mark) = Self::read(rest) {
                marks.push(mark);
            }
            rest = rest.get(1..).unwrap_or_default();
        }
        marks
    }

    fn read(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("qwz") {
            let (body, _) = rest.split_once("zwq")?;
            let (ask, part) = body.split_once('p')?;
            return Some(Self::Question { ask: ask.parse().ok()?, part: part.parse().ok()? });
        }
        let (body, _) = text.strip_prefix("qaz")?.split_once("zaq")?;
        let (ask, rest) = body.split_once('v')?;
        let (version, part) = rest.split_once('p')?;
        Some(Self::Answer {
            ask: ask.parse().ok()?,
            version: version.parse().ok()?,
            part: part.parse().ok()?,
        })
    }
}

/// Returns a text of `parts` paragraphs, each with its mark and `filler` words.
pub fn text(parts: usize, filler: usize, mark: impl Fn(usize) -> Mark) -> String {
    let paragraph = |part: usize| {
        let mut paragraph = mark(part).word();
        for _ in 0..filler {
            paragraph.push_str(" lorem");
        }
        paragraph.push('.');
        paragraph
    };
    (1..=parts).map(paragraph).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_read_back_in_order_from_any_text() {
        let answer = |part| Mark::Answer { ask: 3, version: 12, part };
        let question = Mark::Question { ask: 0, part: 1 };
        let text = format!("q {} (quick) {}", text(2, 3, answer), question.word());
        assert_eq!(Mark::all(&text), [answer(1), answer(2), question]);
        assert_eq!(Mark::all("qaz1v2zaq qwzzwq qaz"), []);
    }
}
