//! What people see of a text: WhatsApp's marks (`*bold*`, `_italic_`, `~strike~`, code, quotes, lists) and links.
//!
//! A mark counts where it touches a word inside and none outside, and ends in its line; three backticks may end in
//! another one. Source: faq.whatsapp.com/539178204879377, read as of 2026-11-30.

use serde_json::{Value, json};

/// The marks within a line, and what they are called.
const MARKS: [(char, &str); 3] = [('*', "bold"), ('_', "italic"), ('~', "strike")];
/// What opens and closes a block of code.
const FENCE: &str = "```";

/// The lines of a text, each with its kind (`line`, `quote`, `bullet`, `number`, `code`) and its runs.
pub(super) fn rendered(text: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((before, code, after)) = fence(rest) {
        // What stands in the lines of the fence is not in a line of its own.
        if !before.trim_matches('\n').is_empty() {
            all.extend(before.trim_end_matches('\n').split('\n').map(line));
        }
        let code = code.trim_matches('\n');
        all.push(json!({ "kind": "code", "runs": [{ "text": code, "marks": [] }] }));
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    if !rest.is_empty() {
        all.extend(rest.split('\n').map(line));
    }
    all
}

/// The first block of code, with what is before and after it.
fn fence(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(FENCE)?;
    let (code, after) = rest.split_once(FENCE)?;
    (!code.trim().is_empty()).then_some((before, code, after))
}

fn line(line: &str) -> Value {
    let (kind, label, words) = prefix(line);
    let mut runs = Vec::new();
    spans(words, &mut Vec::new(), &mut runs);
    let mut value = json!({ "kind": kind, "runs": runs });
    if let Some(label) = label {
        value["label"] = json!(label);
    }
    value
}

/// The kind of a line, the number of an item, and the words after what makes it so.
fn prefix(line: &str) -> (&'static str, Option<&str>, &str) {
    if let Some(words) = line.strip_prefix("> ") {
        return ("quote", None, words);
    }
    if let Some(words) = line.strip_prefix("* ").or_else(|| line.strip_prefix("- ")) {
        return ("bullet", None, words);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let number = line.split_at_checked(digits).filter(|_| (1..=3).contains(&digits));
    match number.and_then(|(number, words)| Some((number, words.strip_prefix(". ")?))) {
        Some((number, words)) => ("number", Some(number), words),
        None => ("line", None, line),
    }
}

/// Adds the runs of a text within marks.
fn spans(text: &str, marks: &mut Vec<&'static str>, runs: &mut Vec<Value>) {
    let mut plain = String::new();
    let mut rest = text;
    let mut before = None;
    while let Some(first) = rest.chars().next() {
        let found = token(rest, before, marks);
        let Some((length, found)) = found else {
            plain.push(first);
            before = Some(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        };
        push(runs, &mut plain, marks);
        match found {
            Token::Code(code) => runs.push(json!({ "text": code, "marks": ["code"] })),
            Token::Link(url) => runs.push(json!({ "text": url, "marks": marks, "url": url })),
            Token::Marked(mark, inner) => {
                marks.push(mark);
                spans(inner, marks, runs);
                marks.pop();
            }
        }
        before = rest.get(..length).and_then(|taken| taken.chars().next_back());
        rest = rest.get(length..).unwrap_or_default();
    }
    push(runs, &mut plain, marks);
}

fn push(runs: &mut Vec<Value>, plain: &mut String, marks: &[&'static str]) {
    if !plain.is_empty() {
        runs.push(json!({ "text": plain, "marks": marks }));
        plain.clear();
    }
}

/// What a text begins with.
enum Token<'a> {
    Code(&'a str),
    Link(&'a str),
    Marked(&'static str, &'a str),
}

/// What a text begins with, and how long that is.
fn token<'a>(
    rest: &'a str,
    before: Option<char>,
    marks: &[&'static str],
) -> Option<(usize, Token<'a>)> {
    if let Some(inner) = rest.strip_prefix('`') {
        let (code, _) = inner.split_once('`')?;
        let is_code = !code.trim().is_empty();
        return is_code.then_some((code.len() + 2, Token::Code(code)));
    }
    if rest.starts_with("http://") || rest.starts_with("https://") {
        let end = rest.find(|c: char| c.is_whitespace() || "<>\"*~`".contains(c));
        let url =
            rest.get(..end.unwrap_or(rest.len()))?.trim_end_matches(['.', ',', ')', ':', '!']);
        return Some((url.len(), Token::Link(url)));
    }
    let (sign, mark) = MARKS.into_iter().find(|(sign, _)| rest.starts_with(*sign))?;
    if marks.contains(&mark) || before.is_some_and(is_word) {
        return None;
    }
    let inner = rest.get(1..)?;
    if inner.chars().next().is_none_or(|c| c.is_whitespace() || c == sign) {
        return None;
    }
    let end = inner.match_indices(sign).map(|(at, _)| at).find(|at| {
        let (inside, after) = (inner.get(..*at), inner.get(at + 1..));
        let touches =
            inside.and_then(|it| it.chars().next_back()).is_some_and(|c| !c.is_whitespace());
        touches && after.and_then(|it| it.chars().next()).is_none_or(|c| !is_word(c))
    })?;
    Some((end + 2, Token::Marked(mark, inner.get(..end)?)))
}

fn is_word(c: char) -> bool {
    // Japanese has no spaces between words, and marks work between its signs.
    c.is_ascii_alphanumeric()
}

/// The words alone, as a reader reads them.
pub(super) fn plain(text: &str) -> String {
    let lines = rendered(text);
    let of = |line: &Value| -> String {
        let runs = line["runs"].as_array().into_iter().flatten();
        runs.filter_map(|run| run["text"].as_str()).collect()
    };
    lines.iter().map(of).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{plain, rendered};

    /// A text in a short form: `kind[run(marks) …]` for each line.
    fn short(text: &str) -> String {
        let run = |run: &Value| {
            let marks: Vec<&str> =
                run["marks"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            let link = if run["url"].is_string() { "@" } else { "" };
            let text = run["text"].as_str().unwrap();
            if marks.is_empty() {
                format!("{link}{text}")
            } else {
                format!("{link}{text}<{}>", marks.join("+"))
            }
        };
        let line = |line: &Value| {
            let runs =
                line["runs"].as_array().unwrap().iter().map(run).collect::<Vec<_>>().join("|");
            format!("{}[{runs}]", line["kind"].as_str().unwrap())
        };
        rendered(text).iter().map(line).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn marks_make_what_people_see() {
        for (text, expected) in [
            ("a *b c* d", "line[a |b c<bold>| d]"),
            ("_a *b*_ ~c~", "line[a <italic>|b<italic+bold>| |c<strike>]"),
            ("日本の*山*です", "line[日本の|山<bold>|です]"),
            ("`a*b*` c", "line[a*b*<code>| c]"),
            ("> a *b*\nc", "quote[a |b<bold>] line[c]"),
            ("* a\n- b\n1. c\n12. d", "bullet[a] bullet[b] number[c] number[d]"),
            ("a\n```let x = *y*;\nz```\nb", "line[a] code[let x = *y*;\nz] line[b]"),
            ("see https://a.example/b_c_d, ok", "line[see |@https://a.example/b_c_d|, ok]"),
            ("*a https://a.example b*", "line[a <bold>|@https://a.example<bold>| b<bold>]"),
        ] {
            assert_eq!(short(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_mark_stays_as_it_is_written() {
        for text in
            ["2*3*4", "* a", "a * b * c", "*a", "snake_case_name", "**", "~ a ~", "``` a", "*a\nb*"]
        {
            let marked = rendered(text).into_iter().any(|line| {
                let runs = line["runs"].as_array().unwrap().clone();
                runs.iter().any(|run| run["marks"] != serde_json::json!([]))
            });
            assert!(!marked, "{text}: {:?}", rendered(text));
        }
        assert_eq!(plain("*a* _b_\n> c ```d```"), "a b\nc \nd");
    }
}
