//! The base of every other crate: plain values, settings, errors, log events, sentences and ports.
//!
//! Nothing here performs an effect or knows a platform.

pub mod http;
pub mod ids;
pub mod join;
pub mod json;
pub mod key;
pub mod mac;
pub mod order;
pub mod text;
pub mod time;

pub mod i18n;
pub mod question;

pub mod fault;

pub mod code;
pub mod config;

pub mod conversation;
pub mod event;
pub mod job;
pub mod ports;
pub mod problem;
pub mod rejection;
pub mod server;
pub mod session;
pub mod share;
pub mod transport;
