//! Reads JSON text, as RFC 8259 has it: what `serde_json` reads and refuses, in a sixth of its code.

use std::borrow::Cow;

use serde_json::Number;

use super::document::{Chunk, Document, Item};
use super::float::scale;

/// Objects and lists inside one another, at most; every level takes some of the stack.
const MAX_DEPTH: usize = 127;
/// Beyond this, nothing is left of any number, or it is too large for any.
const MAX_EXPONENT: i32 = 9_999;

/// Bytes of text for each part of a document: room is made for what Discord and models send.
const PART_BYTES: usize = 12;
/// Most parts that room is made for before any is read: the text may be long, and no JSON.
const MAX_ROOM: usize = 1024;

/// A place in a text, and how deep it is.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    parts: Vec<Chunk<'a>>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0, parts: Vec::new() }
    }

    /// Returns what was not read yet.
    pub(super) fn rest(&self) -> Option<&'a str> {
        self.text.get(self.at..)
    }

    /// Reads the next value, and nothing after it.
    pub(super) fn document(&mut self) -> Option<Document<'a>> {
        self.parts.reserve(MAX_ROOM.min(self.rest()?.len() / PART_BYTES + 1));
        self.value(Cow::Borrowed(""))?;
        Some(Document::new(core::mem::take(&mut self.parts)))
    }

    fn value(&mut self, name: Cow<'a, str>) -> Option<()> {
        let item = match self.token()? {
            b'{' => return self.object(name),
            b'[' => return self.array(name),
            b'"' => Item::Text(self.string()?),
            b't' => self.word("true", Item::Bool(true))?,
            b'f' => self.word("false", Item::Bool(false))?,
            b'n' => self.word("null", Item::Null)?,
            _ => Item::Number(self.number()?),
        };
        self.parts.push(Chunk { name, item });
        Some(())
    }

    /// Skips blanks and returns what comes then; `None` at the end.
    #[expect(clippy::inline_always, reason = "asked several times for each part of what is sent")]
    #[inline(always)]
    pub(super) fn token(&mut self) -> Option<u8> {
        loop {
            match self.peek()? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    #[expect(clippy::inline_always, reason = "asked several times for each part of what is sent")]
    #[inline(always)]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over this byte, if it is the next one.
    fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// The same, with blanks before it.
    fn comes(&mut self, byte: u8) -> bool {
        let is_next = self.token() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn word(&mut self, word: &str, item: Item<'a>) -> Option<Item<'a>> {
        self.rest()?.starts_with(word).then(|| self.at += word.len())?;
        Some(item)
    }

    fn object(&mut self, name: Cow<'a, str>) -> Option<()> {
        let place = self.enter(name)?;
        let mut is_end = self.comes(b'}');
        while !is_end {
            (self.token()? == b'"').then_some(())?;
            let name = self.string()?;
            self.comes(b':').then_some(())?;
            self.value(name)?;
            is_end = self.ends(b'}')?;
        }
        self.leave(place, Item::Fields)
    }

    fn array(&mut self, name: Cow<'a, str>) -> Option<()> {
        let place = self.enter(name)?;
        let mut is_end = self.comes(b']');
        while !is_end {
            self.value(Cow::Borrowed(""))?;
            is_end = self.ends(b']')?;
        }
        self.leave(place, Item::List)
    }

    /// Steps over what has to stand after a field or an item: `end`, or a comma.
    fn ends(&mut self, end: u8) -> Option<bool> {
        let mark = self.token()?;
        self.at += 1;
        (mark == end || mark == b',').then_some(mark == end)
    }

    /// Goes inside, and returns where what is inside begins.
    fn enter(&mut self, name: Cow<'a, str>) -> Option<usize> {
        self.at += 1;
        self.depth += 1;
        self.parts.push(Chunk { name, item: Item::Null });
        (self.depth <= MAX_DEPTH).then_some(self.parts.len())
    }

    fn leave(&mut self, inside: usize, kind: fn(usize) -> Item<'a>) -> Option<()> {
        self.depth -= 1;
        let end = self.parts.len();
        self.parts.get_mut(inside - 1)?.item = kind(end);
        Some(())
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.at += 1;
        let plain = self.plain()?;
        if self.takes(b'"') {
            return Some(Cow::Borrowed(plain));
        }
        let mut string = plain.to_owned();
        while !self.takes(b'"') {
            // What else ended the text is a control character, which stands in no string as it is.
            self.takes(b'\\').then_some(())?;
            string.push(self.escaped()?);
            string.push_str(self.plain()?);
        }
        Some(Cow::Owned(string))
    }

    /// Returns the text up to what is special in a string.
    fn plain(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.at += special(self.text.as_bytes().get(start..)?)?;
        self.text.get(start..self.at)
    }

    fn escaped(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unit_or_pair(),
            _ => return None,
        })
    }

    /// A character in four hex digits, or in twice four: a pair of UTF-16. Half a pair is none.
    fn unit_or_pair(&mut self) -> Option<char> {
        let first = self.unit()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        (self.takes(b'\\') && self.takes(b'u')).then_some(())?;
        let second = self.unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second)
    }

    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit * 16 + char::from(self.peek()?).to_digit(16)?;
            self.at += 1;
        }
        Some(unit)
    }

    fn number(&mut self) -> Option<Number> {
        let is_negative = self.takes(b'-');
        let mut decimal = Decimal::default();
        if !self.takes(b'0') {
            self.digits(&mut decimal, 0)?;
        }
        let mut is_whole = !decimal.is_full;
        if self.takes(b'.') {
            is_whole = false;
            self.digits(&mut decimal, -1)?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            is_whole = false;
            self.at += 1;
            decimal.exponent += self.exponent()?;
        }
        if is_whole {
            if !is_negative {
                return Some(decimal.digits.into());
            }
            // There is no whole -0, and none below the least `i64`.
            if let Some(number @ ..0) = 0_i64.checked_sub_unsigned(decimal.digits) {
                return Some(number.into());
            }
        }
        let number = decimal.number();
        // Refuses what is too large to be a number.
        Number::from_f64(if is_negative { -number } else { number })
    }

    /// Reads one digit or more; each changes the exponent by `step`.
    fn digits(&mut self, decimal: &mut Decimal, step: i32) -> Option<()> {
        let start = self.at;
        while let Some(digit) = self.digit() {
            decimal.push(digit, step);
        }
        (self.at > start).then_some(())
    }

    fn digit(&mut self) -> Option<u8> {
        let digit = self.peek()?.checked_sub(b'0').filter(|digit| *digit < 10)?;
        self.at += 1;
        Some(digit)
    }

    fn exponent(&mut self) -> Option<i32> {
        let is_negative = self.takes(b'-');
        if !is_negative {
            self.takes(b'+');
        }
        let mut exponent = i32::from(self.digit()?);
        while let Some(digit) = self.digit() {
            exponent = MAX_EXPONENT.min(exponent * 10 + i32::from(digit));
        }
        Some(if is_negative { -exponent } else { exponent })
    }
}

/// Returns how many bytes come before what is special in a string, if anything is: its end, an escape, or
/// a control character, which does not belong there. Eight at a time: most of what Discord sends is strings.
pub(super) fn special(bytes: &[u8]) -> Option<usize> {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const TOP: u64 = EACH << 7;
    let mut at = 0;
    while let Some(eight) = bytes.get(at..)?.first_chunk() {
        let eight = u64::from_le_bytes(*eight);
        // Of the bytes so marked, the lowest is one for sure: a borrow only goes up.
        let below = |each: u64, limit: u64| each.wrapping_sub(EACH * limit) & !each & TOP;
        let quotes = below(eight ^ (EACH * 0x22), 1);
        let found = below(eight, 0x20) | quotes | below(eight ^ (EACH * 0x5c), 1);
        if found != 0 {
            return usize::try_from(found.trailing_zeros() / 8).ok().map(|more| at + more);
        }
        at += 8;
    }
    let tail = bytes.get(at..)?;
    tail.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..b' ')).map(|more| at + more)
}

/// `digits` times ten to the power of `exponent`.
#[derive(Default)]
struct Decimal {
    digits: u64,
    exponent: i32,
    /// A digit was left out, and so is each after it.
    is_full: bool,
}

impl Decimal {
    /// Adds a digit, or only its place where 19 digits and more are known.
    fn push(&mut self, digit: u8, step: i32) {
        let more = self.digits.checked_mul(10).and_then(|ten| ten.checked_add(digit.into()));
        if let Some(digits) = more.filter(|_| !self.is_full) {
            self.digits = digits;
            self.exponent += step;
        } else {
            self.is_full = true;
            self.exponent += step + 1;
        }
    }

    fn number(&self) -> f64 {
        #[expect(
            clippy::as_conversions,
            clippy::cast_precision_loss,
            reason = "a number with a fraction is the nearest that there is"
        )]
        scale(self.digits as f64, self.exponent)
    }
}
