//! Files: bytes under keys, in a bucket.

use crate::fault::{Fault, StoreError};

/// Bytes under keys, which stay until they are deleted. This implementation has no bucket: it keeps nothing, and
/// says so.
pub trait Files {
    /// Writes a file.
    ///
    /// # Errors
    /// A store fault, when it is not known to have been written.
    ///
    /// # Repeats
    /// The last bytes stay.
    async fn write_file(&self, _key: &str, _bytes: &[u8]) -> Result<(), Fault> {
        Err(StoreError::Failed { statement: "files::write" }.into())
    }

    /// Returns a file's bytes; `None` if there is none under this key.
    ///
    /// # Errors
    /// A store fault; worth a retry.
    ///
    /// # Repeats
    /// Reads only.
    async fn read_file(&self, _key: &str) -> Result<Option<Vec<u8>>, Fault> {
        Ok(None)
    }

    /// Deletes files, a thousand at most.
    ///
    /// # Errors
    /// A store fault; some of them may be gone.
    ///
    /// # Repeats
    /// Gone is gone.
    async fn delete_files(&self, _keys: Vec<String>) -> Result<(), Fault> {
        Ok(())
    }
}
