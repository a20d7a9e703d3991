//! What Discord keeps of a message's text, whatever it rewrites.
//!
//! Discord stores some texts otherwise than they were sent: it trims them, normalizes them, drops what shows
//! nothing, and writes `:name:` for a custom emoji that the sender may not use. Two texts of which it keeps
//! the same are taken for the same message.

use super::links::find_links;
use miyabi_core::text::{decomposed, is_default_ignorable};

/// Returns what is left of a text after any of Discord's rewritings; letters keep their case.
///
/// # Source
/// Discord Docs/Create Message ("may strip certain characters"), read 2026-11-20; Message Formatting.
pub(super) fn kept(text: &str) -> String {
    let text = without_self_links(text);
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, unit)) = rest.split_once('<') {
        kept.push_str(before);
        let inside = unit.split_once('>').filter(|(inside, _)| !inside.contains(['<', '\n']));
        let Some((inside, behind)) = inside else {
            kept.push('<');
            rest = unit;
            continue;
        };
        match plain(inside) {
            Some(plain) => kept.push_str(&plain),
            None => kept.extend(["<", inside, ">"]),
        }
        rest = behind;
    }
    kept.push_str(rest);
    kept.retain(|c| !is_default_ignorable(c));
    let words: Vec<&str> = kept.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    decomposed(&words.join(" "))
}

/// Returns what may stand in the place of what angle brackets enclose.
fn plain(inside: &str) -> Option<String> {
    if inside.starts_with("http://") || inside.starts_with("https://") {
        return Some(inside.to_owned());
    }
    if let Some(id) = inside.strip_prefix("@!") {
        return Some(format!("<@{id}>"));
    }
    if inside.strip_prefix("t:").is_some_and(|time| time.ends_with(":f")) {
        // The style of a timestamp without one.
        return inside.strip_suffix(":f").map(|time| format!("<{time}>"));
    }
    let emoji = inside.strip_prefix("a:").or_else(|| inside.strip_prefix(':'))?;
    let (name, id) = emoji.split_once(':')?;
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| format!(":{name}:"))
}

/// Returns the text with the address alone in place of a link whose text is its address.
fn without_self_links(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut plain = String::with_capacity(text.len());
    let mut copied = 0;
    for link in find_links(&chars) {
        let (said, address) = (chars.get(link.text.clone()), chars.get(link.href.clone()));
        if said != address || link.text.start <= copied {
            continue;
        }
        let before = copied..link.text.start.saturating_sub(1);
        plain.extend(chars.get(before).unwrap_or_default());
        plain.extend(address.unwrap_or_default());
        copied = link.end;
    }
    plain.extend(chars.get(copied..).unwrap_or_default());
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_by_what_discord_keeps_of_it() {
        for (sent, stored) in [
            ("hi", "hi"),
            (" hi \n", "hi"),
            ("a <:wave:123456789012345678> b", "a :wave: b"),
            ("<a:party_blob:1>", ":party_blob:"),
            ("<:a:1><:b:2>", ":a::b:"),
            ("e\u{301} か\u{3099}", "é が"),
            ("\u{212b}", "Å"),
            ("a\u{200b}b \u{200d} c", "ab c"),
            ("a\r\nb", "a\nb"),
            ("a\u{0}b", "a b"),
            ("a  b\n\n\nc", "a b\n\nc"),
            ("<@!5> hi", "<@5> hi"),
            ("see https://example.com/x", "see <https://example.com/x>"),
            ("see https://example.com/x.", "see [https://example.com/x](https://example.com/x)."),
            ("❤\u{fe0f}", "❤"),
            ("<t:1:f> <t:2:R>", "<t:1> <t:2:R>"),
            ("[a](https://example.com)", "[a](<https://example.com>)"),
            ("a\n\n\n\nb \t c", "a\n\nb c"),
        ] {
            assert_eq!(kept(sent), kept(stored), "{sent:?} {stored:?}");
            assert_eq!(kept(&kept(sent)), kept(sent), "twice: {sent:?}");
        }
    }

    #[test]
    fn different_texts_stay_different() {
        for (one, other) in [
            ("hi", "Hi"),
            ("か", "が"),
            ("a b", "ab"),
            ("1 < 2", "1 > 2"),
            ("<:a:1>", "<:b:1>"),
            ("<@5>", "<@6>"),
            ("[x](https://example.com)", "[y](https://example.com)"),
            ("<t:1:R>", "<t:2:R>"),
            ("<t:1:R>", "<t:1>"),
            ("What is x²?", "What is x2?"),
            ("①", "1"),
            ("[a](https://example.com)", "[a](https://example.com/b)"),
            ("a < b <:c:1", "a b <:c:1"),
        ] {
            assert_ne!(kept(one), kept(other));
        }
    }

    #[test]
    fn hostile_text_is_read_in_linear_time() {
        for pattern in
            ["<", "<:", "<:a:1>", "<@!", "\u{200b}", " ", "e\u{301}", "\u{301}", "[](https://"]
        {
            let text = pattern.repeat(40_000 / pattern.len());
            assert!(kept(&text).len() <= 2 * text.len());
        }
    }
}
