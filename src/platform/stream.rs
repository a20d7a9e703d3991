//! Streams of bytes are read to their end with a limit.
//!
//! The runtime's reader does it: `worker::ByteStream` takes over a whole body and has no limit.

use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ReadableStream, ReadableStreamDefaultReader};

use crate::workflow::js::{property, settle};

/// Reads a stream of bytes to its end, at most `limit_bytes`; no stream is an empty one. Each chunk
/// also goes to `pieces` when it arrives.
///
/// # Errors
/// - [`StreamError::TooLarge`] above the limit; the rest is not read.
/// - [`StreamError::Broken`] when the sender, or a timeout, ended it.
pub async fn read_stream(
    stream: Option<ReadableStream>,
    limit_bytes: usize,
    pieces: &dyn Fn(&[u8]),
) -> Result<Vec<u8>, StreamError> {
    match read_some(stream, limit_bytes, pieces).await? {
        (bytes, false) => Ok(bytes),
        (_, true) => Err(StreamError::TooLarge),
    }
}

/// Reads a stream until it ends or has more than `limit_bytes`; returns what was read, and whether it has
/// more. The rest is not read.
///
/// # Errors
/// [`StreamError::Broken`] when the sender, or a timeout, ended it.
pub(super) async fn read_some(
    stream: Option<ReadableStream>,
    limit_bytes: usize,
    pieces: &dyn Fn(&[u8]),
) -> Result<(Vec<u8>, bool), StreamError> {
    let Some(stream) = stream else {
        return Ok((Vec::new(), false));
    };
    let mut open = Open(Some(stream.get_reader().unchecked_into()));
    let mut bytes = Vec::new();
    while let Some(reader) = &open.0 {
        let chunk = match settle(reader.read().into()).await {
            Ok(chunk) => chunk,
            Err(error) => {
                open.0 = None;
                return Err(StreamError::Broken(error));
            }
        };
        if property(&chunk, "done").is_truthy() {
            open.0 = None;
            break;
        }
        let chunk = Uint8Array::new(&property(&chunk, "value")).to_vec();
        pieces(&chunk);
        bytes.extend_from_slice(&chunk);
        if bytes.len() > limit_bytes {
            bytes.truncate(limit_bytes);
            return Ok((bytes, true));
        }
    }
    Ok((bytes, false))
}

/// The reader of a stream that has not ended. Its sender learns that nobody reads any more, also where
/// whoever waited for the stream goes away.
struct Open(Option<ReadableStreamDefaultReader>);

impl Drop for Open {
    fn drop(&mut self) {
        // Whether that succeeds changes nothing here.
        if let Some(reader) = self.0.take() {
            drop(reader.cancel());
        }
    }
}

/// Why a stream was not read to its end.
#[derive(Debug)]
pub enum StreamError {
    /// Longer than the limit.
    TooLarge,
    /// Ended by an error, which is inside.
    Broken(JsValue),
}

#[cfg(test)]
mod tests;
