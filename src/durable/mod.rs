//! Durable Objects: classes that the runtime makes, one object of each for a name.
//!
//! | file | what it has |
//! | --- | --- |
//! | [`conversation`] | one conversation, over `miyabi_app::conversation` |
//! | [`store`] | the database that an object has to itself |

pub mod conversation;
pub mod store;
