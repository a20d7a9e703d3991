//! HMAC-SHA256, by which one knows whose a message is.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// Returns the code of a message by a key of any length. The message's parts follow on each other.
///
/// # Panics
/// Never: there is no key that HMAC does not take.
///
/// # Source
/// RFC 2104.
pub fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut code = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    for part in parts {
        code.update(part);
    }
    code.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 1, 2 and 6.
    #[test]
    fn a_mac_is_the_standards() {
        for (key, message, expected) in [
            (
                vec![0x0b; 20],
                "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe".to_vec(),
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                vec![0xaa; 131],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hex::encode(mac(&key, &[message.as_bytes()])), expected, "{message}");
        }
    }
}
