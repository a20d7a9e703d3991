//! The tool `remember`: a fact about the asker, in the asker's own words. The product carries it out: it is in
//! `facts` and `errands` there.

use super::errands::Touches;
use super::schema::{Kind, Parameter};

/// What the model reads about the tool.
pub const DESCRIPTION: &str = "Remembers something about the asker for later questions. Use it only when the asker wants \
     something kept in mind.";

/// What it may touch.
pub const TOUCHES: Touches = Touches::Writes;

/// Parameters.
pub const PARAMETERS: [Parameter; 1] = [Parameter {
    name: "words",
    kind: Kind::Text,
    description: "The part of the question that says it, copied word for word.",
    is_required: true,
}];
