//! One-time codes, by which somebody signs in to the page: their form, as people type them, and their hash.
//!
//! A code is eight letters of 40 random bits, shown as `ABCD-EFGH`. It is guessed by nobody in the ten minutes
//! that it lasts.

use core::fmt;

use sha2::{Digest as _, Sha256};

use crate::ids::Secret;

/// How long a code lasts, in seconds: as long as it takes to go from one device to another.
pub const LIFETIME_S: u32 = 600;

/// Letters of a code, and those of one of its two halves.
const LETTERS: usize = 8;
const HALF: usize = LETTERS / 2;

/// Digits that nobody takes for each other.
///
/// # Source
/// Douglas Crockford, Base 32, which also says how what is typed is read.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How far the letters of Japanese keyboards are from those of ASCII.
const FULL_WIDTH: u32 = 0xfee0;

/// A code, well-formed.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(Secret);

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Code(..)")
    }
}

impl Code {
    /// Makes a code of 40 random bits, the last of these.
    pub fn of(random: [u8; 8]) -> Self {
        let number = u64::from_be_bytes(random);
        let digit = |place: usize| {
            let value = number >> (5 * (LETTERS - 1 - place)) & 31;
            let digit = usize::try_from(value).ok().and_then(|value| DIGITS.get(value));
            char::from(digit.copied().unwrap_or(b'0'))
        };
        Self(Secret::new((0..LETTERS).map(digit).collect()))
    }

    /// Returns the code that somebody has typed, whatever they put between its letters.
    pub fn parse(text: &str) -> Option<Self> {
        let ascii = |letter: char| match letter {
            '！'..='～' => char::from_u32(u32::from(letter) - FULL_WIDTH),
            _ => Some(letter),
        };
        let read = |letter: char| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        };
        let letters = text.chars().filter_map(ascii).filter(char::is_ascii_alphanumeric);
        let code: String = letters.map(read).take(LETTERS + 1).collect();
        let is_code = code.len() == LETTERS && code.bytes().all(|byte| DIGITS.contains(&byte));
        is_code.then(|| Self(Secret::new(code)))
    }

    /// Returns the code as it is shown.
    pub fn shown(&self) -> String {
        let (first, second) = self.0.reveal().split_at_checked(HALF).unwrap_or_default();
        [first, "-", second].concat()
    }

    /// Returns the hash under which it is stored: SHA-256 in hex.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.reveal()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_made_of_forty_bits() {
        for (random, shown) in [
            (0_u64, "0000-0000"),
            (u64::MAX, "ZZZZ-ZZZZ"),
            (0x08_8642_98e8, "1234-5678"),
            (1, "0000-0001"),
            (0x80_0000_0000, "G000-0000"),
            (0x0100_0000_0000, "0000-0000"),
        ] {
            let code = Code::of(random.to_be_bytes());
            assert_eq!(code.shown(), shown);
            assert_eq!(Code::parse(shown), Some(code.clone()));
            assert_eq!((code.hash().len(), format!("{code:?}")), (64, "Code(..)".to_owned()));
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = Code::parse("AB10-EFGH").unwrap();
        for typed in [
            "ab10efgh",
            " AB10 EFGH\n",
            "A-B-1-0-E-F-G-H",
            "ABIOEFGH",
            "ablo—efgh",
            "ＡＢ１０－ＥＦＧＨ",
            "ａｂ１０ーｅｆｇｈ",
            "`AB10-EFGH`",
        ] {
            assert_eq!(Code::parse(typed), Some(code.clone()), "{typed}");
        }
        for other in ["", "AB10-EFG", "AB10-EFGHJ", "AB10-EFGU", "雅雅雅雅雅雅雅雅", "miyabi_0"]
        {
            assert_eq!(Code::parse(other), None, "{other}");
        }
        assert_ne!(Code::parse("AB10-EFGJ").unwrap().hash(), code.hash());
    }
}
