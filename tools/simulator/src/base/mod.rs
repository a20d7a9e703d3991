//! Infrastructure: everything that a service of the simulated world needs and that knows no service.

pub mod actor;
pub mod executor;
pub mod form;

pub mod hooks;
pub mod ids;
pub mod marks;
pub mod messenger;
pub mod outage;
pub mod plan;
pub mod plant;
pub mod planted;
pub mod record;
pub mod rng;
pub mod run;
pub mod shared;
pub mod trace;
