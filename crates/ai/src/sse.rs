//! A reader of server-sent events that takes bytes as they arrive from the network.
//!
//! Chunks may end anywhere: inside a line, between `\r` and `\n`, or inside a UTF-8 character.
//! Only the `data` of an event is returned: every API protocol in this crate repeats the kind of an
//! event inside its JSON, so the fields `event`, `id` and `retry` are not needed.
//!
//! # Source
//! WHATWG HTML Living Standard/Server-sent events/Parsing an event stream, read 2026-11-28.

/// First bytes of a stream that begins with a byte order mark.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Field names of the event stream format.
const FIELDS: [&str; 4] = ["data", "event", "id", "retry"];

/// The state of a stream that has not ended.
///
/// The time for a whole stream is linear in its length: each byte is looked at once when it
/// arrives and once when its line is complete.
#[derive(Debug, Default)]
pub struct SseReader {
    /// Bytes of the line that has not ended yet.
    line: Vec<u8>,
    /// Whether the byte before was `\r`, so that a `\n` now belongs to the same line end.
    is_after_cr: bool,
    /// Whether a line has ended.
    has_line: bool,
    /// Data lines of the event that has not ended yet; `None` before its first.
    data: Option<String>,
    format: Format,
}

/// What the first line that is not blank says about the format of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Format {
    #[default]
    Unknown,
    EventStream,
    /// Something else, such as a JSON document.
    Other,
}

impl SseReader {
    /// Takes the next chunk and calls `on_event` with the data of each event that it completes.
    pub fn push(&mut self, chunk: &[u8], on_event: &mut impl FnMut(&str)) {
        let mut rest = chunk;
        if self.is_after_cr && !rest.is_empty() {
            self.is_after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (part, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            self.line.extend_from_slice(part);
            self.end_line(on_event);
            self.is_after_cr = after == b"\r";
            rest = match after {
                [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
                [] => after,
            };
        }
        self.line.extend_from_slice(rest);
    }

    /// Ends the stream. An event without its final blank line counts: vendors leave it out.
    pub fn end(&mut self, on_event: &mut impl FnMut(&str)) {
        if !self.line.is_empty() {
            self.end_line(on_event);
        }
        self.dispatch(on_event);
    }

    /// Returns whether the body is an event stream, judged by its first line that is not blank.
    ///
    /// A vendor may answer with a JSON document although a stream was asked for.
    pub const fn is_event_stream(&self) -> bool {
        matches!(self.format, Format::EventStream)
    }

    fn end_line(&mut self, on_event: &mut impl FnMut(&str)) {
        let line = core::mem::take(&mut self.line);
        let is_first = !core::mem::replace(&mut self.has_line, true);
        let bytes = match line.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) if is_first => rest,
            _ => line.as_slice(),
        };
        self.take_line(&String::from_utf8_lossy(bytes), on_event);
        self.line = line;
        self.line.clear();
    }

    fn take_line(&mut self, line: &str, on_event: &mut impl FnMut(&str)) {
        if line.is_empty() {
            return self.dispatch(on_event);
        }
        // An error that a proxy writes into a stream, without a field.
        if self.format == Format::EventStream && line.starts_with('{') {
            self.dispatch(on_event);
            return on_event(line);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        // A line that begins with a colon is a comment.
        let is_known = field.is_empty() || FIELDS.contains(&field);
        if self.format == Format::Unknown && !line.trim().is_empty() {
            self.format = if is_known { Format::EventStream } else { Format::Other };
        }
        if field == "data" {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            }
        }
    }

    fn dispatch(&mut self, on_event: &mut impl FnMut(&str)) {
        if let Some(data) = self.data.take() {
            on_event(&data);
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use eventsource_stream::Eventsource;
    use futures::StreamExt;
    use miyabi_testing::fuzz::Numbers;

    use super::*;

    /// Reads a body in these chunks.
    fn read(chunks: &[&[u8]]) -> (Vec<String>, bool) {
        let mut reader = SseReader::default();
        let mut events = Vec::new();
        let mut on_event = |data: &str| events.push(data.to_owned());
        for chunk in chunks {
            reader.push(chunk, &mut on_event);
        }
        reader.end(&mut on_event);
        (events, reader.is_event_stream())
    }

    /// A body, and the data of its events.
    const BODIES: [(&str, &[&str]); 14] = [
        ("data: a\n\ndata: b\n\n", &["a", "b"]),
        ("data: a\r\n\r\ndata: b\r\n\r\n", &["a", "b"]),
        ("data: a\r\rdata: b\r\r", &["a", "b"]),
        ("data: a\r\n\ndata: b\n\r\n", &["a", "b"]),
        ("data: a\r\n\rdata: b\n\r", &["a", "b"]),
        ("data:a\ndata: b\ndata:  c\n\n", &["a\nb\n c"]),
        ("data\n\ndata:\n\ndata: \n\n", &["", "", ""]),
        (": comment\n\n:\n\ndata: a\n: between\ndata: b\n\n", &["a\nb"]),
        ("event: x\nid: 1\nretry: 5\nother: y\ndata: a\n\n", &["a"]),
        ("event: x\n\n", &[]),
        ("\u{feff}data: a\n\n\u{feff}data: b\n\n", &["a"]),
        ("\n\n\r\ndata: は晴れ 🍁\n\n", &["は晴れ 🍁"]),
        ("data: a\n\ndata: no blank line\n", &["a", "no blank line"]),
        ("data: a\n\ndata: no line end", &["a", "no line end"]),
    ];

    #[test]
    fn events_are_the_same_wherever_the_body_is_cut() {
        for (body, expected) in BODIES {
            let body = body.as_bytes();
            assert_eq!(read(&[body]).0, expected, "{body:?}");
            for cut in 0..=body.len() {
                let (before, after) = body.split_at(cut);
                assert_eq!(read(&[before, after]).0, expected, "{body:?} cut at {cut}");
                assert_eq!(read(&[before, b"", after]).0, expected, "{body:?} cut at {cut}");
            }
            let bytes: Vec<&[u8]> = body.chunks(1).collect();
            assert_eq!(read(&bytes).0, expected, "{body:?} byte by byte");
        }
    }

    /// What the standard says, word for word, over a body that is all there.
    fn reference(body: &[u8]) -> Vec<String> {
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        let text = String::from_utf8_lossy(body).replace("\r\n", "\n").replace('\r', "\n");
        let mut events = Vec::new();
        let mut data: Option<Vec<&str>> = None;
        let is_stream = |line: &str| {
            let field = line.split(':').next().unwrap();
            line.contains(':') && field.is_empty() || FIELDS.contains(&field)
        };
        let first = text.split('\n').find(|line| !line.trim().is_empty());
        let is_stream = first.is_some_and(is_stream);
        for line in text.split('\n') {
            if line.is_empty() || is_stream && line.starts_with('{') {
                events.extend(data.take().map(|lines| lines.join("\n")));
                events.extend((!line.is_empty()).then(|| line.to_owned()));
            } else if line == "data" {
                data.get_or_insert_default().push("");
            } else if let Some(value) = line.strip_prefix("data:") {
                data.get_or_insert_default().push(value.strip_prefix(' ').unwrap_or(value));
            }
        }
        events.extend(data.map(|lines| lines.join("\n")));
        events
    }

    fn body_of(numbers: &mut Numbers, pieces: &[&[u8]]) -> Vec<u8> {
        let count = numbers.below(24);
        (0..count).flat_map(|_| pieces[numbers.below(pieces.len())].to_vec()).collect()
    }

    fn chunks_of<'a>(numbers: &mut Numbers, mut body: &'a [u8]) -> Vec<&'a [u8]> {
        let mut chunks = Vec::new();
        while !body.is_empty() {
            let (chunk, after) = body.split_at(1 + numbers.below(body.len()));
            chunks.push(chunk);
            body = after;
        }
        chunks
    }

    const PIECES: [&[u8]; 20] = [
        b"data: ",
        b"data:",
        b"data",
        b"event: x",
        b":",
        b": c",
        b"id: 1",
        b"retry",
        b"\n",
        b"\n\n",
        b"\r",
        b"\r\n",
        b"\r\n\r\n",
        b"[DONE]",
        b" ",
        b"\xef\xbb\xbf",
        "京🍁".as_bytes(),
        b"x",
        b"<html>",
        b"data: {\"a\":1}",
    ];

    #[test]
    fn reads_as_a_simple_reader_of_the_standard_does_whatever_the_bytes_are() {
        let broken: [&[u8]; 3] = [b"\xf0\x9f", b"\xff", b"{\"a\":1}"];
        let pieces = [PIECES.as_slice(), &broken].concat();
        let mut numbers = Numbers::new(0x5eed);
        for _ in 0..4_000 {
            let body = body_of(&mut numbers, &pieces);
            let chunks = chunks_of(&mut numbers, &body);
            let shown = String::from_utf8_lossy(&body);
            assert_eq!(read(&chunks).0, reference(&body), "{shown:?} in {} chunks", chunks.len());
        }
    }

    /// What a library says that others use.
    fn library(chunks: &[&[u8]]) -> Vec<String> {
        let chunks: Vec<Result<Vec<u8>, core::convert::Infallible>> =
            chunks.iter().map(|chunk| Ok(chunk.to_vec())).collect();
        let events = futures::stream::iter(chunks).eventsource();
        let events: Vec<_> = crate::script::block_on(events.collect());
        let data = events.into_iter().map(|event| event.unwrap().data);
        data.filter(|data| !data.is_empty()).collect()
    }

    #[test]
    fn reads_as_a_library_does_that_others_use() {
        let mut numbers = Numbers::new(0xface);
        for _ in 0..4_000 {
            // The library returns some events without data, and none without its blank line at the end.
            // At a byte order mark it panics.
            let mut body = [body_of(&mut numbers, &PIECES), b"\n\n".to_vec()].concat();
            if body.starts_with(BYTE_ORDER_MARK) {
                body.insert(0, b'\n');
            }
            let chunks = chunks_of(&mut numbers, &body);
            let events = read(&chunks).0.into_iter().filter(|data| !data.is_empty());
            let shown = String::from_utf8_lossy(&body);
            assert_eq!(events.collect::<Vec<_>>(), library(&chunks), "{shown:?}");
        }
    }

    #[test]
    fn a_document_that_stands_bare_in_a_stream_is_an_event() {
        let body = b"data: {\"a\":1}\n\n{\"error\":\"x\"}\ndata: b\n\n";
        assert_eq!(read(&[body]).0, ["{\"a\":1}", "{\"error\":\"x\"}", "b"]);
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_replaced() {
        assert_eq!(read(&[b"data: a\xffb\n\n"]).0, ["a\u{fffd}b"]);
    }

    #[test]
    fn an_event_is_returned_with_the_chunk_that_completes_it() {
        let mut reader = SseReader::default();
        let mut count = 0;
        reader.push(b"data: a\r\n\r", &mut |_| count += 1);
        assert_eq!(count, 1, "a carriage return ends the line at once");
        reader.push(b"\ndata: b\n", &mut |_| count += 1);
        assert_eq!(count, 1, "the line feed belongs to the line end before it");
        reader.push(b"\n", &mut |_| count += 1);
        assert_eq!(count, 2);
    }

    #[test]
    fn a_json_document_or_a_page_is_no_event_stream() {
        for body in ["", "\n", "{\"data\":1}", "{\n  \"data\": \"x\"\n}\n", "<html>\ndata: x\n\n"] {
            assert!(!read(&[body.as_bytes()]).1, "{body}");
        }
        for body in ["data: {}", "\n: comment\n", "\u{feff}event: x\n", "id\n"] {
            assert!(read(&[body.as_bytes()]).1, "{body}");
        }
    }

    #[test]
    fn a_long_line_in_many_small_chunks_is_read_in_linear_time() {
        let mut reader = SseReader::default();
        let mut length = 0;
        let mut on_event = |data: &str| length = data.len();
        reader.push(b"data: ", &mut on_event);
        for _ in 0..500_000 {
            reader.push(b"12345678", &mut on_event);
        }
        reader.end(&mut on_event);
        assert_eq!(length, 4_000_000);
    }
}
