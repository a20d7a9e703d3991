//! `unicode-segmentation` is the judge: our cuts are some of its cuts.

use unicode_segmentation::UnicodeSegmentation;

use super::*;

/// One or more of each kind that the rules of UAX #29 tell apart, and what people write.
const ALPHABET: &[char] = &[
    'a',
    'é',
    ' ',
    '.',
    '\r',
    '\n',
    '\t',
    '日',
    'の',
    '\u{3099}',
    '\u{301}',
    '\u{20e3}',
    '1',
    '#',
    '\u{fe0f}',
    '\u{fe0e}',
    '\u{200d}',
    '\u{200c}',
    '\u{200b}',
    '\u{ad}',
    '\u{feff}',
    '\u{2028}',
    '👩',
    '💻',
    '❤',
    '🔥',
    '🏳',
    '🌈',
    '©',
    '™',
    '\u{1f3fd}',
    '\u{1f1ef}',
    '\u{1f1f5}',
    '\u{1f1fa}',
    '🏴',
    '\u{e0067}',
    '\u{e007f}',
    '\u{1112}',
    '\u{1161}',
    '\u{11ab}',
    '\u{a960}',
    '\u{d7b0}',
    '\u{d7cb}',
    '가',
    '각',
    '\u{915}',
    '\u{937}',
    '\u{93c}',
    '\u{94d}',
    '\u{93f}',
    '\u{0ba8}',
    '\u{0bbf}',
    '\u{0bcd}',
    '\u{e01}',
    '\u{e33}',
    '\u{1000}',
    '\u{1039}',
    '\u{1780}',
    '\u{17d2}',
    '\u{600}',
    '\u{6dd}',
    '\u{628}',
    '\u{64e}',
    '\u{d4e}',
    '\u{d15}',
    '\u{d4d}',
    '\u{111c2}',
    '\u{11f02}',
    '\u{11f04}',
    '\u{11f42}',
    '\u{16d63}',
    '\u{16d67}',
    '\u{16d6a}',
    '\u{10ffff}',
    '\u{e0001}',
    '\u{ff9e}',
];

fn ours(text: &str) -> Vec<&str> {
    graphemes(text).collect()
}

/// The planes with characters of which one extends another.
fn assigned() -> impl Iterator<Item = char> {
    ('\0'..='\u{1ffff}').chain('\u{e0000}'..='\u{e0fff}')
}

fn check(text: &str) {
    let theirs: Vec<usize> = text.grapheme_indices(true).map(|(start, _)| start).collect();
    let mut start = 0;
    for grapheme in graphemes(text) {
        assert!(theirs.binary_search(&start).is_ok(), "{} torn at {start}", text.escape_unicode());
        start += grapheme.len();
    }
    assert_eq!(start, text.len());
}

#[test]
fn keeps_together_what_belongs_together() {
    for whole in [
        "a",
        "e\u{301}",
        "\r\n",
        "👩‍💻",
        "👨‍👩‍👧‍👦",
        "❤️‍🔥",
        "👍🏽",
        "🇯🇵",
        "1️⃣",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "🏳️‍🌈",
        "각",
        "한",
        "क्षि",
        "நி",
        "กำ",
        "က္က",
        "が",
        "ﾊﾞ",
    ] {
        assert_eq!(ours(whole), [whole]);
    }
}

#[test]
fn parts_what_does_not() {
    assert_eq!(ours(""), Vec::<&str>::new());
    assert_eq!(ours("雅 ok"), ["雅", " ", "o", "k"]);
    assert_eq!(ours("🇯🇵🇺🇸🇯"), ["🇯🇵", "🇺🇸", "🇯"]);
    assert_eq!(ours("a\r\n\nb"), ["a", "\r\n", "\n", "b"]);
    assert_eq!(ours("한국"), ["한", "국"]);
    assert_eq!(ours("क\u{200d}ख"), ["क\u{200d}", "ख"]);
    assert_eq!(ours("கண்"), ["க", "ண்"]);
    assert_eq!(ours("👩👩"), ["👩", "👩"]);
}

#[test]
fn every_character_alone_extends_as_unicode_says() {
    for c in assigned() {
        let pair = String::from_iter(['a', c]);
        let is_one = pair.graphemes(true).count() == 1;
        assert_eq!(is_extending(c), is_one, "{}", c.escape_unicode());
    }
}

#[test]
fn every_character_is_kept_with_each_kind_of_neighbor() {
    // Without Han and Hangul's syllables, of which all are alike.
    let kinds = assigned().filter(|c| !matches!(c, '\u{3400}'..='\u{9fff}' | '갂'..='힢'));
    for c in kinds.filter(|c| !matches!(c, '\u{12000}'..='\u{16aff}' | '\u{17000}'..='\u{1cfff}')) {
        let mut text = String::new();
        for neighbor in ['👩', '\u{1112}', '\u{1161}', '\u{11ab}', '가', '\u{16d67}', '\u{1f1ef}']
        {
            text.extend(['\n', neighbor, c, '\n', c, neighbor]);
        }
        text.extend(['\n', c, '\u{200d}', '👩', '\n', '👩', '\u{200d}', c]);
        text.extend(['\n', '\u{915}', '\u{94d}', c, '\n', '\u{915}', c, '\u{937}']);
        text.extend(['\n', c, '\u{94d}', '\u{937}', '\n', c, 'a']);
        check(&text);
    }
}

#[test]
fn no_cut_is_inside_a_grapheme_of_unicode() {
    for a in ALPHABET {
        for b in ALPHABET {
            check(&String::from_iter([a, b]));
        }
    }
    let mut state = 0x2026_1120_u64;
    let mut draw = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % below
    };
    for _ in 0..5_000 {
        let text: String = (0..20).map(|_| ALPHABET[draw(ALPHABET.len())]).collect();
        check(&text);
    }
}

#[test]
fn ordinary_text_is_cut_as_unicode_cuts_it() {
    for text in [
        "Zoë’s naïve café — “fine”, 100 %!",
        "雅です。よろしく(*^^*) 👩‍💻🇯🇵 ｶﾞｷﾞｸﾞ が",
        "สวัสดีครับ นักเรียน",
        "हिन्दी में क्षत्रिय, বাংলা, தமிழ், తెలుగు",
        "שָׁלוֹם عَرَبِيّ فارسی",
        "Tiếng Việt ❤️ 1️⃣ 👍🏽👍",
    ] {
        assert_eq!(ours(text), text.graphemes(true).collect::<Vec<_>>());
    }
}
