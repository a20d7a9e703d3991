//! A file that a person sends.

use serde::Deserialize;

/// Most that the lab keeps of a person's file.
const MAX_KEPT: usize = 32 * 1024 * 1024;

/// A file that a person sends, as an order describes it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sent {
    /// Its name.
    pub(crate) name: String,
    /// Its text, or else its bytes in hexadecimal.
    text: Option<String>,
    hex: String,
    /// Zeros after that.
    padding: usize,
    /// Its type, which a platform may leave out where it does not know one.
    pub(crate) kind: Option<String>,
    /// Size that the platform tells, if not the true one.
    size: Option<u64>,
}

impl Sent {
    /// Its bytes, and the size that the platform tells.
    ///
    /// # Errors
    /// A sentence about the order.
    pub(crate) fn read(&self) -> Result<(Vec<u8>, u64), String> {
        let mut bytes = match &self.text {
            Some(text) => text.clone().into_bytes(),
            None => hex::decode(&self.hex).map_err(|_odd| "`hex` is not hexadecimal".to_owned())?,
        };
        let length = bytes.len().saturating_add(self.padding);
        if length > MAX_KEPT {
            return Err(format!("the lab keeps files of at most {MAX_KEPT} bytes"));
        }
        bytes.resize(length, 0);
        Ok((bytes, self.size.unwrap_or(u64::try_from(length).unwrap_or(u64::MAX))))
    }
}
