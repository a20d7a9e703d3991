//! The platform: the only folder that knows Cloudflare, JavaScript or `worker`.
//!
//! | file | binding or API |
//! | --- | --- |
//! | [`entry`] | what the runtime calls: `fetch`, `queue`, `scheduled`, and the Workflow's `run` |
//! | [`host`] | one value that has every port |
//! | [`fetch`] | outbound HTTP |
//! | [`sql`] | D1 |
//! | [`ai`] | Workers AI |
//! | [`workflows`] | the Workflow binding: create, get, status |
//! | [`queue`] | the queue's producer, and the messages of its consumer |
//! | [`cache`] | the KV namespace of saved answers |
//! | [`limits`] | the rate limits |
//! | [`steps`] | the Workflow's step runner |
//! | [`signature`] | Ed25519 |
//! | [`js`] | what all of them need of JavaScript values |
//! | [`tasks`] | what runs futures, and waits for promises and timers |
//!
//! The only JavaScript is beside this file: `shim.mjs`, since the runtime wants a class and an object, and
//! `bridge.js`, where one call does what would be ten from here (docs/decisions/0023).

pub mod ai;
pub mod cache;
pub mod entry;
pub mod fetch;
pub mod host;
pub mod js;
pub mod limits;
pub mod queue;
pub mod signature;
pub mod sql;
pub mod steps;
pub mod tasks;
pub mod workflows;

/// Half the code of the default allocator.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
