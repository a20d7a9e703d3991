//! The service: what the emulated WhatsApp has, and its state.

use std::sync::Arc;

use tokio::sync::Notify;

use super::schema::Schemas;
use super::state::State;
use crate::client::Client;
use crate::record::Record;
use crate::watched::{Changes, Guard, Watched};

/// The emulated WhatsApp. It is shared with whoever sends requests while nobody waits for it.
#[derive(Debug, Clone)]
pub(crate) struct WhatsApp(Arc<Inner>);

/// What all of them share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(super) schemas: &'static Schemas,
    /// Base URL of the lab, for the addresses that it gives out.
    pub(super) base: String,
    pub(super) client: Client,
    pub(super) record: Arc<Record>,
    /// Told after each attempt to send a request.
    pub(super) tried: Notify,
    state: Watched<State>,
}

impl std::ops::Deref for WhatsApp {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl WhatsApp {
    /// The service in its initial state.
    ///
    /// # Errors
    /// The copied schema of messages cannot be used.
    pub(crate) fn new(
        base: &str,
        client: Client,
        record: Arc<Record>,
        changes: &Changes,
    ) -> Result<Self, String> {
        let (schemas, tried, base) = (Schemas::shared()?, Notify::new(), base.to_owned());
        let state = Watched::new(changes);
        Ok(Self(Arc::new(Inner { schemas, base, client, record, tried, state })))
    }

    /// The state, locked.
    pub(crate) fn state(&self) -> Guard<'_, State> {
        self.state.lock()
    }
}
