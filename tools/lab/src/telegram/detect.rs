//! The entities that Telegram finds in a text by itself: commands, mentions, links.

use serde_json::{Value, json};

/// All of them, in their order.
pub(super) fn all(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    let (mut units, mut before) = (0, None);
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let begins = before.is_none_or(|c: char| !c.is_alphanumeric() && !"_/@".contains(c));
        let one = if begins { at(rest) } else { None };
        let taken = one.map_or(letter.len_utf8(), |(_, bytes)| bytes);
        let (head, tail) = rest.split_at(taken);
        let length = head.encode_utf16().count();
        if let Some((kind, _)) = one {
            found.push(json!({ "type": kind, "offset": units, "length": length }));
        }
        units += length;
        before = head.chars().next_back();
        rest = tail;
    }
    found
}

/// The entity with which a text begins, and its length in bytes.
fn at(text: &str) -> Option<(&'static str, usize)> {
    if let Some(name) = text.strip_prefix('@') {
        let name = word(name);
        return (name >= 3).then_some(("mention", 1 + name));
    }
    if let Some(command) = text.strip_prefix('/') {
        let length = word(command);
        if length == 0 {
            return None;
        }
        let of = command.get(length..).and_then(|rest| rest.strip_prefix('@')).map_or(0, word);
        return Some(("bot_command", 1 + length + if of >= 3 { 1 + of } else { 0 }));
    }
    if text.starts_with("https://") || text.starts_with("http://") {
        let end = text.find(|c: char| c.is_whitespace() || "<>\"".contains(c));
        let link = text.split_at(end.unwrap_or(text.len())).0;
        let link = link.trim_end_matches(['.', ',', '!', '?', ')', ':', ';', '。', '、']);
        return Some(("url", link.len()));
    }
    None
}

/// Length of the name with which a text begins.
fn word(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn finds_commands_mentions_and_links() {
        for (text, expected) in [
            ("/ask why", &[("bot_command", 0, 4)][..]),
            ("/ask@miyabi_lab_bot なぜ?", &[("bot_command", 0, 19)]),
            ("🎋 @mio_lab, hi", &[("mention", 3, 8)]),
            ("mail a@example.com", &[]),
            ("a/b and 1/2", &[]),
            ("(https://a.example/b).", &[("url", 1, 19)]),
            ("@a /", &[]),
        ] {
            let found = all(text);
            let found: Vec<_> = found
                .iter()
                .map(|e| {
                    (
                        e["type"].as_str().unwrap(),
                        e["offset"].as_u64().unwrap(),
                        e["length"].as_u64().unwrap(),
                    )
                })
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
