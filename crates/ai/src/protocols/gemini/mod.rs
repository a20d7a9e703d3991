//! Gemini's `generateContent` over HTTP.

mod error;
mod request;
mod response;
mod stream;

pub(super) use self::error::read_error;
pub(super) use self::request::encode;
pub(super) use self::response::read;
pub(super) use self::stream::take_event;
