//! Reading files: each is downloaded with a limit that its bytes are counted against, and becomes text.

use core::pin::pin;
use core::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use futures::future::{Either, select};

use super::image::{self, Image, Images};
use super::kind::{Kind, expected, found};
use super::voice::{self, Recording};
use super::{ReadFile, Voice};
use crate::tools::fetch_page::address::Address;
use miyabi_core::config::Settings;
use miyabi_core::http::{HttpError, Method, Request};
use miyabi_core::i18n::files::Problem;
use miyabi_core::ports::{Ai, Clock, Files, Http};
use miyabi_core::question::Attachment;

/// Most files that are read for one question.
pub const MAX_FILES: usize = 4;

/// Largest file that is read.
pub const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of a text that are decoded: four take at least one byte of UTF-8, and the rest would be cut.
const MAX_DECODED_BYTES: usize = 4 * MAX_TEXT_BYTES;

/// Longest wait for the text of a document.
const CONVERT_TIMEOUT: Duration = Duration::from_secs(40);

/// From when on no further file is begun: one more takes less than what is left of the step's three minutes.
const LATEST_FILE: Duration = Duration::from_secs(90);

/// Most text of one file that is kept, in bytes: with all of them, and JSON's escapes, a step's result stays
/// below the megabyte that the engine stores.
const MAX_TEXT_BYTES: usize = 100 * 1024;

/// Longest wait for a download.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Downloads of one file, the first one included.
const TRIES: usize = 2;

/// Character sets in which text is written that is not UTF-8, the likelier one first.
const CHARACTER_SETS: [&str; 2] = ["shift_jis", "euc-jp"];

/// Largest image that is shown: in Base64 it stays below five megabytes.
///
/// # Source
/// Anthropic Docs/Vision, read 2026-11-29: the smallest limit of the vendors there are.
const MAX_IMAGE_BYTES: usize = 3_700_000;

/// Most of all images of a question, in Base64: a call of a model holds them several times over, and the
/// isolate has 128 MB for all that it does.
const MAX_IMAGES_BYTES: usize = 6_000_000;

/// Reads the files of a question, one after another, so that few of them are in memory at a time.
///
/// An image that the first model does not see is described, and speech is written down, for `granted` nano-dollars at
/// most.
/// Each of them has a result, also one that was not read, as none is whose address is in `gone`.
///
/// # Repeats
/// Reads only; what describes images and hears speech costs again.
pub async fn read(
    host: &(impl Ai + Http + Files + Clock),
    settings: &Settings,
    (question, granted): (&str, Option<u64>),
    (files, gone): (&[&Attachment], &[String]),
    images: &Images,
) -> Vec<ReadFile> {
    let (mut all, mut left, mut room) = (Vec::new(), granted, MAX_IMAGES_BYTES);
    let begun = host.now();
    for (index, attachment) in files.iter().enumerate() {
        let voice = attachment.is_spoken.then_some(Voice::Asker);
        let mut file = ReadFile { name: attachment.name.clone(), voice, ..ReadFile::default() };
        let content = if gone.contains(&attachment.url) {
            Err(Problem::Expired)
        } else if host.now().since(begun) > LATEST_FILE {
            Err(Problem::Unreachable)
        } else {
            content(host, settings, attachment, index).await
        };
        let text = match content {
            Ok(Content::Text(text, is_cut)) => {
                file.is_cut = is_cut;
                Ok(text)
            }
            Ok(Content::Image(image)) if image.data.len() > room => Err(Problem::TooLarge),
            Ok(Content::Image(image)) => {
                room -= image.data.len();
                (file.is_image, file.voice) = (true, None);
                let image = images.keep(index, image);
                let asked = image::describe(host, settings, question, &image, (index, left)).await;
                file.attempt = asked.1;
                asked.0
            }
            Ok(Content::Speech(recording)) => {
                file.voice = voice.or(Some(Voice::Anybody));
                let model = settings.voice.as_ref();
                let heard = voice::transcribe(host, model, recording, (index, left)).await;
                file.attempt = heard.1;
                heard.0.and_then(|text| to_kept(&text, Problem::Silent)).map(|(text, is_cut)| {
                    file.is_cut = is_cut;
                    text
                })
            }
            Err(problem) => Err(problem),
        };
        match text {
            Ok(text) => file.text = text,
            Err(problem) => file.problem = Some(problem),
        }
        let cost = file.attempt.as_ref().map_or(0, |attempt| attempt.cost.nano);
        left = left.map(|left| left.saturating_sub(cost));
        all.push(file);
    }
    all
}

/// What is in a file.
enum Content {
    /// Text, and whether it is only a part.
    Text(String, bool),
    Image(Image),
    Speech(Recording),
}

async fn content(
    host: &(impl Ai + Http + Files + Clock),
    settings: &Settings,
    file: &Attachment,
    index: usize,
) -> Result<Content, Problem> {
    if index >= MAX_FILES {
        return Err(Problem::TooMany);
    }
    let kind = expected(file)?;
    if matches!(kind, Kind::Audio(_)) && settings.voice.is_none() {
        return Err(Problem::Kind);
    }
    if usize::try_from(file.bytes).unwrap_or(usize::MAX) > most_bytes(kind) {
        return Err(Problem::TooLarge);
    }
    let bytes = download(host, settings, file).await?;
    let (text, is_cut) = match found(kind, &bytes)? {
        Kind::Image(media) => return to_image(media, &bytes).map(Content::Image),
        Kind::Audio(media) => return Ok(Content::Speech(Recording { media, bytes })),
        Kind::Text => text_of(host, &bytes).ok_or(Problem::Kind)?,
        Kind::Document(media) => {
            let document = pin!(host.to_markdown(&file.name, media, &bytes, MAX_TEXT_BYTES));
            match select(document, pin!(host.sleep(CONVERT_TIMEOUT))).await {
                Either::Left((Ok(document), _)) => document.ok_or(Problem::Broken)?,
                Either::Left((Err(_), _)) | Either::Right(_) => return Err(Problem::Unreachable),
            }
        }
    };
    let (kept, is_longer) = to_kept(&text, Problem::Empty)?;
    Ok(Content::Text(kept, is_cut || is_longer))
}

/// Returns what of a text is kept, and whether that is not all of it.
///
/// # Errors
/// This problem, if nothing of it can be seen.
fn to_kept(text: &str, nothing: Problem) -> Result<(String, bool), Problem> {
    let mut kept = shown(text);
    if kept.trim().is_empty() {
        return Err(nothing);
    }
    let is_cut = kept.len() > MAX_TEXT_BYTES;
    kept.truncate(kept.floor_char_boundary(MAX_TEXT_BYTES));
    Ok((kept, is_cut))
}

/// Returns what of a text can be seen.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

const fn most_bytes(kind: Kind) -> usize {
    match kind {
        Kind::Image(_) => MAX_IMAGE_BYTES,
        Kind::Text | Kind::Document(_) | Kind::Audio(_) => MAX_BYTES,
    }
}

fn to_image(media: &'static str, bytes: &[u8]) -> Result<Image, Problem> {
    if bytes.len() > MAX_IMAGE_BYTES {
        return Err(Problem::TooLarge);
    }
    Ok(Image { media, data: BASE64_STANDARD.encode(bytes) })
}

/// Downloads an image again.
pub(super) async fn image(
    host: &(impl Http + Files),
    settings: &Settings,
    file: &Attachment,
) -> Result<Image, Problem> {
    let bytes = download(host, settings, file).await?;
    match found(Kind::Text, &bytes)? {
        Kind::Image(media) => to_image(media, &bytes),
        Kind::Text | Kind::Document(_) | Kind::Audio(_) => Err(Problem::Broken),
    }
}

/// Downloads a file, or reads it where it is kept; twice, if it did not arrive.
async fn download(
    host: &(impl Http + Files),
    settings: &Settings,
    file: &Attachment,
) -> Result<Vec<u8>, Problem> {
    if let Some(key) = file.key() {
        return kept(host, key).await;
    }
    let address = Address::read(&file.url, &[]).map_err(|_odd| Problem::Unreachable)?;
    let request = Request::new(Method::Get, address.target(&settings.pages.api_base), TIMEOUT)
        .header("user-agent", "Miyabi (a file that somebody sent)".to_owned());
    for _ in 0..TRIES {
        match host.download(&request, MAX_BYTES).await {
            Ok((200, bytes)) => return Ok(bytes),
            Ok((403 | 404 | 410, _)) => return Err(Problem::Expired),
            Err(HttpError::TooLarge) => return Err(Problem::TooLarge),
            Ok(_) | Err(HttpError::Timeout | HttpError::Lost) => {}
        }
    }
    Err(Problem::Unreachable)
}

async fn kept(host: &impl Files, key: &str) -> Result<Vec<u8>, Problem> {
    for _ in 0..TRIES {
        if let Ok(bytes) = host.read_file(key).await {
            return bytes.ok_or(Problem::Expired);
        }
    }
    Err(Problem::Unreachable)
}

/// Returns the media type of a file, whose bytes are there, by which it is read.
///
/// # Errors
/// Why it would not be read.
///
/// # Example
/// `("a.png", "", b"\x89PNG…")` → `image/png`; of any text, `text/plain`
pub fn media_of(
    host: &impl Http,
    settings: &Settings,
    (name, kind): (&str, &str),
    bytes: &[u8],
) -> Result<&'static str, Problem> {
    let file = Attachment { name: name.to_owned(), kind: kind.to_owned(), ..Attachment::default() };
    let found = found(expected(&file)?, bytes)?;
    if bytes.len() > most_bytes(found) {
        return Err(Problem::TooLarge);
    }
    Ok(match found {
        // Where nothing hears, it would never be read.
        Kind::Audio(_) if settings.voice.is_none() => return Err(Problem::Kind),
        Kind::Image(media) | Kind::Document(media) | Kind::Audio(media) => media,
        Kind::Text => {
            // Where only its beginning is decoded, that says it.
            let (text, is_cut) = text_of(host, bytes).ok_or(Problem::Kind)?;
            if !is_cut && shown(&text).trim().is_empty() {
                return Err(Problem::Empty);
            }
            "text/plain"
        }
    })
}

/// Returns the text that bytes are, in whichever character set, and whether it is only its beginning; `None` if
/// they are none.
fn text_of(host: &impl Http, whole: &[u8]) -> Option<(String, bool)> {
    let bytes = whole.get(..MAX_DECODED_BYTES).unwrap_or(whole);
    let is_cut = bytes.len() < whole.len();
    // The cut may go through a character.
    let read = |text: String| {
        let text = if is_cut { text.trim_end_matches('\u{fffd}') } else { &text };
        (text.trim_start_matches('\u{feff}').to_owned(), is_cut)
    };
    let utf16 = match bytes {
        [0xff, 0xfe, ..] => Some("utf-16le"),
        [0xfe, 0xff, ..] => Some("utf-16be"),
        _ => None,
    };
    if let Some(charset) = utf16 {
        return Some(read(host.decode(bytes, charset)));
    }
    if whole.contains(&0) {
        return None;
    }
    let utf8 = bytes.utf8_chunks().next().filter(|first| {
        let rest = bytes.len() - first.valid().len();
        rest == 0 || (is_cut && rest < 4)
    });
    if let Some(utf8) = utf8 {
        return Some(read(utf8.valid().to_owned()));
    }
    let mut decoded = CHARACTER_SETS.into_iter().map(|charset| read(host.decode(bytes, charset)));
    decoded.find(|(text, _)| !text.contains('\u{fffd}'))
}
