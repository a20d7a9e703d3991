//! A file that came with a message of a messenger.

use serde::{Deserialize, Serialize};

/// A file of a message. Its name and its kind are whatever its sender chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentFile {
    /// That by which its channel reads it: an id, or an address.
    pub id: String,
    /// Name.
    pub name: String,
    /// Media type as the platform tells it; blank if it tells none.
    pub kind: String,
    /// Size as the platform tells it, in bytes; 0 if it tells none.
    pub bytes: u64,
    /// Whether it is the question, which its sender spoke instead of writing.
    pub is_spoken: bool,
}
