//! A request as it arrives, which remembers whether its body was read.

use core::cell::Cell;
use core::time::Duration;

use super::Fake;
use miyabi_core::http::{BodyError, Incoming};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Clock, Signatures};

/// A request to the Worker.
#[derive(Clone)]
pub struct Arrival {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    breaks_off: bool,
    is_read: Cell<bool>,
}

impl Arrival {
    /// Returns a request without headers and body; the path may have a query.
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            breaks_off: false,
            is_read: Cell::new(false),
        }
    }

    /// Returns an interaction, signed by Discord now.
    pub fn signed(world: &Fake, body: impl AsRef<[u8]>) -> Self {
        let (body, timestamp) = (body.as_ref(), world.timestamp());
        Self::new("POST", "/discord/interactions")
            .header("x-signature-ed25519", &world.sign(&timestamp, body))
            .header("x-signature-timestamp", &timestamp)
            .body(body)
    }

    /// Returns an interaction whose signature is well-formed, and wrong.
    pub fn forged(world: &Fake, body: impl AsRef<[u8]>) -> Self {
        Self::new("POST", "/discord/interactions")
            .header("x-signature-ed25519", &"0".repeat(128))
            .header("x-signature-timestamp", &world.timestamp())
            .body(body)
    }

    /// Returns the request with this header, instead of another of its name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns the request without this header.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// Returns the request with this body.
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// Returns the request with a sender that goes away in the middle of the body.
    pub fn breaking_off(mut self) -> Self {
        self.breaks_off = true;
        self
    }

    /// Returns whether the body was asked for.
    pub fn is_read(&self) -> bool {
        self.is_read.get()
    }
}

impl Incoming for Arrival {
    fn method(&self) -> &str {
        &self.method
    }

    fn path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    fn query(&self) -> &str {
        self.path.split_once('?').map_or("", |(_, query)| query)
    }

    fn origin(&self) -> &'static str {
        "https://miyabi.example"
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    async fn body(&self, limit_bytes: usize) -> Result<Vec<u8>, BodyError> {
        assert!(!self.is_read.replace(true), "a body can be read once");
        if self.breaks_off {
            return Err(BodyError::Broken);
        }
        if self.body.len() > limit_bytes {
            return Err(BodyError::TooLarge);
        }
        Ok(self.body.clone())
    }
}

/// Takes every signature for Discord's: arithmetic is slow in tests that are about something else.
pub struct Gullible(pub Fake);

impl Clock for Gullible {
    fn now(&self) -> Millis {
        self.0.now()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.sleep(duration).await;
    }

    fn local_time(&self, time_zone: &str) -> Option<String> {
        self.0.local_time(time_zone)
    }
}

impl Signatures for Gullible {
    async fn is_signed(&self, _: &[u8], _: &[u8; 64]) -> bool {
        true
    }
}
