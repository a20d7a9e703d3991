//! Reads a form with a file, as the program writes one.

/// Returns whether a body is a form.
pub fn is_form(text: &str) -> bool {
    text.starts_with("--")
}

/// Returns the value of a field.
pub fn field(text: &str, name: &str) -> Option<String> {
    part(text, &format!("name=\"{name}\"\r\n"))
}

/// Returns the text of the first file that is one.
pub fn file(text: &str) -> Option<String> {
    part(text, "filename=\"answer.")
}

fn part(text: &str, head: &str) -> Option<String> {
    let boundary = text.split("\r\n").next()?;
    let mut parts = text.split(boundary).filter_map(|part| part.split_once("\r\n\r\n"));
    let (_, value) = parts.find(|(found, _)| [found, "\r\n"].concat().contains(head))?;
    Some(value.strip_suffix("\r\n").unwrap_or(value).to_owned())
}
