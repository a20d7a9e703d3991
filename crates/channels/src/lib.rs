//! The platforms on which people reach Miyabi, one folder each, and what they share: [`breaker`], [`commands`],
//! [`dialect`], [`digest`], [`markdown`], [`messengers`] and [`sent`].

pub mod breaker;
pub mod commands;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod corpus;
pub mod dialect;
pub mod digest;
pub mod discord;
mod kaomoji;
pub mod markdown;
pub mod messengers;
pub mod sent;
pub mod slack;
pub mod telegram;
pub mod web;
pub mod whatsapp;
