//! A question, taken apart into the asker's own sentences.

/// What a quoted character is hidden behind: nothing that a rule looks for.
const HIDDEN: u8 = 1;

/// A sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence<'a> {
    /// As it was written, without what ends it.
    pub(super) text: &'a str,
    /// The same, as long, with everything hidden that is quoted.
    pub(super) own: String,
    /// Whether it is a question.
    pub(super) asks: bool,
    /// What follows a colon at its end: the rest of the line, or the lines below if that is blank. Empty
    /// where no colon ends the sentence.
    pub(super) note: &'a str,
}

/// Returns the asker's own sentences.
pub(super) fn sentences(question: &str) -> Vec<Sentence<'_>> {
    let own = hide(question);
    let mut sentences = Vec::new();
    let mut begin = 0;
    let mut characters = own.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let after = at + character.len_utf8();
        let ends = match character {
            '\n' | '!' | '?' | '。' | '！' | '？' => true,
            // Not in a number, an address or an abbreviation.
            '.' => next.is_none_or(char::is_whitespace),
            ':' | '：' => introduces(&own, at, next),
            _ => false,
        };
        if !ends {
            continue;
        }
        let is_colon = matches!(character, ':' | '：');
        let note = if is_colon { note(question.get(after..).unwrap_or_default()) } else { "" };
        sentences.extend(sentence(question, &own, begin..at, character, note));
        begin = after;
        if is_colon {
            return sentences;
        }
    }
    sentences.extend(sentence(question, &own, begin..question.len(), ' ', ""));
    sentences
}

fn sentence<'a>(
    question: &'a str,
    own: &str,
    range: core::ops::Range<usize>,
    end: char,
    note: &'a str,
) -> Option<Sentence<'a>> {
    let text = question.get(range.clone())?;
    let own = own.get(range)?;
    // Both are trimmed by the same characters, so that a place in one is the same place in the other.
    let blank = own.len() - own.trim_start().len();
    let length = own.trim().len();
    let text = text.get(blank..blank + length)?;
    let own = own.trim().to_owned();
    (!own.is_empty()).then_some(Sentence { text, own, asks: matches!(end, '?' | '？'), note })
}

/// Returns whether a colon introduces something: not the one of a time or of an address.
fn introduces(own: &str, at: usize, next: Option<char>) -> bool {
    let before = own.get(..at).and_then(|before| before.chars().next_back());
    let is_time = before.is_some_and(|before| before.is_ascii_digit())
        && next.is_some_and(|next| next.is_ascii_digit());
    !is_time && next != Some('/')
}

fn note(rest: &str) -> &str {
    let (line, below) = rest.split_once('\n').unwrap_or((rest, ""));
    if line.trim().is_empty() {
        // Up to a blank line, which ends the note.
        let end = below.find("\n\n").unwrap_or(below.len());
        return below.get(..end).unwrap_or_default();
    }
    line
}

/// Returns the text with everything hidden that is quoted: as long, so that places stay the same.
fn hide(text: &str) -> String {
    let mut own = Vec::with_capacity(text.len());
    let mut is_code = false;
    for line in text.split_inclusive('\n') {
        let fences = line.trim_start().starts_with("```");
        let is_quoted = is_code || fences || line.trim_start().starts_with('>');
        if fences {
            is_code = !is_code;
        }
        let mut closing: Option<char> = None;
        let mut before = ' ';
        let has_backticks = line.matches('`').count() > 1;
        for character in line.chars() {
            let opens = match character {
                '“' => Some('”'),
                '«' => Some('»'),
                '「' => Some('」'),
                '『' => Some('』'),
                '`' if has_backticks => Some('`'),
                '"' if !before.is_alphanumeric() => Some('"'),
                _ => None,
            };
            let hides = is_quoted || closing.is_some() || opens.is_some();
            closing = match closing {
                Some(end) if end == character => None,
                None => opens,
                open => open,
            };
            before = character;
            let mut bytes = [0; 4];
            let encoded = character.encode_utf8(&mut bytes).as_bytes();
            if hides && character != '\n' {
                own.extend(encoded.iter().map(|_byte| HIDDEN));
            } else {
                own.extend_from_slice(encoded);
            }
        }
    }
    String::from_utf8(own).unwrap_or_default()
}
