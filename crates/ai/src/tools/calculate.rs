//! The tool `calculate`: exact arithmetic, percentages, units and dates, without a request.
//!
//! It touches nothing: no service, no clock, no store. A call is bounded by its length, its depth and the
//! size of its numbers, so that it takes milliseconds and needs no time-out.
//!
//! | file | what it has |
//! | --- | --- |
//! | `tokens` | the expression in pieces, full-width characters made plain |
//! | `parser` | the grammar, computed while it is read |
//! | `call` | functions, constants, and the words that ask about dates |
//! | `value` | quantities and dates, and what can be done with two of them |
//! | `number` | decimals, and whether they are exact |
//! | `functions` | roots, logarithms and angles |
//! | `units` | the table of units |

mod call;
mod error;
mod functions;
mod number;
mod parser;
mod tokens;
mod units;
mod value;

pub use self::error::CalculateError;

use serde::Serialize;
use serde_json::{Map, Value};

use self::parser::Parser;
use super::ToolError;
use super::errands::Touches;
use super::schema::{Kind, Parameter};

/// What the model reads about the tool.
pub const DESCRIPTION: &str = "Calculates exactly: decimals, percentages, powers, functions, units and dates. Use it for any arithmetic \
     beyond small whole numbers, for every conversion of units and every question about dates.";

/// What it may touch.
pub const TOUCHES: Touches = Touches::Nothing;

/// Parameters.
pub const PARAMETERS: [Parameter; 1] = [Parameter {
    name: "expression",
    kind: Kind::Text,
    description: "Such as 1234.5 * 3 / 7, 15% of 80, 80 + 15%, 2^100, sqrt(2), round(x, 2), max(1, 2), 10 mod 3, \
                  5 ft 11 inch in cm, 72 °F in °C, 100 km/h in m/s, 6 畳 in m2, 2026-11-28 + 90 days, \
                  2026-01-31 + 3 months, days between 2026-11-28 and 2027-04-01, weekday of 2026-11-28, \
                  leap year 2028. Dates are YYYY-MM-DD; angles are radians, or as in sin(30 deg).",
    is_required: true,
}];

/// Longest expression, in characters.
pub const MAX_CHARS: usize = 500;

/// Deepest nesting of brackets, signs and powers.
pub const MAX_DEPTH: usize = 32;

/// Most operations.
pub const MAX_OPERATIONS: usize = 100;

/// What the model reads.
#[derive(Debug, Serialize, PartialEq, Eq)]
struct Report {
    result: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    unit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    weekday: Option<&'static str>,
    /// Whether the year of a date is a leap year.
    #[serde(skip_serializing_if = "Option::is_none")]
    leap_year: Option<bool>,
    /// Whether all digits are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    exact: Option<bool>,
    /// What was assumed about units that have several sizes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assumed: Vec<String>,
}

/// Returns the result as JSON.
///
/// # Shape
/// - `{"result":"12","exact":true}`
/// - `{"result":"2.9403","unit":"坪","exact":true,"assumed":["1 畳 = 1.62 m^2"]}`
/// - `{"result":"2027-02-26","weekday":"Friday","leap_year":false}`
///
/// Sums, products, quotients and whole powers are computed with 28 digits, and are exact as long as these suffice. What was
/// rounded on the way, such as 1/3, says `"exact":false` and shows 20 significant digits, rounded half away from
/// zero; so do roots and other functions, where they have no end.
///
/// # Errors
/// [`ToolError::Calculation`] with a sentence that says what to write instead.
pub fn run(arguments: &Map<String, Value>) -> Result<String, ToolError> {
    let expression = arguments.get("expression").and_then(Value::as_str).unwrap_or_default();
    let report = calculate(expression)?;
    serde_json::to_string(&report).map_err(|_unreadable| ToolError::Shape { service: "calculate" })
}

fn calculate(expression: &str) -> Result<Report, CalculateError> {
    if expression.chars().count() > MAX_CHARS {
        return Err(error::Why::TooLong.into());
    }
    let tokens = tokens::tokens(expression)?;
    let mut parser = Parser::new(&tokens);
    let value = parser.whole()?;
    let assumed = parser.notes;
    let report = Report {
        result: String::new(),
        unit: String::new(),
        weekday: None,
        leap_year: None,
        exact: None,
        assumed,
    };
    Ok(match value {
        value::Value::Quantity(number, unit) => {
            let (result, is_exact) = number.to_text();
            Report { result, unit: unit.name.clone(), exact: Some(is_exact), ..report }
        }
        value::Value::Date(date) => Report {
            result: value::iso(date),
            weekday: Some(value::weekday(date)),
            leap_year: Some(date.leap_year()),
            ..report
        },
        value::Value::Months(months) => {
            Report { result: months.to_string(), unit: "months".to_owned(), ..report }
        }
        value::Value::Said(word) => Report { result: word.to_owned(), ..report },
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
