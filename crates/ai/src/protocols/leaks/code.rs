//! Where code begins and ends in a text: a mark inside a fence or a code span is shown to somebody.

/// Backticks in a row.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: usize,
    len: usize,
    begins_line: bool,
    /// Index of the next run of the same length.
    next_same: Option<usize>,
    /// Index of the next run that can end a fence.
    next_fence: Option<usize>,
}

/// What backticks in a text are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code<'a> {
    /// A fence.
    Fence {
        /// What stands behind the opening backticks.
        info: &'a str,
        /// The lines between.
        body: &'a str,
        /// Where the text goes on.
        end: usize,
    },
    /// A code span.
    Span {
        /// Where the text goes on.
        end: usize,
    },
    /// Nothing: they stand alone, and the text goes on here. `may_close` says whether a longer text
    /// could still make a span of them.
    Plain {
        /// Where the text goes on.
        end: usize,
        /// Whether the paragraph has not ended.
        may_close: bool,
    },
}

/// All backticks of a text, found once, so that each question about them takes little.
#[derive(Debug)]
pub(super) struct Backticks {
    runs: Vec<Run>,
    /// Positions of blank lines.
    breaks: Vec<usize>,
}

const FENCE: usize = 3;

impl Backticks {
    /// Finds the backticks of a text.
    pub(super) fn find(text: &str) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        let mut breaks = Vec::new();
        let (mut begins_line, mut is_blank) = (true, false);
        let mut bytes = text.bytes().enumerate().peekable();
        while let Some((start, byte)) = bytes.next() {
            super::work::count(1);
            match byte {
                b'\n' => {
                    if is_blank {
                        breaks.push(start);
                    }
                    (begins_line, is_blank) = (true, true);
                }
                b'`' => {
                    let mut len = 1;
                    while bytes.next_if(|(_, byte)| *byte == b'`').is_some() {
                        len += 1;
                    }
                    runs.push(Run { start, len, begins_line, next_same: None, next_fence: None });
                    (begins_line, is_blank) = (false, false);
                }
                b' ' | b'\t' | b'\r' => {}
                b'>' | b'-' | b'*' | b'+' | b'.' | b'0'..=b'9' => is_blank = false,
                _ => (begins_line, is_blank) = (false, false),
            }
        }
        link(&mut runs);
        Self { runs, breaks }
    }

    /// Returns what the backticks at a position are.
    pub(super) fn at<'a>(&self, text: &'a str, position: usize) -> Code<'a> {
        let index = self.runs.partition_point(|run| run.start < position);
        let Some(run) = self.runs.get(index).filter(|run| run.start == position) else {
            // Inside a run, behind what was read before it.
            return Code::Plain { end: position + 1, may_close: false };
        };
        let after = run.start + run.len;
        if run.begins_line && run.len >= FENCE {
            let close = run.next_fence.and_then(|next| self.runs.get(next));
            let (inner_end, end) = close
                .map_or((text.len(), text.len()), |close| (close.start, close.start + close.len));
            let inner = text.get(after..inner_end).unwrap_or_default();
            let (info, body) = inner.split_once('\n').unwrap_or((inner, ""));
            return Code::Fence { info: info.trim(), body, end };
        }
        let ends_before = |end: usize| {
            let next = self.breaks.partition_point(|at| *at < after);
            self.breaks.get(next).is_none_or(|at| *at >= end)
        };
        match run.next_same.and_then(|next| self.runs.get(next)) {
            Some(close) if ends_before(close.start) => Code::Span { end: close.start + close.len },
            _ => Code::Plain { end: after, may_close: ends_before(usize::MAX) },
        }
    }
}

/// Links every run to the next one that may close it, from the last to the first.
fn link(runs: &mut [Run]) {
    // Lengths grow with the square root of the text at most, so there are few.
    let mut last_of: std::collections::BTreeMap<usize, usize> = std::collections::BTreeMap::new();
    let mut fence = None;
    for (index, run) in runs.iter_mut().enumerate().rev() {
        run.next_same = last_of.insert(run.len, index);
        run.next_fence = fence;
        if run.begins_line && run.len >= FENCE {
            fence = Some(index);
        }
    }
}
