//! What holds of every message, whatever the answer is.

use core::ops::Range;
use std::sync::LazyLock;

use miyabi_core::text::tables::lay_out;
use miyabi_core::text::{LengthUnit, chars, first_chars};
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::{PLATFORMS, Platform, Sent, themes};
use crate::dialect::{Dialect, settle};
use crate::telegram::MAX_ENTITIES;
use crate::telegram::entities::Entity;

/// An answer with its name, and its messages on each platform.
struct Rendered {
    name: String,
    markdown: String,
    messages: Vec<(Platform, Vec<Sent>)>,
}

static RENDERED: LazyLock<Vec<Rendered>> = LazyLock::new(|| {
    let rendered = answers().into_iter().map(|(name, markdown)| {
        let messages = PLATFORMS.map(|(platform, ..)| (platform, platform.messages(&markdown)));
        Rendered { name, markdown, messages: messages.into() }
    });
    rendered.collect()
});

/// Returns every answer with its name, and those of each theme as one.
fn answers() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (theme, answers) in themes() {
        let together: Vec<_> = answers.iter().map(|it| it.markdown.as_str()).collect();
        all.push((format!("all of {theme}"), together.join("\n\n")));
        all.extend(answers.into_iter().map(|it| (format!("{theme}: {}", it.name), it.markdown)));
    }
    all
}

/// Calls a check with each answer and its messages on each platform.
fn check(check: impl Fn(&str, Platform, &str, &[Sent])) {
    for Rendered { name, markdown, messages } in RENDERED.iter() {
        for (platform, messages) in messages {
            check(&format!("{name} on {}", platform.name()), *platform, markdown, messages);
        }
    }
}

#[test]
fn there_are_a_hundred_answers_and_a_long_one() {
    let all = themes();
    let lengths: Vec<_> = all.iter().flat_map(|(_, it)| it).map(|it| chars(&it.markdown)).collect();
    assert!(lengths.len() >= 100, "{}", lengths.len());
    assert!(lengths.iter().any(|length| *length >= 19_500), "{lengths:?}");
}

#[test]
fn no_message_is_longer_than_its_platform_takes_and_none_is_cut_off() {
    check(|what, platform, _, messages| {
        let (_, limit, unit) = PLATFORMS.into_iter().find(|(it, ..)| *it == platform).unwrap();
        assert!(!messages.is_empty(), "{what}");
        for sent in messages {
            assert!((1..=limit).contains(&unit.length(&sent.text)), "{what}: {}", sent.text);
            let whole = match platform {
                Platform::Discord | Platform::Slack => sent.markdown.clone(),
                Platform::Telegram => crate::markdown::read(&sent.markdown).text,
                Platform::WhatsApp => crate::whatsapp::marks::format(&sent.markdown, usize::MAX),
            };
            assert_eq!(sent.text, whole, "{what}");
        }
    });
}

fn parse(markdown: &str) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    Parser::new_ext(markdown, options).into_offset_iter()
}

#[test]
fn every_fence_is_closed_in_its_message() {
    check(|what, _, _, messages| {
        for Sent { markdown, .. } in messages {
            for (event, range) in parse(markdown) {
                if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) = event {
                    let end = markdown.get(range).unwrap().trim_end();
                    assert!(end.ends_with("```") || end.ends_with("~~~"), "{what}: {markdown}");
                }
            }
        }
    });
}

#[test]
fn discord_which_knows_one_kind_of_fence_sees_each_closed() {
    check(|what, platform, _, messages| {
        for sent in messages.iter().filter(|_| platform == Platform::Discord) {
            let runs = sent.text.split(|c| c != '`').filter(|run| run.len() >= 3).count();
            assert_eq!(runs % 2, 0, "{what}: {}", sent.text);
        }
    });
}

#[test]
fn no_message_ends_within_a_grapheme() {
    check(|what, _, _, messages| {
        for pair in messages.windows(2) {
            let [one, other] = pair else { continue };
            let both = [one.text.as_str(), &other.text].concat();
            assert_eq!(first_chars(&both, chars(&one.text)), one.text, "{what}");
        }
    });
}

/// Letters and digits: what is left of a text whatever marks its platform has.
fn letters(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| c.is_alphanumeric())
}

/// Returns what an answer shows, with the language of each block of code, and the address of each link behind it.
fn visible(markdown: &str, names_languages: bool) -> String {
    let mut seen = String::new();
    let mut links = Vec::new();
    for (event, _) in parse(markdown) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let language = info.split([' ', ',']).next().unwrap_or_default();
                seen.push_str(if names_languages { language } else { "" });
            }
            Event::Start(Tag::Link { dest_url, link_type, .. }) => {
                let is_shown = matches!(link_type, LinkType::Autolink | LinkType::Email);
                links.push((
                    seen.len(),
                    if is_shown { String::new() } else { dest_url.to_string() },
                ));
            }
            // Of an image in a link the link is shown.
            Event::Start(Tag::Image { dest_url, .. }) => {
                let address = if links.is_empty() { dest_url.to_string() } else { String::new() };
                links.push((seen.len(), address));
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                let (start, address) = links.pop().unwrap();
                // It is said once where its words are the same.
                if seen.get(start..) != Some(address.as_str()) {
                    seen += &address;
                }
            }
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                seen.push_str(&text);
            }
            Event::Start(_)
            | Event::End(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::SoftBreak
            | Event::HardBreak
            | Event::Rule
            | Event::TaskListMarker(_) => {}
        }
    }
    seen
}

/// Returns a message with the language and address that each entity has: a language before, an address behind it.
fn spelled_out(Sent { text, entities, .. }: &Sent) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut places: Vec<(usize, usize, &str)> = Vec::new();
    for (order, entity) in entities.iter().enumerate() {
        let Entity { offset, length, url, language, .. } = entity;
        places.extend(language.as_deref().map(|it| (*offset, order, it)));
        places.extend(url.as_deref().map(|it| (offset + length, order, it)));
    }
    places.sort_unstable();
    let (mut spelled, mut at) = (String::new(), 0);
    for (place, _, words) in places {
        spelled += &String::from_utf16(&units[at..place]).unwrap();
        spelled += words;
        at = place;
    }
    spelled + &String::from_utf16(&units[at..]).unwrap()
}

#[test]
fn nothing_of_an_answer_is_lost() {
    check(|what, platform, markdown, messages| {
        let settled = lay_out(&settle(markdown, Dialect::Common));
        // WhatsApp has no place for the language of a block.
        let expected = visible(&settled, platform != Platform::WhatsApp);
        let spelled = |sent: &Sent| match platform {
            Platform::Discord | Platform::Slack => visible(&sent.text, true),
            Platform::Telegram => spelled_out(sent),
            Platform::WhatsApp => sent.text.clone(),
        };
        let spelled: Vec<_> = messages.iter().map(spelled).collect();
        let shown = spelled.concat();
        let mut rest = letters(&shown);
        let mut before = String::new();
        for c in letters(&expected) {
            assert!(rest.any(|it| it == c), "{what}: {c:?} is lost behind {before:?}");
            before.push(c);
        }
    });
}

#[test]
fn no_address_is_cut() {
    check(|what, _, markdown, messages| {
        let ends = |c: char| c.is_whitespace() || "<>)]\"'`|。、」(".contains(c);
        for (start, _) in markdown.match_indices("https://") {
            let address = markdown.get(start..).unwrap().split(ends).next().unwrap();
            // Of an image in a link the link is shown.
            if markdown.get(start + address.len()..).unwrap().starts_with(")](") {
                continue;
            }
            let has = |sent: &Sent| {
                let urls = sent.entities.iter().filter_map(|entity| entity.url.as_deref());
                sent.text.contains(address) || urls.into_iter().any(|url| url.contains(address))
            };
            assert!(messages.iter().any(has), "{what}: {address}");
        }
    });
}

#[test]
fn nobody_is_notified() {
    check(|what, platform, _, messages| {
        for sent in messages {
            match platform {
                // What is posted to Discord says that it pings nobody: see `discord::post`. On WhatsApp no text does.
                Platform::Discord | Platform::WhatsApp => {}
                Platform::Slack => {
                    for mark in ["<!", "<@U", "<@W", "<#C", "@channel", "@here", "@everyone"] {
                        let found = sent.text.match_indices(mark).find(|(at, _)| {
                            !["<!--", "<!DOCTYPE"]
                                .iter()
                                .any(|it| sent.text.get(*at..).unwrap().starts_with(it))
                        });
                        assert_eq!(found, None, "{what}: {}", sent.text);
                    }
                }
                Platform::Telegram => {
                    let units: Vec<u16> = sent.text.encode_utf16().collect();
                    for at in 0..units.len() {
                        let is = |place: Option<usize>, test: fn(&u8) -> bool| {
                            let unit = place.and_then(|it| units.get(it));
                            unit.and_then(|unit| u8::try_from(*unit).ok())
                                .is_some_and(|it| test(&it))
                        };
                        let begins = is(Some(at), |it| *it == b'@')
                            && is(Some(at + 1), u8::is_ascii_alphanumeric)
                            && !is(at.checked_sub(1), u8::is_ascii_alphanumeric);
                        let is_dead = |entity: &Entity| {
                            ["code", "pre", "text_link"].contains(&entity.kind)
                                && (entity.offset..entity.offset + entity.length).contains(&at)
                        };
                        assert!(!begins || sent.entities.iter().any(is_dead), "{what}: {at}");
                    }
                }
            }
        }
    });
}

#[test]
fn entities_are_as_telegram_takes_them() {
    check(|what, _, _, messages| {
        for Sent { text, entities, .. } in messages {
            assert!(entities.len() <= MAX_ENTITIES, "{what}: {}", entities.len());
            let total = LengthUnit::Utf16Units.length(text);
            let units: Vec<u16> = text.encode_utf16().collect();
            let is_low = |at: usize| units.get(at).is_some_and(|it| (0xdc00..0xe000).contains(it));
            for (index, one) in entities.iter().enumerate() {
                let end = one.offset + one.length;
                assert!(one.length > 0 && end <= total, "{what}: {one:?}");
                assert!(!is_low(one.offset) && !is_low(end), "{what}: {one:?}");
                for other in entities.iter().skip(index + 1).filter(|it| it.offset < end) {
                    let is_within = other.offset + other.length <= end;
                    assert!(is_within, "{what}: {one:?} and {other:?}");
                    let is_code = |entity: &Entity| ["code", "pre"].contains(&entity.kind);
                    let may = !is_code(one) && (!is_code(other) || one.kind == "blockquote");
                    assert!(may && one.kind != other.kind, "{what}: {one:?} and {other:?}");
                }
            }
        }
    });
}
