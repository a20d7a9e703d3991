//! The lab: Discord, Workers AI, other vendors of models and Open-Meteo on one loopback port, for development and tests.
//!
//! It refuses what they refuse, records every call it gets, and fails on request.
//! It shares no code with the Worker: an emulator built from the Worker's own checks would agree with its bugs.
//!
//! A call's way through the files: [`serve`] accepts it, `server` carries it, `route` names the operation,
//! `faults`, `blocked` and `chaos` may break it, one of `discord`, `ai`, `vendors` and `weather` answers, `record` keeps it and `inspect` shows it;
//! `page` is for people, and `live` keeps it up to date.

#![expect(
    clippy::indexing_slicing,
    reason = "only `serde_json::Value` is indexed: reading an absent key gives null, and only objects are written to"
)]

mod clock;
mod http;
mod route;
mod world;

mod blocked;
mod chaos;
mod config;
mod faults;
mod record;
mod state;

mod ai;
mod discord;
mod interactions;
mod vendors;
mod weather;

mod client;
mod exchange;
mod inspect;
mod jobs;
mod live;
mod page;
mod server;
mod stream;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::state::Lab;

/// What the lab is started with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Port on 127.0.0.1; 0 lets the system choose.
    pub port: u16,
    /// Server with `OpenAI`'s API that answers instead of the scripted model.
    pub model: Option<Model>,
}

/// A server with `OpenAI`'s API, reached at `{url}/v1/chat/completions`.
#[derive(Debug, Clone)]
pub struct Model {
    /// Base URL; `http` only.
    pub url: String,
    /// Model name sent in each request.
    pub name: String,
}

/// A lab that listens and does not serve yet.
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
    let lab = Lab::new(options, &url).map_err(io::Error::other)?;
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
