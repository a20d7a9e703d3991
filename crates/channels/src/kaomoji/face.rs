//! Finds the kaomoji of a text.
//!
//! A face is looked for in each innermost pair of parentheses; then its arms are read outwards.
//! An escaped character counts as itself, so a face is found again after it was escaped.

use std::ops::Range;

use miyabi_core::text::markup::{at, run_len};

const FACE_CHARS: usize = 20;
/// Faces of letters may have accents and marks stacked on them; this bounds the raw text.
const RAW_FACE_CHARS: usize = 3 * FACE_CHARS;
const WORD_CHARS: usize = 3;
/// Eyes of faces without parentheses, as in `^_^` and `T_T`.
const BARE_EYES: &str = "^>;-.=@+'´・•°ಠ◕TtOoUuXxQ";
/// Eyes that are recognized even beside a letter, as in `ok^_^`.
const CLEAR_EYES: &str = "^><;@ಠ◕";
const MIRRORED_EYES: [(char, char); 4] = [('>', '<'), ('^', '-'), ('-', '^'), ('`', '´')];
/// Letters that are mouths, so that `(*o*)` is a face and `(*a*)` is an emphasized letter.
const MOUTHS: &str = "oOωДд∀▽";
const HANDS: &str = "/／ﾉノﾞ゛ゞヾ";
const SPARKLES: &str = ":･ﾟ✧｡☆★✿♡♥";
/// Symbols of ordinary writing; alone they make no face.
const PROSE_SYMBOLS: &str = "、。，．！？：；「」『』（）【】〈〉《》“”‘’–—…‥±×÷§©®™€£¥µ²³№※〜～ー";
/// Symbols of ordinary writing, but only behind a letter or digit: `A・B`, `20°`.
const INNER_SYMBOLS: &str = "・°";
const PROSE_ASCII: &str = ".,:!?'\"+-/%=&#$@()";

/// A kaomoji in a text, or a part of one that needs escapes.
#[derive(Debug)]
pub(super) struct Face {
    /// With its arms.
    pub(super) whole: Range<usize>,
    /// Between the parentheses; empty without them.
    pub(super) inside: Range<usize>,
    /// What the reader must see, where that is known better than by reading `whole`.
    pub(super) meant: Option<&'static str>,
}

/// Finds the kaomoji of a text, in order and without overlaps.
pub(super) fn find_faces(chars: &[char]) -> Vec<Face> {
    let mut faces: Vec<Face> = Vec::new();
    let mut open = None;
    let mut index = 0;
    while index < chars.len() {
        let mut found = None;
        match at(chars, index) {
            '(' | '（' => {
                let unclosed = open.replace(index + 1);
                found = unclosed.and_then(|start| hugging_face(chars, start..index));
            }
            ')' | '）' => {
                let inside = open.take().map(|start| start..index);
                found = inside.and_then(|inside| parenthesized(chars, &faces, inside));
            }
            '\n' => open = None,
            '¯' => found = left_shrug(chars, index + 1),
            '_' => found = bare_mouth(chars, index),
            _ => {}
        }
        if let Some(face) = &found {
            // What looked like a bare face in it is a part of it.
            faces.truncate(count_before(&faces, face.inside.start));
            index = face.whole.end - 1;
        }
        faces.extend(found);
        index += 1;
    }
    faces
}

fn count_before(faces: &[Face], index: usize) -> usize {
    faces.partition_point(|face| face.whole.start < index)
}

/// The left arm of `¯\_(ツ)_/¯`, whatever its face is and however much of it is escaped.
///
/// Read by itself, `\_` would pass for an escaped `_`; models write all of `\_`, `\\_` and `\\\_`.
fn left_shrug(chars: &[char], start: usize) -> Option<Face> {
    let slashes = if at(chars, start) == '\\' { run_len(chars, start) } else { return None };
    let hand = usize::from(at(chars, start + slashes) == '_');
    let is_arm = hand > 0 || matches!(at(chars, start + slashes), '(' | '（');
    if !is_arm {
        return None;
    }
    let meant = if hand == 0 { r"\" } else { r"\_" };
    Some(Face { whole: start..start + slashes + hand, inside: start..start, meant: Some(meant) })
}

/// The mouth of `^_^`, or the right hand of `_/¯`.
fn bare_mouth(chars: &[char], start: usize) -> Option<Face> {
    let left = at(chars, start.checked_sub(1)?);
    if left == '_' {
        return None;
    }
    let end = start + run_len(chars, start);
    let right = at(chars, end);
    let face = Face { whole: start..end, inside: start..start, meant: None };
    if right == '/' && at(chars, end + 1) == '¯' && !matches!(left, '\\' | '¯') {
        return Some(face);
    }
    let is_twin = left.eq_ignore_ascii_case(&right) && BARE_EYES.contains(left);
    let is_odd = MIRRORED_EYES.contains(&(left, right));
    let is_alone = |c: char| {
        let is_word = c.is_ascii_alphanumeric() && !CLEAR_EYES.contains(left);
        !is_word && !"_*~|`\\/".contains(c)
    };
    let before = start.checked_sub(2).map_or(' ', |index| at(chars, index));
    ((is_twin || is_odd) && is_alone(before) && is_alone(at(chars, end + 1))).then_some(face)
}

/// The first of the two in `(*≧∀≦(≧∀≦*)`, which never closes its parenthesis.
fn hugging_face(chars: &[char], inside: Range<usize>) -> Option<Face> {
    let raw = chars.get(inside.clone()).filter(|raw| raw.len() <= RAW_FACE_CHARS)?;
    // Of "`(` (", a backtick and a space are no face.
    let is_hugging = !raw.contains(&'¯') && is_face(without_space(&unescape(raw)));
    is_hugging.then(|| Face { whole: inside.clone(), inside, meant: None })
}

fn without_space(view: &[char]) -> &[char] {
    let start = view.iter().position(|c| !c.is_whitespace()).unwrap_or(view.len());
    let end = view.iter().rposition(|c| !c.is_whitespace()).map_or(start, |last| last + 1);
    view.get(start..end).unwrap_or_default()
}

fn parenthesized(chars: &[char], faces: &[Face], inside: Range<usize>) -> Option<Face> {
    if inside.len() > RAW_FACE_CHARS || !is_face(&unescape(chars.get(inside.clone())?)) {
        return None;
    }
    let before = faces.get(..count_before(faces, inside.start)).unwrap_or_default();
    let free = before.last().map_or(0, |face| face.whole.end);
    let start = left_arm(chars, free, inside.start - 1);
    let has_low_arm = start < inside.start - 1 && at(chars, inside.start - 2) == '_';
    let end = right_arm(chars, inside.end + 1, has_low_arm);
    // `_(:3」∠)_` has two arms; a single `_` may be the start of italics.
    let is_italic = has_low_arm && at(chars, start) == '_' && end == inside.end + 1;
    let start = if is_italic { inside.start - 1 } else { start };
    Some(Face { whole: start..end, inside, meant: None })
}

/// Reads `\` or `_` or `\_` before the opening parenthesis.
fn left_arm(chars: &[char], free: usize, open: usize) -> usize {
    let before = chars.get(free..open).unwrap_or_default();
    let low = before.iter().rev().take_while(|c| **c == '_').count();
    let hand = usize::from(low == 1);
    let slashes = before.iter().rev().skip(hand).take_while(|c| **c == '\\').count();
    // Escaped, the `_` of `¯_(` would pass for the arm of a shrug.
    let is_shrug = slashes == 0 && before.iter().rev().nth(hand) == Some(&'¯');
    if is_shrug { open } else { open - hand - slashes }
}

/// Reads what waves or sparkles behind the closing parenthesis.
fn right_arm(chars: &[char], start: usize, has_low_arm: bool) -> usize {
    let slashes = if at(chars, start) == '\\' { run_len(chars, start) } else { 0 };
    let low = start + slashes;
    if at(chars, low) == '_' && slashes < 2 {
        let has_low_arm = has_low_arm && at(chars, low + 1) != '_';
        let is_raised = matches!(at(chars, low + 1), '/' | '／');
        return if is_raised || has_low_arm { low + 1 } else { start };
    }
    // The backslash before other markdown belongs to that.
    let is_escape = matches!(at(chars, low), '*' | '~' | '|' | '`' | '_');
    let slashes = if is_escape { slashes - slashes % 2 } else { slashes };
    if slashes > 0 {
        return start + slashes;
    }
    let hand = start + usize::from(HANDS.contains(at(chars, start)));
    let is_sparkle = |index| SPARKLES.contains(at(chars, index));
    match at(chars, hand) {
        '~' if run_len(chars, hand) >= 3 => hand + run_len(chars, hand),
        '*' if is_sparkle(hand + 1) && is_sparkle(hand + 2) => hand + 1,
        _ => start,
    }
}

/// Drops the backslash before each special character.
fn unescape(raw: &[char]) -> Vec<char> {
    let mut view = Vec::with_capacity(raw.len());
    let mut chars = raw.iter().copied().peekable();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next_if(|c| super::is_special(*c)) } else { None };
        view.push(escaped.unwrap_or(c));
    }
    view
}

fn is_face(view: &[char]) -> bool {
    (2..=FACE_CHARS).contains(&view.len())
        && !has_word(view)
        && !has_code(view)
        && !has_emphasized_prose(view)
        && !has_shrug(view)
        && (view.iter().any(|c| is_face_symbol(*c)) || has_ascii_face(view) || is_crying(view))
}

/// `ToT` and `QAQ`: only their arms can hold markdown.
fn is_crying(view: &[char]) -> bool {
    matches!(view, [left @ ('T' | 'Q'), 'o' | 'O' | 'A', right] if left == right)
}

/// Kanji, kana and hangul, of which two in a row are writing.
fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}')
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !is_cjk(c) && !matches!(c, '\u{ff61}'..='\u{ff9f}' | 'ー')
}

fn has_word(view: &[char]) -> bool {
    let words = view.split(|c| !is_letter(*c));
    // `ToT` is a crying face, not a word.
    let is_word = |word: &[char]| word.len() >= WORD_CHARS && word.first() != word.last();
    words.into_iter().any(|word| is_word(word) || word.len() > WORD_CHARS)
        || view.windows(2).any(|pair| pair.iter().all(|c| is_cjk(*c)))
}

/// `(¯\_ツ_/¯)`: the arms are read by themselves.
fn has_shrug(view: &[char]) -> bool {
    let mut pairs = view.windows(2);
    let has_left = view.windows(2).any(|pair| matches!(pair, ['¯', '_' | '\\']));
    has_left && pairs.any(|pair| pair == ['/', '¯'])
}

/// Says whether backticks pair up around something that is no part of a face: `(`→`)`, but not
/// `(`・ω・`)`, whose backticks are eyebrows.
fn has_code(view: &[char]) -> bool {
    let pieces: Vec<&[char]> = view.split(|c| *c == '`').collect();
    let inner = pieces.get(1..pieces.len() - 1).unwrap_or_default();
    let is_code =
        |content: &&[char]| content.len() < 2 || !content.iter().any(|c| is_face_symbol(*c));
    inner.iter().step_by(2).any(is_code)
}

/// Says whether `*`, `_`, `~~` or `||` pair up around ordinary writing, as in `(⭐ **4.5**)`.
fn has_emphasized_prose(view: &[char]) -> bool {
    let is_marker = |c: &char| matches!(c, '*' | '_' | '~' | '|');
    let pieces: Vec<&[char]> = view.split(is_marker).collect();
    let inner = pieces.get(1..pieces.len() - 1).unwrap_or_default();
    let mut end = pieces.first().map_or(0, |piece| piece.len());
    for piece in inner {
        let before = end;
        end = before + 1 + piece.len();
        if view.get(before) == view.get(end) && is_prose(piece) {
            return true;
        }
    }
    false
}

fn is_prose(piece: &[char]) -> bool {
    let is_mouth = matches!(piece, [c] if MOUTHS.contains(*c));
    let is_inner = |index: usize, c: char| index > 0 && INNER_SYMBOLS.contains(c);
    let is_written = |(index, c): (usize, &char)| {
        c.is_alphanumeric()
            || *c == ' '
            || PROSE_ASCII.contains(*c)
            || PROSE_SYMBOLS.contains(*c)
            || is_inner(index, *c)
    };
    let is_mixed = piece.iter().any(|c| is_cjk(*c)) && piece.iter().any(|c| is_foreign(*c));
    !is_mouth
        && !is_mixed
        && piece.iter().any(|c| c.is_alphanumeric())
        && piece.iter().enumerate().all(is_written)
}

/// A letter that is neither Latin nor CJK: in Japanese it is a mouth or an eye.
fn is_foreign(c: char) -> bool {
    is_letter(c) && c > '\u{24f}'
}

fn is_face_symbol(c: char) -> bool {
    let is_latin = c.is_alphabetic() && c <= '\u{24f}';
    let is_arrow = matches!(c, '\u{2190}'..='\u{21ff}');
    let is_writing = c.is_ascii() || c.is_whitespace() || c.is_numeric() || is_cjk(c) || is_latin;
    !(is_writing || is_arrow || PROSE_SYMBOLS.contains(c))
}

/// Says whether a view without face symbols has eyes, as `^^`, `T_T`, `* *` and `>_<` do.
fn has_ascii_face(view: &[char]) -> bool {
    let has_brows = view.iter().filter(|c| **c == '^').count() >= 2;
    let has_digit = view.iter().any(char::is_ascii_digit);
    let has_lone_tick = view.len() <= 8
        && view.iter().filter(|c| **c == '`').count() == 1
        && view.iter().all(|c| !c.is_alphanumeric() || MOUTHS.contains(*c));
    has_brows || (!has_digit && (has_lone_tick || has_mouth(view) || has_twin_eyes(view)))
}

fn has_mouth(view: &[char]) -> bool {
    let mouths = view.iter().enumerate().filter(|(_, c)| **c == '_');
    let mut eyes = mouths.filter_map(|(index, _)| {
        let left = view.get(..index)?.iter().rev().find(|c| **c != '_')?;
        Some((*left, *view.get(index..)?.iter().find(|c| **c != '_')?))
    });
    eyes.any(|(left, right)| {
        let are_symbols = !left.is_alphanumeric() && !right.is_alphanumeric();
        are_symbols || left.eq_ignore_ascii_case(&right)
    })
}

/// `* *`, `*-*`, `**`, `__`, `_ _`, `||_||`: the same special character on both sides.
fn has_twin_eyes(view: &[char]) -> bool {
    let [left, mouth @ .., right] = view else { return false };
    left == right
        && super::is_special(*left)
        && mouth.len() <= 3
        && mouth.iter().all(|c| !c.is_alphanumeric() || MOUTHS.contains(*c))
}
