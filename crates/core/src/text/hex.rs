//! Reads bytes in hexadecimal digits. The `hex` crate, which also says what is wrong, judges it in the tests.

/// Reads exactly `N` bytes, letters in any case; `None` for anything else, signs and spaces included.
///
/// # Example
///
/// ```
/// # use miyabi_core::text::hex::decode;
/// assert_eq!(decode("00aF"), Some([0, 0xaf]));
/// assert_eq!(decode::<2>("00a"), None);
/// ```
pub fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    read(text, &mut bytes)?;
    Some(bytes)
}

/// Not generic, so that it is in the program once; and one loop, since every request comes here.
fn read(text: &str, bytes: &mut [u8]) -> Option<()> {
    if text.len() != 2 * bytes.len() {
        return None;
    }
    for (at, digit) in text.bytes().enumerate() {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            b'A'..=b'F' => digit - b'A' + 10,
            _ => return None,
        };
        let byte = bytes.get_mut(at / 2)?;
        *byte = *byte << 4 | value;
    }
    Some(())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::decode;

    #[test]
    fn reads_what_the_crate_writes() {
        for byte in 0..=255 {
            let bytes = [byte, !byte, 0];
            assert_eq!(decode(&hex::encode(bytes)), Some(bytes));
            assert_eq!(decode(&hex::encode_upper(bytes)), Some(bytes));
        }
    }

    #[test]
    fn refuses_what_the_crate_does() {
        let texts = [
            "",
            "0",
            "00",
            "0000",
            "00000",
            "000000",
            "+00a",
            "0x00",
            " 000",
            "00g0",
            "00雅",
            "é00",
            "ＡＡＡＡ",
        ];
        for text in texts {
            let mut judged = [0; 2];
            let judged = hex::decode_to_slice(text, &mut judged).ok().map(|()| judged);
            assert_eq!(decode(text), judged, "{text}");
        }
        assert_eq!(decode::<0>(""), Some([]));
    }
}
