//! API keys: their form, their hash, and what one may do.
//!
//! A key is `miyabi_`, 27 characters of 160 random bits, and 6 of their checksum. The checksum refuses what
//! was cut or mistyped without a look at the database, and lets scanners of leaked secrets be sure. Only the
//! hash is stored; a key of that many random bits needs no slow one.

use core::fmt;

use sha2::{Digest as _, Sha256};

use crate::ids::Secret;

/// Beginning of every key.
pub const PREFIX: &str = "miyabi_";

/// Digits of the random part: 62^27 is more than 2^160.
const RANDOM_DIGITS: usize = 27;
/// Digits of the checksum: 62^6 is more than 2^32.
const CHECK_DIGITS: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A key, well-formed.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(Secret);

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey(..)")
    }
}

impl ApiKey {
    /// Makes a key of 160 random bits.
    pub fn of(random: [u8; 20]) -> Self {
        let digits = base62(random.to_vec(), RANDOM_DIGITS);
        Self(Secret::new([PREFIX, &digits, &checksum(&digits)].concat()))
    }

    /// Returns the key, if it is one by its form and its checksum.
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, check) = text.strip_prefix(PREFIX)?.split_at_checked(RANDOM_DIGITS)?;
        let is_digits = digits.bytes().all(|byte| DIGITS.contains(&byte));
        (is_digits && checksum(digits) == check).then(|| Self(Secret::new(text.to_owned())))
    }

    /// Returns the key, for the one time that it is shown.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }

    /// Returns the hash under which it is stored: SHA-256 in hex.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0.reveal()))
    }
}

fn checksum(digits: &str) -> String {
    base62(crc32fast::hash(digits.as_bytes()).to_be_bytes().to_vec(), CHECK_DIGITS)
}

/// Writes a number, its most significant byte first, with so many digits.
fn base62(mut number: Vec<u8>, digits: usize) -> String {
    let mut text = vec![b'0'; digits];
    for digit in text.iter_mut().rev() {
        let mut rest: u16 = 0;
        for byte in &mut number {
            let value = rest << 8 | u16::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or_default();
            rest = value % 62;
        }
        *digit = DIGITS.get(usize::from(rest)).copied().unwrap_or(b'0');
    }
    text.into_iter().map(char::from).collect()
}

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Asking, and the conversations.
    Chat,
    /// What is remembered of its owner.
    Memory,
    /// The knowledge base of its workspace.
    Knowledge,
    /// Files.
    Files,
    /// What its owner has used.
    Usage,
    /// The keys of its owner.
    Keys,
    /// Everything that an operator sees.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 7] = [
        Self::Chat,
        Self::Memory,
        Self::Knowledge,
        Self::Files,
        Self::Usage,
        Self::Keys,
        Self::Admin,
    ];

    /// Returns the name by which it is granted.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Memory => "memory",
            Self::Knowledge => "knowledge",
            Self::Files => "files",
            Self::Usage => "usage",
            Self::Keys => "keys",
            Self::Admin => "admin",
        }
    }
}

/// What a request wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It only reads.
    Read,
    /// It changes something.
    Write,
}

/// The scopes of a key.
///
/// # Shape
/// A stored format: `chat,memory:read`; `:read` grants reading only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<(Scope, Access)>);

impl Scopes {
    /// Reads a list of scopes; `None` if it is empty, or names one that there is not.
    pub fn parse(list: &str) -> Option<Self> {
        let parse = |name: &str| {
            let name = name.trim();
            let (name, access) =
                name.strip_suffix(":read").map_or((name, Access::Write), |name| (name, Access::Read));
            let scope = Scope::ALL.into_iter().find(|scope| scope.name() == name)?;
            Some((scope, access))
        };
        list.split(',').map(parse).collect::<Option<Vec<_>>>().map(Self)
    }

    /// Returns whether they grant this.
    pub fn grant(&self, scope: Scope, access: Access) -> bool {
        self.0.iter().any(|&(granted, most)| {
            granted == scope && (most == Access::Write || access == Access::Read)
        })
    }

    /// Returns the names, as [`Scopes::parse`] reads them.
    pub fn names(&self) -> Vec<String> {
        let name = |&(scope, access): &(Scope, Access)| match access {
            Access::Write => scope.name().to_owned(),
            Access::Read => [scope.name(), ":read"].concat(),
        };
        self.0.iter().map(name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_form_and_a_checksum() {
        for random in [[0; 20], [255; 20], core::array::from_fn(|it| u8::try_from(it).unwrap())] {
            let key = ApiKey::of(random);
            assert_eq!(key.reveal().len(), PREFIX.len() + RANDOM_DIGITS + CHECK_DIGITS);
            assert_eq!(ApiKey::parse(key.reveal()), Some(key.clone()));
            assert_eq!(format!("{key:?}"), "ApiKey(..)");
            assert_eq!(key.hash().len(), 64);
        }
        // 2^160 - 1 in base 62, by another program.
        assert!(ApiKey::of([0; 20]).reveal().starts_with(&format!("{PREFIX}{}", "0".repeat(27))));
        assert_ne!(ApiKey::of([1; 20]).hash(), ApiKey::of([2; 20]).hash());
    }

    #[test]
    fn what_is_no_key_is_none() {
        let good = ApiKey::of([7; 20]).reveal().to_owned();
        let mut others = vec![
            String::new(),
            PREFIX.to_owned(),
            good.to_uppercase(),
            good.replace(PREFIX, "miyabi-"),
            format!("{good}0"),
            format!(" {good}"),
            format!("{PREFIX}{}", "é".repeat(17)),
        ];
        for index in PREFIX.len()..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[index] = if bytes[index] == b'x' { b'y' } else { b'x' };
            others.push(String::from_utf8(bytes).unwrap());
            others.push(good[..index].to_owned());
        }
        for other in others {
            assert_eq!(ApiKey::parse(&other), None, "{other}");
        }
    }

    #[test]
    fn digits_hold_the_whole_number() {
        assert_eq!(base62(vec![0, 61], 2), "0z");
        assert_eq!(base62(vec![0, 62], 2), "10");
        assert_eq!(base62(vec![255; 4], 6), "4gfFC3");
    }

    #[test]
    fn a_scope_grants_what_it_names_and_reading_only_where_it_says_so() {
        let scopes = Scopes::parse("chat, memory:read").unwrap();
        for (scope, access, expected) in [
            (Scope::Chat, Access::Read, true),
            (Scope::Chat, Access::Write, true),
            (Scope::Memory, Access::Read, true),
            (Scope::Memory, Access::Write, false),
            (Scope::Keys, Access::Read, false),
        ] {
            assert_eq!(scopes.grant(scope, access), expected, "{scope:?} {access:?}");
        }
        assert_eq!(scopes.names(), ["chat", "memory:read"]);
        for bad in ["", "chat,", "Chat", "chat:write", "everything", "chat;keys"] {
            assert_eq!(Scopes::parse(bad), None, "{bad}");
        }
    }
}
