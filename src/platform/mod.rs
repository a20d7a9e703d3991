//! The ports of `miyabi_core` over Cloudflare's bindings, by the types of the crate `worker`.
//!
//! | file | what it has |
//! | --- | --- |
//! | [`mod@env`] | [`env::Cloudflare`]: one value that has every port, made from the environment |
//! | [`http`] | inbound requests and their replies, below `worker`'s types |
//! | [`executor`] | runs requests and their work in `wait_until` |
//! | [`fetch`] | outbound HTTP |
//! | `page` | web pages: their text |
//! | [`d1`] | the database |
//! | [`conversation`] | the way to a conversation's Durable Object |
//! | [`kv`] | the namespace of cached answers |
//! | [`ai`] | Workers AI, by an own extern |
//! | [`workflow`] | starting a job's Workflow instance, and a job's durable steps |
//! | [`queue`] | the queue's producer, and the messages that a consumer gets |
//! | [`limits`] | the rate limits |
//! | [`signature`] | Ed25519 by the runtime |
//! | [`random`] | random numbers by the runtime |
//! | `normal` | tests: normal forms of text by the runtime |
//! | [`stream`] | streams of bytes, read with a limit |
//! | [`clock`] | time, timers and time zones |
//! | [`log`] | one JSON line per event |
//! | [`panics`] | what happens after a panic |
//!
//! Errors of JavaScript are decoded once, here, into the errors of `miyabi_core::fault`. Bindings are
//! cast without a look at their class: stand-ins in tests have others, and so may production.

pub mod ai;
pub mod clock;
pub mod conversation;
pub mod d1;
pub mod env;
pub mod executor;
pub mod fetch;
mod files;
pub mod http;
pub mod kv;
pub mod limits;
pub mod log;
#[cfg(test)]
mod normal;
mod page;
pub mod panics;
pub mod queue;
pub mod random;
pub mod signature;
pub mod stream;
pub mod workflow;
