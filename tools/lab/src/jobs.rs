//! Jobs of the Worker as the development server reports them: database row, Workflow instances, log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is known about a job.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Job {
    /// Its row in the Worker's database.
    row: Value,
    /// Its Workflow instances, the first and those that replaced it.
    instances: Value,
    /// What the Worker logged about it.
    events: Vec<Value>,
}

/// A change of a job; a field that is left out stays as it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    /// The interaction's id.
    id: String,
    row: Option<Value>,
    instances: Option<Value>,
    /// Added to the earlier events.
    #[serde(default)]
    events: Vec<Value>,
}

/// Applies updates of jobs.
pub(crate) fn apply(jobs: &mut BTreeMap<String, Job>, updates: Vec<Update>) {
    for update in updates {
        let job = jobs.entry(update.id).or_default();
        if let Some(row) = update.row {
            job.row = row;
        }
        if let Some(instances) = update.instances {
            job.instances = instances;
        }
        job.events.extend(update.events);
    }
}
