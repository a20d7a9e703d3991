//! Validates the name of a webhook's post: what Discord trims, ignores and refuses.
//!
//! Sources: "Discord Docs/Webhook" and the issue threads cited in `tools/lab/README.md`.

use unicode_normalization::UnicodeNormalization as _;
use unicode_security::confusable_detection::skeleton;

use crate::discord::errors::Issue;

/// Words that no name may contain.
const FORBIDDEN: [&str; 4] = ["discord", "clyde", "system message", "```"];
/// Longest name, in code points after trimming.
const NAME_CHARS: u64 = 80;

/// The name that a post gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Username {
    /// Shown, trimmed and with inner white space collapsed.
    Shown(String),
    /// Without visible characters: ignored, so the post has the webhook's own name.
    Ignored,
}

/// Validates a name.
///
/// # Errors
/// The issue Discord answers with, for a name that is empty, too long or forbidden.
pub(crate) fn read(raw: &str) -> Result<Username, Issue> {
    if raw.is_empty() {
        return Err(Issue::bad_length("username", 1, NAME_CHARS));
    }
    let name = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().all(is_invisible) {
        return Ok(Username::Ignored);
    }
    let length = name.chars().count();
    if u64::try_from(length).unwrap_or(u64::MAX) > NAME_CHARS {
        return Err(Issue::bad_length("username", 1, NAME_CHARS));
    }
    let lower = name.to_lowercase();
    for forbidden in FORBIDDEN {
        if lower.contains(forbidden) {
            let message = format!("Username cannot contain \"{forbidden}\"");
            return Err(Issue::at("username", "USERNAME_INVALID_CONTAINS", message));
        }
    }
    if lower == "here" || lower == "everyone" {
        let message = format!("Username cannot be \"{lower}\"");
        return Err(Issue::at("username", "USERNAME_INVALID", message));
    }
    Ok(Username::Shown(name))
}

/// What is wrong with a name that Discord takes only because it does not read it as people do.
///
/// "Discord Docs/Usernames and Nicknames" forbids the words, and look-alikes of them pass for them.
pub(crate) fn disguise(name: &str) -> Option<String> {
    let shown: String = name.chars().filter(|c| !is_invisible(*c) || *c == ' ').collect();
    let read: String = skeleton(&shown.nfkd().collect::<String>()).collect();
    let lower = read.to_lowercase();
    let is_read = |word: &str| lower.contains(&skeleton(word).collect::<String>());
    let word = FORBIDDEN.into_iter().find(|word| is_read(word))?;
    Some(format!("username reads like \"{word}\", which Discord forbids"))
}

/// Whether it is white space, a control, or a zero-width or filler character.
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::{Username, disguise, read};

    #[test]
    fn shows_a_name_trimmed_and_collapsed() {
        assert_eq!(read("  み お\n x "), Ok(Username::Shown("み お x".to_owned())));
        assert_eq!(read(&"雅".repeat(80)), Ok(Username::Shown("雅".repeat(80))));
        assert_eq!(read("a"), Ok(Username::Shown("a".to_owned())));
        assert_eq!(read("there"), Ok(Username::Shown("there".to_owned())));
    }

    #[test]
    fn a_forbidden_word_in_look_alikes_is_a_violation() {
        for name in
            ["Disc\u{43e}rd Support", "ｄｉｓｃｏｒｄ", "Clyd\u{435}", "𝐝𝐢𝐬𝐜𝐨𝐫𝐝", "dis\u{200b}cord"]
        {
            assert!(disguise(name).is_some(), "{name}");
        }
        for name in ["Mio", "みお (@mio)", "disc ord", "Миша", "@alex"] {
            assert_eq!(disguise(name), None);
        }
    }

    #[test]
    fn ignores_a_name_nobody_can_see() {
        for raw in [" ", "\u{200b}\u{200d}", "\u{3164}", "\u{2060} \u{feff}"] {
            assert_eq!(read(raw), Ok(Username::Ignored), "{raw:?}");
        }
    }

    #[test]
    fn refuses_what_discord_refuses() {
        for (raw, code) in [
            ("", "BASE_TYPE_BAD_LENGTH"),
            (&*"a".repeat(81), "BASE_TYPE_BAD_LENGTH"),
            ("xDiScOrDx", "USERNAME_INVALID_CONTAINS"),
            ("Clyde", "USERNAME_INVALID_CONTAINS"),
            ("A System Message", "USERNAME_INVALID_CONTAINS"),
            ("a```", "USERNAME_INVALID_CONTAINS"),
            ("here", "USERNAME_INVALID"),
            (" Everyone ", "USERNAME_INVALID"),
        ] {
            assert_eq!(read(raw).unwrap_err().code, code, "{raw}");
        }
    }
}
