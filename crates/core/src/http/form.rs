//! A form with a file, as a browser or `curl` sends it.
//!
//! The file stays where it has arrived, and all around it is cut off: a copy would take as much again as the largest
//! file.
//!
//! # Source
//! RFC 7578, Returning Values from Forms; RFC 2046, 5.1.1.

/// A file that a request brings. Its name and its kind are whatever its sender chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFile {
    /// Name, if the form says one.
    pub name: Option<String>,
    /// Media type; blank if none is said.
    pub kind: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Longest head of a part that is looked at, in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Returns whether a body of this type is a form.
pub(super) fn is_form(kind: &str) -> bool {
    let prefix = "multipart/form-data";
    kind.get(..prefix.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(prefix))
}

/// Returns the first file of a form; `None` if it has none, or is no form.
pub(super) fn first_file(kind: &str, mut form: Vec<u8>) -> Option<SentFile> {
    let boundary = parameter(kind, "boundary").filter(|boundary| !boundary.is_empty())?;
    let delimiter = ["\r\n--", &boundary].concat().into_bytes();
    let first = delimiter.get(2..)?;
    let mut at = if form.starts_with(first) { first.len() } else { after(&form, 0, &delimiter)? };
    loop {
        // The rest of the line of the delimiter is blank, and the last one has two hyphens.
        let rest = form.get(at..)?;
        let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        // What ends the head may be the line of the delimiter itself, where there are no headers.
        let head_begin = at + blank;
        if !form.get(head_begin..)?.starts_with(b"\r\n") {
            return None;
        }
        let near = form.get(..form.len().min(head_begin + MAX_HEAD_BYTES))?;
        let begin = after(near, head_begin, b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(form.get(head_begin..begin)?).into_owned();
        let next = after(&form, begin, &delimiter)?;
        if let Some(name) = file_name(&head) {
            let kind = header(&head, "content-type").unwrap_or_default().to_owned();
            form.truncate(next - delimiter.len());
            form.drain(..begin);
            return Some(SentFile { name: Some(name), kind, bytes: form });
        }
        at = next;
    }
}

/// Returns where the first of these behind a place ends.
fn after(bytes: &[u8], from: usize, sought: &[u8]) -> Option<usize> {
    let (first, mut at) = (sought.first()?, from);
    loop {
        let rest = bytes.get(at..)?;
        let found = rest.iter().position(|byte| byte == first)?;
        if rest.get(found..)?.starts_with(sought) {
            return Some(at + found + sought.len());
        }
        at += found + 1;
    }
}

/// Returns a header of a part.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let fields = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let mut named = fields.filter(|(known, _)| known.trim().eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value.trim())
}

/// Returns the name of the file that a part is; `None` for a part that is none.
fn file_name(head: &str) -> Option<String> {
    let name = parameter(header(head, "content-disposition")?, "filename")?;
    // So browsers write what would end the name or its line.
    Some(name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"))
}

/// Returns a parameter of a header's value, without its quotes.
fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value.split_once(';')?.1;
    loop {
        let (known, behind) = rest.split_once('=')?;
        let (value, behind) = parameter_value(behind.trim_start());
        if known.trim().eq_ignore_ascii_case(name) {
            return Some(value);
        }
        rest = behind.split_once(';')?.1;
    }
}

/// Returns a value in quotes or without, and what follows it.
fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (value.trim().to_owned(), rest);
    };
    let (mut value, mut letters) = (String::new(), quoted.char_indices().peekable());
    while let Some((at, letter)) = letters.next() {
        match (letter, letters.peek()) {
            ('"', _) => return (value, quoted.get(at + 1..).unwrap_or_default()),
            // Some senders write it so; before anything else it is a part of the name.
            ('\\', Some((_, next @ ('"' | '\\')))) => {
                value.push(*next);
                letters.next();
            }
            _ => value.push(letter),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests;
