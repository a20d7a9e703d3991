//! The name under which a webhook posts for a member.
//!
//! Members may have names that Discord refuses in a webhook's `username`.
//! This file changes such a name as little as a reader can see.
//! What Discord refuses is documented only in part, so the caller tries [`FALLBACK_NAME`] once when a
//! changed name is still refused.

use std::iter::{once, repeat_n};

use miyabi_core::i18n::commands::NAMELESS;
use miyabi_core::text::{chars, first_chars};

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

/// Name for a member whose own name is invisible, or was refused.
pub const FALLBACK_NAME: &str = NAMELESS;

/// Words refused anywhere in a name, with the letter that is replaced in each.
const REFUSED_INSIDE: [(&str, char); 2] = [("discord", 'o'), ("clyde", 'e')];
/// Words refused as the whole name; `@here` counts as `here`.
const REFUSED_ALONE: [&str; 2] = ["here", "everyone"];
/// Real writing stacks fewer marks on one letter.
const MAX_STACKED_MARKS: usize = 4;

const JOINER: char = '\u{200d}';
const NON_JOINER: char = '\u{200c}';
const BLACK_FLAG: char = '\u{1f3f4}';
const KEYCAP: char = '\u{20e3}';

/// Returns a name that Discord accepts and that reads like the given one.
///
/// - Whitespace is trimmed and collapsed; control characters and blank letters count as whitespace.
/// - Invisible characters go, above all those that turn the writing direction of the whole line.
///   Joiners and variation selectors stay where they shape an emoji or a script.
/// - More than four marks on one letter go.
/// - `discord` and `clyde`, and `here` and `everyone` when they are all, get one Cyrillic letter.
///   It looks the same, survives any Unicode normalization and the removal of invisible
///   characters, and is how the Python Discord community's bot posts for a Clyde.
///   A hair space, the other known way, would be lost where spaces are collapsed.
/// - What is longer than 80 code points is cut between graphemes.
/// - Of a name without any visible character, [`FALLBACK_NAME`] is left.
///
/// A second call changes nothing more.
///
/// # Source
///
/// Discord Docs/User Resource, Usernames and Nicknames, read 2026-11-20; `clyde`: discord-api-docs
/// issue 4293; `here`: MinnDevelopment/discord-webhooks issue 100.
///
/// # Example
///
/// ```
/// # use miyabi_channels::discord::names::{FALLBACK_NAME, acceptable_username};
/// assert_eq!(acceptable_username("雅 ✨"), "雅 ✨");
/// assert_eq!(acceptable_username("Discord fan"), "Disc\u{43e}rd fan");
/// assert_eq!(acceptable_username("\u{200b}\u{3164}"), FALLBACK_NAME);
/// ```
pub fn acceptable_username(display_name: &str) -> String {
    let seen = keep_visible(display_name);
    let plain = collapse_whitespace(&limit_marks(&seen));
    let name = cut(&disguise(&plain));
    if name.chars().any(is_visible) { name } else { FALLBACK_NAME.to_owned() }
}

/// Drops invisible characters, except where they shape their neighbors.
fn keep_visible(name: &str) -> String {
    let mut kept = String::with_capacity(name.len());
    let mut previous = ' ';
    let nexts = name.chars().skip(1).chain(once(' '));
    for (c, next) in name.chars().zip(nexts) {
        let c = if is_blank(c) { ' ' } else { c };
        let is_kept = match c {
            JOINER | NON_JOINER => is_shaped(previous) && is_base(next) && !next.is_ascii(),
            _ if is_variation_selector(c) => {
                next == KEYCAP || (is_base(previous) && !previous.is_ascii())
            }
            _ if is_tag(c) => previous == BLACK_FLAG || is_tag(previous),
            _ => !is_invisible(c),
        };
        if is_kept {
            kept.push(c);
            previous = c;
        }
    }
    kept
}

fn limit_marks(name: &str) -> String {
    let mut stacked = 0;
    let is_kept = |c: &char| {
        stacked = if is_mark(*c) { stacked + 1 } else { 0 };
        stacked <= MAX_STACKED_MARKS
    };
    name.chars().filter(is_kept).collect()
}

fn collapse_whitespace(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Replaces one letter of each word that Discord refuses by its Cyrillic look-alike.
fn disguise(name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    // Only letters count; each folded letter remembers where it stands.
    let seen = letters.iter().enumerate().filter(|(_, c)| !is_ignored(**c) && !is_mark(**c));
    let folded: Vec<(char, usize)> =
        seen.flat_map(|(at, c)| fold(*c).zip(repeat_n(at, 3))).collect();
    let reads = |start: usize, word: &str| {
        let read = folded.iter().skip(start).map(|(c, _)| *c);
        read.take(word.len()).eq(word.chars())
    };
    let mut exchanged: Vec<usize> = Vec::new();
    for start in 0..folded.len() {
        for (word, letter) in REFUSED_INSIDE {
            if reads(start, word) {
                let rest = folded.iter().skip(start).find(|(c, _)| *c == letter);
                exchanged.extend(rest.map(|(_, at)| *at));
            }
        }
    }
    let start = folded.iter().take_while(|(c, _)| *c == '@' || *c == ' ').count();
    let end = folded.iter().rposition(|(c, _)| *c != ' ').map_or(0, |last| last + 1);
    if REFUSED_ALONE.iter().any(|word| end == start + word.len() && reads(start, word)) {
        let first_e = folded.iter().skip(start).find(|(c, _)| *c == 'e');
        exchanged.extend(first_e.map(|(_, at)| *at));
    }
    for at in exchanged {
        if let Some(letter) = letters.get_mut(at) {
            *letter = look_alike(*letter);
        }
    }
    letters.into_iter().collect()
}

fn look_alike(letter: char) -> char {
    let is_capital = letter.is_ascii_uppercase();
    match fold(letter).next() {
        Some('o') if is_capital => 'О',
        Some('o') => 'о',
        _ if is_capital => 'Е',
        _ => 'е',
    }
}

fn cut(name: &str) -> String {
    if chars(name) <= NAME_MAX_CHARS {
        return name.to_owned();
    }
    let short = first_chars(name, NAME_MAX_CHARS).trim_end();
    if short.is_empty() {
        // One endless chain of joined emoji.
        let torn: String = name.chars().take(NAME_MAX_CHARS).collect();
        return torn.trim_end_matches([JOINER, NON_JOINER]).to_owned();
    }
    short.to_owned()
}

/// Lower case and without typographic variants, as far as Unicode's NFKC makes Latin letters of
/// them; only the letters of refused words matter.
fn fold(c: char) -> impl Iterator<Item = char> {
    let plain = match c {
        '\u{ff01}'..='\u{ff5e}' => shift(c, 0xff01, '!'),
        '\u{24b6}'..='\u{24cf}' => shift(c, 0x24b6, 'a'),
        '\u{24d0}'..='\u{24e9}' => shift(c, 0x24d0, 'a'),
        '\u{1f130}'..='\u{1f149}' => shift(c, 0x1f130, 'a'),
        // Alphabets of 26 capital and 26 small letters: bold, italic, script, …
        '\u{1d400}'..='\u{1d6a3}' => match (u32::from(c) - 0x1d400) % 52 {
            place @ 26.. => letter(place - 26),
            place => letter(place),
        },
        'ᶜ' | 'ℂ' | 'ℭ' | 'Ⅽ' | 'ⅽ' | '℃' | '㏄' | '🄫' => 'c',
        'ᵈ' | 'ᴰ' | 'ⅅ' | 'ⅆ' | 'Ⅾ' | 'ⅾ' => 'd',
        'ᵉ' | 'ᴱ' | 'ₑ' | 'ℯ' | 'ℰ' | 'ⅇ' => 'e',
        'ʰ' | 'ᴴ' | 'ₕ' | 'ℋ' | 'ℌ' | 'ℍ' | 'ℎ' => 'h',
        'ⁱ' | 'ᴵ' | 'ᵢ' | 'ℐ' | 'ℑ' | 'ⅈ' | 'ℹ' | 'Ⅰ' | 'ⅰ' => 'i',
        'ˡ' | 'ᴸ' | 'ₗ' | 'ℒ' | 'ℓ' | 'Ⅼ' | 'ⅼ' => 'l',
        'ⁿ' | 'ᴺ' | 'ₙ' | 'ℕ' => 'n',
        'º' | 'ᵒ' | 'ᴼ' | 'ₒ' | 'ℴ' => 'o',
        'ʳ' | 'ᴿ' | 'ᵣ' | 'ℛ' | 'ℜ' | 'ℝ' | '🄬' => 'r',
        'ˢ' | 'ſ' | 'ₛ' => 's',
        'ᵛ' | 'ⱽ' | 'ᵥ' | 'Ⅴ' | 'ⅴ' => 'v',
        'ʸ' => 'y',
        '﹫' => '@',
        c => c,
    };
    once(plain.to_ascii_lowercase())
}

fn letter(place: u32) -> char {
    char::from_u32(place + u32::from('a')).unwrap_or('\0')
}

fn shift(c: char, from: u32, to: char) -> char {
    char::from_u32(u32::from(c) - from + u32::from(to)).unwrap_or(c)
}

/// Returns whether a text shows nothing: Discord takes neither such a name nor such a message.
pub fn shows_nothing(text: &str) -> bool {
    text.chars().all(|c| is_ignored(c) || is_blank(c))
}

/// Does not count when a name is compared with a refused word.
fn is_ignored(c: char) -> bool {
    is_invisible(c) || is_variation_selector(c) || is_tag(c) || c == '\u{34f}'
}

fn is_visible(c: char) -> bool {
    is_base(c) && c != ' '
}

/// Is visible without another character: no mark, and nothing invisible.
fn is_base(c: char) -> bool {
    !(is_ignored(c) || is_mark(c) || is_blank(c))
}

/// Can be joined to what follows.
fn is_shaped(c: char) -> bool {
    !c.is_ascii() && (is_base(c) || is_mark(c) || is_variation_selector(c))
}

/// Shows as empty space.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// Format characters of Unicode (category Cf) and others that show nothing.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{feff}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e001f}'
        | '\u{e0080}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0100}'..='\u{e01ef}')
}

/// Letters of a regional flag, as England's.
fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..='\u{e007f}')
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
