//! What JavaScript says of normal forms, against the crate that native tests have in its place.

use js_sys::RegExp;
use miyabi_core::text::{decomposed, without_marks};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use wasm_bindgen_test::wasm_bindgen_test;

fn agrees(text: &str) {
    assert_eq!(decomposed(text), text.nfd().collect::<String>());
    let bare: String = text.nfd().filter(|c| !is_combining_mark(*c)).collect();
    assert_eq!(without_marks(text), bare);
}

#[wasm_bindgen_test]
fn normal_forms_are_those_of_the_crate() {
    for text in [
        "",
        "が\u{3099}ハ\u{309a}",
        "각 하나",
        "ệ e\u{323}\u{302} e\u{302}\u{323}",
        "Å\u{212b}",
        "q\u{307}\u{323}",
        "\0 \u{10ffff}",
    ] {
        agrees(text);
        assert_eq!(decomposed(&text.nfc().collect::<String>()), decomposed(text));
    }
    // The crate may know characters of a newer Unicode than the runtime.
    let unknown = RegExp::new(r"\p{Cn}", "u");
    let is_known = |c: &char| !unknown.test(&c.to_string());
    let changes = |c: &char| {
        is_combining_mark(*c)
            || canonical_combining_class(*c) != 0
            || !core::iter::once(*c).nfd().eq([*c])
    };
    let changing: Vec<char> = ('\0'..'\u{30000}').filter(changes).filter(is_known).collect();
    assert!(changing.len() > 10_000, "{}", changing.len());
    // Each between a letter and a mark, with which it may change places.
    for some in changing.chunks(100) {
        agrees(&some.iter().flat_map(|c| ['a', *c, '\u{323}', 'b']).collect::<String>());
    }
}
