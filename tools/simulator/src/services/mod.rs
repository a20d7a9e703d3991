//! The simulated services, each with a state of its own.

pub mod conversations;
pub mod cron;
pub mod database;
pub mod discord;
pub mod engine;
pub mod model;
pub mod people;
pub mod plain;
pub mod queue;
pub mod steps;
pub mod store;
