//! Judges a seed that is over: the invariants, their allowed exceptions, and what was booked, kept and forgotten.

mod again;
pub mod books;
mod consent;
pub mod erased;
pub mod exceptions;
pub mod forgets;
pub mod invariants;
pub mod kept;
pub mod once;
pub mod plain;
mod reminded;
pub mod web;
