//! Durable Objects: classes that the runtime makes, one object of each for a name.
//!
//! | file | what it has |
//! | --- | --- |
//! | [`conversation`] | one conversation, over `miyabi_app::conversation` |
//! | `listen` | who waits for what is said in a conversation, and reads it meanwhile |
//! | `sockets` | the sockets on a conversation, over `crate::live` |
//! | [`store`] | the database that an object has to itself |

pub mod conversation;
mod listen;
mod sockets;
pub mod store;
