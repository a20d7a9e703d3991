//! The Worker in real workerd, with D1, Workflow and AI binding, against the lab: signed requests in,
//! posts observed out. Nothing of the Worker's code is used here.
//!
//! `cargo test -p e2e` runs all of it. One stack serves all tests, side by side; see [`world`].
//! Tests tell their questions apart by marks in the text, see [`asking`], and wait for what they
//! expect instead of sleeping.
#![expect(clippy::disallowed_methods, reason = "a native test has no Clock")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may panic")]

mod about;
mod access;
mod accounts;
mod agents;
mod api;
mod asking;
mod bots;
mod bursts;
mod buttons;
mod cache;
mod campaign;
mod carriers;
mod chat;
mod clients;
mod consent;
mod contract;
mod crowd;
mod doctor;
mod door;
mod drawing;
mod files;
mod hostile;
mod injections;
mod live;
mod logs;
mod long;
mod mcp;
mod mcp_server;
mod memory;
mod models;
mod money;
mod options;
mod outages;
mod pages;
mod panics;
mod places;
mod posting;
mod privacy;
mod providers;
mod reminders;
mod repeats;
mod replay;
mod rounds;
mod searching;
mod server;
mod session;
mod settings;
mod slack;
mod slack_sdk;
mod spine;
mod status;
mod streaming;
mod tabs;
mod telegram;
mod temporary;
mod tools;
mod uploads;
mod visitors;
mod whatsapp;
mod world;
