//! The web: a chat over HTTP, whose reader reads the conversation itself.
//!
//! | file | what it has |
//! | --- | --- |
//! | [`agents`] | frames of a socket in the wire of cloudflare/agents |
//! | [`numbered`] | the chunks of a turn, so that a reader goes on where it was |
//! | [`parse`] | a submission, in its own form or in that of AI SDK |
//! | [`socket`] | frames of a socket in its own wire, and what closes one |
//! | [`transport`] | the way of an answer: none of its own, since the conversation is told |
//! | [`ui_messages`] | the wire of AI SDK: the chunks of its UI message stream, and its messages |

pub mod agents;
pub mod numbered;
pub mod parse;
pub mod socket;
pub mod transport;
pub mod ui_messages;

/// Name of the channel, see [`miyabi_core::question::Question::platform`].
pub const PLATFORM: &str = "web";

/// Returns the name of the object of a conversation. `owner` is whose request it is, and never what the
/// request says, so nobody names a conversation of somebody else.
pub fn conversation_name(owner: &str, id: &str) -> String {
    // An id has no colon, so no two pairs have one name.
    format!("web:{id}:{owner}")
}
