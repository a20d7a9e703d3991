//! The host of an address, as a browser reads it and as a reader can tell it from every other.

use miyabi_core::text::is_default_ignorable;

/// Returns the host of an address, without user, password and port, in ASCII; `None` without one.
///
/// Clients may take backslashes for Markdown's escapes or hand them on: where that leads to two hosts, it is
/// both, with a comma between.
///
/// # Example
///
/// ```text
/// https://docs.example@EVIL.example:8443/x  →  evil.example
/// https://аррӏе.com                         →  xn--80ak6aa92e.com
/// ```
///
/// # Source
/// WHATWG URL, read 2026-11-20: any number of slashes and backslashes begins the authority, and each of them
/// ends it; the host is percent-decoded, mapped, and written in Punycode.
pub(super) fn host(address: &str) -> Option<String> {
    match (host_of(address), host_of(&unescaped(address))) {
        (Some(one), Some(other)) if one != other => Some(format!("{one}, {other}")),
        (one, other) => one.or(other),
    }
}

fn host_of(address: &str) -> Option<String> {
    let host = authority(address)?.rsplit('@').next()?;
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => host,
    };
    let labels = mapped(&percent_decoded(host));
    let labels: Vec<String> = labels.split('.').map(ascii_label).collect();
    Some(labels.join(".")).filter(|host| !host.is_empty())
}

/// Returns whether a reader may take the host of an address for another one, although all of the address is
/// shown: it has letters of other scripts, escapes, or a name before it.
pub(super) fn is_misleading(address: &str) -> bool {
    let Some(shown) = authority(address) else { return false };
    let is_escaped = || authority(&unescaped(address)) != Some(shown);
    !shown.is_ascii() || shown.contains(['@', '%']) || is_escaped()
}

/// Returns whether a host that was found in running text may be one. In Japanese no space stands behind an
/// address, so its last label may go on as a sentence.
pub(super) fn is_bounded(address: &str) -> bool {
    let authority = authority(address).unwrap_or_default();
    let last = authority.rsplit(['.', '。', '．', '｡']).next().unwrap_or_default();
    last.is_ascii() || last.chars().all(|c| !c.is_ascii())
}

/// Puts a backslash before what would be Markdown.
pub(super) fn escaped(host: &str) -> String {
    let mut escaped = String::with_capacity(host.len());
    for c in host.chars() {
        if matches!(c, '*' | '_' | '~' | '|' | '`' | '[' | ']' | '(' | ')' | '<' | '>' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Returns what stands between the scheme and the path.
fn authority(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once(':')?;
    rest.trim_start_matches(['/', '\\']).split(['/', '\\', '?', '#']).next()
}

/// Drops each backslash that escapes a character of Markdown.
///
/// # Source
/// simple-markdown, `unescapeUrl`.
fn unescaped(address: &str) -> String {
    let mut unescaped = String::with_capacity(address.len());
    let mut chars = address.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next_if(char::is_ascii_punctuation) } else { None };
        unescaped.push(escaped.unwrap_or(c));
    }
    unescaped
}

fn percent_decoded(host: &str) -> String {
    let mut bytes = Vec::with_capacity(host.len());
    let mut rest = host.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let byte = byte.filter(|_| *first == b'%');
        bytes.push(byte.unwrap_or(*first));
        rest = behind.get(if byte.is_some() { 2.. } else { 0.. }).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Maps a host as browsers do, as far as that makes ASCII of it: lower case, without what shows nothing,
/// wide letters as narrow ones, and each dot as one.
fn mapped(host: &str) -> String {
    let shown = host.chars().filter(|c| !is_default_ignorable(*c) && !c.is_control());
    let narrow = shown.map(|c| match c {
        '。' | '．' | '｡' => '.',
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '－' => {
            char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
        }
        _ => c,
    });
    narrow.flat_map(char::to_lowercase).collect()
}

fn ascii_label(label: &str) -> String {
    if label.is_ascii() {
        return label.to_owned();
    }
    let unwritable = || label.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
    punycode(label).map_or_else(unwritable, |encoded| format!("xn--{encoded}"))
}

/// Encodes a label; `None` if it is too long for that.
///
/// # Source
/// RFC 3492, 6.3.
fn punycode(label: &str) -> Option<String> {
    let points: Vec<u32> = label.chars().map(u32::from).collect();
    let mut encoded: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(encoded.len()).ok()?;
    if basic > 0 {
        encoded.push('-');
    }
    let (mut n, mut delta, mut bias, mut handled) = (128_u32, 0_u32, 72_u32, basic);
    while usize::try_from(handled).ok()? < points.len() {
        let next = points.iter().copied().filter(|point| *point >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(handled + 1)?)?;
        n = next;
        for point in &points {
            if *point < n {
                delta = delta.checked_add(1)?;
            }
            if *point == n {
                push_number(&mut encoded, delta, bias)?;
                bias = adapted(delta, handled + 1, handled == basic);
                delta = 0;
                handled += 1;
            }
        }
        delta = delta.checked_add(1)?;
        n += 1;
    }
    Some(encoded)
}

const BASE: u32 = 36;

fn push_number(encoded: &mut String, mut number: u32, bias: u32) -> Option<()> {
    let mut k = BASE;
    loop {
        let threshold = k.saturating_sub(bias).clamp(1, 26);
        if number < threshold {
            encoded.push(digit(number)?);
            return Some(());
        }
        encoded.push(digit(threshold + (number - threshold) % (BASE - threshold))?);
        number = (number - threshold) / (BASE - threshold);
        k += BASE;
    }
}

fn digit(number: u32) -> Option<char> {
    char::from_digit(if number < 26 { number + 10 } else { number - 26 }, BASE)
}

fn adapted(delta: u32, count: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / count;
    let mut k = 0;
    while delta > 455 {
        delta /= BASE - 1;
        k += BASE;
    }
    k + BASE * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_encoded_as_the_standard_has_it() {
        // The samples of RFC 3492, 7.1, and names that are registered.
        for (label, expected) in [
            ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"),
            ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
            ("なぜみんな日本語を話してくれないのか", "n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa"),
            ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"),
            ("安室奈美恵-with-super-monkeys", "-with-super-monkeys-pc58ag80a8qai00g7n9n"),
            ("аррӏе", "80ak6aa92e"),
            ("münchen", "mnchen-3ya"),
            ("例え", "r8jz45g"),
            ("☃", "n3h"),
            ("😀", "e28h"),
        ] {
            assert_eq!(punycode(label).as_deref(), Some(expected), "{label}");
        }
    }

    #[test]
    fn a_host_is_read_as_a_browser_reads_it() {
        for (address, expected) in [
            ("https://аррӏе.com/x", "xn--80ak6aa92e.com"),
            ("https://ＥＶＩＬ．example", "evil.example"),
            ("https://evil。example", "evil.example"),
            ("https://ev\u{ad}il\u{200b}.example", "evil.example"),
            ("https://%65vil.example", "evil.example"),
            ("https://docs.example%2f@evil.example", "evil.example"),
            ("https:/evil.example", "evil.example"),
            ("https:evil.example", "evil.example"),
            (r"https:\\evil.example\@docs.example", "evil.example, docs.example"),
            (r"https://docs.example/a\_b", "docs.example"),
            ("https://docs.example／evil.example", "docs.xn--exampleevil-gn25d.example"),
            ("https://例え.テスト:8080/", "xn--r8jz45g.xn--zckzah"),
            ("https://evil.example.", "evil.example."),
            ("https://evil.example:", "evil.example"),
            ("https://a%zz.example", "a%zz.example"),
        ] {
            assert_eq!(host(address).as_deref(), Some(expected), "{address}");
        }
        for address in ["https://", "https:", "x", "https:///?x", "https://:80"] {
            assert_eq!(host(address), None, "{address}");
        }
        let long = format!("https://{}.example", "\u{10ffff}\u{80}".repeat(2000));
        assert!(host(&long).is_some_and(|host| host.is_ascii()));
    }
}
