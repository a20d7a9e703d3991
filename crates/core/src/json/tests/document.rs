//! Does a document show what the tree of `serde_json` has, and are texts without a tree the same?

use serde_json::json;

use super::*;
use crate::json::{Field, Json, document, list, record};

/// Compares all that can be asked of a place with the tree's value.
fn shows(place: Json<'_>, value: &Value) {
    assert_eq!(place.as_str(), value.as_str());
    assert_eq!(place.as_u64(), value.as_u64());
    assert_eq!(place.as_bool(), value.as_bool());
    assert_eq!((place.is_null(), place.is_object()), (value.is_null(), value.is_object()));
    let words = match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    assert_eq!(place.to_words(), words);
    let fields = value.as_object();
    assert!(place.get("no such name").is_none());
    for (name, field) in fields.into_iter().flatten() {
        shows(place.get(name).unwrap(), field);
    }
    let items = value.as_array().map_or(&[][..], Vec::as_slice);
    assert_eq!(place.items().count(), items.len());
    for (place, item) in place.items().zip(items) {
        shows(place, item);
    }
}

#[test]
fn every_place_shows_its_value() {
    let mut numbers = Numbers(5);
    for _ in 0..2_000 {
        let value = numbers.value(4);
        let text = serde_json::to_string(&value).unwrap();
        shows(document(&text).unwrap().root(), &value);
    }
    shows(Json::NULL, &Value::Null);
}

#[test]
fn of_two_fields_of_a_name_the_last_one_counts() {
    for text in [r#"{"a":1,"b":[{"a":9}],"a":2}"#, r#"{"a":{"a":3},"\u0061":2}"#] {
        let document = document(text).unwrap();
        assert_eq!(document.root().get("a").and_then(Json::as_u64), Some(2));
        assert_eq!(document.into_value(), serde_json::from_str::<Value>(text).unwrap());
    }
}

#[test]
fn a_record_is_an_object_and_a_list_a_list() {
    let text = "雅 \"quoted\"\\\n\u{0}";
    let fields = [
        ("text", text.into()),
        ("no text", None.into()),
        ("flag", true.into()),
        ("least", Field::Number(i64::MIN)),
        ("json", Field::Json("[{\"a\":null}]")),
    ];
    let expected = [
        ("text", json!(text)),
        ("no text", json!(null)),
        ("flag", json!(true)),
        ("least", json!(i64::MIN)),
        ("json", json!([{ "a": null }])),
    ];
    for count in 0..=fields.len() {
        let object: Value = serde_json::from_str(&record(&fields[..count])).unwrap();
        let named =
            expected[..count].iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        assert_eq!(object, Value::Object(named.collect()));
        let values: Vec<_> = fields[..count].iter().map(|(_, field)| *field).collect();
        let items: Value = serde_json::from_str(&list(&values)).unwrap();
        let expected = expected[..count].iter().map(|(_, value)| value.clone());
        assert_eq!(items, Value::Array(expected.collect()));
    }
}
