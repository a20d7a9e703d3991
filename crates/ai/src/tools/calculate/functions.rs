//! Roots, powers, logarithms and angles, by series.
//!
//! They work with 28 decimals and keep [`KEPT_DECIMALS`], so that what is zero or whole says so.

use super::error::{CalculateError, Why};
use super::number::Number;

/// Decimals of which the last is right.
pub(super) const KEPT_DECIMALS: i64 = 20;

/// Largest angle, so that its place in the circle is known.
const MAX_ANGLE: i64 = 1_000_000;

/// Largest exponent of e, either way.
const MAX_NATURAL: i64 = 64;

/// # Source
/// OEIS A000796.
const PI: &str = "3.1415926535897932384626433833";

/// # Source
/// OEIS A002162.
const LN_2: &str = "0.6931471805599453094172321215";

fn constant(digits: &str) -> Number {
    Number { is_exact: false, ..Number::read(digits).unwrap_or_else(|| Number::from(0)) }
}

/// Returns π.
pub(super) fn pi() -> Number {
    constant(PI)
}

fn kept(number: Number) -> Number {
    Number { is_exact: false, ..number.round(KEPT_DECIMALS).unwrap_or(number) }
}

fn outside(function: &str, expected: &'static str) -> CalculateError {
    Why::Domain { function: function.to_owned(), expected }.into()
}

/// Adds up a series: each term is the one before, times `factor`, times what `ratio` says of the step: above
/// and below.
fn series(
    first: Number,
    factor: Number,
    ratio: fn(i64) -> (i64, i64),
) -> Result<Number, CalculateError> {
    let (mut sum, mut term) = (first, first);
    for step in 1..200 {
        let (above, below) = ratio(step);
        // A term that is too small is the end.
        let Ok(next) = term.times(factor) else { break };
        let Ok(next) = next.times(above.into()).and_then(|it| it.over(below.into())) else { break };
        term = next;
        sum = sum.plus(term)?;
    }
    Ok(sum)
}

/// Returns the root of this degree, exact if the number is a power.
///
/// # Errors
/// For an even root of a negative number.
pub(super) fn root(number: Number, degree: i64) -> Result<Number, CalculateError> {
    if number.value.is_zero() {
        return Ok(number);
    }
    if number.value.is_sign_negative() {
        if degree % 2 == 0 {
            return Err(outside("the root", "numbers from 0"));
        }
        return Ok(root(number.negated(), degree)?.negated());
    }
    // Close already; two steps of Newton's method bring the digits that are missing.
    let mut root = exp(natural(number)?.over(degree.into())?)?;
    for _ in 0..2 {
        let other = number.over(root.to_power(degree - 1)?)?;
        root = root.times((degree - 1).into())?.plus(other)?.over(degree.into())?;
    }
    let whole = Number { is_exact: true, ..kept(root) };
    match whole.to_power(degree) {
        Ok(power) if power.is_exact && power.value == number.value => {
            Ok(Number { is_exact: number.is_exact, ..whole })
        }
        _ => Ok(Number { is_exact: false, ..root }),
    }
}

/// Returns e to the power of a number.
///
/// # Errors
/// Where that is too large or too small.
pub(super) fn exp(number: Number) -> Result<Number, CalculateError> {
    let ln_2 = constant(LN_2);
    let doublings = number.over(ln_2)?.round(0).and_then(Number::to_whole).unwrap_or(i64::MAX);
    if number.value.abs() > MAX_NATURAL.into() {
        let is_small = number.value.is_sign_negative();
        return Err(if is_small { Why::TooSmall } else { Why::TooLarge }.into());
    }
    let rest = number.plus(ln_2.times(doublings.into())?.negated())?;
    let sum = series(1.into(), rest, |step| (1, step))?;
    let power = sum.times(Number::from(2).to_power(doublings.max(0))?)?;
    let power = power.over(Number::from(2).to_power(doublings.min(0).abs())?)?;
    Ok(Number { is_exact: number.is_exact && number.value.is_zero(), ..power })
}

/// Returns the natural logarithm before it is rounded.
fn natural(number: Number) -> Result<Number, CalculateError> {
    if number.value.is_zero() || number.value.is_sign_negative() {
        return Err(outside("the logarithm", "numbers above 0"));
    }
    let one = Number::from(1);
    let (mut rest, mut halvings) = (number, 0_i64);
    while rest.value > rust_decimal::Decimal::TWO {
        (rest, halvings) = (rest.over(2.into())?, halvings + 1);
    }
    while rest.value < rust_decimal::Decimal::ONE {
        (rest, halvings) = (rest.times(2.into())?, halvings - 1);
    }
    let ratio = rest.plus(one.negated())?.over(rest.plus(one)?)?;
    let sum = odd_series(ratio, 1)?;
    constant(LN_2).times(halvings.into())?.plus(sum.times(2.into())?)
}

/// Returns x + s x³/3 + x⁵/5 + s x⁷/7 …
fn odd_series(ratio: Number, sign: i64) -> Result<Number, CalculateError> {
    let Ok(square) = ratio.times(ratio) else { return Ok(ratio) };
    let square = square.times(sign.into())?;
    series(ratio, square, |step| (2 * step - 1, 2 * step + 1))
}

/// Returns the natural logarithm.
///
/// # Errors
/// For numbers that are not above zero.
pub(super) fn ln(number: Number) -> Result<Number, CalculateError> {
    let is_exact = number.is_exact && number == Number::from(1);
    Ok(Number { is_exact, ..kept(natural(number)?) })
}

/// Returns the logarithm to a whole base, exact if it is whole.
///
/// # Errors
/// For numbers that are not above zero.
pub(super) fn log(number: Number, base: i64) -> Result<Number, CalculateError> {
    let base = Number::from(base);
    let logarithm = kept(natural(number)?.over(natural(base)?)?);
    let power = logarithm.to_whole().and_then(|whole| base.to_power(whole).ok());
    let is_exact = power.is_some_and(|power| power == number);
    Ok(Number { is_exact, ..logarithm })
}

/// Returns a power with any exponent.
///
/// # Errors
/// For a negative number with an exponent that is not whole, and where the power is too large or small.
pub(super) fn power(base: Number, exponent: Number) -> Result<Number, CalculateError> {
    let negative = exponent.value.is_sign_negative();
    if base.value.is_zero() && negative {
        return Err(Why::DivisionByZero.into());
    }
    let half = Number::from(1).over(2.into())?;
    let power = match exponent.to_whole() {
        Some(whole) => base.to_power(whole)?,
        None if exponent.value.is_integer() => return Err(Why::TooLarge.into()),
        None if base.value.is_zero() => base,
        None if exponent == half => root(base, 2)?,
        None => exp(natural(base)?.times(exponent)?)?,
    };
    Ok(Number { is_exact: power.is_exact && exponent.is_exact, ..power })
}

/// Returns the sine of an angle in radians, so many quarters of a circle further on.
fn sine(angle: Number, further: i64) -> Result<Number, CalculateError> {
    if angle.value.abs() > MAX_ANGLE.into() {
        return Err(outside("the function of an angle", "angles up to 1000000 radians"));
    }
    let quarter = pi().over(2.into())?;
    let quarters = angle.over(quarter).ok().and_then(|it| it.round(0)).and_then(Number::to_whole);
    let quarters = quarters.unwrap_or(0);
    let rest = angle.plus(quarter.times(quarters.into())?.negated())?;
    let square = rest.times(rest).unwrap_or_else(|_tiny| Number::from(0)).negated();
    let turns = (quarters + further).rem_euclid(4);
    let value = if turns % 2 == 0 {
        series(rest, square, |step| (1, 2 * step * (2 * step + 1)))?
    } else {
        series(1.into(), square, |step| (1, 2 * step * (2 * step - 1)))?
    };
    Ok(kept(if turns < 2 { value } else { value.negated() }))
}

/// Returns the sine of an angle in radians.
pub(super) fn sin(angle: Number) -> Result<Number, CalculateError> {
    sine(angle, 0)
}

/// Returns the cosine of an angle in radians.
pub(super) fn cos(angle: Number) -> Result<Number, CalculateError> {
    sine(angle, 1)
}

/// Returns the tangent of an angle in radians.
///
/// # Errors
/// Where there is none.
pub(super) fn tan(angle: Number) -> Result<Number, CalculateError> {
    sin(angle)?.over(cos(angle)?)
}

/// Returns the angle in radians that has this tangent.
pub(super) fn atan(number: Number) -> Result<Number, CalculateError> {
    if number.value.is_sign_negative() && !number.value.is_zero() {
        return Ok(atan(number.negated())?.negated());
    }
    let one = Number::from(1);
    let is_large = number.value > rust_decimal::Decimal::ONE;
    let mut ratio = if is_large { one.over(number)? } else { number };
    // Twice the angle of a smaller tangent, twice over, so that the series is short.
    for _ in 0..2 {
        let square = ratio.times(ratio).unwrap_or_else(|_tiny| Number::from(0)).plus(one)?;
        ratio = ratio.over(root(square, 2)?.plus(one)?)?;
    }
    let angle = odd_series(ratio, -1)?.times(4.into())?;
    let quarter = pi().over(2.into())?;
    Ok(kept(if is_large { quarter.plus(angle.negated())? } else { angle }))
}

/// Returns the angle in radians that has this sine.
///
/// # Errors
/// For numbers beyond one.
pub(super) fn asin(number: Number) -> Result<Number, CalculateError> {
    let one = Number::from(1);
    let square = number.times(number).unwrap_or_else(|_tiny| Number::from(0));
    let left = one.plus(square.negated())?;
    if left.value.is_zero() {
        return Ok(kept(pi().over(2.into())?.times(number)?));
    }
    if left.value.is_sign_negative() {
        return Err(outside("asin or acos", "numbers from -1 to 1"));
    }
    atan(number.over(root(left, 2)?)?)
}
