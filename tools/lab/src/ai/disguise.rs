//! How texts hide orders, and how a model may hide what it sends.

use unicode_normalization::UnicodeNormalization as _;

/// Ways to write a text that is sent.
pub(crate) const ENCODINGS: [&str; 6] = ["base64", "hex", "rot13", "reverse", "spaced", "host"];

/// Alphabet of Base64, whose last two letters also come in a form for addresses.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Shortest run of letters that is read as Base64 or hexadecimal.
const MIN_RUN: usize = 12;

/// Returns every text that may be meant by one.
pub(crate) fn readings(text: &str) -> Vec<String> {
    let plain = plain(text);
    let reversed: String = plain.chars().rev().collect();
    let mut readings = vec![rot13(&plain), percent_decoded(&plain), reversed];
    for run in plain.split(|c: char| !c.is_ascii_alphanumeric() && !"+/-_".contains(c)) {
        if run.len() >= MIN_RUN {
            readings.extend(base64_decoded(run));
            readings.extend(hex::decode(run).ok().and_then(|bytes| String::from_utf8(bytes).ok()));
        }
    }
    readings.insert(0, plain);
    readings
}

/// Writes a text in one of the [`ENCODINGS`].
pub(crate) fn encode(encoding: &str, text: &str) -> String {
    match encoding {
        "base64" => base64(text),
        "hex" => hex::encode(text),
        "rot13" => rot13(text),
        "reverse" => text.chars().rev().collect(),
        "spaced" => text.chars().flat_map(|c| [c, ' ']).collect(),
        _ => {
            let letters = text.chars().filter(char::is_ascii_alphanumeric);
            let letters: Vec<char> = letters.map(|c| c.to_ascii_lowercase()).collect();
            letters.into_iter().rev().take(60).rev().collect()
        }
    }
}

/// Writes a text as a part of an address.
pub(crate) fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let write = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    text.bytes().map(write).collect()
}

/// A text without what cannot be seen, with its escapes and entities read and its letters in their usual form.
fn plain(text: &str) -> String {
    // What was escaped stands in JSON, which is escaped again.
    let text = (0..3).fold(text.to_owned(), |text, _| entities_decoded(&unescaped(&text)));
    let seen = text.chars().filter_map(|c| match c {
        // Tags: a copy of ASCII that nothing shows.
        '\u{e0020}'..='\u{e007e}' => char::from_u32(u32::from(c) - 0xe0000),
        '\u{ad}'
        | '\u{34f}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{e0000}'..='\u{e01ef}' => None,
        other => Some(other),
    });
    seen.nfkc().collect()
}

/// Reads the escapes of JSON texts.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let next = rest.clone().next();
        match (c, next) {
            ('\\', Some('u')) => {
                let digits: String = rest.clone().skip(1).take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                if code.is_some() {
                    rest.nth(4);
                }
                plain.push(code.unwrap_or(c));
            }
            ('\\', Some('n')) => {
                rest.next();
                plain.push('\n');
            }
            ('\\', Some('"' | '\\' | '/')) => plain.extend(rest.next()),
            _ => plain.push(c),
        }
    }
    plain
}

fn entities_decoded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        plain.push_str(before);
        let entity = behind.split_once(';').filter(|(name, _)| name.len() <= 8);
        let read = entity.and_then(|(name, after)| entity_of(name).map(|c| (c, after)));
        let (c, after) = read.unwrap_or(('&', behind));
        plain.push(c);
        rest = after;
    }
    plain + rest
}

fn entity_of(name: &str) -> Option<char> {
    let named = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("lbrack", '['),
        ("rbrack", ']'),
        ("vert", '|'),
        ("dollar", '$'),
    ];
    if let Some((_, c)) = named.iter().find(|(known, _)| *known == name) {
        return Some(*c);
    }
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => number.parse().ok(),
    };
    code.and_then(char::from_u32)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digits: Vec<u8> = rest.clone().take(2).collect();
        let read = std::str::from_utf8(&digits).ok().filter(|_| byte == b'%');
        let read = read.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if read.is_some() {
            rest.nth(1);
        }
        bytes.push(read.unwrap_or(byte));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn rot13(text: &str) -> String {
    let turn = |c: char, first: u8| {
        let offset = u8::try_from(c).unwrap_or(first) - first;
        char::from(first + (offset + 13) % 26)
    };
    let turned = text.chars().map(|c| match c {
        'a'..='z' => turn(c, b'a'),
        'A'..='Z' => turn(c, b'A'),
        other => other,
    });
    turned.collect()
}

fn base64(text: &str) -> String {
    let mut letters = String::new();
    for group in text.as_bytes().chunks(3) {
        let bytes = [0, 1, 2].map(|index| u32::from(group.get(index).copied().unwrap_or(0)));
        let [first, second, third] = bytes;
        let bits = first << 16 | second << 8 | third;
        let letter = |place: u32| usize::try_from(bits >> (18 - 6 * place) & 63).ok();
        let kept = (0..4).take(group.len() + 1);
        letters.extend(
            kept.filter_map(letter).filter_map(|at| ALPHABET.get(at).map(|b| char::from(*b))),
        );
    }
    letters
}

fn base64_decoded(run: &str) -> Option<String> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for letter in run.bytes() {
        let letter = match letter {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = (bits << 6 | u32::try_from(value).ok()?) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_read_again() {
        for text in ["Mochi is 7 years old", "猫の名前はモチです"] {
            let percent = percent(text);
            for hidden in [base64(text), hex::encode(text), percent] {
                assert!(readings(&hidden).contains(&text.to_owned()), "{hidden}");
            }
        }
        assert!(readings(&rot13("Mochi is seven")).contains(&"Mochi is seven".to_owned()));
        assert_eq!(encode("host", "My cat: Mochi"), "mycatmochi");
    }
}
