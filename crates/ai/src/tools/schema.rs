//! Which arguments a tool takes: the JSON schema that the model sees, and the arguments it sends
//! coerced to it.
//!
//! Models send `"5"` for 5, `["Kyoto"]` for `"Kyoto"` and `null` or `""` for nothing. What can be
//! meant only one way is taken that way; anything else is a sentence that the model can act on.

use serde_json::{Map, Value};

use super::MAX_QUOTED_CHARS;
use miyabi_core::json;
use miyabi_core::json::object;

/// A parameter of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What the model reads about it.
    pub description: &'static str,
    /// Whether a call without it is wrong.
    pub is_required: bool,
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, not empty.
    Text,
    /// Integer.
    Integer,
    /// Number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// List of texts.
    Texts,
}

/// Returns the JSON schema of parameters.
///
/// # Shape
/// `{"type":"object","properties":{"place":{"type":"string","description":"…"}},"required":["place"]}`;
/// `required` is left out when nothing is.
pub fn to_json(parameters: &[Parameter]) -> Value {
    // Not collected: that would sort first, which is 2 kB more.
    let mut properties = Map::new();
    for parameter in parameters {
        properties.insert(parameter.name.to_owned(), parameter.to_json());
    }
    let required: Vec<&str> = parameters.iter().filter(|p| p.is_required).map(|p| p.name).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    if !required.is_empty() {
        schema.insert("required".to_owned(), required.into());
    }
    schema.into()
}

/// Returns the arguments as the parameters want them; unknown arguments are dropped.
///
/// # Errors
/// A sentence per parameter that is missing or cannot be meant as given.
pub fn coerce(
    parameters: &[Parameter],
    arguments: &Map<String, Value>,
) -> Result<Map<String, Value>, Vec<String>> {
    let mut coerced = Map::new();
    let mut problems = Vec::new();
    for parameter in parameters {
        let Parameter { name, kind, .. } = *parameter;
        let given = arguments.get(name).filter(|value| !is_nothing(value));
        match given.map(|value| (kind.coerce(value), value)) {
            None if parameter.is_required => {
                problems.push(format!("`{name}` is required: {}", kind.expectation()));
            }
            None => {}
            Some((Some(value), _)) => {
                coerced.insert(name.to_owned(), value);
            }
            Some((None, given)) => {
                let given: String = json::to_text(given).chars().take(MAX_QUOTED_CHARS).collect();
                problems.push(format!("`{name}` is {given}, but must be {}", kind.expectation()));
            }
        }
    }
    if problems.is_empty() { Ok(coerced) } else { Err(problems) }
}

/// Null, blank texts, and the texts by which models write null, count as absent.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => matches!(text.trim(), "" | "null" | "None"),
        Value::Array(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

impl Parameter {
    fn to_json(self) -> Value {
        let kind = match self.kind {
            Kind::Text | Kind::OneOf(_) => "string",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Boolean => "boolean",
            Kind::Texts => "array",
        };
        let mut schema = Map::new();
        schema.insert("type".to_owned(), kind.into());
        schema.insert("description".to_owned(), self.description.into());
        match self.kind {
            Kind::OneOf(choices) => {
                schema.insert("enum".to_owned(), choices.into());
            }
            Kind::Texts => {
                schema.insert("items".to_owned(), object([("type", "string".into())]));
            }
            Kind::Text | Kind::Integer | Kind::Number | Kind::Boolean => {}
        }
        schema.into()
    }
}

impl Kind {
    fn expectation(self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Integer => "an integer".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::OneOf(choices) => format!("one of {}", choices.join(", ")),
            Self::Texts => "a list of texts".to_owned(),
        }
    }

    fn coerce(self, value: &Value) -> Option<Value> {
        match self {
            Self::Text => text(value).map(Value::String),
            Self::Integer => integer(value),
            Self::Number => number(value),
            Self::Boolean => boolean(value),
            Self::OneOf(choices) => {
                let given = text(value)?;
                let choice = choices.iter().find(|choice| choice.eq_ignore_ascii_case(&given))?;
                Some((*choice).into())
            }
            Self::Texts => texts(value),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        number @ Value::Number(_) => Some(json::to_text(number)),
        Value::Bool(is_true) => Some(is_true.to_string()),
        Value::Array(items) => single(items).and_then(text),
        Value::Null | Value::Object(_) => None,
    }
}

fn integer(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(value.clone()),
        Value::Number(number) => whole(number.as_f64()?),
        Value::String(text) => match signed(text.trim()) {
            Some(number) => Some(number.into()),
            None => whole(json::number(text)?),
        },
        Value::Array(items) => single(items).and_then(integer),
        Value::Null | Value::Bool(_) | Value::Object(_) => None,
    }
}

/// Through `u64`, which has its reader already: that of `i64` is one more.
fn signed(text: &str) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(digits) if digits.starts_with('+') => None,
        Some(digits) => 0_i64.checked_sub_unsigned(digits.parse().ok()?),
        None => i64::try_from(text.parse::<u64>().ok()?).ok(),
    }
}

/// `5.0` is 5; beyond 2^53 a float is no exact integer any more.
fn whole(number: f64) -> Option<Value> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "whole and within 2^53; formatting floats is 15 kB"
    )]
    (number.fract() == 0.0 && number.abs() <= EXACT).then(|| Value::from(number as i64))
}

fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => match signed(text.trim()) {
            Some(number) => Some(number.into()),
            None => serde_json::Number::from_f64(json::number(text)?).map(Value::Number),
        },
        Value::Array(items) => single(items).and_then(number),
        Value::Null | Value::Bool(_) | Value::Object(_) => None,
    }
}

fn boolean(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true.into()),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false.into()),
        Value::Array(items) => single(items).and_then(boolean),
        Value::Null | Value::String(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

fn texts(value: &Value) -> Option<Value> {
    if let Value::String(quoted) = value
        && let Some(Value::Array(items)) = json::parse(quoted)
    {
        return texts(&Value::Array(items));
    }
    let items: Vec<String> = match value {
        Value::Array(items) => items.iter().map(text).collect::<Option<_>>()?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            vec![text(value)?]
        }
    };
    Some(items.into())
}

fn single(items: &[Value]) -> Option<&Value> {
    match items {
        [only] => Some(only),
        _ => None,
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(kind: Kind, given: &Value, expected: Option<&Value>) {
        let parameter = Parameter { name: "x", kind, description: "d", is_required: true };
        let mut arguments = Map::new();
        arguments.insert("x".to_owned(), given.clone());
        let coerced = coerce(&[parameter], &arguments).ok();
        let value = coerced.and_then(|coerced| coerced.get("x").cloned());
        assert_eq!(value.as_ref(), expected, "{kind:?} of {given}");
    }

    #[test]
    fn coerces_what_can_be_meant_only_one_way() {
        let units = Kind::OneOf(&["celsius", "fahrenheit"]);
        for (kind, given, expected) in [
            (Kind::Integer, json!("5"), json!(5)),
            (Kind::Integer, json!(" -5 "), json!(-5)),
            (Kind::Integer, json!("5.0"), json!(5)),
            (Kind::Integer, json!(5.0), json!(5)),
            (Kind::Integer, json!([5]), json!(5)),
            (Kind::Number, json!("1.5"), json!(1.5)),
            (Kind::Number, json!("5"), json!(5)),
            (Kind::Number, json!(5), json!(5)),
            (Kind::Boolean, json!("true"), json!(true)),
            (Kind::Boolean, json!("False"), json!(false)),
            (Kind::Boolean, json!(true), json!(true)),
            (Kind::Text, json!(75001), json!("75001")),
            (Kind::Text, json!(true), json!("true")),
            (Kind::Text, json!(["Kyoto"]), json!("Kyoto")),
            (Kind::Text, json!(" Kyoto "), json!("Kyoto")),
            (units, json!("Celsius"), json!("celsius")),
            (Kind::Texts, json!("a"), json!(["a"])),
            (Kind::Texts, json!(["a", 2]), json!(["a", "2"])),
            (Kind::Texts, json!("[\"a\",\"b\"]"), json!(["a", "b"])),
            (Kind::Texts, json!(7), json!(["7"])),
        ] {
            check(kind, &given, Some(&expected));
        }
    }

    #[test]
    fn refuses_what_cannot_be_meant() {
        let units = Kind::OneOf(&["celsius", "fahrenheit"]);
        for (kind, given) in [
            (Kind::Integer, json!("five")),
            (Kind::Integer, json!(5.5)),
            (Kind::Integer, json!("5.5")),
            (Kind::Integer, json!(true)),
            (Kind::Integer, json!("inf")),
            (Kind::Number, json!("NaN")),
            (Kind::Number, json!([1, 2])),
            (Kind::Boolean, json!("yes")),
            (Kind::Boolean, json!(1)),
            (Kind::Text, json!({ "a": 1 })),
            (Kind::Text, json!(["a", "b"])),
            (Kind::Text, json!("  ")),
            (Kind::Text, json!(null)),
            (units, json!("kelvin")),
            (Kind::Texts, json!([{ "a": 1 }])),
        ] {
            check(kind, &given, None);
        }
    }

    const PARAMETERS: [Parameter; 2] = [
        Parameter { name: "days", kind: Kind::Integer, description: "Days.", is_required: true },
        Parameter {
            name: "unit",
            kind: Kind::OneOf(&["c", "f"]),
            description: "Unit.",
            is_required: false,
        },
    ];

    fn arguments(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn absent_and_null_options_are_absent_and_unknown_arguments_are_dropped() {
        for given in [
            json!({ "days": 1 }),
            json!({ "days": 1, "unit": null }),
            json!({ "days": 1, "unit": "" }),
            json!({ "days": "1", "unit": "null", "mood": "good" }),
        ] {
            let coerced = coerce(&PARAMETERS, &arguments(&given)).unwrap();
            assert_eq!(Value::Object(coerced), json!({ "days": 1 }), "{given}");
        }
    }

    #[test]
    fn says_every_problem_with_its_parameter_and_what_is_expected() {
        let problems = coerce(&PARAMETERS, &arguments(&json!({ "unit": "k" }))).unwrap_err();
        assert_eq!(
            problems,
            ["`days` is required: an integer", "`unit` is \"k\", but must be one of c, f"]
        );
    }

    #[test]
    fn the_schema_is_json_schema_in_a_stable_order() {
        expect_test::expect![[r#"{"properties":{"days":{"description":"Days.","type":"integer"},"unit":{"description":"Unit.","enum":["c","f"],"type":"string"}},"required":["days"],"type":"object"}"#]]
            .assert_eq(&to_json(&PARAMETERS).to_string());
    }

    #[test]
    fn whole_numbers_are_read_as_the_standard_library_does() {
        for text in [
            "",
            "-",
            "+",
            "0",
            "-0",
            "+5",
            "-5",
            "-+5",
            "+-5",
            "--5",
            "007",
            "-007",
            " 5",
            "5.0",
            "x",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "-9223372036854775809",
            "18446744073709551615",
            "18446744073709551616",
        ] {
            assert_eq!(signed(text), text.parse().ok(), "{text}");
        }
    }
}
