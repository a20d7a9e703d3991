//! Links to conversations that are shared: their token, its hash, and how long one lasts.

use core::fmt;

use sha2::{Digest as _, Sha256};

use crate::ids::Secret;
use crate::text::is_hex;

/// Path before the token.
pub const PATH: &str = "/share/";

/// How long a link lasts if nobody says otherwise, in seconds: a week.
pub const DEFAULT_S: u64 = 7 * 86_400;

/// How long a link lasts at most, in seconds.
pub const MAX_S: u64 = 30 * 86_400;

/// Hex digits of a token: 160 random bits.
const DIGITS: usize = 40;

/// Token of a link, well-formed. It opens what is shared to whoever has it, so it is shown once and stored as
/// a hash.
#[derive(Clone, PartialEq, Eq)]
pub struct ShareToken(Secret);

impl fmt::Debug for ShareToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ShareToken(..)")
    }
}

impl ShareToken {
    /// Makes a token of 160 random bits.
    pub fn of(random: [u8; 20]) -> Self {
        Self(Secret::new(hex::encode(random)))
    }

    /// Returns the token, if it is one by its form.
    pub fn parse(text: &str) -> Option<Self> {
        is_hex(text, DIGITS).then(|| Self(Secret::new(text.to_owned())))
    }

    /// Returns the token, for the reply that hands it out, and for whoever has it already.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
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
    fn a_token_is_read_back_and_nothing_else_is_one() {
        let token = ShareToken::of(core::array::from_fn(|it| u8::try_from(it * 13).unwrap()));
        assert_eq!(ShareToken::parse(token.reveal()), Some(token.clone()));
        assert_eq!((token.reveal().len(), token.hash().len()), (DIGITS, 64));
        assert_eq!(format!("{token:?}"), "ShareToken(..)");
        let text = token.reveal();
        for other in [
            "",
            &text.to_uppercase(),
            &format!("{text}0"),
            text.strip_prefix('0').unwrap(),
            &"é".repeat(20),
        ] {
            assert_eq!(ShareToken::parse(other), None, "{other}");
        }
    }
}
