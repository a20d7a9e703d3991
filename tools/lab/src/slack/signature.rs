//! Signs requests as Slack does: HMAC-SHA256 (RFC 2104) of `v0:{timestamp}:{body}`.

use sha2::{Digest as _, Sha256};

/// Size of the hash's blocks.
const BLOCK: usize = 64;

/// The signature of a body at a time, as its header has it.
pub(super) fn sign(secret: &str, timestamp: &str, body: &str) -> String {
    format!(
        "v0={}",
        hex::encode(hmac(secret.as_bytes(), format!("v0:{timestamp}:{body}").as_bytes()))
    )
}

/// The code of a message; a key that is longer than a block is not needed here.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let padded = |with: u8| -> Vec<u8> {
        let bytes = key.iter().copied().chain(std::iter::repeat(0));
        bytes.take(BLOCK).map(|byte| byte ^ with).collect()
    };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::{hmac, sign};

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

    #[test]
    fn is_the_signature_of_slacks_own_example() {
        // docs.slack.dev/authentication/verifying-requests-from-slack
        let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V\
            &channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=\
            &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
            &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        let signed = sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body);
        assert_eq!(signed, "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503");
    }
}
