//! Tests the lab over HTTP on the loopback interface.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy knows the tests here, not the functions that help them"
)]

mod bench;

mod ai;
mod attachments;
mod blocked;
mod bot;
mod buttons;
mod chaos;
mod command_line;
mod exchange;
mod faults;
mod follow_ups;
mod forms;
mod inspection;
mod interactions;
mod page;
mod permissions;
mod places;
mod search;
mod slack;
mod telegram;
mod threads;
mod vendors;
mod webhook_admin;
mod webhooks;
mod whatsapp;
