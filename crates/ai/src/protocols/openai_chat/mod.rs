//! Chat Completions over HTTP: the API of `OpenAI`, which Groq, `DeepSeek`, Hugging Face, Ollama and
//! vLLM speak too.
//!
//! What the vendors do differently is in [`profile`]. Workers AI's chat models answer in the same
//! shape, so its folder uses the types of this one.

mod error;
mod messages;
mod profile;
mod request;
mod response;
mod stream;

pub(super) use self::error::read_error;
pub(super) use self::profile::of as profile_of;
pub(super) use self::request::{Chat, chat, encode};
pub(super) use self::response::{ChatReply, finish, read};
pub(super) use self::stream::{ChunkChoice, DONE, take_event};
