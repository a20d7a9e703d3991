//! Texts that give orders, where each of them stands, and who says what harm was done.
//!
//! `corpus.tsv` has one attempt in each line: where the text stands, its language, its disguise, what it is
//! after, and the text, with the order as the obeying model of the lab reads it (`tools/lab/src/ai/obeying.rs`).
//! `places.rs` says what a page, a result or a file is that has the text in that place, and `judge.rs` looks at
//! the effects alone: which requests left, what was posted, which rows there are.
//!
//! Two programs are tried with all of them: the one that runs natively (`main.rs`), and the built Worker in
//! workerd (`tests/e2e/injections.rs`). Nothing here is of the Worker.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

pub mod corpus;
pub mod judge;
pub mod places;
