//! The table of look-alikes is what Unicode publishes.

use std::collections::BTreeMap;

use expect_test::expect_file;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton as uts39;

use super::*;

/// Letters that are drawn as capitals or in boxes, which neither UTS 39 nor UAX 15 maps to Latin ones.
const DRAWN: [(&str, &str); 7] = [
    ("abcdefghijklmnoprstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ"),
    ("bbbbbb", "ßβƅþъᲆ"),
    ("lllllllll", "丨ㅣᅵǃ❘❙∣Ꮖꮖ"),
    ("aaa", "ᗩⲁɐ"),
    ("e", "€"),
    ("c", "ᑕ"),
    ("y", "ʎ"),
];
/// Where alphabets of 26 letters in boxes and circles begin.
const BOXED: [u32; 5] = [0x249c, 0x1f110, 0x1f150, 0x1f170, 0x1f1e6];

fn drawn(c: char) -> Option<char> {
    let boxed = BOXED.iter().find_map(|start| {
        let place = u32::from(c).checked_sub(*start).filter(|place| *place < 26)?;
        char::from_u32(u32::from('a') + place)
    });
    let listed = DRAWN.iter().find_map(|(plain, drawn)| {
        plain.chars().zip(drawn.chars()).find(|(_, drawn)| *drawn == c).map(|(plain, _)| plain)
    });
    boxed.or(listed)
}

/// What a character is taken for by Unicode's own tables, until nothing changes any more.
fn taken_for(c: char) -> Option<String> {
    let mut text = drawn(c).unwrap_or(c).to_string();
    for _ in 0..4 {
        let shown: String = uts39(&text.nfkd().collect::<String>()).collect();
        text = shown.chars().map(|c| drawn(c).unwrap_or(c)).filter(|c| !is_mark(*c)).collect();
    }
    let is_latin = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    is_latin.then(|| text.to_ascii_lowercase())
}

fn is_mark(c: char) -> bool {
    is_combining_mark(c) || is_default_ignorable(c)
}

/// Whether a character is looked up; what decomposes is by its base.
fn is_looked_up(c: char) -> bool {
    !c.is_ascii() && !is_mark(c) && core::iter::once(c).nfd().eq([c])
}

#[test]
fn the_table_is_what_unicode_publishes() {
    let mut table: BTreeMap<String, String> = BTreeMap::new();
    let read = |c: char| {
        let latin = taken_for(c).filter(|_| is_looked_up(c))?;
        (latin.len() <= 2 && !latin.contains(['2', '9'])).then_some(latin)
    };
    // The planes above have ideographs, tags and private characters.
    for c in ('\u{80}'..'\u{20000}').filter(|c| is_looked_up(*c)) {
        let other_case = || c.to_lowercase().chain(c.to_uppercase()).find_map(read);
        if let Some(latin) = read(c).or_else(other_case) {
            table.entry(latin).or_default().push(c);
        }
    }
    let lines = table.iter().flat_map(|(latin, look_alikes)| [latin, "\t", look_alikes, "\n"]);
    expect_file!["./confusables.txt"].assert_eq(&lines.collect::<String>());
}

#[test]
fn look_alikes_have_the_letters_of_what_they_look_like() {
    for (one, other) in [
        ("Miyabi", "miyabi"),
        ("Miyabi", "М\u{456}\u{443}а\u{44c}і"),
        ("Miyabi", "Ｍｉｙａｂｉ"),
        ("Miyabi", "M\u{34f}iyabi"),
        ("Miyabi", "𝓜𝓲𝔂𝓪𝓫𝓲"),
        ("Miyabi", "Ⓜ\u{fe0f}ⓘⓨⓐⓑⓘ"),
        ("Miyabi", "ᴍɪʏᴀʙɪ"),
        ("Miyabi", "🅼🅸🆈🅰🅱🅸"),
        ("Miyabi", "M\u{300}i\u{301}ya\u{20e3}b i!"),
        ("Miyabi", "rniyabl"),
        ("Miyabi", "Μιγαβι"),
        ("discord", "ᴅɪꜱᴄᴏʀᴅ"),
        ("discord", "D1SC0RD"),
        ("clyde", "С\u{217c}уԁе"),
    ] {
        let (one, other) = (letters(one), letters(other).trim_end_matches('l').to_owned());
        assert_eq!(one.trim_end_matches('l'), other);
    }
    assert_ne!(letters("Miyabi"), letters("みやび"));
    assert_ne!(letters("Miyabi"), letters("Mio"));
}

#[test]
fn what_is_ignorable_is_what_unicode_says() {
    let count = ('\0'..=char::MAX).filter(|c| is_default_ignorable(*c)).count();
    assert_eq!(count, 4174, "the total of DerivedCoreProperties.txt");
}
