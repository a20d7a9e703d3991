//! The trace of a seed: lines for a reader, and one number by which two runs are compared.

use core::cell::{Cell, RefCell};

/// The trace of one seed. Lines are only kept when somebody will read them.
#[derive(Debug)]
pub struct Trace {
    hash: Cell<u64>,
    lines: Option<RefCell<Vec<String>>>,
    start_ms: u64,
}

impl Trace {
    /// Returns an empty trace whose times count from `start_ms`.
    pub fn new(keeps_lines: bool, start_ms: u64) -> Self {
        let lines = keeps_lines.then(RefCell::default);
        Self { hash: Cell::new(0xCBF2_9CE4_8422_2325), lines, start_ms }
    }

    /// Notes one thing: who did what; `detail` is only for the reader.
    pub fn note(&self, now_ms: u64, who: &str, what: &str, detail: impl FnOnce() -> String) {
        self.mix(now_ms);
        self.mix_text(who);
        self.mix_text(what);
        if let Some(lines) = &self.lines {
            let since_ms = now_ms.saturating_sub(self.start_ms);
            let (minutes, seconds) = (since_ms / 60_000, since_ms / 1000 % 60);
            let time = format!("{minutes:02}:{seconds:02}.{:03}", since_ms % 1000);
            let line = format!("{time}  {who:<12} {what:<22} {}", detail());
            lines.borrow_mut().push(line.trim_end().to_owned());
        }
    }

    /// Returns the number that two equal runs share.
    pub fn hash(&self) -> u64 {
        self.hash.get()
    }

    /// Returns the lines.
    pub fn lines(&self) -> Vec<String> {
        self.lines.as_ref().map(RefCell::take).unwrap_or_default()
    }

    fn mix_text(&self, text: &str) {
        let mut hash = self.hash.get();
        for byte in text.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
        self.hash.set(hash);
    }

    fn mix(&self, number: u64) {
        let hash = self.hash.get() ^ number;
        self.hash.set(hash.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_for_readers_only_and_the_number_is_the_same() {
        let (kept, bare) = (Trace::new(true, 1_000), Trace::new(false, 1_000));
        for trace in [&kept, &bare] {
            trace.note(62_234, "job 1", "post", || "answer:1".to_owned());
        }
        assert_eq!(kept.hash(), bare.hash());
        assert_eq!(kept.lines(), ["01:01.234  job 1        post                   answer:1"]);
        assert!(bare.lines().is_empty());
        bare.note(62_234, "job 1", "post", String::new);
        assert_ne!(kept.hash(), bare.hash());
    }
}
