//! Numbers as text: with commas, as dollars, as seconds, as shares.

/// Returns a number with commas.
pub fn commas(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns nano-dollars as dollars and cents, to the nearest cent.
pub fn dollars(nano: u64) -> String {
    let cents = (nano + 5_000_000) / 10_000_000;
    format!("{}.{:02}", commas(cents / 100), cents % 100)
}

/// Returns nano-dollars as dollars with five digits behind the point, for one question.
pub fn small(nano: u64) -> String {
    let units = (nano + 5_000) / 10_000;
    format!("{}.{:05}", units / 100_000, units % 100_000)
}

/// Returns microseconds as seconds: two digits behind the point, one from ten on, none from a
/// hundred.
pub fn seconds(micros: u64) -> String {
    if micros >= 100_000_000 {
        return commas((micros + 500_000) / 1_000_000);
    }
    if micros >= 10_000_000 {
        let tenths = (micros + 50_000) / 100_000;
        return format!("{}.{}", tenths / 10, tenths % 10);
    }
    let cents = (micros + 5_000) / 10_000;
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Returns a share as a percentage with two digits, such that only all of it is 100.
pub fn percent(part: u64, whole: u64) -> String {
    let hundredths = part.saturating_mul(10_000).checked_div(whole).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Returns thousandths with one digit behind the point, or without it from a hundred on, rounded.
pub fn thousandths(number: u64) -> String {
    if number >= 100_000 {
        return commas((number + 500) / 1_000);
    }
    let tenths = (number + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!((commas(0), commas(999), commas(1_234_567)), s3("0", "999", "1,234,567"));
        assert_eq!(dollars(41_340_000_001), "41.34");
        assert_eq!(dollars(44_631_839_000_000), "44,631.84");
        assert_eq!(small(1_487_838), "0.00149");
        assert_eq!((seconds(10_000), seconds(12_340_000)), ("0.01".into(), "12.3".into()));
        assert_eq!(seconds(123_400_000), "123");
        assert_eq!((percent(1, 3), percent(5, 5)), ("33.33".into(), "100.00".into()));
        assert_eq!((thousandths(5_000), thousandths(1_250)), ("5.0".into(), "1.3".into()));
    }

    fn s3(a: &str, b: &str, c: &str) -> (String, String, String) {
        (a.to_owned(), b.to_owned(), c.to_owned())
    }
}
