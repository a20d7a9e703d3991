//! Are reader and writer those of `serde_json`, which judges them here?

mod document;

use serde_json::Value;

use super::{number, parse, prefix, to_text};

/// Texts that are valid, and texts that nearly are.
const CORNERS: [&str; 160] = [
    "",
    " ",
    "\t\n\r ",
    "\u{b}1",
    "\u{a0}1",
    "\u{feff}1",
    "null",
    "nul",
    "nulll",
    "NULL",
    "Null",
    " null ",
    "true",
    "tru",
    "truee",
    "false",
    "fals",
    "t",
    "f",
    "n",
    "null null",
    "null,",
    "nullx",
    "undefined",
    "NaN",
    "Infinity",
    "-Infinity",
    "0",
    "-0",
    "00",
    "01",
    "-01",
    "1",
    "-1",
    "+1",
    "--1",
    "- 1",
    "-",
    "1.",
    ".1",
    "-.1",
    "1.0",
    "0.0",
    "-0.0",
    "0.",
    "0e",
    "0e1",
    "0E1",
    "0e+1",
    "0e-1",
    "1e",
    "1e+",
    "1e-",
    "1e1",
    "1E1",
    "1e+01",
    "1e-01",
    "1.5e3",
    "1.e1",
    "1e1.5",
    "1e99999999999",
    "1e-99999999999",
    "0e99999999999",
    "0e-99999999999",
    "-0e99999999999",
    "1e308",
    "1e309",
    "-1e309",
    "1e-320",
    "1_000",
    "0x10",
    "1a",
    "12345678901234567890",
    "18446744073709551615",
    "18446744073709551616",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999999999",
    "1.8446744073709551619012",
    "184467440737095516190.5",
    "0.000000000000000000000000000000000001",
    "\"\"",
    "\"",
    "\"a",
    "a\"",
    "'a'",
    "\"a\"b",
    "\"a\" ",
    "\"\\\"\"",
    "\"\\\\\"",
    "\"\\/\"",
    "\"\\b\\f\\n\\r\\t\"",
    "\"\\a\"",
    "\"\\",
    "\"\\\"",
    "\"\\u",
    "\"\\u0",
    "\"\\u00e9\"",
    "\"\\u00E9\"",
    "\"\\u00g0\"",
    "\"\\u 041\"",
    "\"\\u+041\"",
    "\"\\U0041\"",
    "\"\\u0000\"",
    "\"\\ud83d\\ude00\"",
    "\"\\uD83D\\uDE00\"",
    "\"\\ud83d\"",
    "\"\\ude00\"",
    "\"\\ud83d\\ud83d\"",
    "\"\\ud83dx\"",
    "\"\\ud83d\\n\"",
    "\"\\ude00\\ud83d\"",
    "\"\\ud83d\\ude0\"",
    "\"\\uffff\"",
    "\"\\ue000\"",
    "\"\\udbff\\udfff\"",
    "\"\n\"",
    "\"\t\"",
    "\"\u{0}\"",
    "\"\u{1f}\"",
    "\"\u{7f}\"",
    "\"\u{2028}雅🌸\"",
    "[]",
    "[ ]",
    "[",
    "]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1,2]",
    " [ 1 , 2 ] ",
    "[1]]",
    "[[]",
    "{}",
    "{ }",
    "{",
    "}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1",
    "{\"a\":1,}",
    "{,\"a\":1}",
    "{\"a\" : 1 , \"b\":{}}",
    "{\"a\":1 \"b\":2}",
    "{a:1}",
    "{1:1}",
    "{null:1}",
    "{\"a\":1,\"a\":2}",
    "{\"\\u0061\":1,\"a\":2}",
    "{\"b\":1,\"a\":[{\"c\":null}]}",
    "{\"a\":1}}",
    "[1}",
    "{\"a\":1]",
    "/* */1",
    "1//",
    "[1,,2]",
];

fn judge(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

/// The same, with numbers that are right to 14 digits.
fn is_same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) if a != b => {
            a.is_f64() && b.is_f64() && is_close(a.as_f64().unwrap(), b.as_f64().unwrap())
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((a, x), (b, y))| a == b && is_same(x, y))
        }
        _ => ours == theirs,
    }
}

fn is_close(a: f64, b: f64) -> bool {
    // Of the numbers next to nothing, few bits are left.
    (a - b).abs() <= b.abs() * 1e-14 || (b.abs() < 1e-300 && (a - b).abs() < 1e-315)
}

fn holds(text: &str) {
    let (ours, theirs) = (parse(text), judge(text));
    match (&ours, &theirs) {
        (Some(ours), Some(theirs)) => assert!(is_same(ours, theirs), "{text}: {ours} not {theirs}"),
        _ => assert_eq!(ours, theirs, "{text}"),
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let first = values.next().and_then(Result::ok).map(|value| (value, values.byte_offset()));
    let ours = prefix(text).map(|(value, rest)| (value, text.len() - rest.len()));
    match (&ours, &first) {
        (Some((a, at)), Some((b, end))) => assert!(is_same(a, b) && at == end, "{text} begins"),
        _ => assert_eq!(ours, first, "{text} begins"),
    }
}

#[test]
fn reads_and_refuses_what_serde_json_does() {
    for text in CORNERS {
        holds(text);
    }
}

#[test]
fn reads_as_deep_as_serde_json_does() {
    for depth in [1, 126, 127, 128, 129, 10_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let middle = if open == "[" { "" } else { "1" };
            holds(&[&open.repeat(depth), middle, &close.repeat(depth)].concat());
        }
    }
    holds(&format!("[{}1]", "[],{},".repeat(1000)));
}

/// Every change of one character of a text that has everything.
#[test]
fn reads_or_refuses_damaged_text_as_serde_json_does() {
    const TEXT: &str =
        r#" {"a":[1,-2.5e+3,true,null,"x\n\u00e9\ud83d\ude00"],"b":{"c":false,"":0}} "#;
    const INSTEAD: &str = "\"\\{}[]:,0159-+.eEutn/ \n\u{1}雅";
    for (at, old) in TEXT.char_indices() {
        let (before, after) = TEXT.split_at(at);
        let after = after.strip_prefix(old).unwrap();
        holds(before);
        holds(&[before, after].concat());
        for new in INSTEAD.chars() {
            holds(&format!("{before}{new}{after}"));
            holds(&format!("{before}{new}{old}{after}"));
        }
    }
}

/// A generator of numbers that needs no crate: xorshift.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn value(&mut self, depth: u64) -> Value {
        match self.below(if depth == 0 { 5 } else { 7 }) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 0),
            2 => self.next().into(),
            3 => i64::from_ne_bytes(self.next().to_ne_bytes()).into(),
            4 => self.text().into(),
            5 => (0..self.below(5)).map(|_| self.value(depth - 1)).collect(),
            _ => {
                let fields = (0..self.below(5)).map(|_| (self.text(), self.value(depth - 1)));
                Value::Object(fields.collect())
            }
        }
    }

    fn text(&mut self) -> String {
        let length = self.below(12);
        let any = |numbers: &mut Self| match numbers.below(4) {
            0 => u32::try_from(numbers.below(0x30)).unwrap(),
            1 => u32::try_from(numbers.below(0x80)).unwrap(),
            2 => u32::try_from(numbers.below(0x3000)).unwrap(),
            _ => u32::try_from(numbers.below(0x11_0000)).unwrap(),
        };
        (0..length).filter_map(|_| char::from_u32(any(self))).collect()
    }
}

#[test]
fn writes_what_serde_json_writes_and_reads_it_back() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for _ in 0..5_000 {
        let value = numbers.value(4);
        let text = to_text(&value);
        assert_eq!(text, serde_json::to_string(&value).unwrap());
        assert_eq!(parse(&text).as_ref(), Some(&value), "{text}");
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        assert_eq!(parse(&pretty), Some(value), "{pretty}");
    }
}

#[test]
fn numbers_of_fifteen_digits_are_exact_both_ways() {
    let mut numbers = Numbers(7);
    for case in 0..40_000_u64 {
        let digits = numbers.below(10_u64.pow(1 + u32::try_from(case % 15).unwrap()));
        let exponent = i64::try_from(numbers.below(45)).unwrap() - 22;
        let text = format!("{digits}e{exponent}");
        let exact: f64 = text.parse().unwrap();
        assert_eq!(number(&text).map(f64::to_bits), Some(exact.to_bits()), "{text}");
        let places = usize::try_from(case % 15).unwrap();
        let plain = format!("{digits:016}");
        let plain = plain.split_at(16 - places);
        let plain = format!("-{}.{}", plain.0, plain.1);
        let plain = plain.trim_end_matches('.').replace("-000", "-");
        holds(&plain);
        let value = Value::from(exact);
        if (-22..=0).contains(&exponent) {
            assert_eq!(to_text(&value), serde_json::to_string(&value).unwrap());
        }
    }
}

#[test]
fn every_number_is_right_to_fourteen_digits() {
    let mut numbers = Numbers(11);
    for _ in 0..5_000 {
        let any = f64::from_bits(numbers.next());
        if !any.is_finite() {
            continue;
        }
        let text = to_text(&any.into());
        assert!(is_close(text.parse().unwrap(), any), "{any:e} as {text}");
        assert!(is_close(number(&text).unwrap(), any), "{any:e} as {text}");
        assert!(is_close(number(&format!("{any:e}")).unwrap(), any), "{any:e}");
        assert!(text.len() < 26, "{text}");
    }
}

#[test]
fn writes_numbers_as_serde_json_does() {
    for number in [
        0.0,
        -0.0,
        0.1,
        0.5,
        1.0,
        -1.5,
        12.3,
        100.0,
        5000.0,
        1e15,
        1e16,
        1.5e16,
        1e17,
        1e-4,
        1e-5,
        1e-6,
        1.5e-7,
        123_456.789,
        0.000_123,
        9.99e22,
        1e21,
        99_999.9,
        0.3,
        1_700_000_000_000.0,
        2.5e-7,
    ] {
        assert_eq!(to_text(&number.into()), serde_json::to_string(&number).unwrap());
    }
}
