//! Normalization Form D, in which letters and their marks are apart.
//!
//! The tables for it are large, and JavaScript has them: in the Worker it is asked. Natively a crate has them; a test
//! in wasm compares the two (`src/platform/normal.rs`).

/// Returns the canonical decomposition of a text, so that all its Unicode normal forms are equal.
///
/// # Example
///
/// ```
/// # use miyabi_core::text::decomposed;
/// assert_eq!(decomposed("é"), "e\u{301}");
/// ```
///
/// # Source
/// UAX 15, Normalization Form D.
pub fn decomposed(text: &str) -> String {
    runtime::decomposed(text)
}

/// As [`decomposed`], without the marks: accents, and whatever else Unicode says is combined with a letter.
///
/// # Example
///
/// ```
/// # use miyabi_core::text::without_marks;
/// assert_eq!(without_marks("é"), "e");
/// ```
pub fn without_marks(text: &str) -> String {
    runtime::without_marks(text)
}

#[cfg(target_arch = "wasm32")]
mod runtime {
    use js_sys::{JsString, RegExp};

    pub(super) fn decomposed(text: &str) -> String {
        JsString::from(text).normalize("NFD").into()
    }

    pub(super) fn without_marks(text: &str) -> String {
        let decomposed = JsString::from(text).normalize("NFD");
        decomposed.replace_by_pattern(&RegExp::new(r"\p{M}", "gu"), "").into()
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod runtime {
    use unicode_normalization::UnicodeNormalization as _;
    use unicode_normalization::char::is_combining_mark;

    pub(super) fn decomposed(text: &str) -> String {
        text.nfd().collect()
    }

    pub(super) fn without_marks(text: &str) -> String {
        text.nfd().filter(|c| !is_combining_mark(*c)).collect()
    }
}
