//! API keys: their form, their hash, and what one may do.
//!
//! A key is `miyabi_`, 27 characters of 160 random bits, and 6 of their checksum. The checksum refuses what
//! was cut or mistyped without a look at the database, and lets scanners of leaked secrets be sure. Only the
//! hash is stored; a key of that many random bits needs no slow one.

use core::fmt;

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};
use sha2::{Digest as _, Sha256};

use crate::ids::Secret;

/// Beginning of every key.
pub const PREFIX: &str = "miyabi_";

/// Most keys that one person has at a time: enough for each of their programs, and two for each while one
/// replaces the other.
pub const MAX_KEYS: u32 = 20;

/// Most keys of one person's browsers, which signing in to the page makes: they count apart, so that no page locks
/// a program out, and the oldest makes room.
pub const MAX_PAGE_KEYS: u32 = 10;

/// Longest name of a key, in characters.
pub const MAX_NAME_CHARS: usize = 64;

/// Digits of the random part: 62^27 is more than 2^160.
const RANDOM_DIGITS: usize = 27;
/// Digits of the checksum: 62^6 is more than 2^32.
const CHECK_DIGITS: usize = 6;
/// Characters of a key that a list shows.
const TAIL_CHARS: usize = 4;
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

    /// Returns the last four characters, by which its owner knows it. They are of the checksum, which says
    /// less of the key than a key can spare.
    pub fn tail(&self) -> &str {
        let key = self.0.reveal();
        key.get(key.len().saturating_sub(TAIL_CHARS)..).unwrap_or_default()
    }
}

/// Returns whether a text has a key in it, or the beginning of one. What a sender wrote is looked at by
/// this before it goes anywhere.
pub fn is_in(text: &str) -> bool {
    text.contains(PREFIX)
}

/// The usual CRC-32, as of gzip. Without a table, which is 16 KiB: a key has 27 bytes to go through.
fn checksum(digits: &str) -> String {
    const CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);
    base62(CRC.checksum(digits.as_bytes()).to_be_bytes().to_vec(), CHECK_DIGITS)
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

    /// Returns the name by which this access to it is granted.
    pub const fn named(self, access: Access) -> &'static str {
        let (read, write) = match self {
            Self::Chat => ("chat:read", "chat"),
            Self::Memory => ("memory:read", "memory"),
            Self::Knowledge => ("knowledge:read", "knowledge"),
            Self::Files => ("files:read", "files"),
            Self::Usage => ("usage:read", "usage"),
            Self::Keys => ("keys:read", "keys"),
            Self::Admin => ("admin:read", "admin"),
        };
        match access {
            Access::Read => read,
            Access::Write => write,
        }
    }
}

/// What a request wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// It only reads.
    Read,
    /// It changes something; whoever may do that may read too.
    Write,
}

/// The scopes of a key: of each at most one access, in the order of [`Scope::ALL`].
///
/// # Shape
/// A stored format: `chat,memory:read`; `:read` grants reading only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<(Scope, Access)>);

impl Scopes {
    /// Reads a list of scopes; `None` if it is empty, or names one that there is not.
    pub fn parse(list: &str) -> Option<Self> {
        Self::of(list.split(',').map(str::trim)).ok()
    }

    /// Returns the scopes of these names; one that is named twice grants the most.
    ///
    /// # Errors
    /// The first name that is none, empty if there is no name at all.
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, &'n str> {
        let grants = names.into_iter().map(|name| grant(name).ok_or(name));
        let grants = grants.collect::<Result<Vec<_>, _>>()?;
        let most = |scope| {
            let of_scope = grants.iter().filter(|(granted, _)| *granted == scope);
            of_scope.map(|&(_, access)| access).max().map(|access| (scope, access))
        };
        let scopes: Vec<_> = Scope::ALL.into_iter().filter_map(most).collect();
        if scopes.is_empty() { Err("") } else { Ok(Self(scopes)) }
    }

    /// Returns whether they grant this.
    pub fn grant(&self, scope: Scope, access: Access) -> bool {
        self.0.iter().any(|&(granted, most)| granted == scope && access <= most)
    }

    /// Returns the names of `others` that these do not grant.
    pub fn lack(&self, others: &Self) -> Vec<&'static str> {
        let lacking = others.0.iter().filter(|&&(scope, access)| !self.grant(scope, access));
        lacking.map(|&(scope, access)| scope.named(access)).collect()
    }

    /// Returns the names, as [`Scopes::of`] reads them.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|&(scope, access)| scope.named(access)).collect()
    }

    /// Returns the list, as [`Scopes::parse`] reads it.
    pub fn list(&self) -> String {
        self.names().join(",")
    }
}

fn grant(name: &str) -> Option<(Scope, Access)> {
    let grants =
        Scope::ALL.into_iter().flat_map(|scope| [(scope, Access::Read), (scope, Access::Write)]);
    grants.into_iter().find(|&(scope, access)| scope.named(access) == name)
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
        // 2^160 - 1 in base 62, its checksum, and the hash of the whole, by another program.
        let most = ApiKey::of([255; 20]);
        assert_eq!(most.reveal(), "miyabi_aWgEPTl1tmebfsQzFP4bxwgy80V2foiOv");
        assert_eq!(most.hash(), "6e8202019772918ba0ff7aacbc3e9739e2b88492dc0985ddbbefcea9cc3ff2e7");
        assert_eq!(most.tail(), "oiOv");
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
            others.push(good.chars().take(index).collect());
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
        let scopes = Scopes::parse("memory:read, chat").unwrap();
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
        assert_eq!(Scopes::parse(&scopes.list()), Some(scopes));
        for bad in ["", "chat,", "Chat", "chat:write", "everything", "chat;keys"] {
            assert_eq!(Scopes::parse(bad), None, "{bad}");
        }
        assert_eq!(Scopes::of(["chat", "fly", "swim"]), Err("fly"));
        assert_eq!(Scopes::of([]), Err(""));
    }

    #[test]
    fn a_scope_that_is_named_twice_grants_the_most() {
        for list in ["keys,keys:read", "keys:read,keys", "keys,keys"] {
            assert_eq!(Scopes::parse(list).unwrap().list(), "keys", "{list}");
        }
    }

    #[test]
    fn what_a_key_lacks_of_anothers_scopes_is_named() {
        let own = Scopes::parse("chat,keys,memory:read").unwrap();
        for (others, lacking) in [
            ("chat", &[][..]),
            ("chat:read,memory:read", &[]),
            ("memory", &["memory"]),
            ("admin:read,chat,usage", &["usage", "admin:read"]),
        ] {
            assert_eq!(own.lack(&Scopes::parse(others).unwrap()), lacking, "{others}");
        }
    }

    #[test]
    fn a_key_in_a_text_is_seen() {
        let key = ApiKey::of([7; 20]);
        assert!(is_in(&format!("is this yours: {}?", key.reveal())));
        assert!(!is_in("miyabi") && !is_in(key.tail()));
    }
}
