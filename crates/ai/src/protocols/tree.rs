//! Takes types out of a value of JSON.
//!
//! `serde_json` does so too, but it has an error for each way in which a value can be wrong, which nobody
//! reads here, and it takes a list for the fields of an object in their order. Compiled for the types of all
//! vendors, that is 18 kB more, gzipped. Here a value has the shape that is asked for, or it has not.

use core::fmt::{self, Display};

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::Value;

/// A value has another shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OtherShape;

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
pub(super) struct Tree<'a>(pub(super) &'a Value);

impl<'de> IntoDeserializer<'de, OtherShape> for Tree<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Tree<'de> {
    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        let Value::String(text) = self.0 else { return Err(OtherShape) };
        visitor.visit_str(text)
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
        let fields = object.iter().map(|(name, value)| (name.as_str(), Tree(value)));
        visitor.visit_map(MapDeserializer::new(fields))
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

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, OtherShape> {
        visitor.visit_newtype_struct(self)
    }

    /// The name of a variant, or an object with the name as its only field.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, OtherShape> {
        if let Value::String(name) = self.0 {
            return visitor.visit_enum(Variant { name, content: &Value::Null });
        }
        let mut fields = self.0.as_object().ok_or(OtherShape)?.iter();
        match (fields.next(), fields.next()) {
            (Some((name, content)), None) => visitor.visit_enum(Variant { name, content }),
            _ => Err(OtherShape),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 char str bytes byte_buf unit unit_struct tuple tuple_struct map
        identifier
    }
}

/// A variant of an enum.
struct Variant<'a> {
    name: &'a str,
    /// Null, if the variant is a name alone.
    content: &'a Value,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = OtherShape;
    type Variant = Tree<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Tree<'de>), OtherShape> {
        let name: StrDeserializer<'_, OtherShape> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, Tree(self.content)))
    }
}

impl<'de> VariantAccess<'de> for Tree<'de> {
    type Error = OtherShape;

    fn unit_variant(self) -> Result<(), OtherShape> {
        self.0.as_null().ok_or(OtherShape)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, OtherShape> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, OtherShape> {
        self.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, OtherShape> {
        self.object(visitor)
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
        new: New,
        pair: (u8, i8),
        variants: Vec<Variants>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct New(char);

    #[derive(Debug, PartialEq, Deserialize)]
    enum Variants {
        Unit,
        New(String),
        Pair(u16, Option<i64>),
        Fields { a: f32 },
    }

    #[test]
    fn a_value_is_itself_and_every_type_is_what_serde_json_reads() {
        let everything = json!({
            "text": "ä", "truth": true, "small": 7, "large": u64::MAX, "float": -5, "list": [1, null],
            "inner": null, "new": "n", "pair": [255, -128],
            "variants": ["Unit", {"Unit": null}, {"New": "x"}, {"Pair": [1, null]}, {"Fields": {"a": 0.5}}],
            "other": {"a": [-1, i64::MIN, 1.5, {}]},
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
            ("new", json!(["n"])),
            ("pair", json!([1])),
            ("pair", json!([256, 0])),
            ("variants", json!(["New"])),
            ("variants", json!(["Other"])),
            ("variants", json!([{}])),
            ("variants", json!([{"Unit": 1}])),
            ("variants", json!([{"New": "x", "Unit": null}])),
            ("variants", json!([{"Pair": {"a": 1}}])),
            ("variants", json!([{"Fields": [0.5]}])),
        ] {
            let mut value = everything.clone();
            value[field] = odd;
            assert!(Everything::deserialize(Tree(&value)).is_err(), "{value}");
        }
        let list = Value::Array(everything.as_object().unwrap().values().cloned().collect());
        assert_eq!(Everything::deserialize(Tree(&list)), Err(OtherShape));
    }
}
