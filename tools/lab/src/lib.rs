//! An emulator of Discord, Telegram, Slack, WhatsApp, Workers AI, other vendors of models, Open-Meteo and services
//! that search the web, for development and tests.
//!
//! It refuses what they refuse, records every call, and fails on request. It shares no code with the
//! Worker, because an emulator with the Worker's own checks would have the same bugs.
//!
//! A call takes this way: `server` reads it, `route` finds its operation, `lab` records it and decides
//! about a fault, one of the services answers, and `record` keeps the reply. `inspect` is the API that
//! shows and configures all of this; `page` and `live` are for people.
//!
//! # Import order
//!
//! A module imports only modules that stand before it in this list:
//!
//! 1. infrastructure, which knows no service: `clock`, `mac`, `merge`, `stream`, `http`, `client`, `watched`,
//!    `record`, `attempt`, `deliveries`, `pace`, `sent`, `faults`, `chaos`;
//! 2. the services, each with a state of its own: `discord`, `telegram`, `slack`, `whatsapp`, `pages`, `search`, `weather`, `ai`,
//!    `vendors` (the scripted model of `ai` knows the cities of `weather`, and answers for `vendors`);
//! 3. the composition: `route`, `jobs`, `lab`, `config`, `live`, `exchange`, `inspect`, `page`, `server`.

#![expect(clippy::disallowed_methods, reason = "a native tool has no Clock")]
#![expect(
    clippy::indexing_slicing,
    reason = "only `serde_json::Value` is indexed: reading an absent key gives null, and only objects are written to"
)]

mod attempt;
mod chaos;
mod client;
mod clock;
mod deliveries;
mod faults;
mod http;
mod mac;
mod merge;
mod pace;
mod record;
mod sent;
mod stream;
mod watched;

mod ai;
mod discord;
mod pages;
mod search;
mod slack;
mod telegram;
mod vendors;
mod weather;
mod whatsapp;

mod config;
mod exchange;
mod inspect;
mod jobs;
mod lab;
mod live;
mod page;
mod route;
mod server;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::lab::Lab;

pub use crate::ai::{Model, obey, readings};

/// What the lab is started with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Port on 127.0.0.1; 0 lets the system choose.
    pub port: u16,
    /// Server with `OpenAI`'s API that answers instead of the scripted model.
    pub model: Option<Model>,
}

/// A lab that listens but does not serve yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    lab: Arc<Lab>,
    url: String,
}

/// Binds the loopback port; [`Server::run`] then serves on it.
///
/// # Errors
/// - the port is taken or not allowed
/// - the copied `OpenAPI` document does not compile (a broken build)
pub async fn serve(options: Options) -> io::Result<Server> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let listener = TcpListener::bind(address).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let lab = Lab::new(options.model, &url).map_err(io::Error::other)?;
    Ok(Server { listener, lab: Arc::new(lab), url })
}

impl Server {
    /// Base URL of the lab, without a final slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves until `stop` is ready, or until the returned future is dropped.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        server::accept(self.listener, self.lab, stop).await;
    }
}
