//! Reads the budgets: amounts of US dollars, as integers of nano-dollars.

use super::Environment;
use super::reader::Reader;

/// Nano-dollars of a dollar.
const NANO: u64 = 1_000_000_000;

/// Digits after the point.
const PLACES: usize = 6;

/// Most dollars. As nano-dollars they still fit into a JavaScript number without loss.
const MOST: u64 = 1_000_000;

/// What may be spent on models, in nano-dollars; `None` for as much as it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Budgets {
    /// On one question. It is what is set aside while the question is answered, so there is one if
    /// there is any other.
    pub question: Option<u64>,
    /// On one person's questions of a day, UTC.
    pub asker: Option<u64>,
    /// On one server's questions of a day.
    pub server: Option<u64>,
    /// On everybody's questions of a day.
    pub day: Option<u64>,
}

impl<E: Environment> Reader<'_, E> {
    pub(super) fn budgets(&mut self) -> Budgets {
        let budgets = Budgets {
            question: self.budget("MIYABI_BUDGET_QUESTION"),
            asker: self.budget("MIYABI_BUDGET_ASKER"),
            server: self.budget("MIYABI_BUDGET_SERVER"),
            day: self.budget("MIYABI_BUDGET_DAY"),
        };
        let has_others = budgets.asker.or(budgets.server).or(budgets.day).is_some();
        if budgets.question.is_none() && has_others {
            self.problem("MIYABI_BUDGET_QUESTION", Some("is needed where another budget is set"));
        }
        budgets
    }

    fn budget(&mut self, name: &str) -> Option<u64> {
        let text = self.text(name);
        if text == "off" {
            return None;
        }
        let amount = parse_dollars(&text);
        if amount.is_none() {
            self.problem(name, Some("is not `off` or dollars such as 0.05"));
        }
        amount
    }
}

/// Returns dollars such as `0.05` in nano-dollars.
///
/// `None` for anything that is no amount, for zero, for more than a million dollars, and for more than
/// six digits after the point.
pub fn parse_dollars(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let are_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(fraction) || fraction.len() > PLACES {
        return None;
    }
    let whole: u64 = whole.parse().ok().filter(|whole| *whole <= MOST)?;
    let mut unit = NANO;
    let mut nano = whole * NANO;
    for digit in fraction.bytes() {
        unit /= 10;
        nano += u64::from(digit - b'0') * unit;
    }
    (1..=MOST * NANO).contains(&nano).then_some(nano)
}
