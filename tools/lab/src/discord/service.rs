//! The service: what every operation of the emulated Discord has, and its state.

use std::sync::Arc;

use super::openapi::Schemas;
use super::state::State;
use crate::client::Client;
use crate::record::Record;
use crate::watched::{Changes, Guard, Watched};

/// The emulated Discord.
#[derive(Debug)]
pub(crate) struct Discord {
    /// Base URL of the lab.
    pub(super) base: String,
    pub(super) schemas: &'static Schemas,
    pub(super) client: Client,
    pub(super) record: Arc<Record>,
    state: Watched<State>,
}

impl Discord {
    /// The service in its initial state.
    ///
    /// # Errors
    /// The copied `OpenAPI` document does not compile.
    pub(crate) fn new(
        base: &str,
        client: Client,
        record: Arc<Record>,
        changes: &Changes,
    ) -> Result<Self, String> {
        let schemas = Schemas::shared()?;
        Ok(Self { base: base.to_owned(), schemas, client, record, state: Watched::new(changes) })
    }

    /// The state, locked.
    pub(crate) fn state(&self) -> Guard<'_, State> {
        self.state.lock()
    }
}
