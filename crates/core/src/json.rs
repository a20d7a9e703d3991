//! Types out of JSON: a text is parsed to a value once, and each type is taken out of the value.
//!
//! serde compiles a type anew for everything that it is read from: a text, a value, what an untagged enum
//! buffers. So everything that the program stores, sends to itself or is sent by a vendor is read here, from a
//! value alone. `serde_json` reads a value just as well, but says of everything that can be wrong what it is,
//! and takes a list in place of an object, which is compiled for each type too, and which nobody reads: here a
//! value has the shape that is asked for, or it has not. Bodies of requests are read by `serde_json`, which
//! says what is wrong and where (docs/decisions/0041).
//!
//! What serde derives for a type can read an object field by field, in whatever order they come, or take the
//! values alone, in the order of the type's fields. Here it takes the values (`Values`): that is a third of the
//! code, since nothing is matched, remembered or found twice. Two attributes say nothing to who only takes values:
//! with `alias` nothing can be read, and `deny_unknown_fields` denies nothing (`miyabi_core::server` shows how
//! it does); `Values` says what becomes of `default` and of what is missing (docs/decisions/0062).

use core::fmt::{self, Display};
use core::slice;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Map, Value};

/// Returns what a value says; `None` if it has another shape.
pub fn read<'a, T: Deserialize<'a>>(value: &'a Value) -> Option<T> {
    T::deserialize(Tree(Some(value))).ok()
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

/// No error says what was expected in place of what; those that are made for each type are made here, so that the
/// words for it are in no program.
impl de::Error for OtherShape {
    fn custom<T: Display>(_message: T) -> Self {
        Self
    }

    fn invalid_type(_found: Unexpected<'_>, _expected: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_found: Unexpected<'_>, _expected: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_found: usize, _expected: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_found: &str, _expected: &'static [&'static str]) -> Self {
        Self
    }
}

/// A value to be read; `None` where a field is missing, which only an `Option` can be read from, as in serde.
#[derive(Debug, Clone, Copy)]
struct Tree<'a>(Option<&'a Value>);

impl<'de> Tree<'de> {
    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        let Some(Value::String(text)) = self.0 else { return Err(OtherShape) };
        visitor.visit_borrowed_str(text)
    }

    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        let Some(Value::Number(number)) = self.0 else { return Err(OtherShape) };
        if let Some(number) = number.as_u64() {
            visitor.visit_u64(number)
        } else if let Some(number) = number.as_i64() {
            visitor.visit_i64(number)
        } else {
            visitor.visit_f64(number.as_f64().ok_or(OtherShape)?)
        }
    }

    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        let Some(Value::Array(list)) = self.0 else { return Err(OtherShape) };
        visitor.visit_seq(Items(list.iter()))
    }

    fn object(self) -> Result<&'de Map<String, Value>, OtherShape> {
        self.0.and_then(Value::as_object).ok_or(OtherShape)
    }
}

/// Items of a list that are still to be read.
struct Items<'a>(slice::Iter<'a, Value>);

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = OtherShape;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, OtherShape> {
        let Some(item) = self.0.next() else { return Ok(None) };
        seed.deserialize(Tree(Some(item))).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// Values of an object that are still to be read, in the order of the fields of a type.
///
/// For a field that is missing, the type is asked whether it can do without ([`Tree`]): an `Option` can. If it
/// cannot, "no further value" is what it is told. Then it takes the field's default, if it has one, and reads the
/// next field as ever; without one there is no value of the type.
struct Values<'a> {
    object: &'a Map<String, Value>,
    /// Names of the fields.
    rest: slice::Iter<'static, &'static str>,
}

impl<'a> Values<'a> {
    #[inline(never)]
    fn next_value(&mut self) -> Option<&'a Value> {
        self.object.get(*self.rest.next()?)
    }
}

impl<'de> SeqAccess<'de> for Values<'de> {
    type Error = OtherShape;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, OtherShape> {
        let value = self.next_value();
        match seed.deserialize(Tree(value)) {
            Err(OtherShape) if value.is_none() => Ok(None),
            read => read.map(Some),
        }
    }
}

/// Fields of an object that are still to be read, each with its name.
struct Fields<'a> {
    rest: serde_json::map::Iter<'a>,
    /// Value of the field whose name was read last.
    value: &'a Value,
}

impl<'a> Fields<'a> {
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
        seed.deserialize(Tree(Some(self.value)))
    }
}

/// A variant of an enum: its name, and its content, which is missing if there is only a name.
struct Variant<'a> {
    name: &'a str,
    content: Tree<'a>,
}

impl<'de> Variant<'de> {
    fn of(value: Tree<'de>) -> Result<Self, OtherShape> {
        if let Some(Value::String(name)) = value.0 {
            return Ok(Self { name, content: Tree(None) });
        }
        let mut fields = value.object()?.iter();
        let (Some((name, content)), None) = (fields.next(), fields.next()) else {
            return Err(OtherShape);
        };
        Ok(Self { name, content: Tree(Some(content)) })
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = OtherShape;
    type Variant = Tree<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Tree<'de>), OtherShape> {
        let name = seed.deserialize(BorrowedStrDeserializer::new(self.name))?;
        Ok((name, self.content))
    }
}

/// What a variant has.
impl<'de> VariantAccess<'de> for Tree<'de> {
    type Error = OtherShape;

    fn unit_variant(self) -> Result<(), OtherShape> {
        if self.0.is_none_or(Value::is_null) { Ok(()) } else { Err(OtherShape) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, OtherShape> {
        if self.0.is_none() { Err(OtherShape) } else { seed.deserialize(self) }
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, OtherShape> {
        self.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, OtherShape> {
        self.deserialize_struct("", fields, visitor)
    }
}

impl<'de> Deserializer<'de> for Tree<'de> {
    type Error = OtherShape;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        match self.0.ok_or(OtherShape)? {
            Value::Null => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(*truth),
            Value::Number(_) => self.number(visitor),
            Value::String(_) => self.text(visitor),
            Value::Array(_) => self.list(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        let is_nothing = self.0.is_none_or(Value::is_null);
        if is_nothing { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        visitor.visit_bool(self.0.and_then(Value::as_bool).ok_or(OtherShape)?)
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

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        visitor.visit_map(Fields { rest: self.object()?.iter(), value: &Value::Null })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, OtherShape> {
        let mut values = Values { object: self.object()?, rest: fields.iter() };
        let read = visitor.visit_seq(&mut values)?;
        // More names than fields: one is an alias, and values were read as those of other fields.
        if values.rest.as_slice().is_empty() { Ok(read) } else { Err(OtherShape) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, OtherShape> {
        if self.0.is_none() { Err(OtherShape) } else { visitor.visit_newtype_struct(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, OtherShape> {
        visitor.visit_enum(Variant::of(self)?)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, OtherShape> {
        if self.0.is_none() { Err(OtherShape) } else { visitor.visit_unit() }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 char str bytes byte_buf unit unit_struct tuple
        tuple_struct identifier
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
