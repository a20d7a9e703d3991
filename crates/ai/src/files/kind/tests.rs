//! Kinds of files: names promise, bytes decide.

use super::*;

fn named(name: &str, kind: &str) -> Attachment {
    Attachment { name: name.to_owned(), kind: kind.to_owned(), ..Attachment::default() }
}

/// A packed file with one part that says that it becomes so many bytes.
fn packed(becomes: u32) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04the part".to_vec();
    let list = u32::try_from(bytes.len()).unwrap();
    bytes.extend(b"PK\x01\x02");
    bytes.extend([0; 20]);
    bytes.extend(becomes.to_le_bytes());
    bytes.extend([3, 0, 0, 0, 0, 0]);
    bytes.extend([0; 12]);
    bytes.extend(b"a.x");
    bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend([0; 4]);
    bytes.extend(list.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn what_is_certainly_no_text_is_refused_before_the_download() {
    for (name, kind) in [
        ("a.zip", ""),
        ("a.EXE", "text/plain"),
        ("a", "video/mp4"),
        ("a", "image/tiff"),
        ("a.gif", "image/gif"),
        ("a", "audio/flac"),
        ("a.mp4", ""),
        ("a.webm", "video/webm"),
    ] {
        assert_eq!(expected(&named(name, kind)), Err(Problem::Kind), "{name} {kind}");
    }
    for (name, kind) in [
        ("main.rs", ""),
        ("a.csv", "text/csv; charset=utf-8"),
        ("Makefile", ""),
        ("a.svg", "image/svg+xml"),
    ] {
        assert_eq!(expected(&named(name, kind)), Ok(Kind::Text), "{name} {kind}");
    }
    for (name, kind, media) in [
        ("voice-message.ogg", "video/ogg", OGG),
        ("a.OGA", "", OGG),
        ("a", "audio/opus", OGG),
        ("a.mp3", "audio/mpeg; x", MP3),
        ("memo.m4a", "", MP4),
        ("memo", "audio/x-m4a", MP4),
        ("memo.mp4", "audio/mp4", MP4),
        ("a.wav", "audio/x-wav", WAV),
        ("a.webm", "audio/webm;codecs=opus", WEBM),
        ("a.weba", "", WEBM),
    ] {
        assert_eq!(expected(&named(name, kind)), Ok(Kind::Audio(media)), "{name} {kind}");
    }
    for (name, kind) in [("a.PDF", ""), ("a", "application/pdf")] {
        assert_eq!(expected(&named(name, kind)), Ok(Kind::Document(PDF)), "{name} {kind}");
    }
}

#[test]
fn bytes_decide_what_a_file_is() {
    let word = expected(&named("a.docx", "")).unwrap();
    let pdf = Kind::Document(PDF);
    for (kind, bytes, is) in [
        (pdf, b"\n%PDF-1.7".as_slice(), Ok(pdf)),
        (pdf, b"MZ", Err(Problem::Broken)),
        (pdf, b"", Err(Problem::Empty)),
        (Kind::Text, b"%PDF-1.4", Ok(pdf)),
        (Kind::Text, b"PK\x03\x04", Err(Problem::Kind)),
        (Kind::Text, b"hi", Ok(Kind::Text)),
        (Kind::Image(PNG), b"RIFF\x01\x02\x03\x04WEBPVP8", Ok(Kind::Image(WEBP))),
        (Kind::Text, b"\xff\xd8\xff\xe0", Ok(Kind::Image(JPEG))),
        (Kind::Image(PNG), b"\x89PNG\r\n\x1a\n", Ok(Kind::Image(PNG))),
        (Kind::Image(PNG), b"hi", Err(Problem::Broken)),
        (pdf, b"\xff\xd8\xff\xe0", Err(Problem::Broken)),
        (Kind::Audio(MP3), b"OggS\0\x02 opus", Ok(Kind::Audio(OGG))),
        (Kind::Text, b"OggS\0\x02 opus", Ok(Kind::Audio(OGG))),
        (Kind::Text, b"OggS is how it begins", Ok(Kind::Text)),
        (Kind::Audio(OGG), b"ID3\x04\0", Ok(Kind::Audio(MP3))),
        (Kind::Audio(OGG), b"\xff\xfb\x90", Ok(Kind::Audio(MP3))),
        (Kind::Text, b"ID3 is a tag", Ok(Kind::Text)),
        (Kind::Text, b"\xff\xfea\0", Ok(Kind::Text)),
        (Kind::Audio(OGG), b"RIFF\x01\x02\x03\x04WAVEfmt ", Ok(Kind::Audio(WAV))),
        (Kind::Audio(OGG), b"\0\0\0\x1cftypM4A ", Ok(Kind::Audio(MP4))),
        (Kind::Audio(OGG), b"\x1a\x45\xdf\xa3", Ok(Kind::Audio(WEBM))),
        (Kind::Audio(OGG), b"hi", Err(Problem::Broken)),
        (Kind::Audio(OGG), b"\x89PNG\r\n\x1a\n", Ok(Kind::Image(PNG))),
        (pdf, b"OggS\0\x02 opus", Err(Problem::Broken)),
        (Kind::Image(PNG), b"\0\0\0\x1cftypheic", Err(Problem::Broken)),
        (word, b"PK\x03\x04 and no list", Err(Problem::Broken)),
        (word, b"plain text", Err(Problem::Broken)),
        (word, &OLE, Ok(word)),
        (word, &packed(1_000_000), Ok(word)),
        (word, &packed(u32::MAX), Err(Problem::Bomb)),
    ] {
        assert_eq!(found(kind, bytes), is, "{kind:?} {bytes:?}");
    }
}

#[test]
fn a_list_of_parts_that_is_cut_or_lies_about_its_length_is_damaged() {
    let whole = packed(10);
    assert_eq!(unpacked_bytes(&whole), Some(10));
    for length in 0..whole.len() - 2 {
        assert_eq!(unpacked_bytes(&whole[..length]), None, "{length}");
    }
    for odd in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[odd] = 0xff;
        let _ends = unpacked_bytes(&bytes);
    }
}
