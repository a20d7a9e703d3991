//! Ids of tool calls, as vendors want them: a model of another vendor may have made the call.
//!
//! The same id always becomes the same id, so a call and its result stay together.

use std::borrow::Cow;

/// Longest id that `OpenAI` takes, in bytes.
///
/// # Source
/// Errors that users report (`string too long. Expected a string with maximum length 40`), gathered
/// 2026-11-28.
const MAX_ID_BYTES: usize = 40;

/// Length of the ids of Mistral, in characters.
///
/// # Source
/// Mistral Docs/Function calling; `mistral-common`, validation of messages; read 2026-11-28.
const MISTRAL_ID_CHARS: usize = 9;

/// Returns an id of at most 40 bytes.
pub(super) fn short(id: &str) -> Cow<'_, str> {
    if id.len() <= MAX_ID_BYTES { Cow::Borrowed(id) } else { Cow::Owned(nine_of(id)) }
}

/// Returns an id of nine letters and digits.
pub(super) fn nine(id: &str) -> Cow<'_, str> {
    let is_nine =
        id.len() == MISTRAL_ID_CHARS && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_nine { Cow::Borrowed(id) } else { Cow::Owned(nine_of(id)) }
}

/// Returns nine letters and digits that depend on the whole id, by the hash FNV-1a.
fn nine_of(id: &str) -> String {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let mut hash = id.bytes().fold(0xcbf2_9ce4_8422_2325, mix);
    let mut letters = String::new();
    for _ in 0..MISTRAL_ID_CHARS {
        let digit = u32::try_from(hash % 36).unwrap_or_default();
        letters.extend(char::from_digit(digit, 36));
        hash /= 36;
    }
    letters
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_id_for_mistral_is_nine_letters_or_digits_and_always_the_same() {
        let mut seen = BTreeSet::new();
        for number in 0..10_000 {
            let id = format!("call_{number}_0");
            let short = nine(&id);
            assert!(short.len() == 9 && short.bytes().all(|byte| byte.is_ascii_alphanumeric()));
            assert_eq!(short, nine(&id));
            assert!(seen.insert(short.into_owned()), "{id}");
        }
        assert_eq!(nine("a1b2C3d4e"), "a1b2C3d4e");
        assert_eq!(nine("").len(), 9);
        assert_eq!(nine("a1b2-3d4e").len(), 9);
    }

    #[test]
    fn an_id_that_is_too_long_is_replaced() {
        assert_eq!(short("functions.weather:0"), "functions.weather:0");
        assert_eq!(short(&"x".repeat(41)).len(), 9);
        assert_ne!(short(&"x".repeat(41)), short(&"x".repeat(42)));
    }
}
