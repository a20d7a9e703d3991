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
/// `"part"`, `{"text":"…"}`, `{"step":{…}}`, `{"end":"done"}`, `{"end":{"failed":"busy"}}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chunk {
    /// A part begins.
    Part,
    /// More of the part.
    Text(String),
    /// Tools run, or have run: the part before it is over.
    Step(Step),
    /// Nothing follows.
    End(End),
}

/// A round of tools.
///
/// # Shape
/// A stored format: `{"id":"1-2","state":"done","tools":["weather"]}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Id among those of its turn: generation of the job, and ordinal of the model call that follows the tools.
    pub id: String,
    /// Where it is.
    pub state: StepState,
    /// Names of the tools, as the model called them, cut.
    pub tools: Vec<String>,
}

/// Where a round of tools is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// The tools run.
    Running,
    /// One of them at least has done what was asked for.
    Done,
    /// None has.
    Failed,
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
