//! The arguments that a tool takes: the JSON schema that the model sees, and the coercion of what the
//! model sends.
//!
//! Models send `"5"` for 5, `["Kyoto"]` for `"Kyoto"` and `null` or `""` for nothing. What can be
//! meant only one way is taken that way; anything else is a sentence that the model can act on.

use serde::Serialize;
use serde_json::{Map, Number, Value, json};

use super::MAX_QUOTED_CHARS;

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

/// The JSON schema of parameters.
#[derive(Serialize)]
struct ObjectSchema {
    #[serde(rename = "type")]
    kind: &'static str,
    properties: Map<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    required: Vec<&'static str>,
}

/// The JSON schema of one parameter.
#[derive(Serialize)]
struct PropertySchema {
    #[serde(rename = "type")]
    kind: &'static str,
    description: &'static str,
    #[serde(rename = "enum", skip_serializing_if = "<[_]>::is_empty")]
    choices: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<ItemSchema>,
}

#[derive(Serialize)]
struct ItemSchema {
    #[serde(rename = "type")]
    kind: &'static str,
}

/// Returns the JSON schema of parameters.
///
/// # Shape
/// `{"type":"object","properties":{"place":{"type":"string","description":"…"}},"required":["place"]}`;
/// `required` is left out when nothing is.
pub fn to_json(parameters: &[Parameter]) -> Value {
    let mut properties = Map::new();
    for parameter in parameters {
        properties.insert(parameter.name.to_owned(), json!(parameter.schema()));
    }
    json!(ObjectSchema {
        kind: "object",
        properties,
        required: parameters.iter().filter(|it| it.is_required).map(|it| it.name).collect(),
    })
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
                let given: String = given.to_string().chars().take(MAX_QUOTED_CHARS).collect();
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
    fn schema(self) -> PropertySchema {
        let kind = match self.kind {
            Kind::Text | Kind::OneOf(_) => "string",
            Kind::Integer => "integer",
            Kind::Number => "number",
            Kind::Boolean => "boolean",
            Kind::Texts => "array",
        };
        let (choices, items): (&[&str], _) = match self.kind {
            Kind::OneOf(choices) => (choices, None),
            Kind::Texts => (&[], Some(ItemSchema { kind: "string" })),
            Kind::Text | Kind::Integer | Kind::Number | Kind::Boolean => (&[], None),
        };
        PropertySchema { kind, description: self.description, choices, items }
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
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(is_true) => Some(is_true.to_string()),
        Value::Array(items) => single(items).and_then(text),
        Value::Null | Value::Object(_) => None,
    }
}

fn integer(value: &Value) -> Option<Value> {
    match value {
        Value::Number(number) => whole(number),
        Value::String(text) => whole(&parse(text)?),
        Value::Array(items) => single(items).and_then(integer),
        Value::Null | Value::Bool(_) | Value::Object(_) => None,
    }
}

/// Returns the number if it is an integer; `5.0` is 5. Beyond 2^53 a float is no exact integer any more.
fn whole(number: &Number) -> Option<Value> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.is_i64() || number.is_u64() {
        return Some(number.clone().into());
    }
    let float = number.as_f64()?;
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "it is whole and within 2^53"
    )]
    (float.fract() == 0.0 && float.abs() <= EXACT).then(|| Value::from(float as i64))
}

fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => parse(text).map(Value::Number),
        Value::Array(items) => single(items).and_then(number),
        Value::Null | Value::Bool(_) | Value::Object(_) => None,
    }
}

/// Reads a number as JSON writes it, or an integer with a sign or zeros before it.
fn parse(text: &str) -> Option<Number> {
    let text = text.trim();
    let integer = text.parse::<i64>().ok().map(Number::from);
    integer.or_else(|| serde_json::from_str(text).ok())
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
        && let Ok(Value::Array(items)) = serde_json::from_str(quoted)
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
    fn integers_are_read_exactly_up_to_64_bits() {
        for (given, expected) in [
            (json!("+5"), Some(json!(5))),
            (json!("007"), Some(json!(7))),
            (json!("-0"), Some(json!(0))),
            (json!("9223372036854775807"), Some(json!(i64::MAX))),
            (json!("-9223372036854775808"), Some(json!(i64::MIN))),
            (json!("18446744073709551615"), Some(json!(u64::MAX))),
            (json!("18446744073709551616"), None),
            (json!(u64::MAX), Some(json!(u64::MAX))),
            (json!(1e300), None),
        ] {
            check(Kind::Integer, &given, expected.as_ref());
        }
        for given in ["", "-", "+", "-+5", "--5", "x", "0x5", "5 5"] {
            check(Kind::Integer, &json!(given), None);
        }
    }
}
