use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::json;

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
struct Everything {
    text: String,
    truth: bool,
    small: u32,
    large: u64,
    float: f64,
    absent: Option<String>,
    list: Vec<Option<u32>>,
    inner: Box<Option<Everything>>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Wrapped(String);

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    Stop,
    Say(Wrapped),
    Move { by: i32, name: Option<Wrapped> },
    Both(u8, bool),
}

#[test]
fn an_enum_is_its_name_or_an_object_with_its_name() {
    for value in [
        json!("stop"),
        json!({ "say": "hi" }),
        json!({ "move": { "by": -2 } }),
        json!({ "move": { "by": 2, "name": "north" } }),
        json!({ "both": [7, true] }),
    ] {
        assert_eq!(read::<Order>(&value), Some(Order::deserialize(&value).unwrap()), "{value}");
    }
    for value in [
        json!("say"),
        json!("go"),
        json!({}),
        json!({ "say": 1 }),
        json!({ "say": "hi", "stop": null }),
        json!({ "both": [300, true] }),
        json!({ "both": [3] }),
        json!(["stop"]),
        json!(null),
    ] {
        assert_eq!(read::<Order>(&value), None, "{value}");
    }
    assert_eq!(parse::<Vec<Order>>(r#"["stop"]"#), Some(vec![Order::Stop]));
    assert_eq!(parse::<Order>("stop"), None);
}

#[test]
fn a_value_is_itself_and_every_type_is_what_serde_json_reads() {
    let everything = json!({
        "text": "ä", "truth": true, "small": 7, "large": u64::MAX, "float": -5, "list": [1, null],
        "inner": null, "other": {"a": [-1, i64::MIN, 1.5, {}]},
    });
    for value in [&everything, &everything["other"], &everything["inner"]] {
        assert_eq!(Value::deserialize(Tree(Some(value))).as_ref(), Ok(value));
    }
    let read = Everything::deserialize(Tree(Some(&everything)));
    assert_eq!(read.unwrap(), Everything::deserialize(&everything).unwrap());
    for (field, odd) in [
        ("text", json!(1)),
        ("truth", json!("true")),
        ("small", json!(-1)),
        ("small", json!(1.5)),
        ("large", json!("1")),
        ("float", json!(null)),
        ("absent", json!(1)),
        ("list", json!({})),
        ("list", json!(["1"])),
        ("inner", json!([])),
    ] {
        let mut value = everything.clone();
        value[field] = odd;
        assert!(Everything::deserialize(Tree(Some(&value))).is_err(), "{value}");
    }
    let list = Value::Array(everything.as_object().unwrap().values().cloned().collect());
    assert_eq!(Everything::deserialize(Tree(Some(&list))), Err(OtherShape));
}

/// Every attribute that the workspace's types are read by, in types that can do without some of their fields.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attributes {
    needed_text: String,
    #[serde(rename = "type")]
    kind: Option<Unit>,
    #[serde(default)]
    list: Vec<u32>,
    #[serde(default)]
    optional: Option<String>,
    #[serde(default = "seven")]
    number: u64,
    #[serde(deserialize_with = "read_flag")]
    flag: bool,
    #[serde(default, deserialize_with = "read_flag")]
    other_flag: bool,
    #[serde(skip)]
    skipped: u32,
    lenient: Lenient<Vec<u32>>,
    any: Value,
    nothing: (),
    newtype: Newtype,
    transparent: Transparent,
    limited: Limited,
    whole: Whole,
    pair: Option<(i32, char)>,
    map: BTreeMap<String, Whole>,
    spoken: Spoken,
    last: Box<str>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Unit {
    FirstOne,
    Second,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Newtype(Option<u32>);

#[derive(Debug, PartialEq, Deserialize)]
#[serde(transparent)]
struct Transparent {
    inner: Option<u32>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(try_from = "String")]
struct Limited(String);

impl TryFrom<String> for Limited {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() < 4 { Ok(Self(text)) } else { Err("too long") }
    }
}

/// A type of which each field may be missing.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Whole {
    text: String,
    count: Option<u32>,
    inner: Option<Box<Whole>>,
    truth: bool,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "role", content = "content", rename_all = "snake_case")]
enum Spoken {
    User(String),
    Assistant {
        text: String,
        #[serde(default)]
        calls: Vec<Whole>,
    },
}

#[derive(Debug, PartialEq, Deserialize)]
struct Flattened {
    name: Option<String>,
    #[serde(flatten)]
    whole: Whole,
}

/// As in the protocols: whatever cannot be read counts as absent.
#[derive(Debug, PartialEq)]
struct Lenient<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(T::deserialize(deserializer).ok()))
    }
}

fn seven() -> u64 {
    7
}

fn read_flag<'de, D: Deserializer<'de>>(column: D) -> Result<bool, D::Error> {
    i64::deserialize(column).map(|number| number != 0)
}

/// Asserts that a value, and all values that differ from it in one field, at any depth, are read as `serde_json`
/// reads them, but for a list in place of an object; returns how many there were, and how many of them had
/// another shape.
fn compare<T: DeserializeOwned + PartialEq + fmt::Debug>(value: &Value) -> (usize, usize) {
    let odd = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!("second"),
        json!([]),
        json!([1]),
        json!({}),
        json!({"text": "t", "count": 1, "unknown": {}}),
    ];
    let mut values = vec![value.clone()];
    for place in places(value, "") {
        let mut without = value.clone();
        let (parent, name) = place.rsplit_once('/').unwrap();
        if let Some(parent) = without.pointer_mut(parent).and_then(Value::as_object_mut) {
            parent.remove(name);
            values.push(without);
        }
        let is_object = value.pointer(&place).is_some_and(Value::is_object);
        for odd in odd.iter().filter(|odd| !is_object || !odd.is_array()) {
            let mut other = value.clone();
            *other.pointer_mut(&place).unwrap() = odd.clone();
            values.push(other);
        }
    }
    let mut refused = 0;
    for value in &values {
        let expected = serde_json::from_value::<T>(value.clone()).ok();
        refused += usize::from(expected.is_none());
        assert_eq!(read::<T>(value), expected, "{value}");
    }
    (values.len(), refused)
}

/// Returns the JSON pointers of all that is in a value.
fn places(value: &Value, own: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    let inner = inner.into_iter().map(|(name, value)| (format!("{own}/{name}"), value));
    inner.flat_map(|(place, value)| [places(value, &place), vec![place]].concat()).collect()
}

#[test]
fn types_are_what_serde_json_reads_whatever_is_missing_odd_or_unknown() {
    let whole = json!({"text": "t", "count": 1, "inner": {"truth": true}, "truth": false});
    let attributes = json!({
        "neededText": "ä", "type": "first-one", "list": [1, 2], "optional": "o", "number": 8, "flag": 1,
        "otherFlag": 1, "skipped": 9, "lenient": [1], "any": {"a": [null]}, "nothing": null, "newtype": 1,
        "transparent": 2, "limited": "abc", "whole": whole, "pair": [-1, "c"], "map": {"a": whole, "b": {}},
        "spoken": {"role": "assistant", "content": {"text": "t", "calls": [whole]}}, "last": "l",
        "unknown": {"text": 1},
    });
    let (values, refused) = compare::<Attributes>(&attributes);
    assert!(refused > 100 && values - refused > 100, "{refused} of {values}");
    compare::<Flattened>(&json!({"name": "n", "text": "t", "count": 1, "truth": true}));
    for value in [json!({"move": {"by": 1, "name": "n"}}), json!({"say": "s"}), json!("stop")] {
        compare::<Vec<Order>>(&json!([value]));
    }
    compare::<BTreeMap<String, Option<Whole>>>(&json!({"a": whole, "b": whole}));
}

#[test]
fn texts_are_borrowed() {
    #[derive(Deserialize)]
    struct Borrowed<'a> {
        #[serde(borrow)]
        text: Cow<'a, str>,
        plain: &'a str,
        _rest: Option<IgnoredAny>,
    }
    let value = json!({"plain": "p", "text": "t"});
    let read = read::<Borrowed<'_>>(&value).unwrap();
    assert!(matches!(read.text, Cow::Borrowed("t")));
    assert_eq!(read.plain, "p");
}

#[test]
fn a_type_with_an_alias_is_never_read() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(default)]
    #[derive(Default)]
    struct Aliased {
        #[serde(alias = "before")]
        text: Option<String>,
        other: Option<String>,
    }
    for value in [json!({}), json!({"text": "t"}), json!({"before": "t", "other": "o"})] {
        assert_eq!(read::<Aliased>(&value), None, "{value}");
    }
}
