//! More than a hundred answers as models write them, and what each platform is sent for them.
//!
//! - `corpus/answers/THEME.txt`: answers, each behind a line `%%% name`.
//! - `corpus/rendered/THEME.PLATFORM.txt`: the messages of each, which is what a review reads.
//!   `UPDATE_EXPECT=1 cargo test -p miyabi-channels corpus` writes these files anew.
//!
//! [`invariants`] holds for every answer on every platform, and for those of a theme put together, which are long.

mod invariants;

use core::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use expect_test::expect_file;
use miyabi_core::text::LengthUnit;
use miyabi_core::transport::{Author, Transport as _};
use miyabi_testing::{Fake, settings, slack, telegram, whatsapp};

use crate::telegram::entities::{Entity, Formatted, format};
use crate::{discord, slack as on_slack, telegram as on_telegram, whatsapp as on_whatsapp};

/// Stands before the name of an answer.
const NAME: &str = "%%% ";

/// An answer.
struct Answer {
    name: String,
    markdown: String,
}

/// Where answers are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Platform {
    Discord,
    Telegram,
    Slack,
    WhatsApp,
}

/// Every platform, with its longest message.
const PLATFORMS: [(Platform, usize, LengthUnit); 4] = [
    (Platform::Discord, discord::MAX_CONTENT_CHARS, LengthUnit::CodePoints),
    (Platform::Telegram, on_telegram::MAX_TEXT, LengthUnit::Utf16Units),
    (Platform::Slack, on_slack::MAX_TEXT, LengthUnit::CodePoints),
    (Platform::WhatsApp, on_whatsapp::MAX_TEXT, LengthUnit::Utf16Units),
];

/// A message as its platform is sent it.
struct Sent {
    /// Markdown of which it was made.
    markdown: String,
    /// What is sent.
    text: String,
    /// Where its styles are, on Telegram.
    entities: Vec<Entity>,
}

impl Platform {
    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// Returns the messages of an answer.
    fn messages(self, answer: &str) -> Vec<Sent> {
        let world = Fake::new();
        let parts = match self {
            Self::Discord => discord::transport::Discord::new(world, settings().discord)
                .render(Author::Assistant, answer),
            Self::Telegram => {
                on_telegram::transport::Telegram::new(world, Rc::new(telegram::telegram()))
                    .render(Author::Assistant, answer)
            }
            Self::Slack => on_slack::transport::Slack::new(world, Rc::new(slack::slack()))
                .render(Author::Assistant, answer),
            Self::WhatsApp => {
                on_whatsapp::transport::WhatsApp::new(world, Rc::new(whatsapp::whatsapp()))
                    .render(Author::Assistant, answer)
            }
        };
        parts.into_iter().map(|markdown| self.sent(markdown)).collect()
    }

    fn sent(self, markdown: String) -> Sent {
        match self {
            Self::Discord => Sent { text: markdown.clone(), markdown, entities: Vec::new() },
            Self::Telegram => {
                let Formatted { text, entities } = format(&markdown, on_telegram::MAX_TEXT);
                Sent { markdown, text, entities }
            }
            Self::WhatsApp => {
                let text = on_whatsapp::marks::format(&markdown, on_whatsapp::MAX_TEXT);
                Sent { markdown, text, entities: Vec::new() }
            }
            Self::Slack => {
                Sent { text: on_slack::text::block(&markdown), markdown, entities: Vec::new() }
            }
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/corpus")
}

/// Returns the answers of each theme, with its name.
fn themes() -> Vec<(String, Vec<Answer>)> {
    let files = std::fs::read_dir(folder().join("answers")).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let theme = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, answers(&std::fs::read_to_string(path).unwrap()))
    };
    paths.into_iter().map(theme).collect()
}

fn answers(file: &str) -> Vec<Answer> {
    let between = ["\n", NAME].concat();
    let parts = file.strip_prefix(NAME).unwrap().split(&between).map(|part| {
        let (name, markdown) = part.split_once('\n').unwrap();
        Answer { name: name.to_owned(), markdown: markdown.trim_end_matches('\n').to_owned() }
    });
    parts.collect()
}

/// Writes messages so that a person can read them.
fn draw(platform: Platform, answers: &[Answer]) -> String {
    let (_, limit, unit) = PLATFORMS.into_iter().find(|(it, ..)| *it == platform).unwrap();
    let mut drawn = String::new();
    for Answer { name, markdown } in answers {
        writeln!(drawn, "{NAME}{name}").unwrap();
        for Sent { text, entities, .. } in platform.messages(markdown) {
            writeln!(drawn, "--- {} of {limit}\n{text}", unit.length(&text)).unwrap();
            for entity in entities {
                let units = text.encode_utf16().skip(entity.offset).take(entity.length);
                let covered = String::from_utf16(&units.collect::<Vec<_>>()).unwrap();
                let (kind, at, length) = (entity.kind, entity.offset, entity.length);
                let more = entity.url.or(entity.language).unwrap_or_default();
                writeln!(drawn, "@ {kind} {at}+{length} {covered:.60?} {more}").unwrap();
            }
        }
    }
    drawn
}

#[test]
fn each_platform_is_sent_what_a_person_has_looked_at() {
    for (theme, answers) in themes() {
        for (platform, ..) in PLATFORMS {
            let file = format!("{theme}.{}.txt", platform.name());
            expect_file![folder().join("rendered").join(file)].assert_eq(&draw(platform, &answers));
        }
    }
}
