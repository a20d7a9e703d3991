//! The simulated services, each with a state of its own.

pub mod cron;
pub mod database;
pub mod discord;
pub mod engine;
pub mod model;
pub mod objects;
pub mod outside;
pub mod people;
pub mod plain;
pub mod queue;
pub mod readers;
pub mod steps;
pub mod store;
