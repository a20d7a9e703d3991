//! The service: what the emulated Telegram has, and its state.

use std::sync::Arc;

use tokio::sync::Notify;

use super::schema::Schemas;
use super::state::State;
use crate::client::Client;
use crate::record::Record;
use crate::watched::{Changes, Guard, Watched};

/// The emulated Telegram. It is shared with whoever sends updates while nobody waits for it.
#[derive(Debug, Clone)]
pub(crate) struct Telegram(Arc<Inner>);

/// What all of them share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(super) schemas: &'static Schemas,
    pub(super) client: Client,
    pub(super) record: Arc<Record>,
    /// Told after each attempt to send an update.
    pub(super) tried: Notify,
    state: Watched<State>,
}

impl std::ops::Deref for Telegram {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Telegram {
    /// The service in its initial state.
    ///
    /// # Errors
    /// The copied description of the Bot API cannot be read.
    pub(crate) fn new(
        client: Client,
        record: Arc<Record>,
        changes: &Changes,
    ) -> Result<Self, String> {
        let (schemas, tried) = (Schemas::shared()?, Notify::new());
        Ok(Self(Arc::new(Inner { schemas, client, record, tried, state: Watched::new(changes) })))
    }

    /// The state, locked.
    pub(crate) fn state(&self) -> Guard<'_, State> {
        self.state.lock()
    }
}
