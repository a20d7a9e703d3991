//! What is said in a turn of a conversation, as its log has it and every wire encodes it.

use serde::{Deserialize, Serialize};

use crate::fault::Notice;

/// One entry of a log.
///
/// # Shape
/// `{"index":6,"part":0,"chunk":{"text":"hello"}}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Place behind it: a reader that has it goes on there.
    pub index: u64,
    /// Number of the part that it belongs to, from 0. Parts before it do not count any more.
    pub part: u32,
    /// What it says.
    pub chunk: Chunk,
}

/// What an entry says.
///
/// # Shape
/// `"part"`, `{"text":"…"}`, `{"end":"done"}`, `{"end":{"failed":"busy"}}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chunk {
    /// A part begins.
    Part,
    /// More of the part.
    Text(String),
    /// Nothing follows.
    End(End),
}

/// How a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The answer is whole.
    Done,
    /// Its person wanted no more of it.
    Stopped,
    /// There is none.
    Failed(Notice),
}
