//! Miyabi: an AI assistant that generations where people already talk.
//!
//! This package is the Worker: the HTTP surface and the adapters to the platform. What it does is in
//! the crates below it; `docs/ARCHITECTURE.md` walks a question through them.

pub mod routes;

#[cfg(target_arch = "wasm32")]
pub mod platform;
