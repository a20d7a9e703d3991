//! A small model of how Discord's client renders a message.

/// Renders like Discord's client, with formatting as tags: `<b>`, `<i>`, `<u>`, `<s>`, `<hide>`,
/// `<code>`, `<pre>`.
///
/// Written from the client's published rules, without looking at the code under test.
pub(super) fn visible(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    render(&chars)
}

fn render(chars: &[char]) -> String {
    let mut out = String::new();
    let mut i = 0;
    while i < chars.len() {
        let rest = &chars[i..];
        let (shown, used) = fence(rest)
            .or_else(|| escape(rest))
            .or_else(|| url(rest))
            .or_else(|| wrapped(rest, "**", "b"))
            .or_else(|| wrapped(rest, "__", "u"))
            .or_else(|| emphasis(rest))
            .or_else(|| wrapped(rest, "~~", "s"))
            .or_else(|| code(rest))
            .or_else(|| wrapped(rest, "||", "hide"))
            .unwrap_or_else(|| (rest[0].to_string(), 1));
        out += &shown;
        i += used;
    }
    out
}

fn begins(chars: &[char], with: &str) -> bool {
    let with: Vec<char> = with.chars().collect();
    chars.starts_with(&with)
}

fn text(chars: &[char]) -> String {
    chars.iter().collect()
}

/// ```` ^```(?:([a-z0-9_+\-.#]+?)\n)?\n*([^\n][^]*?)\n*``` ````
fn fence(rest: &[char]) -> Option<(String, usize)> {
    if !begins(rest, "```") {
        return None;
    }
    let end = (4..rest.len()).find(|end| begins(&rest[*end..], "```"))?;
    Some((format!("<pre>{}</pre>", text(&rest[3..end])), end + 3))
}

/// `^\\([^0-9A-Za-z\s])`
fn escape(rest: &[char]) -> Option<(String, usize)> {
    let escaped = *rest.get(1)?;
    let is_escape = rest[0] == '\\' && !escaped.is_ascii_alphanumeric() && !escaped.is_whitespace();
    is_escape.then(|| (escaped.to_string(), 2))
}

fn url(rest: &[char]) -> Option<(String, usize)> {
    if !begins(rest, "https://") {
        return None;
    }
    let end = rest.iter().position(|c| c.is_whitespace() || *c == '<').unwrap_or(rest.len());
    Some((text(&rest[..end]), end))
}

/// `^\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)` and its siblings.
fn wrapped(rest: &[char], mark: &str, tag: &str) -> Option<(String, usize)> {
    if !begins(rest, mark) {
        return None;
    }
    let mut end = 2;
    loop {
        end += if rest.get(end) == Some(&'\\') { 2 } else { 1 };
        let after = rest.get(end..)?;
        if begins(after, mark) && !(mark != "||" && after.get(2) == mark.chars().next().as_ref()) {
            return Some((format!("<{tag}>{}</{tag}>", render(&rest[2..end])), end + 2));
        }
        if after.is_empty() {
            return None;
        }
    }
}

/// `^\b_((?:__|\\[\s\S]|[^\\_])+?)_\b` or `^\*(?=\S)((?:\*\*|\\[\s\S]|…|[^\s\*\\])+?)\*(?!\*)`
fn emphasis(rest: &[char]) -> Option<(String, usize)> {
    let mark = *rest.first().filter(|c| matches!(c, '*' | '_'))?;
    let is_opener = mark == '_' || rest.get(1).is_some_and(|c| !c.is_whitespace());
    let mut end = 1;
    while is_opener && end < rest.len() {
        if rest[end] != mark {
            end += if rest[end] == '\\' { 2 } else { 1 };
            continue;
        }
        let next = rest.get(end + 1);
        let is_word = next.is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_');
        let is_closer = end > 1
            && match mark {
                '_' => !is_word,
                _ => next != Some(&'*') && !rest[end - 1].is_whitespace(),
            };
        if is_closer {
            return Some((format!("<i>{}</i>", render(&rest[1..end])), end + 1));
        }
        if next != Some(&mark) {
            return None;
        }
        end += 2;
    }
    None
}

/// ``^(`+)([\s\S]*?[^`])\1(?!`)``
fn code(rest: &[char]) -> Option<(String, usize)> {
    let run = rest.iter().take_while(|c| **c == '`').count();
    for ticks in (1..=run).rev() {
        let is_close = |end: &usize| {
            rest[end - 1] != '`'
                && rest[*end..].iter().take(ticks).filter(|c| **c == '`').count() == ticks
                && rest.get(end + ticks) != Some(&'`')
        };
        if let Some(end) = (ticks + 1..rest.len()).find(is_close) {
            return Some((format!("<code>{}</code>", text(&rest[ticks..end])), end + ticks));
        }
    }
    None
}
