//! The tool `recall`: what the asker has had remembered, and what was said before in this conversation. The
//! product carries it out: it is in `facts` and `errands` there.

use super::errands::Touches;
use super::schema::{Kind, Parameter};

/// What the model reads about the tool.
pub const DESCRIPTION: &str =
    "Finds what the asker has had remembered, and what was said earlier in this conversation.";

/// What it may touch.
pub const TOUCHES: Touches = Touches::Asker;

/// Parameters.
pub const PARAMETERS: [Parameter; 1] = [Parameter {
    name: "about",
    kind: Kind::Text,
    description: "Words to look for, in the asker's language.",
    is_required: true,
}];
