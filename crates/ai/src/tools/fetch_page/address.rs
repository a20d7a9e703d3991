//! Which addresses of pages may be requested: public hosts over http and https, and nothing that a browser
//! reads another way.
//!
//! The reading here is stricter than a browser's: what it does not understand is refused, so there is no text
//! that it takes for one host and the runtime for another.

use core::net::{Ipv4Addr, Ipv6Addr};

use super::PageError;

/// Longest address, in bytes.
const MAX_BYTES: usize = 2_000;

/// Endings of names that mean this machine, a network of its own, or no public host.
///
/// # Source
/// IANA, Special-Use Domain Names; ICANN on `.internal`; read 2026-11-29.
const PRIVATE_ENDINGS: [&str; 15] = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "localdomain",
    "arpa",
    "test",
    "invalid",
    "onion",
    "alt",
    "localdomain6",
];

/// Names whose addresses anybody chooses by the name, also private ones.
const CHOSEN_ENDINGS: [&str; 8] = [
    "nip.io",
    "sslip.io",
    "xip.io",
    "localtest.me",
    "lvh.me",
    "vcap.me",
    "lacolhost.com",
    "traefik.me",
];

/// An address of a page that may be requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    is_secure: bool,
    /// Name or address, in small letters.
    host: String,
    /// Path and query, without the fragment.
    path: String,
}

impl Address {
    /// Reads an address, and refuses what may not be requested.
    ///
    /// # Errors
    /// A [`PageError`] that says why.
    pub(crate) fn read(text: &str, blocked: &[String]) -> Result<Self, PageError> {
        let text = text.trim();
        let is_odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
        if text.len() > MAX_BYTES || text.contains(is_odd) {
            return Err(PageError::Address);
        }
        let (scheme, rest) = text.split_once("://").ok_or(PageError::Address)?;
        let is_secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(PageError::Scheme),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end).ok_or(PageError::Address)?;
        if authority.contains('@') {
            return Err(PageError::Credentials);
        }
        let host = host(authority)?.to_ascii_lowercase();
        let host = host.strip_suffix('.').unwrap_or(&host).to_owned();
        check_host(&host)?;
        let is_below = |ending: &String| is_at_or_below(&host, ending);
        if blocked.iter().any(is_below) {
            return Err(PageError::Blocked);
        }
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { ["/", path].concat() };
        Ok(Self { is_secure, host, path })
    }

    /// Reads where a redirect of this address leads, by the same rules.
    ///
    /// # Errors
    /// A [`PageError`] that says why.
    pub(super) fn follow(&self, location: &str, blocked: &[String]) -> Result<Self, PageError> {
        let location = location.trim();
        let scheme = if self.is_secure { "https" } else { "http" };
        let has_scheme = location
            .split_once(':')
            .is_some_and(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let folder = self.path.split('?').next().unwrap_or_default();
        let absolute = if has_scheme {
            location.to_owned()
        } else if location.starts_with("//") {
            [scheme, ":", location].concat()
        } else {
            let path = match location.chars().next() {
                Some('/') => location.to_owned(),
                None | Some('#') => self.path.clone(),
                Some('?') => [folder, location].concat(),
                Some(_) => {
                    let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
                    [folder, "/", location].concat()
                }
            };
            [scheme, "://", &self.host, &path].concat()
        };
        Self::read(&absolute, blocked)
    }

    /// Returns the host, in small letters.
    pub(in crate::tools) fn host(&self) -> &str {
        &self.host
    }

    /// Returns path and query, which begin with `/`.
    pub(in crate::tools) fn path(&self) -> &str {
        &self.path
    }

    /// Returns the address, which is what the model is told.
    pub(super) fn text(&self) -> String {
        let scheme = if self.is_secure { "https://" } else { "http://" };
        [scheme, &self.host, &self.path].concat()
    }

    /// Returns what is requested: the address, or its stand-in below a base.
    pub(crate) fn target(&self, base: &str) -> String {
        if base.is_empty() {
            return self.text();
        }
        let scheme = if self.is_secure { "https" } else { "http" };
        [base, "/", scheme, "/", &self.host, &self.path].concat()
    }
}

/// Returns the host of `host:port`, whose port has to be that of http or https.
fn host(authority: &str) -> Result<&str, PageError> {
    let bracket = authority.find(']').map_or(0, |bracket| bracket + 1);
    let (_, after) = authority.split_at_checked(bracket).ok_or(PageError::Address)?;
    let Some(colon) = after.find(':') else { return Ok(authority) };
    let (host, port) = authority.split_at_checked(bracket + colon).ok_or(PageError::Address)?;
    match port {
        ":" | ":80" | ":443" => Ok(host),
        _ => Err(PageError::Port),
    }
}

fn check_host(host: &str) -> Result<(), PageError> {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address: Ipv6Addr = address.parse().map_err(|_none| PageError::Address)?;
        return if is_public_v6(address) { Ok(()) } else { Err(PageError::Private) };
    }
    let is_label = |label: &str| {
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(is_of_name)
    };
    let labels: Vec<&str> = host.split('.').collect();
    if host.len() > 253 || !labels.iter().all(|label| is_label(label)) {
        return Err(PageError::Host);
    }
    let last = labels.last().copied().unwrap_or_default();
    // What ends in a number is an address to a browser, in decimal, octal or hexadecimal.
    if last.starts_with("0x") || last.bytes().all(|byte| byte.is_ascii_digit()) {
        let address: Ipv4Addr = host.parse().map_err(|_odd| PageError::Private)?;
        return if is_public_v4(address) { Ok(()) } else { Err(PageError::Private) };
    }
    let is_private = |endings: &[&str]| endings.iter().any(|ending| is_at_or_below(host, ending));
    if labels.len() < 2 || is_private(&PRIVATE_ENDINGS) || is_private(&CHOSEN_ENDINGS) {
        return Err(PageError::Private);
    }
    Ok(())
}

fn is_at_or_below(host: &str, name: &str) -> bool {
    host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// # Source
/// IANA IPv4 Special-Purpose Address Registry, read 2026-11-29.
fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0 | 10 | 127 | 224..=255, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

/// Only global unicast, without what stands for an IPv4 address or is set aside; so IPv4-mapped addresses,
/// NAT64, link-local, unique local and multicast ones are refused, and Teredo and 6to4.
///
/// # Source
/// IANA IPv6 Special-Purpose Address Registry, read 2026-11-29.
const fn is_public_v6(address: Ipv6Addr) -> bool {
    matches!(address.segments(), [0x2000..=0x3fff, ..])
        && !matches!(
            address.segments(),
            [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..]
        )
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, PageError> {
        Address::read(text, &["miyabi.dev".to_owned()]).map(|address| address.text())
    }

    #[test]
    fn public_hosts_are_taken_as_a_browser_takes_them() {
        for (text, expected) in [
            ("https://rust-lang.org", "https://rust-lang.org/"),
            (" HTTPS://Rust-Lang.ORG/a?b=c#d ", "https://rust-lang.org/a?b=c"),
            ("http://rust-lang.org:80/", "http://rust-lang.org/"),
            ("https://rust-lang.org:443?x", "https://rust-lang.org/?x"),
            ("https://rust-lang.org./", "https://rust-lang.org/"),
            ("https://8.8.8.8/", "https://8.8.8.8/"),
            ("https://[2606:4700::1111]/x", "https://[2606:4700::1111]/x"),
            ("https://ja.wikipedia.org/wiki/京都", "https://ja.wikipedia.org/wiki/京都"),
            ("https://xn--wgv71a119e.jp/", "https://xn--wgv71a119e.jp/"),
            ("https://notmiyabi.dev/", "https://notmiyabi.dev/"),
            ("https://a.com/@b:9/[x]", "https://a.com/@b:9/[x]"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a list")]
    fn no_spelling_of_a_private_host_is_taken() {
        for host in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "printer",
            "printer.local",
            "metadata.google.internal",
            "db.corp",
            "nas.lan",
            "1.0.0.127.in-addr.arpa",
            "x.test",
            "127.0.0.1",
            "127.0.0.1.",
            "127.1",
            "127.0.1",
            "0",
            "0.0.0.0",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "0x7f.1",
            "017700000001",
            "0177.0.0.1",
            "127.0.0.0x1",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.9.9",
            "192.168.1.1",
            "192.0.0.170",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "255.255.255.255",
            "240.0.0.1",
            "999.1.1.1",
            "1.2.3.4.5",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:8.8.8.8]",
            "[::7f00:1]",
            "[fc00::1]",
            "[fd12:3456::1]",
            "[fe80::1]",
            "[ff02::1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2001::1]",
            "[2001:db8::1]",
            "[100::1]",
            "[fec0::1]",
            "127.0.0.1.nip.io",
            "10-0-0-1.sslip.io",
            "localtest.me",
            "x.lvh.me",
        ] {
            for (scheme, port) in [("http", ""), ("https", ""), ("http", ":80"), ("https", ":443")]
            {
                let text = format!("{scheme}://{host}{port}/latest/meta-data");
                assert_eq!(read(&text), Err(PageError::Private), "{text}");
            }
        }
        assert_eq!(read("https://miyabi.dev/health"), Err(PageError::Blocked));
        assert_eq!(read("https://api.MIYABI.dev./"), Err(PageError::Blocked));
    }

    #[test]
    fn what_a_browser_could_read_another_way_is_no_address() {
        for (text, expected) in [
            ("ftp://a.com/", PageError::Scheme),
            ("file:///etc/passwd", PageError::Scheme),
            ("javascript://a.com/", PageError::Scheme),
            ("gopher://a.com:70/", PageError::Scheme),
            ("a.com", PageError::Address),
            ("//a.com", PageError::Address),
            ("data:text/html,x", PageError::Address),
            ("", PageError::Address),
            ("https:/a.com", PageError::Address),
            ("https://a.com\\@b.com/", PageError::Address),
            ("https://a.\tcom/", PageError::Address),
            ("https://a.com/\nx", PageError::Address),
            ("https://a b.com/", PageError::Address),
            ("https://user:key@a.com/", PageError::Credentials),
            ("https://a.com@127.0.0.1/", PageError::Credentials),
            ("https://a.com:8080/", PageError::Port),
            ("https://a.com:080/", PageError::Port),
            ("https://a.com:443:80/", PageError::Port),
            ("https://[2606:4700::1111]:22/", PageError::Port),
            ("https:///x", PageError::Host),
            ("https://a..com/", PageError::Host),
            ("https://1%327.0.0.1/", PageError::Host),
            ("https://１２７.０.０.１/", PageError::Host),
            ("https://ⓛocalhost/", PageError::Host),
            ("https://日本語.jp/", PageError::Host),
            ("https://[fe80::1%25eth0]/", PageError::Address),
            ("https://[::1/", PageError::Port),
        ] {
            assert_eq!(read(text), Err(expected), "{text}");
        }
        assert_eq!(read(&format!("https://a.com/{}", "x".repeat(2_000))), Err(PageError::Address));
    }

    #[test]
    fn each_redirect_is_read_by_the_same_rules() {
        let from = Address::read("https://a.com/b/c?d=e", &[]).unwrap();
        for (location, expected) in [
            ("/x", Ok("https://a.com/x")),
            ("x?y", Ok("https://a.com/b/x?y")),
            ("?y", Ok("https://a.com/b/c?y")),
            ("#top", Ok("https://a.com/b/c?d=e")),
            ("//b.org/x", Ok("https://b.org/x")),
            ("http://b.org", Ok("http://b.org/")),
            ("//127.0.0.1/", Err(PageError::Private)),
            ("http://169.254.169.254/latest", Err(PageError::Private)),
            ("http://[::1]/", Err(PageError::Private)),
            ("file:///etc/passwd", Err(PageError::Scheme)),
            ("javascript:alert(1)", Err(PageError::Address)),
            ("https://u@b.org/", Err(PageError::Credentials)),
            ("/x\r\ny", Err(PageError::Address)),
        ] {
            let found = from.follow(location, &[]).map(|address| address.text());
            assert_eq!(found.as_deref().map_err(Clone::clone), expected, "{location}");
        }
    }

    #[test]
    fn a_base_takes_the_place_of_every_host_and_changes_no_rule() {
        let base = "http://127.0.0.1:9/pages";
        let address = Address::read("https://a.com/b?c", &[]).unwrap();
        assert_eq!(address.target(base), "http://127.0.0.1:9/pages/https/a.com/b?c");
        assert_eq!(address.target(""), "https://a.com/b?c");
    }
}
