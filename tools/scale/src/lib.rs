//! What many questions cost on Cloudflare, and which limit they meet first: published limits and
//! prices as constants, arithmetic in integers, and a simulation of a day.
//!
//! [`question`] is what one question takes, [`facts`] what Cloudflare and Discord publish. [`cost`]
//! and [`walls`] are arithmetic on both; [`day`] runs a day's questions through [`station`]s with
//! those limits. [`report`] is all of it as tables, for `docs/design/scale.md` and the README.

pub mod arrivals;
pub mod cost;
pub mod day;
pub mod facts;
pub mod figures;
pub mod outcome;
pub mod question;
pub mod report;
pub mod rng;
pub mod scenarios;
pub mod station;
pub mod tables;
pub mod walls;
