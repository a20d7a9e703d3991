//! Random expressions, computed again by fractions of another library.

use dashu_ratio::RBig;

use super::super::number::Number;
use super::*;

/// A small generator of its own, so that the expressions are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// Returns a decimal as text, and as a fraction.
    fn decimal(&mut self) -> (String, RBig) {
        let decimals = u32::try_from(self.below(5)).unwrap();
        let digits = self.below(1_000_000);
        let scale = 10_u64.pow(decimals);
        let width = usize::try_from(decimals).unwrap();
        let text = match decimals {
            0 => digits.to_string(),
            _ => format!("{}.{:0width$}", digits / scale, digits % scale),
        };
        (text, RBig::from_parts(digits.into(), scale.into()))
    }

    fn expression(&mut self, depth: u64) -> (String, RBig) {
        if depth == 0 {
            return self.decimal();
        }
        let (left, left_value) = self.expression(depth - 1);
        match self.below(7) {
            0 => (format!("-({left})"), -left_value),
            1 => {
                let power = self.below(4);
                (format!("({left})^{power}"), left_value.pow(isize::try_from(power).unwrap()))
            }
            2 => (format!("(({left})%)"), left_value / RBig::from(100)),
            choice => {
                let (right, right_value) = self.expression(depth - 1);
                match choice {
                    3 => (format!("({left} + ({right}) * 1)"), left_value + right_value),
                    4 => (format!("({left} - (0 + ({right}) * 1))"), left_value - right_value),
                    5 => (format!("({left}) × ({right})"), left_value * right_value),
                    _ if right_value.is_zero() => (left, left_value),
                    _ => (format!("({left}) ÷ ({right})"), left_value / right_value),
                }
            }
        }
    }
}

/// Returns a decimal as a fraction of the other library.
fn fraction(value: rust_decimal::Decimal) -> RBig {
    let scale = RBig::from(10).pow(isize::try_from(value.scale()).unwrap());
    RBig::from(value.mantissa()) / scale
}

#[test]
fn another_library_comes_to_the_same_fraction() {
    let mut random = Random(1);
    let mut exact = 0;
    for _ in 0..10_000 {
        let depth = 1 + random.below(3);
        let (expression, expected) = random.expression(depth);
        let expression = format!("0 + ({expression}) * 1");
        if expression.chars().count() > MAX_CHARS {
            continue;
        }
        let tokens = tokens::tokens(&expression).unwrap();
        // Too many digits are refused, or rounded and said to be.
        let Ok(value) = Parser::new(&tokens).whole() else { continue };
        let value::Value::Quantity(number, _) = value else { panic!("{expression}") };
        if !number.is_exact {
            continue;
        }
        exact += 1;
        let value: RBig = fraction(number.value);
        assert_eq!(value, expected, "{expression}");
    }
    assert!(exact > 4_000, "{exact}");
}

#[test]
fn what_is_written_is_the_value_to_within_half_of_its_last_digit() {
    let mut random = Random(2);
    for _ in 0..5_000 {
        let (above, below) = (random.below(1 << 30), 1 + random.below(1 << 30));
        let text = report(&format!("{above}/{below}")).result;
        let written = fraction(Number::read(&text).unwrap().value);
        let value = RBig::from_parts(above.into(), below.into());
        let error = if written > value { &written - &value } else { &value - &written };
        // 20 significant digits: at most half of the twentieth, relative to the first.
        let ten = RBig::from(10).pow(19);
        assert!(error * ten * RBig::from(2) <= value, "{above}/{below}: {text}");
    }
}

#[test]
fn functions_agree_with_the_processor_as_far_as_it_sees() {
    let mut random = Random(3);
    // The processor's argument is off by a little, which an angle shows.
    let mut check = |name: &str, low: i64, high: i64, judge: fn(f64) -> f64| {
        let least = if matches!(name, "sin" | "cos") { 1.0 } else { 1e-30 };
        for _ in 0..100 {
            let span = u64::try_from((high - low) * 10_000).unwrap();
            let argument = f64::from(u32::try_from(random.below(span)).unwrap()) / 1e4;
            let argument = argument + f64::from(i32::try_from(low).unwrap());
            let text = format!("{argument:.4}");
            let expression = format!("{name}({text})");
            let found: f64 = report(&expression).result.parse().unwrap();
            let expected = judge(text.parse().unwrap());
            let error = (found - expected).abs();
            assert!(
                error <= 1e-12 * expected.abs().max(least) + 1e-26,
                "{expression}: {found} {expected}"
            );
        }
    };
    check("sqrt", 0, 1000, f64::sqrt);
    check("cbrt", -1000, 1000, f64::cbrt);
    check("exp", -50, 50, f64::exp);
    check("ln", 1, 100_000, f64::ln);
    check("log10", 1, 1000, f64::log10);
    check("log2", 1, 1000, f64::log2);
    check("sin", -1000, 1000, f64::sin);
    check("cos", -1000, 1000, f64::cos);
    check("atan", -100, 100, f64::atan);
    check("asin", -1, 1, f64::asin);
    check("acos", -1, 1, f64::acos);
    check("3.7^", -20, 20, |exponent| 3.7_f64.powf(exponent));
}

#[test]
fn any_text_is_answered_or_refused_in_words() {
    let pieces = [
        "1",
        "2.5",
        "(",
        ")",
        "+",
        "-",
        "*",
        "/",
        "^",
        "%",
        "!",
        ",",
        " ",
        "km",
        "畳",
        "°C",
        "in",
        "of",
        "sqrt",
        "max",
        "2026-11-28",
        "days",
        "between",
        "and",
        "month",
        "9",
        "万",
        "e",
        "√",
        "²",
        "=",
        "weekday",
        "leap",
        "x",
        "。",
        "\u{200b}",
        "💥",
    ];
    let mut random = Random(4);
    for _ in 0..10_000 {
        let count = random.below(14);
        let text: String = (0..count)
            .map(|_| {
                pieces[usize::try_from(random.below(u64::try_from(pieces.len()).unwrap())).unwrap()]
            })
            .collect();
        match calculate(&text) {
            Ok(report) => assert!(!report.result.is_empty(), "{text}"),
            Err(error) => assert!(!error.to_string().is_empty(), "{text}"),
        }
    }
}
