//! Everything a contributor runs: `cargo xtask` lists it.
//!
//! One file per command in [`commands`]; below them, [`setup`] brings the tools that the project
//! pins, [`stack`] runs the Worker in real workerd beside the lab, and [`process`] sees to it that
//! nothing outlives the command. The end-to-end tests use [`stack`] as a library.
//!
//! Linux and macOS. Windows has no process groups, so nothing here could promise to clean up.
#![expect(clippy::disallowed_methods, reason = "a native tool has no Clock")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool prints")]

#[cfg(not(unix))]
compile_error!("xtask runs on Linux and macOS; on Windows use WSL");

pub mod browser;
pub mod cli;
pub mod commands;
pub mod d1;
pub mod document;
pub mod http;
pub mod library;
pub mod problem;
pub mod process;
pub mod project;
pub mod setup;
pub mod slack;
pub mod stack;
pub mod telegram;
pub mod value;
pub mod whatsapp;
