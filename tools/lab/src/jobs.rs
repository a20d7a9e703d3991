//! Jobs, as whoever runs the Worker sees them: the row, the Workflow's record, the log.
//!
//! The lab cannot look into the Worker; `cargo xtask dev` tells it, so that the page can show it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::state::State;

/// What is known of a job.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Job {
    /// Its row in the Worker's database.
    row: Value,
    /// Its Workflow instances, one for each life.
    instances: Value,
    /// What the Worker logged about it.
    events: Vec<Value>,
}

/// What is new about a job; what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct News {
    /// The interaction's id.
    id: String,
    row: Option<Value>,
    instances: Option<Value>,
    /// Added to those before.
    #[serde(default)]
    events: Vec<Value>,
}

/// Takes what is new about jobs.
pub(crate) fn add(state: &mut State, news: Vec<News>) {
    for item in news {
        let job = state.jobs.entry(item.id).or_default();
        if let Some(row) = item.row {
            job.row = row;
        }
        if let Some(instances) = item.instances {
            job.instances = instances;
        }
        job.events.extend(item.events);
    }
}
