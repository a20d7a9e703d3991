//! The platforms on which people reach Miyabi, one folder each, and what they share: [`breaker`] and [`markdown`].

pub mod breaker;
pub mod discord;
pub mod markdown;
pub mod slack;
pub mod telegram;
pub mod web;
