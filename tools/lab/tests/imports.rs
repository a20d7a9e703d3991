//! The import order that `src/lib.rs`, `src/discord/mod.rs` and `src/telegram/mod.rs` name is kept.

#[path = "../../import_order.rs"]
mod import_order;

use std::path::Path;

use import_order::Order;

/// Modules in their order: each imports only earlier ones. A folder stands for all of its files; of `discord`
/// and `telegram` that is `mod.rs`, which calls the others.
const ORDER: &[&str] = &[
    "clock",
    "merge",
    "stream",
    "http",
    "client",
    "watched",
    "record",
    "faults",
    "chaos",
    "pages",
    "search",
    "weather",
    "discord/world",
    "discord/errors",
    "discord/components",
    "discord/openapi",
    "discord/pings",
    "discord/rewrites",
    "discord/username",
    "discord/body",
    "discord/route",
    "discord/chaos",
    "discord/permissions",
    "discord/blocked",
    "discord/config",
    "discord/attachments",
    "discord/draft",
    "discord/message",
    "discord/interaction",
    "discord/limits",
    "discord/state",
    "discord/cdn",
    "discord/service",
    "discord/checks",
    "discord/stored",
    "discord/messages",
    "discord/commands",
    "discord/webhooks",
    "discord/webhook_admin",
    "discord/follow_ups",
    "discord/interactions",
    "discord/server",
    "discord",
    "telegram/world",
    "telegram/errors",
    "telegram/chaos",
    "telegram/config",
    "telegram/route",
    "telegram/schema",
    "telegram/params",
    "telegram/utf16",
    "telegram/detect",
    "telegram/entities",
    "telegram/html",
    "telegram/message",
    "telegram/limits",
    "telegram/queue",
    "telegram/state",
    "telegram/files",
    "telegram/target",
    "telegram/markup",
    "telegram/words",
    "telegram/sending",
    "telegram/changing",
    "telegram/setup",
    "telegram/order",
    "telegram/updates",
    "telegram/service",
    "telegram/delivery",
    "telegram",
    "ai",
    "vendors",
    "route",
    "jobs",
    "lab",
    "config",
    "live",
    "exchange",
    "inspect",
    "page",
    "server",
    "lib",
    "main",
];

#[test]
fn no_module_imports_a_later_one() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let seen = Order { source: &source, modules: ORDER, lists: &[] }.check();
    assert!(seen > 100, "only {seen} imports were found");
}
