//! A reader of the beginning of a text, and the values that models write as arguments: JSON, literals
//! of Python, and those of `FunctionGemma`.

use serde_json::{Deserializer, Map, Number, Value};

use super::matching::{Match, compare, find_mark};
use super::work;

/// Why something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Miss {
    /// The text ends too early: a longer one may be readable.
    Unfinished,
    /// It is something else.
    Other,
}

/// The rest of a text that is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a str,
}

/// Deepest nesting of a literal.
const MAX_DEPTH: usize = 32;

/// Marks around a text in `FunctionGemma` and in Gemma 4.
const ESCAPES: [&str; 2] = ["<escape>", "<|\"|>"];

impl<'a> Cursor<'a> {
    /// Skips blanks and line breaks.
    pub(super) fn skip_blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Skips a mark, and returns whether it was there.
    ///
    /// # Errors
    /// [`Miss::Unfinished`] if the text ends inside the mark.
    pub(super) fn take(&mut self, mark: &str) -> Result<bool, Miss> {
        match compare(self.rest, mark) {
            Match::Whole(bytes) => {
                self.skip(bytes);
                Ok(true)
            }
            Match::Begun => Err(Miss::Unfinished),
            Match::Other => Ok(false),
        }
    }

    /// Skips a mark if all of it is there, and returns whether it was.
    pub(super) fn skip_mark(&mut self, mark: &str) -> bool {
        self.take(mark) == Ok(true)
    }

    /// Skips so many bytes.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Returns the text up to a mark, and skips both.
    ///
    /// # Errors
    /// [`Miss::Unfinished`] without the mark.
    pub(super) fn up_to(&mut self, mark: &str) -> Result<&'a str, Miss> {
        let Some((start, end)) = find_mark(self.rest, mark) else {
            work::count(self.rest.len());
            return Err(Miss::Unfinished);
        };
        work::count(start);
        let before = self.rest.get(..start).unwrap_or_default();
        self.skip(end);
        Ok(before)
    }

    /// Reads the longest beginning of letters that a name may have; may be empty.
    pub(super) fn name(&mut self) -> &'a str {
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.:/".contains(c);
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        work::count(end);
        let (name, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        name
    }

    /// Reads a value of JSON, or else a literal of another language.
    ///
    /// # Errors
    /// See [`Miss`].
    pub(super) fn value(&mut self) -> Result<Value, Miss> {
        match self.json() {
            Ok(value) => Ok(value),
            Err(json) => {
                let mut other = *self;
                let value =
                    other.literal(0).map_err(|miss| if json == miss { miss } else { Miss::Other });
                // What JSON calls unfinished may be a whole literal, and the other way round.
                let value = match (json, value) {
                    (Miss::Unfinished, Err(_)) => Err(Miss::Unfinished),
                    (_, value) => value,
                }?;
                *self = other;
                Ok(value)
            }
        }
    }

    fn json(&mut self) -> Result<Value, Miss> {
        let mut values = Deserializer::from_str(self.rest).into_iter();
        let value = match values.next() {
            None => return Err(Miss::Unfinished),
            Some(Err(error)) if error.is_eof() => {
                work::count(self.rest.len());
                return Err(Miss::Unfinished);
            }
            Some(Err(error)) => {
                work::count(error.column());
                return Err(Miss::Other);
            }
            Some(Ok(value)) => value,
        };
        let end = values.byte_offset();
        work::count(end);
        self.skip(end);
        Ok(value)
    }

    /// Reads a literal: the words of Python and JSON, texts in any quotes, numbers, lists, and objects
    /// whose keys may have no quotes.
    pub(super) fn literal(&mut self, depth: usize) -> Result<Value, Miss> {
        work::count(1);
        if depth > MAX_DEPTH {
            return Err(Miss::Other);
        }
        self.skip_blank();
        if let Some(text) = self.quoted()? {
            return Ok(Value::String(text));
        }
        match self.rest.chars().next() {
            None => Err(Miss::Unfinished),
            Some('[') => self.list(depth),
            Some('{') => self.object(depth),
            Some(_) => self.word(),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Miss> {
        self.skip(1);
        let mut items = Vec::new();
        loop {
            self.skip_blank();
            if self.take("]")? {
                return Ok(Value::Array(items));
            }
            items.push(self.literal(depth + 1)?);
            self.separator("]")?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, Miss> {
        self.skip(1);
        let mut fields = Map::new();
        loop {
            self.skip_blank();
            if self.take("}")? {
                return Ok(Value::Object(fields));
            }
            let key = match self.quoted()? {
                Some(key) => key,
                None => self.bare_key()?,
            };
            self.skip_blank();
            // `MiniMax` writes `args => {--place "Kyoto"}`.
            let option = key.strip_prefix("--");
            if option.is_none() && !self.take(":")? && !self.take("=>")? {
                return Err(Miss::Other);
            }
            let name = option.unwrap_or(&key).to_owned();
            fields.insert(name, self.literal(depth + 1)?);
            self.skip_blank();
            if option.is_none() || self.rest.starts_with(['}', ',']) || self.rest.is_empty() {
                self.separator("}")?;
            }
        }
    }

    fn bare_key(&mut self) -> Result<String, Miss> {
        let is_key = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let end = self.rest.find(|c| !is_key(c)).ok_or(Miss::Unfinished)?;
        let (key, rest) = self.rest.split_at_checked(end).ok_or(Miss::Other)?;
        self.rest = rest;
        if key.is_empty() { Err(Miss::Other) } else { Ok(key.to_owned()) }
    }

    /// Skips the comma between two items, or stays before `end`.
    pub(super) fn separator(&mut self, end: &str) -> Result<(), Miss> {
        self.skip_blank();
        if self.rest.is_empty() {
            return Err(Miss::Unfinished);
        }
        if self.skip_mark(",") || self.rest.starts_with(end) { Ok(()) } else { Err(Miss::Other) }
    }

    fn word(&mut self) -> Result<Value, Miss> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || "+-._".contains(c);
        let end = self.rest.find(|c| !is_word(c)).ok_or(Miss::Unfinished)?;
        let (word, rest) = self.rest.split_at_checked(end).ok_or(Miss::Other)?;
        let value = match word {
            "True" | "true" => Value::Bool(true),
            "False" | "false" => Value::Bool(false),
            "None" | "null" => Value::Null,
            number => Value::Number(
                serde_json::from_str::<Number>(number).map_err(|_unreadable| Miss::Other)?,
            ),
        };
        self.rest = rest;
        Ok(value)
    }

    /// Reads a text in quotes, `None` if there is none.
    fn quoted(&mut self) -> Result<Option<String>, Miss> {
        for escape in ESCAPES {
            if self.skip_mark(escape) {
                return self.up_to(escape).map(|text| Some(text.to_owned()));
            }
        }
        let Some(quote @ ('"' | '\'')) = self.rest.chars().next() else { return Ok(None) };
        let mut characters = self.rest.chars();
        characters.next();
        let mut text = String::new();
        loop {
            work::count(1);
            match characters.next().ok_or(Miss::Unfinished)? {
                '\\' => match characters.next().ok_or(Miss::Unfinished)? {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    other => text.push(other),
                },
                end if end == quote => break,
                other => text.push(other),
            }
        }
        self.rest = characters.as_str();
        Ok(Some(text))
    }
}
