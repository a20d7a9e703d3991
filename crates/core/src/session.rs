//! Cookies: by which a browser is a visitor, who has no key, and by which it sends a key that its page never sees.
//!
//! # Shape
//! - [`COOKIE`], of a visitor: `v1.ID.ISSUED.EXPIRES.MAC`: 160 random bits in hex, two times in Unix seconds, and
//!   the HMAC-SHA256 of all before it in hex. Nothing is stored for it.
//! - [`KEY_COOKIE`], of who has signed in: a key.

use core::fmt;

use subtle::ConstantTimeEq as _;

use crate::ids::Secret;
use crate::key::ApiKey;
use crate::mac::mac;

/// Name of a visitor's cookie. By its prefix a browser takes it from this host alone, over TLS, for every path.
///
/// # Source
/// RFC 6265bis, 4.1.3.2.
pub const COOKIE: &str = "__Host-miyabi";

/// Name of the cookie of who has signed in.
pub const KEY_COOKIE: &str = "__Host-miyabi-session";

/// Fewest bytes of the secret that signs it: as many as the hash has.
pub const MIN_SECRET_BYTES: usize = 32;

/// How long a session lasts without a request, in seconds: 30 days.
pub const LIFETIME_S: u64 = 30 * 86_400;

/// Age at which the cookie is replaced by a new one of the same visitor, in seconds: a day.
const RENEWED_AFTER_S: u64 = 86_400;

/// Beginning of the id of a visitor, which no person's id has.
const OWNER: &str = "visitor:";

/// Version, which is signed too.
const VERSION: &str = "v1";

/// Hex digits of an id.
const ID_DIGITS: usize = 40;

/// A visitor's session.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    id: String,
    issued_s: u64,
    expires_s: u64,
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Session(..)")
    }
}

impl Session {
    /// Begins the session of a new visitor.
    pub fn begin(random: [u8; 20], now_s: u64) -> Self {
        Self::of(hex::encode(random), now_s)
    }

    fn of(id: String, now_s: u64) -> Self {
        Self { id, issued_s: now_s, expires_s: now_s.saturating_add(LIFETIME_S) }
    }

    /// Returns the session of a cookie's value; `None` if it is not signed by this secret, or over.
    pub fn read(value: &str, secret: &Secret, now_s: u64) -> Option<Self> {
        let (signed, mac) = value.rsplit_once('.')?;
        let expected = signature(signed, secret);
        if !bool::from(mac.as_bytes().ct_eq(expected.as_bytes())) {
            return None;
        }
        let mut parts = signed.split('.');
        let [version, id, issued, expires] = core::array::from_fn(|_| parts.next());
        let is_id = id.is_some_and(|id| id.len() == ID_DIGITS);
        let (issued_s, expires_s) = (issued?.parse().ok()?, expires?.parse().ok()?);
        let is_good = version == Some(VERSION) && is_id && expires_s > now_s;
        is_good.then(|| Self { id: id.unwrap_or_default().to_owned(), issued_s, expires_s })
    }

    /// Returns the session that takes this one's place, if it is old enough.
    pub fn renewed(&self, now_s: u64) -> Option<Self> {
        let is_old = now_s.saturating_sub(self.issued_s) >= RENEWED_AFTER_S;
        is_old.then(|| Self::of(self.id.clone(), now_s))
    }

    /// Returns the visitor's id, as the owner of what is theirs.
    pub fn owner(&self) -> String {
        [OWNER, &self.id].concat()
    }

    /// Returns the value of the header `Set-Cookie`.
    pub fn cookie(&self, secret: &Secret) -> String {
        let Self { id, issued_s, expires_s } = self;
        let signed = format!("{VERSION}.{id}.{issued_s}.{expires_s}");
        let mac = signature(&signed, secret);
        set(COOKIE, &format!("{signed}.{mac}"), expires_s.saturating_sub(*issued_s))
    }
}

/// Returns the value of the header `Set-Cookie` that has a browser send this key.
pub fn key_cookie(key: &ApiKey) -> String {
    set(KEY_COOKIE, key.reveal(), LIFETIME_S)
}

/// Returns the value of the header `Set-Cookie` that removes a cookie.
pub fn removal(name: &str) -> String {
    set(name, "", 0)
}

fn set(name: &str, value: &str, seconds: u64) -> String {
    format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict")
}

/// Returns the value of a cookie in the header `Cookie`.
pub fn in_header<'h>(header: &'h str, name: &str) -> Option<&'h str> {
    let mut cookies = header.split(';').filter_map(|cookie| cookie.trim().split_once('='));
    cookies.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// Returns whether an owner is a visitor, of whom nothing is remembered beyond their conversations.
pub fn is_visitor(owner: &str) -> bool {
    owner.starts_with(OWNER)
}

/// Signs for this use alone: the cookie's name is signed too.
fn signature(signed: &str, secret: &Secret) -> String {
    let message = [COOKIE, "=", signed].concat();
    hex::encode(mac(secret.reveal().as_bytes(), &[message.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn secret() -> Secret {
        Secret::new("a secret of more than thirty-two bytes".to_owned())
    }

    fn value(session: &Session) -> String {
        let cookie = session.cookie(&secret());
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(
            attributes,
            format!("Path=/; Max-Age={LIFETIME_S}; Secure; HttpOnly; SameSite=Strict")
        );
        in_header(&format!("a=b; {pair};c=d"), COOKIE).unwrap().to_owned()
    }

    #[test]
    fn a_cookie_is_read_back_until_it_is_over() {
        let session = Session::begin([7; 20], NOW);
        let value = value(&session);
        for now in [NOW, NOW + LIFETIME_S - 1] {
            assert_eq!(Session::read(&value, &secret(), now), Some(session.clone()));
        }
        assert_eq!(Session::read(&value, &secret(), NOW + LIFETIME_S), None);
        assert_eq!(session.owner(), format!("visitor:{}", "07".repeat(20)));
        assert!(is_visitor(&session.owner()) && !is_visitor("mio"));
        assert_eq!(format!("{session:?}"), "Session(..)");
    }

    #[test]
    fn what_is_changed_or_signed_by_another_is_no_session() {
        let good = value(&Session::begin([7; 20], NOW));
        let other = Secret::new("another secret of more than 32 bytes".to_owned());
        assert_eq!(Session::read(&good, &other, NOW), None);
        for index in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[index] = if bytes[index] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(Session::read(&changed, &secret(), NOW), None, "{changed}");
            assert_eq!(Session::read(good.get(..index).unwrap(), &secret(), NOW), None);
        }
        for forged in ["", ".", "v1", "v1....", &good.to_uppercase(), &format!("{good}0"), "雅.雅"]
        {
            assert_eq!(Session::read(forged, &secret(), NOW), None, "{forged}");
        }
        // Signed, but of another form.
        for signed in ["v2.a.1.2", "v1", "v1.aa.1.9999999999", "v1.a.x.y"] {
            let value = format!("{signed}.{}", signature(signed, &secret()));
            assert_eq!(Session::read(&value, &secret(), NOW), None, "{signed}");
        }
    }

    #[test]
    fn a_session_goes_on_as_the_same_visitor_and_its_cookie_is_renewed_once_a_day() {
        let session = Session::begin([7; 20], NOW);
        assert_eq!(session.renewed(NOW + RENEWED_AFTER_S - 1), None);
        let renewed = session.renewed(NOW + RENEWED_AFTER_S).unwrap();
        assert_eq!(renewed.owner(), session.owner());
        assert_eq!(renewed.expires_s, NOW + RENEWED_AFTER_S + LIFETIME_S);
        assert_ne!(value(&renewed), value(&session));
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        for (header, found) in [
            ("", None),
            ("__Host-miyabi=x", Some("x")),
            ("a=b;__Host-miyabi=x=y; c", Some("x=y")),
            ("x__Host-miyabi=x", None),
            ("__host-miyabi=x", None),
            ("a=__Host-miyabi=x", None),
            ("__Host-miyabi-session=y; __Host-miyabi=x", Some("x")),
        ] {
            assert_eq!(in_header(header, COOKIE), found, "{header}");
        }
        let removed = removal(COOKIE);
        assert!(removed.starts_with("__Host-miyabi=; Path=/; Max-Age=0; Secure; HttpOnly"));
    }

    #[test]
    fn a_key_goes_into_a_cookie_of_its_own_that_no_script_reads() {
        let key = ApiKey::of([7; 20]);
        let cookie = key_cookie(&key);
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(
            attributes,
            format!("Path=/; Max-Age={LIFETIME_S}; Secure; HttpOnly; SameSite=Strict")
        );
        let header = format!("__Host-miyabi=x; {pair}");
        assert_eq!(in_header(&header, KEY_COOKIE), Some(key.reveal()));
        assert!(removal(KEY_COOKIE).starts_with("__Host-miyabi-session=; Path=/; Max-Age=0;"));
    }
}
