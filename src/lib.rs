//! Miyabi: an AI assistant that lives where people already talk.
//!
//! Modules in reading order: plain values, the contract with the platform, the parts (how people
//! reach Miyabi; asking models), the product, the HTTP surface, and the one folder that knows
//! Cloudflare. `docs/ARCHITECTURE.md` walks a question through them.

pub mod http;
pub mod ids;
pub mod json;
pub mod text;

pub mod fault;

pub mod config;

pub mod event;
pub mod host;

pub mod ai;
pub mod channels;

pub mod ask;

pub mod routes;

#[cfg(target_arch = "wasm32")]
pub mod cloudflare;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
pub mod fake;
