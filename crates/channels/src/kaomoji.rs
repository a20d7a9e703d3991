//! Escapes the kaomoji of an answer for Markdown.
//!
//! Without it, `¯\_(ツ)_/¯` loses an arm to an escape, and two `(´ω｀*)` written with backticks make a
//! code span of everything between them.
//! `face` finds the kaomoji, and `verbatim` what Discord reads as one unit; this file copies code, links and
//! such units as they are and escapes the kaomoji.

mod face;
mod verbatim;

use self::face::{Face, find_faces};
use miyabi_core::text::markup::{Backticks, at, run_len, url_end};

/// Escapes the markdown characters of kaomoji, so that a chat shows them as they were meant.
///
/// Inside a kaomoji (a parenthesised face with its arms, or a bare one like `^_^`) every backslash,
/// backtick, `*`, `_`, `~` and `|` gets a backslash, unless all of them have one already.
/// Elsewhere only backticks that open no code are escaped.
/// Code fences, code spans, links, custom emoji, mentions and timestamps stay byte for byte, and so does
/// all other markdown.
/// Escaping twice changes nothing more.
///
/// # Example
///
/// ```text
/// (*´ω`*) **bold**  →  (\*´ω\`\*) **bold**
/// ```
pub(crate) fn escape_kaomoji(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let masked = verbatim::mask(&chars);
    let faces = find_faces(&masked);
    let ticks = Backticks::find(&masked, |index| is_in_face(&faces, index));
    let mut faces = faces.iter().peekable();
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut index = 0;
    while index < chars.len() {
        // Faces inside code and links were copied with them.
        while faces.next_if(|face| face.whole.start < index).is_some() {}
        if let Some(face) = faces.next_if(|face| face.whole.start == index) {
            write_face(&chars, face, &mut out);
            index = face.whole.end;
            continue;
        }
        let end = verbatim_end(&masked, index, &ticks);
        if let Some(end) = end {
            out.extend(chars.get(index..end).unwrap_or_default());
        } else {
            out.push_str(r"\`");
        }
        index = end.unwrap_or(index + 1);
    }
    out
}

fn is_in_face(faces: &[Face], index: usize) -> bool {
    let after = faces.partition_point(|face| face.whole.end <= index);
    faces.get(after).is_some_and(|face| face.whole.contains(&index))
}

/// Returns the end of what is copied as it is, or nothing for a backtick that opens no code.
fn verbatim_end(chars: &[char], index: usize, ticks: &Backticks) -> Option<usize> {
    match at(chars, index) {
        '\\' if is_escapable(at(chars, index + 1)) => Some(index + 2),
        '`' => {
            let len = run_len(chars, index);
            let fence = ticks.fence(chars, index).map(|(_, end)| end);
            fence.or_else(|| Some(ticks.span_close(index + len, len)? + len))
        }
        // Backslashes in a link are the model's escapes.
        'h' => Some(url_end(chars, index).map_or(index + 1, |end| {
            let link = chars.get(index..end).unwrap_or_default();
            index + link.iter().position(|c| *c == '\\').unwrap_or(link.len())
        })),
        _ => Some(index + 1),
    }
}

/// Says whether Discord drops a backslash before this character.
fn is_escapable(c: char) -> bool {
    !(c == '\0' || c.is_ascii_alphanumeric() || c.is_whitespace())
}

fn is_special(c: char) -> bool {
    matches!(c, '\\' | '`' | '*' | '_' | '~' | '|')
}

fn write_face(chars: &[char], face: &Face, out: &mut String) {
    if let Some(meant) = face.meant {
        return out.extend(meant.chars().flat_map(|c| ['\\', c]));
    }
    let is_escaped = is_escaped(chars, face);
    let mut index = face.whole.start;
    while index < face.whole.end {
        let (c, next) = (at(chars, index), at(chars, index + 1));
        let is_pair = c == '\\' && is_special(next) && index + 1 < face.whole.end;
        // A backslash is drawn in an arm, but inside the face it can only be an escape.
        if is_pair && (is_escaped || next == '\\' || face.inside.contains(&index)) {
            out.extend([c, next]);
            index += 2;
            continue;
        }
        if is_special(c) {
            out.push('\\');
        }
        out.push(c);
        index += 1;
    }
}

/// Says whether the model has put a backslash before every special character of a face.
fn is_escaped(chars: &[char], face: &Face) -> bool {
    let mut index = face.whole.start;
    while index < face.whole.end {
        let c = at(chars, index);
        let is_pair = c == '\\' && is_special(at(chars, index + 1)) && index + 1 < face.whole.end;
        if is_special(c) && !is_pair {
            return false;
        }
        index += if is_pair { 2 } else { 1 };
    }
    true
}

#[cfg(test)]
mod tests;
