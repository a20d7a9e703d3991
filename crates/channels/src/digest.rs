//! What tells a text from others, short enough to be part of an id.

use sha2::{Digest as _, Sha256};

/// Returns 16 hexadecimal digits that tell a text from others.
pub fn digest(text: &str) -> String {
    let mut digits = hex::encode(Sha256::digest(text));
    digits.truncate(16);
    digits
}
