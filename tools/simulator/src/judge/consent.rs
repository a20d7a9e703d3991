//! What acted outside was allowed by who may allow it, and was done once.

use std::collections::BTreeSet;

use crate::base::record::{Invariant, Record};

/// Judges what was done for a question.
pub(super) fn judge(record: &mut Record, index: usize) {
    let mut done = BTreeSet::new();
    for (ask, title) in record.acts.clone() {
        if ask != index {
            continue;
        }
        record.counts.acts += 1;
        if !record.allowed.contains(&index) {
            record.violate(Invariant::Consent, format!("question {index} acts, and nobody let it"));
        }
        if !done.insert(title.clone()) {
            record.violate(Invariant::Consent, format!("question {index} does {title} twice"));
        }
    }
}
