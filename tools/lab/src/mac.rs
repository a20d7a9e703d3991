//! HMAC-SHA256 (RFC 2104), with which Slack and WhatsApp sign what they send.

use sha2::{Digest as _, Sha256};

/// Size of the hash's blocks.
const BLOCK: usize = 64;

/// The code of a message; a key that is longer than a block is not needed here.
pub(crate) fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let padded = |with: u8| -> Vec<u8> {
        let bytes = key.iter().copied().chain(std::iter::repeat(0));
        bytes.take(BLOCK).map(|byte| byte ^ with).collect()
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::hmac;

    #[test]
    fn is_the_code_of_the_standard() {
        // RFC 4231, test cases 1 and 2.
        for (key, message, expected) in [
            (
                &[0x0b; 20][..],
                "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
        ] {
            assert_eq!(hex::encode(hmac(key, message.as_bytes())), expected);
        }
    }
}
