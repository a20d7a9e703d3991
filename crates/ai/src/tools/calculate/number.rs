//! Numbers of up to 28 digits, and whether they are exact.
//!
//! Nothing here is a binary floating-point number. An operation whose result has more digits is rounded, and
//! the number says so from then on.

use rust_decimal::Decimal;

use super::error::{CalculateError, Why};

/// Significant digits of a result that is not exact: fewer than were computed, so that all are right.
pub(super) const SHOWN_DIGITS: i64 = 20;

/// Largest exponent: roundings add up to less than the digits that are not shown.
const MAX_EXPONENT: u64 = 1_000_000;

/// A number, and whether it is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    /// Value, without zeros at its end.
    pub(super) value: Decimal,
    /// Whether nothing was rounded on the way to it.
    pub(super) is_exact: bool,
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::exact(value.into())
    }
}

impl Number {
    /// Returns an exact number.
    pub(super) fn exact(value: Decimal) -> Self {
        Self { value: value.normalize(), is_exact: true }
    }

    /// Reads digits with at most one point, and an exponent such as `1.5e-3`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let digits = digits.strip_suffix('.').unwrap_or(digits);
        let number = Self::exact(Decimal::from_str_exact(digits).ok()?);
        let exponent: i64 = exponent.parse().ok()?;
        // Also where the number is zero.
        let scale = Self::from(10).to_power(exponent).ok()?;
        number.times(scale).ok().filter(|number| number.is_exact)
    }

    /// Takes the result of an operation on exact numbers, which is rounded if its scale is not as expected.
    fn taken(result: Option<Decimal>, scale: u32, is_exact: bool) -> Result<Self, CalculateError> {
        let value = result.ok_or(Why::TooLarge)?;
        let is_exact = is_exact && value.scale() == scale;
        Ok(Self { value: value.normalize(), is_exact })
    }

    /// Returns the sum.
    #[inline(never)]
    pub(super) fn plus(self, other: Self) -> Result<Self, CalculateError> {
        let is_exact = self.is_exact && other.is_exact;
        if self.value.is_zero() || other.value.is_zero() {
            let value = if self.value.is_zero() { other.value } else { self.value };
            return Ok(Self { value, is_exact });
        }
        let scale = self.value.scale().max(other.value.scale());
        Self::taken(self.value.checked_add(other.value), scale, is_exact)
    }

    /// Returns the number with the other sign.
    pub(super) fn negated(self) -> Self {
        let value = if self.value.is_zero() { self.value } else { -self.value };
        Self { value, is_exact: self.is_exact }
    }

    /// Returns the product.
    #[inline(never)]
    pub(super) fn times(self, other: Self) -> Result<Self, CalculateError> {
        let is_exact = self.is_exact && other.is_exact;
        if self.value.is_zero() || other.value.is_zero() {
            return Ok(Self { value: Decimal::ZERO, is_exact });
        }
        let scale = self.value.scale() + other.value.scale();
        let product = Self::taken(self.value.checked_mul(other.value), scale, is_exact)?;
        if product.value.is_zero() { Err(Why::TooSmall.into()) } else { Ok(product) }
    }

    /// Returns the quotient.
    #[inline(never)]
    pub(super) fn over(self, other: Self) -> Result<Self, CalculateError> {
        if other.value.is_zero() {
            return Err(Why::DivisionByZero.into());
        }
        let quotient = self.value.checked_div(other.value).ok_or(Why::TooLarge)?;
        let quotient = quotient.normalize();
        if quotient.is_zero() && !self.value.is_zero() {
            return Err(Why::TooSmall.into());
        }
        let back = Self::exact(quotient).times(Self::exact(other.value));
        let is_all = back.is_ok_and(|back| back.is_exact && back.value == self.value);
        Ok(Self { value: quotient, is_exact: is_all && self.is_exact && other.is_exact })
    }

    /// Returns the whole power, by squaring.
    #[inline(never)]
    pub(super) fn to_power(self, exponent: i64) -> Result<Self, CalculateError> {
        let is_fixed = self.value.is_zero() || self.value.abs() == Decimal::ONE;
        if exponent.unsigned_abs() > MAX_EXPONENT && !is_fixed {
            let is_small = (self.value.abs() < Decimal::ONE) != (exponent < 0);
            return Err(if is_small { Why::TooSmall } else { Why::TooLarge }.into());
        }
        let mut power = Self::from(1);
        let mut square = self;
        let mut left = exponent.unsigned_abs();
        while left > 0 {
            if left & 1 == 1 {
                power = power.times(square)?;
            }
            left >>= 1;
            if left > 0 {
                square = square.times(square)?;
            }
        }
        if exponent < 0 { Self::from(1).over(power) } else { Ok(power) }
    }

    /// Returns the value if it is a whole number of 64 bits.
    pub(super) fn to_whole(self) -> Option<i64> {
        if self.value.is_integer() { self.value.try_into().ok() } else { None }
    }

    /// Returns the number with so many decimals, fewer than none too, rounded half away from zero.
    pub(super) fn round(self, decimals: i64) -> Option<Self> {
        let places = u32::try_from(decimals.max(0)).ok()?;
        let below = Self::from(10).to_power(decimals.min(0)).ok()?;
        let mut scaled = self.times(below).ok()?.value;
        if scaled.scale() > places {
            // Half away from zero.
            scaled.rescale(places);
        }
        let value = Self::exact(scaled).over(below).ok()?.value;
        Some(Self { value, is_exact: self.is_exact })
    }

    /// Returns the number in digits, and whether these are all of them.
    pub(super) fn to_text(self) -> (String, bool) {
        let text = self.value.to_string();
        if self.is_exact {
            return (text, true);
        }
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let whole_digits = whole.trim_start_matches(['-', '0']).len();
        let zeros = decimals.len() - decimals.trim_start_matches('0').len();
        let skipped = if whole_digits == 0 { zeros } else { 0 };
        let sum = |count: usize| i64::try_from(count).unwrap_or(0);
        let shown = SHOWN_DIGITS - sum(whole_digits) + sum(skipped);
        (self.round(shown).unwrap_or(self).value.to_string(), false)
    }
}
