//! What an expression may stand for, and the operations between two of these.

use std::rc::Rc;

use chrono::{Datelike, Days, Months, NaiveDate};

use super::error::{CalculateError, Why};
use super::number::Number;
use super::units::Unit;

/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;

/// A value on the way to the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A number of units; a plain number has the unit [`Unit::none`].
    Quantity(Number, Rc<Unit>),
    /// A date.
    Date(NaiveDate),
    /// Months and years, which have no fixed length.
    Months(i64),
    /// A word: a weekday, or yes or no.
    Said(&'static str),
}

impl Value {
    /// Returns a plain number.
    pub(super) fn plain(number: Number) -> Self {
        Self::Quantity(number, Rc::new(Unit::none()))
    }

    /// Returns a number of days.
    pub(super) fn days(days: i64) -> Self {
        let unit = Unit::find("days").map_or_else(Unit::none, |(unit, _)| unit);
        Self::Quantity(Number::from(days), Rc::new(unit))
    }

    /// Returns the number, percent as a hundredth.
    ///
    /// # Errors
    /// When it has a unit, or is none.
    pub(super) fn into_plain(self) -> Result<Number, CalculateError> {
        match self {
            Self::Quantity(number, unit) if unit.dimensions == [0; 5] => unit.base(number),
            Self::Quantity(_, unit) => Err(Why::NotPlain(unit.name.clone()).into()),
            Self::Date(_) | Self::Months(_) | Self::Said(_) => Err(Why::DateOperation.into()),
        }
    }

    /// Returns the number and its unit, percent as a plain number.
    fn into_quantity(self) -> Result<(Number, Rc<Unit>), CalculateError> {
        match self {
            Self::Quantity(number, unit) if unit.is_percent() => {
                Ok((unit.base(number)?, Rc::new(Unit::none())))
            }
            Self::Quantity(_, unit) if unit.is_shifted() => Err(Why::Temperature.into()),
            Self::Quantity(number, unit) => Ok((number, unit)),
            Self::Months(_) => Err(Why::Calendar.into()),
            Self::Date(_) | Self::Said(_) => Err(Why::DateOperation.into()),
        }
    }

    /// Returns the value with the other sign.
    ///
    /// # Errors
    /// For dates and words, and for more months than fit.
    pub(super) fn negated(self) -> Result<Self, CalculateError> {
        match self {
            Self::Quantity(number, unit) => Ok(Self::Quantity(number.negated(), unit)),
            Self::Months(months) => Ok(Self::Months(months.checked_neg().ok_or(Why::TooLarge)?)),
            Self::Date(_) | Self::Said(_) => Err(Why::DateOperation.into()),
        }
    }

    /// Returns the sum; `80 + 15%` is 80 and 15 percent of it.
    ///
    /// # Errors
    /// When the two cannot be added.
    pub(super) fn plus(self, other: Self) -> Result<Self, CalculateError> {
        match (self, other) {
            (Self::Date(date), other) | (other, Self::Date(date)) => add_to_date(date, other),
            (Self::Months(left), Self::Months(right)) => {
                Ok(Self::Months(left.checked_add(right).ok_or(Why::TooLarge)?))
            }
            (Self::Months(_), _) | (_, Self::Months(_)) => Err(Why::Calendar.into()),
            (Self::Said(_), _) | (_, Self::Said(_)) => Err(Why::DateOperation.into()),
            (Self::Quantity(left, unit), Self::Quantity(right, others)) => {
                if unit.is_shifted() || others.is_shifted() {
                    return Err(Why::Temperature.into());
                }
                if others.is_percent() && !unit.is_percent() {
                    let share = others.base(right)?.times(left)?;
                    return Ok(Self::Quantity(left.plus(share)?, unit));
                }
                let right = others.convert(right, &unit)?;
                Ok(Self::Quantity(left.plus(right)?, unit))
            }
        }
    }

    /// Returns the difference; between dates it is days.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn minus(self, other: Self) -> Result<Self, CalculateError> {
        match (&self, &other) {
            (Self::Date(left), Self::Date(right)) => {
                Ok(Self::days(left.signed_duration_since(*right).num_days()))
            }
            _ => self.plus(other.negated()?),
        }
    }

    /// Returns the product.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn times(self, other: Self) -> Result<Self, CalculateError> {
        let ((left, unit), (right, others)) = (self.into_quantity()?, other.into_quantity()?);
        Self::combined(left.times(right)?, unit.with(&others, false))
    }

    /// Returns the quotient.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn over(self, other: Self) -> Result<Self, CalculateError> {
        let ((left, unit), (right, others)) = (self.into_quantity()?, other.into_quantity()?);
        Self::combined(left.over(right)?, unit.with(&others, true))
    }

    /// Returns a number of a combined unit: km/km is a plain number.
    fn combined(number: Number, unit: Option<Unit>) -> Result<Self, CalculateError> {
        let unit = unit.ok_or(Why::TooLarge)?;
        if unit.dimensions == [0; 5] {
            return Ok(Self::plain(unit.base(number)?));
        }
        Ok(Self::Quantity(number, Rc::new(unit)))
    }

    /// Returns what is left of a division by a whole number of times, never negative for a positive divisor.
    ///
    /// # Errors
    /// When the two have different units, and for a division by zero.
    pub(super) fn remainder(self, other: Self) -> Result<Self, CalculateError> {
        let ((left, unit), (right, others)) = (self.into_quantity()?, other.into_quantity()?);
        let right = others.convert(right, &unit)?;
        let times = left.over(right)?;
        let whole = Number { value: times.value.floor(), is_exact: times.is_exact };
        Ok(Self::Quantity(left.plus(whole.times(right)?.negated())?, unit))
    }

    /// Returns the value in another unit, of which `target` has one.
    ///
    /// # Errors
    /// When they measure different things.
    pub(super) fn converted(self, target: &Unit) -> Result<Self, CalculateError> {
        match self {
            Self::Quantity(number, unit) => {
                Ok(Self::Quantity(unit.convert(number, target)?, Rc::new(target.clone())))
            }
            Self::Months(_) => Err(Why::Calendar.into()),
            Self::Date(_) | Self::Said(_) => Err(Why::DateOperation.into()),
        }
    }
}

fn add_to_date(date: NaiveDate, other: Value) -> Result<Value, CalculateError> {
    let moved = match other {
        Value::Months(months) => {
            let size = u32::try_from(months.unsigned_abs()).ok().map(Months::new);
            size.and_then(|size| match months {
                0.. => date.checked_add_months(size),
                _ => date.checked_sub_months(size),
            })
        }
        Value::Quantity(number, unit) if unit.dimensions == [0, 0, 1, 0, 0] => {
            let seconds = unit.base(number)?;
            let days = seconds.over(DAY_SECONDS.into())?;
            let days = days.to_whole().ok_or(Why::DateOperation)?;
            let size = Days::new(days.unsigned_abs());
            if days < 0 { date.checked_sub_days(size) } else { date.checked_add_days(size) }
        }
        Value::Quantity(number, _) if number.value.is_zero() => Some(date),
        Value::Quantity(..) | Value::Date(_) | Value::Said(_) => {
            return Err(Why::DateOperation.into());
        }
    };
    let moved = moved.filter(|date| (1..=9999).contains(&date.year()));
    Ok(Value::Date(moved.ok_or_else(|| Why::Date("the result".to_owned()))?))
}

/// Returns a date as YYYY-MM-DD.
pub(super) fn iso(date: NaiveDate) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// Returns the name of a date's weekday.
pub(super) fn weekday(date: NaiveDate) -> &'static str {
    const NAMES: [&str; 7] =
        ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    let index = usize::try_from(date.weekday().num_days_from_sunday()).unwrap_or(0);
    NAMES.get(index).copied().unwrap_or_default()
}

/// Returns the whole months from one date to another, negative if that is earlier.
pub(super) fn months_between(from: NaiveDate, to: NaiveDate) -> i64 {
    if to < from {
        return -months_between(to, from);
    }
    let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
    let whole = months(to) - months(from);
    let moved = u32::try_from(whole).ok().and_then(|it| from.checked_add_months(Months::new(it)));
    if moved.is_some_and(|moved| moved > to) { whole - 1 } else { whole }
}
