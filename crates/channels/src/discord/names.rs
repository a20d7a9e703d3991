//! The name under which a webhook posts a question for its asker.
//!
//! The display name is the asker's choice, so it proves nothing. Each posted name ends in what Discord gave
//! to one person only: the handle, or else the user's id. A display name that Discord refuses, or that reads
//! like the assistant's, is left out, and the handle stands alone.

use super::skeleton::{letters, readable, squeezed};
use miyabi_core::i18n::commands::NAMELESS;
use miyabi_core::question::Asker;
use miyabi_core::text::is_default_ignorable;
use miyabi_core::text::{chars, first_chars};

/// Name under which answers are posted.
pub const ASSISTANT: &str = "Miyabi";

/// Longest `username` of a webhook.
///
/// # Units
///
/// Code points.
///
/// # Source
///
/// Discord Docs/Webhook Resource, Execute Webhook,
/// <https://docs.discord.com/developers/resources/webhook#execute-webhook>, read 2026-11-20.
const NAME_MAX_CHARS: usize = 80;

/// Longest handle.
///
/// # Source
///
/// Discord Docs/User Resource, Usernames and Nicknames, read 2026-11-20.
const HANDLE_MAX_CHARS: usize = 32;

/// Name for a person of whom nothing is known.
pub const FALLBACK_NAME: &str = NAMELESS;

/// Words that Discord refuses anywhere in a webhook's name.
const REFUSED_INSIDE: [&str; 3] = ["discord", "clyde", "system message"];
/// Words that Discord refuses as the whole name.
const REFUSED_ALONE: [&str; 2] = ["here", "everyone"];
/// Words beside the assistant's name that leave it the assistant's, in any number and order. The last row is
/// its name again, and ornaments.
#[rustfmt::skip]
const TITLES: [&str; 57] = [
    "admin", "administrator", "ai", "am", "app", "assistant", "bot", "chat", "chatbot", "dm", "gpt", "help",
    "helper", "is", "live", "llm", "mod", "moderator", "new", "official", "online", "original", "owner",
    "real", "server", "service", "staff", "support", "system", "team", "the", "this", "true", "verified",
    "version", "your", "公式", "本物", "正規", "認証済み", "運営", "管理人", "管理者", "モデレーター", "ボット",
    "サポート", "ヘルプ", "アシスタント", "チーム", "スタッフ",
    ASSISTANT, "雅", "みやび", "ミヤビ", "i", "v", "x",
];
/// Longest text beside the assistant's name that is read as titles, in bytes of what it is read as.
const MAX_TITLES_BYTES: usize = 200;
/// Letters drawn with other characters, and what they are read as.
const DRAWN: [(&str, &str); 3] = [("|\\/|", "m"), ("/\\/\\", "m"), ("|v|", "m")];
/// Real writing stacks fewer marks on one letter.
const MAX_STACKED_MARKS: usize = 4;

/// Returns the name under which a person's question is posted, at most 80 code points.
///
/// # Shape
///
/// `みお (@mio_art)`; `@mio_art` where the display name cannot be shown; the user's id in place of a handle
/// that is not known, that Discord refuses, or that reads like the assistant's name.
///
/// # Source
///
/// Refused names: Discord Docs/User Resource, Usernames and Nicknames, read 2026-11-20; `clyde`:
/// discord-api-docs issue 4293; `here`: MinnDevelopment/discord-webhooks issue 100.
pub fn posted_name(asker: &Asker) -> String {
    // Whoever types "(@somebody)" into a display name is not somebody.
    let display = clean(&asker.name).replace(['@', '＠', '﹫'], "");
    let display = display.trim();
    let is_shown = !display.is_empty() && can_be_shown(display);
    match mark(asker) {
        None if is_shown => cut(display, NAME_MAX_CHARS).to_owned(),
        None => FALLBACK_NAME.to_owned(),
        Some(mark) if is_shown => {
            let tail = format!(" ({mark})");
            format!("{}{tail}", cut(display, NAME_MAX_CHARS.saturating_sub(chars(&tail))))
        }
        Some(mark) if mark.starts_with('@') => mark,
        Some(_) => numbered_name(asker),
    }
}

/// Returns what belongs to one person only: the handle, else the id, if one of them is known.
fn mark(asker: &Asker) -> Option<String> {
    if is_handle(&asker.handle) && can_be_shown(&asker.handle) {
        return Some(format!("@{}", asker.handle));
    }
    Some(asker.id.clone()).filter(|id| !id.is_empty())
}

/// Returns a name that Discord has no reason to refuse, and that nobody else has.
pub fn numbered_name(asker: &Asker) -> String {
    if asker.id.is_empty() {
        FALLBACK_NAME.to_owned()
    } else {
        format!("{FALLBACK_NAME} ({})", asker.id)
    }
}

/// Returns whether a name on a message is one under which a person's question may have been posted, and not
/// the assistant's or another person's. The display name does not count: Discord may rewrite it.
pub fn is_of(posted: &str, asker: &Asker) -> bool {
    let is_marked = |mark: &str| posted == mark || posted.ends_with(&format!("({mark})"));
    match mark(asker) {
        Some(mark) => is_marked(&mark) || posted == numbered_name(asker),
        None => posted != ASSISTANT,
    }
}

/// Returns whether a text is a handle: a name that Discord gives to one account only.
///
/// # Source
///
/// Discord Help Center/New Usernames and Display Names, read 2026-11-20: latin letters, digits, `_` and `.`.
pub fn is_handle(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    (1..=HANDLE_MAX_CHARS).contains(&text.len()) && text.chars().all(is_plain)
}

/// Returns a text that names somebody as it may be shown.
///
/// - Code points that show nothing by themselves go, joiners and variation selectors too: whatever hides in
///   a name serves to imitate another one.
/// - Whitespace is trimmed and collapsed; control characters and blank letters count as whitespace.
/// - More than four marks on one letter go.
/// - Of a name without any visible character, nothing is left.
///
/// A second call changes nothing more.
///
/// # Example
///
/// ```
/// # use miyabi_channels::discord::names::clean;
/// assert_eq!(clean("雅 ✨"), "雅 ✨");
/// assert_eq!(clean(" a\u{202e}b \u{3164} c "), "ab c");
/// assert_eq!(clean("\u{200b}\u{3164}"), "");
/// ```
pub fn clean(name: &str) -> String {
    let shown = name.chars().map(|c| if is_blank(c) { ' ' } else { c });
    let mut stacked = 0;
    let is_kept = |c: &char| {
        stacked = if is_mark(*c) { stacked + 1 } else { 0 };
        stacked <= MAX_STACKED_MARKS
    };
    let shown: String = shown.filter(|c| !is_invisible(*c)).filter(is_kept).collect();
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    if shown.chars().any(is_visible) { shown } else { String::new() }
}

/// Whether Discord takes a name, and nobody takes it for the assistant's.
fn can_be_shown(name: &str) -> bool {
    let read = if is_spelled_out(name) { letters(name) } else { readable(name) };
    // Ornaments around a name leave it that name, and so do marks that may be meant as letters.
    let bare = name.trim_matches(|c: char| !c.is_alphabetic());
    let unmarked = name.replace(['!', '|'], "");
    let readings =
        [read.clone(), squeezed(&read), without_marks(&read), without_marks(&readable(&unmarked))];
    let holds = |word: &str| {
        let words = [readable(word), squeezed(&readable(word)), letters(word)];
        readings.iter().any(|read| words.iter().any(|word| read.contains(word)))
    };
    let is_refused = REFUSED_INSIDE.into_iter().any(holds) || name.contains("```");
    let undrawn = DRAWN
        .into_iter()
        .fold(name.to_lowercase(), |name, (drawn, letter)| name.replace(drawn, letter));
    let is_other = [name, bare, &unmarked, &undrawn].into_iter().any(|spelling| {
        let spelling = letters(spelling);
        REFUSED_ALONE.into_iter().any(|word| letters(word) == spelling)
            || is_assistant(&squeezed(&spelling))
    });
    !is_refused && !is_other
}

/// Drops what is no letter, digit or space: `dis-cord` is read as one word.
fn without_marks(read: &str) -> String {
    read.chars().filter(|c| c.is_alphanumeric() || *c == ' ').collect()
}

/// Whether all words of a name are single letters, `D i s c o r d` or `d.i.s.c.o.r.d`.
fn is_spelled_out(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.all(|word| chars(word) == 1)
}

/// Whether these letters are those of the assistant's name, alone or with titles.
fn is_assistant(spelling: &str) -> bool {
    let name = squeezed(&letters(ASSISTANT));
    if !spelling.contains(&name) {
        return false;
    }
    let titles = TITLES.map(|title| squeezed(&letters(title)));
    spelling.match_indices(&name).any(|(start, _)| {
        let before = spelling.get(..start).unwrap_or_default();
        let after = spelling.get(start + name.len()..).unwrap_or_default();
        are_titles(before, &titles) && are_titles(after, &titles)
    })
}

/// Whether a text is nothing but titles.
fn are_titles(text: &str, titles: &[String]) -> bool {
    if text.len() > MAX_TITLES_BYTES {
        return false;
    }
    // Ends of what can be read as titles from the front.
    let mut ends = vec![0];
    let mut next = 0;
    while let Some(end) = ends.get(next).copied() {
        let rest = text.get(end..).unwrap_or_default();
        for title in titles.iter().filter(|title| rest.starts_with(title.as_str())) {
            let end = end + title.len();
            if !ends.contains(&end) {
                ends.push(end);
            }
        }
        next += 1;
    }
    ends.contains(&text.len())
}

fn cut(name: &str, limit: usize) -> &str {
    if chars(name) <= limit {
        return name;
    }
    first_chars(name, limit).trim_end()
}

/// Returns whether a text shows nothing: Discord takes neither such a name nor such a message.
pub fn shows_nothing(text: &str) -> bool {
    text.chars().all(|c| is_invisible(c) || is_blank(c))
}

/// Is visible without another character: no mark, and nothing invisible.
fn is_visible(c: char) -> bool {
    !(is_invisible(c) || is_mark(c) || is_blank(c))
}

/// Shows as empty space.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// Shows nothing: ignorable by default, another format character of Unicode (category Cf), or no character.
fn is_invisible(c: char) -> bool {
    is_default_ignorable(c)
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{13430}'..='\u{1343f}' | '\u{1d159}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Combining marks of the scripts in which people stack them without end.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{6d6}'..='\u{6dc}'
        | '\u{6df}'..='\u{6e4}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{eb1}' | '\u{eb4}'..='\u{ebc}' | '\u{ec8}'..='\u{ece}' | '\u{f71}'..='\u{f84}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{302a}'..='\u{302f}' | '\u{3099}' | '\u{309a}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests;
