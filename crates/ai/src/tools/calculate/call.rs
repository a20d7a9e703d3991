//! Functions, constants, and the words that ask about dates.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::error::{CalculateError, Why};
use super::functions;
use super::number::Number;
use super::parser::{Parser, months_of};
use super::value::{Value, months_between, weekday};

/// Most arguments of a function.
const MAX_ARGUMENTS: usize = 64;

const FUNCTIONS: [&str; 32] = [
    "sqrt",
    "cbrt",
    "root",
    "abs",
    "round",
    "floor",
    "ceil",
    "trunc",
    "min",
    "max",
    "sum",
    "mean",
    "average",
    "avg",
    "median",
    "gcd",
    "lcm",
    "mod",
    "exp",
    "ln",
    "log",
    "log2",
    "log10",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "factorial",
    "choose",
    "pow",
];

/// Returns whether this is the name of a function.
pub(super) fn is_function(word: &str) -> bool {
    FUNCTIONS.iter().any(|name| name.eq_ignore_ascii_case(word))
}

/// Returns whether this word is no unit after a number.
pub(super) fn is_keyword(word: &str) -> bool {
    ["in", "to", "as", "into", "of", "per", "mod", "and", "times", "の", "between"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(word))
}

/// Returns a number that a word multiplies with.
pub(super) fn scale(word: &str) -> Option<Number> {
    Some(Number::from(match word {
        "hundred" => 100,
        "dozen" | "ダース" => 12,
        "thousand" => 1_000,
        "million" => 1_000_000,
        "billion" => 1_000_000_000,
        "trillion" => 1_000_000_000_000,
        _ => return None,
    }))
}

/// Returns a constant.
pub(super) fn constant(word: &str) -> Option<Number> {
    match word {
        "pi" | "PI" | "π" => Some(functions::pi()),
        "e" => functions::exp(Number::from(1)).ok(),
        "deg" | "degree" | "degrees" | "°" => functions::pi().over(Number::from(180)).ok(),
        "rad" => Some(Number::from(1)),
        _ => None,
    }
}

/// Returns `n!`.
///
/// # Errors
/// For what is no whole number from 0, and where it is too large.
pub(super) fn factorial(number: Number) -> Result<Number, CalculateError> {
    let whole = number.to_whole().filter(|it| *it >= 0).ok_or_else(|| Why::Domain {
        function: "the factorial".to_owned(),
        expected: "whole numbers from 0",
    })?;
    let mut product = Number::from(1);
    for factor in 2..=whole {
        product = product.times(factor.into())?;
    }
    Ok(product)
}

/// Reads the arguments of a function, whose bracket is open, and computes it.
///
/// # Errors
/// For a wrong number of them, and as each function does.
pub(super) fn run(parser: &mut Parser<'_>, name: &str) -> Result<Value, CalculateError> {
    let mut arguments = Vec::new();
    loop {
        arguments.push(parser.conversion()?);
        if parser.take(')') {
            break;
        }
        if !parser.take(',') && !parser.take(';') {
            return Err(parser.expected("`,` or `)`"));
        }
        if arguments.len() >= MAX_ARGUMENTS {
            return Err(Why::TooMuch.into());
        }
    }
    let name = name.to_ascii_lowercase();
    if let Some(value) = of_quantities(&name, &arguments)? {
        return Ok(value);
    }
    let numbers: Result<Vec<Number>, _> = arguments.into_iter().map(Value::into_plain).collect();
    of_numbers(&name, &numbers?).map(Value::plain)
}

fn wrong(name: &str, expected: &'static str) -> CalculateError {
    Why::Domain { function: name.to_owned(), expected }.into()
}

/// Functions that keep the unit of their first argument.
fn of_quantities(name: &str, arguments: &[Value]) -> Result<Option<Value>, CalculateError> {
    let [Value::Quantity(first, unit), rest @ ..] = arguments else { return Ok(None) };
    let alike = |value: &Value| -> Result<Number, CalculateError> {
        match value.clone().converted(unit)? {
            Value::Quantity(number, _) => Ok(number),
            Value::Date(_) | Value::Months(_) | Value::Said(_) => Err(Why::DateOperation.into()),
        }
    };
    let with = |value: Decimal| Number { value, is_exact: first.is_exact };
    let number = match name {
        "abs" => with(first.value.abs()),
        "floor" => with(first.value.floor()),
        "ceil" => with(first.value.ceil()),
        "trunc" => with(first.value.trunc()),
        "round" => {
            let decimals = match rest {
                [] => Some(0),
                [decimals, ..] => decimals.clone().into_plain()?.to_whole(),
            };
            let decimals = decimals.filter(|it| it.abs() <= 28);
            let rounded = decimals.and_then(|decimals| first.round(decimals));
            rounded.ok_or_else(|| wrong(name, "decimals from -28 to 28"))?
        }
        "min" | "max" | "sum" | "mean" | "average" | "avg" | "median" => {
            let numbers: Result<Vec<Number>, _> = arguments.iter().map(alike).collect();
            of_list(name, numbers?)?
        }
        _ => return Ok(None),
    };
    Ok(Some(Value::Quantity(number, unit.clone())))
}

fn of_list(name: &str, mut numbers: Vec<Number>) -> Result<Number, CalculateError> {
    numbers.sort_unstable_by_key(|number| (number.value, number.is_exact));
    let count = numbers.len();
    let at = |index: usize| numbers.get(index).copied().unwrap_or_else(|| Number::from(0));
    match name {
        "min" => Ok(at(0)),
        "max" => Ok(at(count.saturating_sub(1))),
        "median" => at(count.saturating_sub(1) / 2).plus(at(count / 2))?.over(2.into()),
        _ => {
            let sum = numbers.iter().copied().try_fold(Number::from(0), Number::plus)?;
            if name == "sum" {
                return Ok(sum);
            }
            sum.over(i64::try_from(count).unwrap_or(i64::MAX).into())
        }
    }
}

fn of_numbers(name: &str, numbers: &[Number]) -> Result<Number, CalculateError> {
    match (name, numbers) {
        ("sqrt", [number]) => functions::root(*number, 2),
        ("cbrt", [number]) => functions::root(*number, 3),
        ("root", [number, degree]) => {
            let degree = degree.to_whole().filter(|it| (1..=12).contains(it));
            functions::root(*number, degree.ok_or_else(|| wrong(name, "degrees from 1 to 12"))?)
        }
        ("pow", [base, exponent]) => functions::power(*base, *exponent),
        ("exp", [number]) => functions::exp(*number),
        ("ln", [number]) => functions::ln(*number),
        ("log" | "log10", [number]) => functions::log(*number, 10),
        ("log2", [number]) => functions::log(*number, 2),
        ("log", [number, base]) => {
            let base = base.to_whole().filter(|base| *base > 1);
            functions::log(*number, base.ok_or_else(|| wrong(name, "a whole base from 2"))?)
        }
        ("sin", [angle]) => functions::sin(*angle),
        ("cos", [angle]) => functions::cos(*angle),
        ("tan", [angle]) => functions::tan(*angle),
        ("asin", [number]) => functions::asin(*number),
        ("acos", [number]) => {
            let quarter = functions::pi().over(2.into())?;
            let angle = quarter.plus(functions::asin(*number)?.negated())?;
            Ok(angle.round(functions::KEPT_DECIMALS).unwrap_or(angle))
        }
        ("atan", [number]) => functions::atan(*number),
        ("factorial", [number]) => factorial(*number),
        ("mod", [left, right]) => {
            let (left, right) = (Value::plain(*left), Value::plain(*right));
            left.remainder(right)?.into_plain()
        }
        ("choose", [all, some]) => choose(name, *all, *some),
        ("gcd" | "lcm", [_, ..]) => whole_numbers(name, numbers),
        ("root" | "pow" | "mod" | "choose", _) => Err(wrong(name, "two numbers")),
        _ => Err(wrong(name, "one number")),
    }
}

fn whole_numbers(name: &str, numbers: &[Number]) -> Result<Number, CalculateError> {
    let mut result = i64::from(name == "lcm");
    for number in numbers {
        let whole = number.to_whole().and_then(i64::checked_abs);
        let whole = whole.ok_or_else(|| wrong(name, "whole numbers of at most 18 digits"))?;
        let common = gcd(result, whole);
        result = match name {
            "gcd" => common,
            _ if common == 0 => 0,
            _ => (result / common).checked_mul(whole).ok_or(Why::TooLarge)?,
        };
    }
    Ok(Number::from(result))
}

const fn gcd(mut left: i64, mut right: i64) -> i64 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

/// Returns in how many ways so many of all can be chosen.
fn choose(name: &str, all: Number, some: Number) -> Result<Number, CalculateError> {
    let expected =
        "whole numbers from 0, the second not larger than the first and at most 2000 steps";
    let pair = all.to_whole().zip(some.to_whole());
    let (all, some) = pair
        .filter(|(all, some)| (0..=*all).contains(some))
        .ok_or_else(|| wrong(name, expected))?;
    let steps = some.min(all - some);
    if steps > 2_000 {
        return Err(wrong(name, expected));
    }
    let mut ways = Number::from(1);
    for step in 1..=steps {
        ways = ways.times((all - steps + step).into())?.over(step.into())?;
    }
    Ok(ways)
}

/// Reads `days between A and B`, `weekday of A`, `leap year 2028` and the like, if it is one of them.
///
/// # Errors
/// When it is one and what follows is no date.
pub(super) fn date_words(
    parser: &mut Parser<'_>,
    word: &str,
    is_call: bool,
) -> Result<Option<Value>, CalculateError> {
    match word.to_ascii_lowercase().as_str() {
        unit @ ("days" | "weeks" | "months" | "years") => between(parser, unit),
        "weekday" | "曜日" => {
            parser.skip(1);
            parser.take_word(&["of"]);
            let date = one_date(parser)?;
            Ok(Some(Value::Said(weekday(date))))
        }
        "leap" | "is_leap" | "isleap" | "leapyear" | "is_leap_year" => {
            parser.skip(1);
            parser.take_word(&["year"]);
            let is_leap = match bracketed(parser, is_call)? {
                Value::Date(date) => date.leap_year(),
                Value::Months(months) => is_leap(months / 12)?,
                year @ (Value::Quantity(..) | Value::Said(_)) => {
                    is_leap(year.into_plain()?.to_whole().unwrap_or(0))?
                }
            };
            Ok(Some(Value::Said(if is_leap { "yes, a leap year" } else { "no leap year" })))
        }
        _ => Ok(None),
    }
}

fn is_leap(year: i64) -> Result<bool, CalculateError> {
    let year = i32::try_from(year).ok().filter(|year| (1..=9999).contains(year));
    let date = year.and_then(|year| NaiveDate::from_ymd_opt(year, 1, 1));
    date.map(|date| date.leap_year()).ok_or_else(|| wrong("leap", "a year from 1 to 9999"))
}

fn bracketed(parser: &mut Parser<'_>, is_call: bool) -> Result<Value, CalculateError> {
    if is_call && parser.take('(') {
        let value = parser.conversion()?;
        parser.expect(')', "`)`")?;
        return Ok(value);
    }
    parser.sum()
}

fn one_date(parser: &mut Parser<'_>) -> Result<NaiveDate, CalculateError> {
    match parser.sum()? {
        Value::Date(date) => Ok(date),
        Value::Quantity(..) | Value::Months(_) | Value::Said(_) => Err(wrong("weekday", "a date")),
    }
}

fn between(parser: &mut Parser<'_>, unit: &str) -> Result<Option<Value>, CalculateError> {
    let before = parser.place();
    parser.skip(1);
    if parser.take_word(&["between", "from"]).is_none() {
        parser.return_to(before);
        return Ok(None);
    }
    let from = parser.sum()?;
    if parser.take_word(&["and", "to", "until"]).is_none() {
        return Err(parser.expected("`and`"));
    }
    let to = parser.sum()?;
    let (Value::Date(from), Value::Date(to)) = (from, to) else {
        return Err(wrong("between", "two dates"));
    };
    let days = to.signed_duration_since(from).num_days();
    let count = match (unit, months_of(unit)) {
        ("weeks", _) => Number::from(days).over(7.into())?,
        (_, Some(months)) => Number::from(months_between(from, to) / months),
        _ => return Ok(Some(Value::days(days))),
    };
    Ok(Some(Value::plain(count)))
}
