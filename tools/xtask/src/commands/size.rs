//! `cargo xtask size`: how big the Worker is, what it was, and what it may be.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::build;
use crate::document::{self, delta};
use crate::problem::problem;
use crate::{project, setup};

/// Largest wasm, in bytes: an isolate compiles all of it before its first reply.
const MAX_WASM_BYTES: usize = 415_000;
/// Largest wasm, gzipped, in bytes: 160 KiB. Cloudflare's own limit is far above.
const MAX_GZIP_BYTES: usize = 160 * 1024;
const RECORD: &str = "docs/design/size.md";
const PART: &str = "size";

/// What to do with the sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Compare with what is recorded.
    Compare,
    /// Record them.
    Record,
}

/// Size of one file, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Size {
    name: String,
    raw: usize,
    gzip: usize,
}

/// Builds, prints the sizes beside the recorded ones, and checks the limits.
///
/// # Errors
/// When the Worker is too big or does not build.
pub fn run(mode: Mode) -> Result<()> {
    build::run(build::Profile::Release)?;
    let folder = project::root()?.join("build");
    let mut sizes = Vec::new();
    for file in build::FILES {
        let bytes = std::fs::read(folder.join(file)).with_context(|| format!("no build/{file}"))?;
        sizes.push(Size { name: file.to_owned(), raw: bytes.len(), gzip: gzip(&bytes)? });
    }
    let sum = |part: fn(&Size) -> usize| sizes.iter().map(part).sum();
    sizes.push(Size { name: "total".to_owned(), raw: sum(|s| s.raw), gzip: sum(|s| s.gzip) });
    if mode == Mode::Record {
        record(&sizes)?;
    }
    let recorded = project::read(RECORD).map(|text| parse(&text)).unwrap_or_default();
    println!("{:<16}{:>10}{:>12}{:>10}{:>12}", "file", "bytes", "", "gzip", "");
    for size in &sizes {
        let before = recorded.iter().find(|before| before.name == size.name);
        let (raw, gzip) = before.map_or_else(Default::default, |before| {
            (delta(size.raw, before.raw), delta(size.gzip, before.gzip))
        });
        println!("{:<16}{:>10}{raw:>12}{:>10}{gzip:>12}", size.name, size.raw, size.gzip);
    }
    if recorded.is_empty() {
        setup::say("nothing is recorded yet; `cargo xtask size --record` does it");
    }
    limits(&sizes)
}

fn limits(sizes: &[Size]) -> Result<()> {
    for size in sizes {
        let is_wasm = std::path::Path::new(&size.name)
            .extension()
            .is_some_and(|extension| extension == "wasm");
        if is_wasm && (size.raw > MAX_WASM_BYTES || size.gzip > MAX_GZIP_BYTES) {
            let what =
                format!("{} is too big: {} bytes, {} gzipped", size.name, size.raw, size.gzip);
            let limits =
                format!("at most {MAX_WASM_BYTES} bytes of wasm, {MAX_GZIP_BYTES} gzipped");
            return Err(problem(
                what,
                format!("{limits}; what was done about it so far: docs/decisions/0009 and 0019"),
            ));
        }
    }
    Ok(())
}

/// Returns how long bytes are when compressed, as an upload is.
///
/// # Errors
/// Never, as far as memory reaches.
pub fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn record(sizes: &[Size]) -> Result<()> {
    let mut table = "| file | bytes | gzip |\n| --- | ---: | ---: |\n".to_owned();
    let rows = sizes.iter().map(|s| format!("| {} | {} | {} |\n", s.name, s.raw, s.gzip));
    table.extend(rows);
    document::write_part(RECORD, PART, &table)
}

fn parse(text: &str) -> Vec<Size> {
    let rows = document::counts(text, PART).into_iter();
    rows.map(|(name, [raw, gzip])| Size { name, raw, gzip }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_too_big() {
        let size = |name: &str, raw, gzip| [Size { name: name.to_owned(), raw, gzip }];
        assert!(limits(&size("a.wasm", MAX_WASM_BYTES, MAX_GZIP_BYTES)).is_ok());
        assert!(limits(&size("a.wasm", MAX_WASM_BYTES + 1, 1)).is_err());
        assert!(limits(&size("a.wasm", 1, MAX_GZIP_BYTES + 1)).is_err());
        assert!(limits(&size("total", MAX_WASM_BYTES + 1, MAX_GZIP_BYTES + 1)).is_ok());
    }
}
