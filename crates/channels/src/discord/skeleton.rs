//! Comparison of texts by what a reader sees.
//!
//! [`letters`] maps look-alike letters of all scripts to Latin ones, in the manner of UTS 39: two names with
//! the same letters may be mistaken for each other.

use miyabi_core::text::{is_default_ignorable, without_marks};

/// Look-alikes by the Latin letters that they are taken for, one line each: the letters, a tab, and the
/// look-alikes. A letter whose other case is a look-alike is one too. A test writes this file from
/// `unicode-security` and compares it with that crate.
///
/// # Source
/// Unicode 16, UTS 39 `confusables.txt`, and the compatibility decompositions of UAX 15.
const CONFUSABLES: &str = include_str!("skeleton/confusables.txt");

/// Returns the letters and digits that a text is read as, in lower case and without accents, look-alikes
/// replaced by the Latin letters that they resemble. Everything else is kept as it is.
pub(super) fn readable(text: &str) -> String {
    let mut read = String::with_capacity(text.len());
    for c in without_marks(text).chars().filter(|c| !is_default_ignorable(*c)) {
        read_letter(c, &mut read);
    }
    read
}

/// As [`readable`], without everything that is no letter and no digit.
pub(super) fn letters(text: &str) -> String {
    let mut read = readable(text);
    read.retain(char::is_alphanumeric);
    read
}

/// Returns letters with each repetition told once, since a reader hardly counts them, and with pairs and
/// triples of letters that are read as one: `nn` and `lvl` (`IVI`) as `m`, which is `rn` here.
pub(super) fn squeezed(letters: &str) -> String {
    let letters = letters.replace("lvl", "rn").replace("nn", "rn");
    let mut squeezed = String::with_capacity(letters.len());
    for c in letters.chars() {
        // Of a repeated `m` the `n` is a repetition too, once its `r` is left out.
        let is_repeated = squeezed.ends_with(c) || c == 'r' && squeezed.ends_with("rn");
        if !is_repeated {
            squeezed.push(c);
        }
    }
    squeezed
}

fn read_letter(c: char, read: &mut String) {
    if c.is_ascii() {
        return read_ascii(c, read);
    }
    let known = CONFUSABLES.lines().find_map(|line| {
        let (latin, look_alikes) = line.split_once('\t')?;
        look_alikes.contains(c).then_some(latin)
    });
    match known {
        Some(latin) => latin.chars().for_each(|c| read_ascii(c, read)),
        None => read.extend(c.to_lowercase()),
    }
}

/// Maps letters and digits that resemble each other to one of them; `m` is read as `rn`, as in UTS 39.
fn read_ascii(c: char, read: &mut String) {
    let letter = match c.to_ascii_lowercase() {
        'm' => return read.push_str("rn"),
        'w' => return read.push_str("vv"),
        'i' | 'j' | '1' | '|' | '!' => 'l',
        '0' => 'o',
        '3' => 'e',
        '4' => 'a',
        '5' | '$' => 's',
        '6' | '8' => 'b',
        '7' => 't',
        letter => letter,
    };
    read.push(letter);
}

#[cfg(test)]
mod tests;
