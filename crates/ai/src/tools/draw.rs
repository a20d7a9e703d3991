//! The tool `draw`: an image below the answer. The product has it drawn, once, when the answer is there: it is in
//! `drawing` there.

use super::errands::Touches;
use super::schema::{Kind, Parameter};

/// What the model reads about the tool.
pub const DESCRIPTION: &str = "Draws one image, which is attached below the answer. Use it only when the asker wants an \
     image. An answer has one image: of several calls the first one counts.";

/// What it may touch.
pub const TOUCHES: Touches = Touches::Writes;

/// Parameters.
pub const PARAMETERS: [Parameter; 1] = [Parameter {
    name: "prompt",
    kind: Kind::Text,
    description: "What the image is to show, in English, in one or two sentences: subject, style, light.",
    is_required: true,
}];
