//! The import order that `src/lib.rs` names is kept.

#[path = "../../import_order.rs"]
mod import_order;

use std::path::Path;

use import_order::Order;

/// Modules in their order: each imports only earlier ones. A folder stands for all of its files.
const ORDER: &[&str] = &[
    "base/rng",
    "base/ids",
    "base/marks",
    "base/trace",
    "base/messenger",
    "base/form",
    "base/outage",
    "base/plan",
    "base/executor",
    "base/actor",
    "base/record",
    "base/plant",
    "base/hooks",
    "base/shared",
    "base/run",
    "base/planted",
    "services/database",
    "services/store",
    "services/engine",
    "services/steps",
    "services/queue",
    "services/cron",
    "services/outside",
    "services/model",
    "services/objects",
    "services/readers",
    "services/discord",
    "services/plain",
    "services/people",
    "settings",
    "world",
    "host",
    "platforms",
    "program",
    "judge/consent",
    "judge/web",
    "judge/exceptions",
    "judge/books",
    "judge/erased",
    "judge/forgets",
    "judge/kept",
    "judge/once",
    "judge/plain",
    "judge/again",
    "judge/reminded",
    "judge/invariants",
    "lib",
    "search",
    "main",
];

#[test]
fn no_module_imports_a_later_one() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let order = Order { source: &source, modules: ORDER, lists: &["base", "services", "judge"] };
    let seen = order.check();
    assert!(seen > 100, "only {seen} imports were found");
}
