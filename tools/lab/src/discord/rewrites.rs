//! Rewrites the content of a message as Discord does before it stores it.
//!
//! Discord documents only that it may strip characters. Reported are: trimming, Unicode's composed form, and
//! `:name:` in place of a custom emoji that the sender may not use.

use unicode_normalization::UnicodeNormalization as _;

use crate::discord::world::EMOJI_ID;

/// The content that is stored.
pub(crate) fn rewrite(content: &str) -> String {
    without_foreign_emoji(content).nfc().collect::<String>().trim().to_owned()
}

fn without_foreign_emoji(content: &str) -> String {
    let mut pieces = content.split('<');
    let mut rewritten = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let emoji = piece.split_once('>').and_then(|(tag, rest)| Some((foreign_emoji(tag)?, rest)));
        if let Some((name, rest)) = emoji {
            rewritten.extend([":", name, ":", rest]);
        } else {
            rewritten.extend(["<", piece]);
        }
    }
    rewritten
}

/// The name of a custom emoji, `a:name:id` or `:name:id`, that is not the server's.
fn foreign_emoji(tag: &str) -> Option<&str> {
    let (name, id) = tag.strip_prefix('a').unwrap_or(tag).strip_prefix(':')?.split_once(':')?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_id = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
    (is_name && is_id && id != EMOJI_ID).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::rewrite;

    #[test]
    fn a_content_is_stored_as_discord_is_reported_to_store_it() {
        for (sent, stored) in [
            ("  hi\n", "hi"),
            ("e\u{301} か\u{3099} \u{212b}", "é が Å"),
            ("a <:wave:1> b<a:party_blob:22>", "a :wave: b:party_blob:"),
            ("<:miyabi:1180000000000000701>", "<:miyabi:1180000000000000701>"),
            ("1 < 2 <t:1:R> <@5> </ask:1> <:no> <::>", "1 < 2 <t:1:R> <@5> </ask:1> <:no> <::>"),
            ("👩\u{200d}💻 a\u{200b}b", "👩\u{200d}💻 a\u{200b}b"),
        ] {
            assert_eq!(rewrite(sent), stored);
        }
    }
}
