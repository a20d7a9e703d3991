//! Miyabi: an AI assistant that lives where people already talk.
//!
//! This package is the Worker: its events, the HTTP surface, the queues, and the adapters to the
//! platform. What it does is in the crates below it; `docs/ARCHITECTURE.md` walks a question through
//! them.

pub mod channels;
pub mod live;
pub mod queues;
pub mod routes;

#[cfg(target_arch = "wasm32")]
pub mod durable;
#[cfg(target_arch = "wasm32")]
pub mod events;
#[cfg(target_arch = "wasm32")]
pub mod platform;
#[cfg(target_arch = "wasm32")]
pub mod workflow;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod testing;
