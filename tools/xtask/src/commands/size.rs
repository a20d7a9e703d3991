//! `cargo xtask size` checks that the Worker is not too large to upload, nor the chat page to load.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::build::{self, page};
use crate::problem::problem;
use crate::project;

/// Most bytes of all uploaded files, gzipped: 1 MiB, a third of what Cloudflare's free plan takes.
const MAX_GZIP_BYTES: usize = 1024 * 1024;
/// Most bytes, gzipped, that a browser loads before the chat page works, and in how many requests. Static assets
/// are no part of the Worker: they are uploaded apart from it.
const MAX_FIRST_LOAD: (usize, usize) = (120 * 1024, 6);

/// Size of one file, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size {
    /// Path in `build/`.
    pub name: String,
    /// As it is.
    pub raw: usize,
    /// Gzipped, as it is uploaded.
    pub gzip: usize,
}

/// Builds the Worker, prints the size of each file, and checks the limit.
///
/// # Errors
/// When the Worker is too large or does not build.
pub fn run() -> Result<()> {
    build::run(build::Profile::Release)?;
    let sizes = of(&project::root()?.join("build"))?;
    println!("{:>10}{:>10}  file", "bytes", "gzip");
    for size in &sizes {
        println!("{:>10}{:>10}  {}", size.raw, size.gzip, size.name);
    }
    let total = total(&sizes);
    println!("{:>10}{total:>10}  total", sizes.iter().map(|size| size.raw).sum::<usize>());
    check(total)?;
    let first = page::first_load()?;
    let assets = project::root()?.join(page::ASSETS);
    let first = first.into_iter().map(|name| one(&assets, name)).collect::<Result<Vec<_>>>()?;
    println!(
        "{:>10}{:>10}  the page's first load, {} requests",
        "",
        self::total(&first),
        first.len()
    );
    check_page(self::total(&first), first.len())
}

/// Returns the sizes of all files of a build.
///
/// # Errors
/// When a file is missing.
pub fn of(folder: &Path) -> Result<Vec<Size>> {
    build::files(folder)?.into_iter().map(|name| one(folder, name)).collect()
}

fn one(folder: &Path, name: String) -> Result<Size> {
    let file = folder.join(&name);
    let bytes = std::fs::read(&file).with_context(|| format!("no {}", file.display()))?;
    Ok(Size { raw: bytes.len(), gzip: gzip(&bytes)?, name })
}

/// Returns the sum of the gzipped sizes.
pub fn total(sizes: &[Size]) -> usize {
    sizes.iter().map(|size| size.gzip).sum()
}

fn check(total: usize) -> Result<()> {
    if total <= MAX_GZIP_BYTES {
        return Ok(());
    }
    Err(problem(
        format!("the Worker is too large: {total} bytes gzipped"),
        format!("at most {MAX_GZIP_BYTES} bytes for all files of build/ together"),
    ))
}

fn check_page(bytes: usize, requests: usize) -> Result<()> {
    let (most_bytes, most_requests) = MAX_FIRST_LOAD;
    if bytes <= most_bytes && requests <= most_requests {
        return Ok(());
    }
    Err(problem(
        format!("the page's first load is too large: {bytes} bytes gzipped in {requests} requests"),
        format!("at most {most_bytes} bytes in {most_requests} requests; load the rest on demand"),
    ))
}

fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_all_files_has_a_limit() {
        let half = Size { name: "a".to_owned(), raw: 0, gzip: MAX_GZIP_BYTES / 2 };
        let mut sizes = vec![half.clone(), half];
        assert!(check(total(&sizes)).is_ok());
        sizes.push(Size { name: "b".to_owned(), raw: 0, gzip: 1 });
        assert!(check(total(&sizes)).is_err());
        let (bytes, requests) = MAX_FIRST_LOAD;
        assert!(check_page(bytes, requests).is_ok());
        assert!(check_page(bytes + 1, 1).is_err() && check_page(1, requests + 1).is_err());
    }
}
