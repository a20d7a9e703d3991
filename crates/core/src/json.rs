//! Types out of JSON: a text is parsed to a value once, and each type is taken out of the value.
//!
//! serde compiles a type anew for everything that it is read from: a text, a value, what an untagged enum
//! buffers. So everything that the program stores, sends to itself or is sent by a vendor is read here, from a
//! value alone. `serde_json` reads a value just as well, but says of everything that can be wrong what it is,
//! and takes a list in place of an object, which is compiled for each type too, and which nobody reads: here a
//! value has the shape that is asked for, or it has not. Bodies of requests are read by `serde_json`, which
//! says what is wrong and where (docs/decisions/0041).

use core::fmt::{self, Display};

use serde::de::value::{
    BorrowedStrDeserializer, MapAccessDeserializer, SeqDeserializer, StrDeserializer,
};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Map, Value};

/// Returns what a value says; `None` if it has another shape.
pub fn read<'a, T: Deserialize<'a>>(value: &'a Value) -> Option<T> {
    T::deserialize(Tree(value)).ok()
}

/// Returns what a text says; `None` if it is no JSON, or has another shape.
pub fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    read(&serde_json::from_str(text).ok()?)
}

/// A value has another shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OtherShape;

impl Display for OtherShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another shape")
    }
}

impl core::error::Error for OtherShape {}

impl de::Error for OtherShape {
    fn custom<T: Display>(_message: T) -> Self {
        Self
    }
}

/// A value to be read.
#[derive(Debug, Clone, Copy)]
struct Tree<'a>(&'a Value);

impl<'de> IntoDeserializer<'de, OtherShape> for Tree<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Tree<'de> {
    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        let Value::String(text) = self.0 else { return Err(OtherShape) };
        visitor.visit_borrowed_str(text)
    }

    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        let Value::Number(number) = self.0 else { return Err(OtherShape) };
        if let Some(number) = number.as_u64() {
            visitor.visit_u64(number)
        } else if let Some(number) = number.as_i64() {
            visitor.visit_i64(number)
        } else {
            visitor.visit_f64(number.as_f64().ok_or(OtherShape)?)
        }
    }

    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        let Value::Array(list) = self.0 else { return Err(OtherShape) };
        visitor.visit_seq(SeqDeserializer::new(list.iter().map(Tree)))
    }

    fn object<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        let Value::Object(object) = self.0 else { return Err(OtherShape) };
        visitor.visit_map(Fields::of(object))
    }
}

/// Fields of an object that are still to be read. That of serde is compiled anew for each type.
struct Fields<'a> {
    rest: serde_json::map::Iter<'a>,
    /// Value of the field whose name was read last.
    value: &'a Value,
}

impl<'a> Fields<'a> {
    fn of(object: &'a Map<String, Value>) -> Self {
        Self { rest: object.iter(), value: &Value::Null }
    }

    #[inline(never)]
    fn next_name(&mut self) -> Option<&'a str> {
        let (name, value) = self.rest.next()?;
        self.value = value;
        Some(name)
    }
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = OtherShape;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, OtherShape> {
        let Some(name) = self.next_name() else { return Ok(None) };
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, OtherShape> {
        seed.deserialize(Tree(self.value))
    }
}

impl<'de> Deserializer<'de> for Tree<'de> {
    type Error = OtherShape;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(*truth),
            Value::Number(_) => self.number(visitor),
            Value::String(_) => self.text(visitor),
            Value::Array(_) => self.list(visitor),
            Value::Object(_) => self.object(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        visitor.visit_bool(self.0.as_bool().ok_or(OtherShape)?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        self.number(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        self.number(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        self.number(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        self.text(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        self.list(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, OtherShape> {
        self.object(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, OtherShape> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, OtherShape> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(StrDeserializer::new(name)),
            Value::Object(object) if object.len() == 1 => {
                visitor.visit_enum(MapAccessDeserializer::new(Fields::of(object)))
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => Err(OtherShape),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 char str bytes byte_buf unit unit_struct tuple
        tuple_struct map identifier
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use serde::Deserialize;
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
            assert_eq!(Value::deserialize(Tree(value)).as_ref(), Ok(value));
        }
        let read = Everything::deserialize(Tree(&everything));
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
            assert!(Everything::deserialize(Tree(&value)).is_err(), "{value}");
        }
        let list = Value::Array(everything.as_object().unwrap().values().cloned().collect());
        assert_eq!(Everything::deserialize(Tree(&list)), Err(OtherShape));
    }
}
