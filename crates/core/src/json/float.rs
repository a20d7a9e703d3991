//! Numbers with a fraction, in digits: without the tables that the last bit of any number takes.
//!
//! Up to 15 digits with an exponent up to 22 are exact both ways, in few digits; other numbers are right
//! to 14 digits. Tests hold both to what the standard library says.

/// Powers of ten up to this are numbers without a rounding.
const MAX_EXACT: u32 = 22;
/// Digits that tell any two numbers apart.
const MAX_DIGITS: i32 = 17;
/// Below and above, a number is written with an exponent.
const PLAIN: core::ops::RangeInclusive<i32> = -4..=16;

/// Returns `number` times ten to the power of `exponent`.
pub(super) fn scale(number: f64, exponent: i32) -> f64 {
    let mut scaled = number;
    let mut left = exponent.unsigned_abs();
    // Nothing changes any more.
    while left > 0 && scaled != 0.0 && scaled.is_finite() {
        let part = left.min(MAX_EXACT);
        let power = (0..part).fold(1.0, |power, _| power * 10.0);
        scaled = if exponent > 0 { scaled * power } else { scaled / power };
        left -= part;
    }
    scaled
}

/// Writes a number in the fewest digits that read back as it, whole ones with `.0`.
pub(super) fn write(number: f64, text: &mut String) {
    if number.is_sign_negative() {
        text.push('-');
    }
    let (digits, exponent) = digits(number.abs());
    let digits = digits.to_string();
    // Where the point stands, from the first digit.
    let point = i32::try_from(digits.len()).unwrap_or_default() + exponent;
    let is_plain = PLAIN.contains(&point);
    let (zeros, point_after) = if is_plain { ((1 - point).max(0), point.max(1)) } else { (0, 1) };
    let mut written = 0;
    let all = (0..zeros).map(|_| '0').chain(digits.chars());
    for digit in all {
        if written == point_after {
            text.push('.');
        }
        text.push(digit);
        written += 1;
    }
    if is_plain {
        while written < point_after {
            text.push('0');
            written += 1;
        }
        if written == point_after {
            text.push_str(".0");
        }
    } else {
        text.push_str(if point > 0 { "e+" } else { "e" });
        text.push_str(&(point - 1).to_string());
    }
}

/// Returns the fewest digits for a number that is not negative, and the exponent of the last.
fn digits(number: f64) -> (u64, i32) {
    if number == 0.0 {
        return (0, 0);
    }
    let mut exponent = 0;
    while number >= scale(10.0, exponent) {
        exponent += 1;
    }
    while number < scale(1.0, exponent) {
        exponent -= 1;
    }
    for more in 0..MAX_DIGITS {
        let exponent = exponent - more;
        let digits = scale(number, -exponent).round_ties_even();
        let is_same = scale(digits, exponent).to_bits() == number.to_bits();
        if is_same || more + 1 == MAX_DIGITS {
            #[expect(
                clippy::as_conversions,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "whole, not negative, and of 17 digits"
            )]
            return (digits as u64, exponent);
        }
    }
    (0, 0)
}
