//! The platforms on which people reach Miyabi, one folder each.

pub mod discord;
pub mod web;
