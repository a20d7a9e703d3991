//! Files: bytes under keys, in a bucket.

use crate::fault::Fault;

/// Bytes under keys, which stay until they are deleted.
pub trait Files {
    /// Writes a file.
    ///
    /// # Errors
    /// A store fault, when it is not known to have been written.
    ///
    /// # Repeats
    /// The last bytes stay.
    async fn write_file(&self, key: &str, bytes: &[u8]) -> Result<(), Fault>;

    /// Returns a file's bytes; `None` if there is none under this key.
    ///
    /// # Errors
    /// A store fault; worth a retry.
    ///
    /// # Repeats
    /// Reads only.
    async fn read_file(&self, key: &str) -> Result<Option<Vec<u8>>, Fault>;

    /// Deletes files, a thousand at most.
    ///
    /// # Errors
    /// A store fault; some of them may be gone.
    ///
    /// # Repeats
    /// Gone is gone.
    async fn delete_files(&self, keys: Vec<String>) -> Result<(), Fault>;
}
