//! Judges a seed that is over: the invariants, their excuses, and what was booked and forgotten.

pub mod books;
pub mod excuses;
pub mod forgets;
pub mod invariants;
pub mod once;
pub mod plain;
