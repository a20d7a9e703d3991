//! What kind of file it is: by its name and the platform's word before it is downloaded, and by its bytes
//! after that. Neither the name nor the platform's word proves anything.

use miyabi_core::i18n::files::Problem;
use miyabi_core::question::Attachment;

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As text: code, tables, markup, and whatever else turns out to be text.
    Text,
    /// By the service that turns documents into Markdown, under this media type.
    Document(&'static str),
    /// As an image of this media type.
    Image(&'static str),
    /// As speech, in a container of this media type.
    Audio(&'static str),
}

const PDF: &str = "application/pdf";

/// Documents by the ending of their names, with their media types.
///
/// # Source
/// Cloudflare Docs/Workers AI, Markdown Conversion, Supported Formats, read 2026-11-29.
const DOCUMENTS: [(&str, &str); 8] = [
    ("pdf", PDF),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xlsm", "application/vnd.ms-excel.sheet.macroenabled.12"),
    ("xls", "application/vnd.ms-excel"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("numbers", "application/vnd.apple.numbers"),
];

/// Images by the ending of their names, with their media types: what every vendor's models take.
const IMAGES: [(&str, &str); 4] = [("png", PNG), ("jpg", JPEG), ("jpeg", JPEG), ("webp", WEBP)];

const PNG: &str = "image/png";
const JPEG: &str = "image/jpeg";
const WEBP: &str = "image/webp";

/// What sounds, by the ending of its name and by the second half of its media type, with how that is called here.
const SOUNDS: [(&str, &str); 11] = [
    ("ogg", OGG),
    ("oga", OGG),
    ("opus", OGG),
    ("mp3", MP3),
    ("mpeg", MP3),
    ("m4a", MP4),
    ("mp4", MP4),
    ("wav", WAV),
    ("wave", WAV),
    ("weba", WEBM),
    ("webm", WEBM),
];

const OGG: &str = "audio/ogg";
const MP3: &str = "audio/mpeg";
const MP4: &str = "audio/mp4";
pub(super) const WAV: &str = "audio/wav";
const WEBM: &str = "audio/webm";

/// Endings of what is certainly neither text nor speech, unless the platform's word says that it is the latter.
const OTHERS: [&str; 27] = [
    "7z", "apk", "avi", "avif", "bin", "bmp", "bz2", "dll", "dmg", "doc", "exe", "flac", "gif",
    "gz", "heic", "iso", "jar", "mkv", "mov", "mp4", "mpeg", "ppt", "pptx", "rar", "webm", "wma",
    "zip",
];

/// Returns how a file would be read, before it is downloaded.
///
/// # Errors
/// [`Problem::Kind`]: it is certainly nothing that can be read.
pub(super) fn expected(file: &Attachment) -> Result<Kind, Problem> {
    let ending = file.name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    let ending = ending.unwrap_or_default();
    let kind = file.kind.to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let document = DOCUMENTS.iter().find(|(known, media)| *known == ending || *media == kind);
    if let Some((_, media)) = document {
        return Ok(Kind::Document(media));
    }
    let image = IMAGES.iter().find(|(known, media)| *known == ending || *media == kind);
    if let Some((_, media)) = image {
        return Ok(Kind::Image(media));
    }
    // Films have the same endings as some of what only sounds.
    let half = kind.strip_prefix("audio/").map(|half| half.trim_start_matches("x-"));
    let is_named = |known: &str| known == ending && !OTHERS.contains(&known);
    let sound = SOUNDS.iter().find(|(known, _)| half == Some(known) || is_named(known));
    if let Some((_, media)) = sound {
        return Ok(Kind::Audio(media));
    }
    let is_other = OTHERS.contains(&ending.as_str())
        || ["video/", "audio/", "font/"].iter().any(|prefix| kind.starts_with(prefix))
        || (kind.starts_with("image/") && kind != "image/svg+xml");
    if is_other { Err(Problem::Kind) } else { Ok(Kind::Text) }
}

/// Returns how a file is read that has these bytes.
///
/// # Errors
/// A [`Problem`]: nothing is in it, it is not what its name says, or it would unpack to far too much.
pub(super) fn found(expected: Kind, bytes: &[u8]) -> Result<Kind, Problem> {
    if bytes.is_empty() {
        return Err(Problem::Empty);
    }
    let head = bytes.get(..bytes.len().min(PDF_HEADER_BYTES)).unwrap_or(bytes);
    let is_pdf = head.windows(5).any(|five| five == b"%PDF-");
    // An image is what its bytes are: a name that ends otherwise is a common mistake.
    let medium = match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Kind::Image(PNG)),
        [0xff, 0xd8, 0xff, ..] => Some(Kind::Image(JPEG)),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Kind::Image(WEBP)),
        _ => sounding(expected, bytes).map(Kind::Audio),
    };
    match (expected, medium) {
        (Kind::Text | Kind::Image(_) | Kind::Audio(_), Some(medium)) => return Ok(medium),
        (Kind::Image(_) | Kind::Audio(_), None) => return Err(Problem::Broken),
        _ => {}
    }
    match expected {
        Kind::Text if bytes.starts_with(b"%PDF-") => Ok(Kind::Document(PDF)),
        Kind::Text if bytes.starts_with(b"PK\x03\x04") => Err(Problem::Kind),
        Kind::Text => Ok(Kind::Text),
        Kind::Document(PDF) if is_pdf => Ok(expected),
        Kind::Document(PDF) => Err(Problem::Broken),
        Kind::Document(_) if bytes.starts_with(&OLE) => Ok(expected),
        Kind::Document(_) if bytes.starts_with(b"PK\x03\x04") => match unpacked_bytes(bytes) {
            Some(0..=MAX_UNPACKED_BYTES) => Ok(expected),
            Some(_) => Err(Problem::Bomb),
            None => Err(Problem::Broken),
        },
        Kind::Document(_) | Kind::Image(_) | Kind::Audio(_) => Err(Problem::Broken),
    }
}

/// Returns the media type of bytes that sound. Of a container in which films come too, the name has to say so.
///
/// # Source
/// RFC 3533 (Ogg), ID3v2.4 3.1 and ISO 11172-3 2.4.1.3 (MP3), ISO 14496-12 4.3 (MP4), RFC 8794 (Matroska and `WebM`).
fn sounding(expected: Kind, bytes: &[u8]) -> Option<&'static str> {
    let is_named = matches!(expected, Kind::Audio(_));
    match bytes {
        [b'O', b'g', b'g', b'S', 0, ..] => Some(OGG),
        // A tag, or a frame of layer III.
        [b'I', b'D', b'3', 2..=4, ..] | [0xff, 0xe2 | 0xe3 | 0xf2 | 0xf3 | 0xfa | 0xfb, ..] => {
            Some(MP3)
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(WAV),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] if is_named => Some(MP4),
        [0x1a, 0x45, 0xdf, 0xa3, ..] if is_named => Some(WEBM),
        _ => None,
    }
}

/// Where a PDF's header has to begin.
///
/// # Source
/// PDF Reference 1.7, appendix H, implementation note 13.
const PDF_HEADER_BYTES: usize = 1024;

/// Beginning of documents from before there were packed ones.
const OLE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Most that a packed document may become.
const MAX_UNPACKED_BYTES: u64 = 16 * 1024 * 1024;

/// Returns what a packed file says that it becomes, by the list of its parts; `None` if it has no such list.
/// Nothing is unpacked here, and a list that lies is the converting service's to find out.
///
/// # Source
/// PKWARE APPNOTE 6.3.10, 4.3.12 and 4.3.16.
fn unpacked_bytes(bytes: &[u8]) -> Option<u64> {
    let number = |at: usize, length: usize| {
        let bytes = bytes.get(at..at.checked_add(length)?)?;
        Some(bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
    };
    // The end of the list stands in the last 64 kB.
    let end = bytes.windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let count = number(end.checked_add(10)?, 2)?;
    let mut at = usize::try_from(number(end.checked_add(16)?, 4)?).ok()?;
    let mut total = 0_u64;
    for _ in 0..count {
        if bytes.get(at..at.checked_add(4)?)? != b"PK\x01\x02" {
            return None;
        }
        total = total.saturating_add(number(at.checked_add(24)?, 4)?);
        // The part's name, its extra fields and its comment follow.
        let rest = [28, 30, 32].into_iter().try_fold(0, |rest, field| {
            number(at.checked_add(field)?, 2).map(|length| rest + length)
        })?;
        at = at.checked_add(46)?.checked_add(usize::try_from(rest).ok()?)?;
    }
    Some(total)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
