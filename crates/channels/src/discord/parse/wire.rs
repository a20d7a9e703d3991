//! The fields of an interaction that the program reads.
//!
//! A field of an unexpected type counts as absent ([`Field`]), so that a change on Discord's side that
//! concerns one field costs no answer.

use core::fmt;
use core::marker::PhantomData;
use std::borrow::Cow;

use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Interaction<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Field<'a>,
    #[serde(borrow)]
    pub(super) id: Field<'a>,
    #[serde(borrow)]
    pub(super) token: Field<'a>,
    #[serde(borrow)]
    pub(super) data: Field<'a, Data<'a>>,
    #[serde(borrow)]
    pub(super) member: Field<'a, Member<'a>>,
    /// Who asks, outside of servers.
    #[serde(borrow)]
    pub(super) user: Field<'a, User<'a>>,
    #[serde(borrow)]
    pub(super) guild_id: Field<'a>,
    #[serde(borrow)]
    pub(super) guild: Field<'a, Identified<'a>>,
    /// Message of the component that is used.
    #[serde(borrow)]
    pub(super) message: Field<'a, Identified<'a>>,
    #[serde(borrow)]
    pub(super) channel_id: Field<'a>,
    #[serde(borrow)]
    pub(super) channel: Field<'a, Channel<'a>>,
    #[serde(borrow)]
    pub(super) context: Field<'a>,
    #[serde(borrow)]
    pub(super) locale: Field<'a>,
    #[serde(borrow)]
    pub(super) guild_locale: Field<'a>,
    /// What the application may do in this channel, as a decimal bit set.
    #[serde(borrow)]
    pub(super) app_permissions: Field<'a>,
    #[serde(borrow)]
    pub(super) authorizing_integration_owners: Field<'a, Owners>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Data<'a> {
    #[serde(borrow)]
    pub(super) name: Field<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Field<'a>,
    /// Message that a command of its menu is about.
    #[serde(borrow)]
    pub(super) target_id: Field<'a>,
    /// What ids stand for. Read by few commands, so as it is.
    #[serde(borrow)]
    pub(super) resolved: Field<'a, Map<String, Value>>,
    /// What a form was given when it was opened.
    #[serde(borrow)]
    pub(super) custom_id: Field<'a>,
    /// What was chosen in a menu.
    #[serde(borrow)]
    pub(super) values: Field<'a, IgnoredAny, Value>,
    /// Of a form.
    #[serde(borrow)]
    pub(super) components: Field<'a, IgnoredAny, Value>,
    #[serde(borrow)]
    pub(super) options: Field<'a, IgnoredAny, Field<'a, CommandOption<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct CommandOption<'a> {
    #[serde(borrow)]
    pub(super) name: Field<'a>,
    #[serde(borrow)]
    pub(super) value: Field<'a>,
    /// Whether completions are wanted for it.
    #[serde(borrow)]
    pub(super) focused: Field<'a>,
    /// Of a subcommand.
    #[serde(borrow)]
    pub(super) options: Field<'a, IgnoredAny, Field<'a, InnerOption<'a>>>,
}

/// An option of a subcommand, which has no options of its own.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct InnerOption<'a> {
    #[serde(borrow)]
    pub(super) name: Field<'a>,
    #[serde(borrow)]
    pub(super) value: Field<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Member<'a> {
    #[serde(borrow)]
    pub(super) user: Field<'a, User<'a>>,
    #[serde(borrow)]
    pub(super) nick: Field<'a>,
    #[serde(borrow)]
    pub(super) avatar: Field<'a>,
    /// What the asker may do in this channel, as a decimal bit set.
    #[serde(borrow)]
    pub(super) permissions: Field<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct User<'a> {
    #[serde(borrow)]
    pub(super) id: Field<'a>,
    #[serde(borrow)]
    pub(super) username: Field<'a>,
    #[serde(borrow)]
    pub(super) global_name: Field<'a>,
    #[serde(borrow)]
    pub(super) avatar: Field<'a>,
    #[serde(borrow)]
    pub(super) discriminator: Field<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Identified<'a> {
    #[serde(borrow)]
    pub(super) id: Field<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Channel<'a> {
    #[serde(borrow)]
    pub(super) id: Field<'a>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Field<'a>,
    #[serde(borrow)]
    pub(super) parent_id: Field<'a>,
    /// Slow mode: seconds between two messages of one member.
    #[serde(borrow)]
    pub(super) rate_limit_per_user: Field<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Owners {
    /// Whether the application is installed in the server.
    #[serde(rename = "0", deserialize_with = "is_there")]
    pub(super) has_server: bool,
}

fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Option::<IgnoredAny>::deserialize(deserializer).map(|value| value.is_some())
}

/// A field of any type; `T` is what is read of an object, and `I` what is read of each item of a list.
///
/// It does not contain itself: the depth of what is read is fixed, and so is the stack that it takes.
#[derive(Debug, Default)]
pub(super) enum Field<'a, T = IgnoredAny, I = IgnoredAny> {
    /// Missing, or `null`.
    #[default]
    Absent,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<I>),
    Object(T),
}

impl<T, I> Field<'_, T, I> {
    /// Returns a string.
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Returns a whole number that is not negative.
    pub(super) fn whole(&self) -> Option<u64> {
        if let Self::Number(number) = self { number.as_u64() } else { None }
    }

    /// Returns an object.
    pub(super) fn object(&self) -> Option<&T> {
        if let Self::Object(fields) = self { Some(fields) } else { None }
    }

    /// Returns the items of a list.
    pub(super) fn items(&self) -> &[I] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// Returns the text of a string, and the JSON text of a number or a truth value.
    pub(super) fn words(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone().into_owned()),
            Self::Number(number) => Some(number.to_string()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Absent | Self::List(_) | Self::Object(_) => None,
        }
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>, I: Deserialize<'de>> Deserialize<'de> for Field<'a, T, I> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyField(PhantomData))
    }
}

struct AnyField<'a, T, I>(PhantomData<Field<'a, T, I>>);

impl<'de: 'a, 'a, T: Deserialize<'de>, I: Deserialize<'de>> Visitor<'de> for AnyField<'a, T, I> {
    type Value = Field<'a, T, I>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Absent)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Field::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Field::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Field::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Number::from_f64(value).map_or(Field::Absent, Field::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Field::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Field::Object)
    }
}
