//! Cloudflare Workflows in Rust: the binding that creates instances, and durable steps.
//!
//! workers-rs 0.8.7 has no API for Workflows (its issue 663). This folder depends on nothing else of
//! this program, so it can be copied into another one together with its dependencies: `futures`,
//! `js-sys`, `serde`, `serde_json`, `wasm-bindgen` and `wasm-bindgen-futures`. `examples/workflow` is a
//! Worker that uses it alone.
//!
//! | file | what it has |
//! | --- | --- |
//! | [`binding`] | [`Workflow`]: `create` and `status` of an instance |
//! | [`steps`] | [`Steps`]: `step.do` and `step.sleep` for closures that borrow |
//! | `entry.mjs` | the class that the runtime wants, which calls an exported function |
//! | [`js`] | JavaScript values as JSON text, promises and errors |

pub mod binding;
pub mod js;
pub mod steps;

pub use self::binding::{Status, Workflow, WorkflowError};
pub use self::steps::{AttemptError, Policy, StepError, StepObject, Steps};
