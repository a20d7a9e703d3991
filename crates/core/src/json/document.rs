//! A value as a list of its parts, in the order of its text: read at once, and with hardly any memory of
//! its own. A tree takes a piece of memory for each name, string and object.

use std::borrow::Cow;
use std::vec::IntoIter;

use serde_json::{Map, Number, Value};

/// JSON that was read.
#[derive(Debug)]
pub struct Document<'a> {
    parts: Vec<Chunk<'a>>,
}

/// A value, with the name that it has in an object.
#[derive(Debug)]
pub(super) struct Chunk<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) item: Item<'a>,
}

#[derive(Debug)]
pub(super) enum Item<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    /// What is inside follows, up to this part.
    List(usize),
    Fields(usize),
}

impl Item<'_> {
    /// Returns the place of the next value that is not inside this one, which is `at`.
    const fn end(&self, at: usize) -> usize {
        match self {
            Self::List(end) | Self::Fields(end) => *end,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => at + 1,
        }
    }
}

/// A place in a document.
#[derive(Debug, Clone, Copy)]
pub struct Json<'d> {
    parts: &'d [Chunk<'d>],
    at: usize,
}

impl<'a> Document<'a> {
    pub(super) const fn new(parts: Vec<Chunk<'a>>) -> Self {
        Self { parts }
    }

    /// Returns the whole.
    pub fn root(&self) -> Json<'_> {
        Json { parts: &self.parts, at: 0 }
    }

    /// Returns the same as a tree.
    pub fn into_value(self) -> Value {
        let end = self.parts.len();
        let mut parts = Parts { rest: self.parts.into_iter(), end };
        parts.next().map(|(_, value)| value).unwrap_or_default()
    }
}

struct Parts<'a> {
    rest: IntoIter<Chunk<'a>>,
    /// How many there were.
    end: usize,
}

impl Parts<'_> {
    /// Whether the parts before `end` are used up.
    fn is_at(&self, end: usize) -> bool {
        self.end - self.rest.len() >= end
    }

    fn next(&mut self) -> Option<(String, Value)> {
        let part = self.rest.next()?;
        let value = match part.item {
            Item::Null => Value::Null,
            Item::Bool(value) => Value::Bool(value),
            Item::Number(value) => Value::Number(value),
            Item::Text(value) => Value::String(value.into_owned()),
            Item::List(end) => {
                let mut items = Vec::new();
                while !self.is_at(end) {
                    items.push(self.next()?.1);
                }
                Value::Array(items)
            }
            Item::Fields(end) => {
                let mut fields = Map::new();
                while !self.is_at(end) {
                    let (name, value) = self.next()?;
                    fields.insert(name, value);
                }
                Value::Object(fields)
            }
        };
        Some((part.name.into_owned(), value))
    }
}

impl<'d> Json<'d> {
    /// `null`
    pub const NULL: Self = Self { parts: &[], at: 0 };

    fn item(self) -> &'d Item<'d> {
        self.parts.get(self.at).map_or(&Item::Null, |part| &part.item)
    }

    /// Returns an object's field; the last one, if there are two of that name.
    pub fn get(self, name: &str) -> Option<Self> {
        let Item::Fields(end) = self.item() else { return None };
        let mut found = None;
        let mut at = self.at + 1;
        while at < *end {
            let part = self.parts.get(at)?;
            if part.name == name {
                found = Some(Self { at, ..self });
            }
            at = part.item.end(at);
        }
        found
    }

    /// Returns the values of a list; nothing, if it is none.
    pub fn items(self) -> impl Iterator<Item = Self> {
        let end = if let Item::List(end) = self.item() { *end } else { 0 };
        let inside = move |at: usize| (at < end).then_some(Self { at, ..self });
        core::iter::successors(inside(self.at + 1), move |item| inside(item.item().end(item.at)))
    }

    /// Returns a string.
    pub fn as_str(self) -> Option<&'d str> {
        if let Item::Text(text) = self.item() { Some(text) } else { None }
    }

    /// Returns a whole number that is not negative.
    pub fn as_u64(self) -> Option<u64> {
        if let Item::Number(number) = self.item() { number.as_u64() } else { None }
    }

    /// Returns `true` or `false`.
    pub fn as_bool(self) -> Option<bool> {
        if let Item::Bool(value) = self.item() { Some(*value) } else { None }
    }

    /// Returns the text of a string, and the JSON text of a number or a truth value.
    pub fn to_words(self) -> Option<String> {
        match self.item() {
            Item::Text(text) => Some(text.clone().into_owned()),
            Item::Number(number) => Some(super::to_text(&Value::Number(number.clone()))),
            Item::Bool(value) => Some(super::to_text(&Value::Bool(*value))),
            Item::Null | Item::List(_) | Item::Fields(_) => None,
        }
    }

    /// Returns whether this is `null`.
    pub fn is_null(self) -> bool {
        matches!(self.item(), Item::Null)
    }

    /// Returns whether this is an object.
    pub fn is_object(self) -> bool {
        matches!(self.item(), Item::Fields(_))
    }
}
