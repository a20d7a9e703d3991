//! Puts functions that are alike beside each other, for gzip.
//!
//! gzip replaces what it has seen within the last 32 KiB, and the code is ten times as long: of two
//! functions that are nearly the same, the second is free only where it stands near the first. So
//! after one function comes the one that has, for its length, most in common with the latest ones.
//!
//! wasm-opt does the moving, since calls hold the numbers of functions: it can sort by name, and so
//! each function gets a name that says its place. Names are not written into what it makes.

use std::collections::VecDeque;

use anyhow::{Context as _, Result, bail};

/// Bytes of code that are compared at once: an instruction or two.
const SNIPPET: usize = 6;
/// A snippet of more functions than that says nothing about any of them.
const MAX_SHARED: usize = 20;
/// How far back gzip sees, less a function on the way.
const WINDOW_BYTES: usize = 28_000;
/// What a function has beside its own code, so that the tiny ones do not win by nothing.
const OVERHEAD_BYTES: u64 = 12;
const HEADER_BYTES: usize = 8;

/// Returns the module with names for its functions that sort them by likeness.
///
/// # Errors
/// When it is no module with code.
pub(super) fn with_names(wasm: &[u8]) -> Result<Vec<u8>> {
    let module = Module::read(wasm)?;
    let mut names = Vec::new();
    for (place, function) in order(&module.bodies).into_iter().enumerate() {
        names.push((module.imported + function, place));
    }
    names.sort_unstable();
    let mut section = vec![4];
    section.extend_from_slice(b"name");
    section.push(1);
    section.extend(prefixed(&name_map(&names)));
    let mut marked = wasm.to_vec();
    marked.push(0);
    marked.extend(prefixed(&section));
    Ok(marked)
}

fn name_map(names: &[(usize, usize)]) -> Vec<u8> {
    let mut map = leb(names.len());
    for (function, place) in names {
        map.extend(leb(*function));
        map.extend(prefixed(format!("{place:06}").as_bytes()));
    }
    map
}

fn prefixed(bytes: &[u8]) -> Vec<u8> {
    let mut prefixed = leb(bytes.len());
    prefixed.extend_from_slice(bytes);
    prefixed
}

/// A number as wasm writes it: seven bits a byte, the lowest first.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// Returns the functions' numbers in their new order.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let alike = Alike::new(bodies);
    let mut window = Window {
        alike: &alike,
        latest: VecDeque::new(),
        bytes: 0,
        seen: vec![0; alike.functions.len()],
        common: vec![0; bodies.len()],
    };
    let mut left: Vec<usize> = (0..bodies.len()).collect();
    let mut order = Vec::new();
    let length = |function: usize| bodies.get(function).map_or(0, |body| body.len());
    // The longest first, then always the best; of equals the one with the lower number.
    let longest = left.iter().rev().max_by_key(|function| length(**function)).copied();
    let mut next = longest;
    while let Some(function) = next {
        order.push(function);
        left.retain(|other| *other != function);
        window.push(function, length(function), &length);
        next = left.iter().rev().copied().max_by(|a, b| {
            let score = |function: usize, other: usize| {
                let common = window.common.get(function).copied().unwrap_or_default();
                common * (u64::try_from(length(other)).unwrap_or(u64::MAX) + OVERHEAD_BYTES)
            };
            score(*a, *b).cmp(&score(*b, *a))
        });
    }
    order
}

/// Which functions have which snippets, of those that a few have.
struct Alike {
    /// By snippet, the functions that have it.
    functions: Vec<Vec<usize>>,
    /// By function, its snippets.
    snippets: Vec<Vec<usize>>,
}

impl Alike {
    fn new(bodies: &[&[u8]]) -> Self {
        let mut found: Vec<(&[u8], usize)> = Vec::new();
        for (function, body) in bodies.iter().enumerate() {
            found.extend(body.windows(SNIPPET).map(|snippet| (snippet, function)));
        }
        found.sort_unstable();
        found.dedup();
        let mut alike = Self { functions: Vec::new(), snippets: vec![Vec::new(); bodies.len()] };
        for same in found.chunk_by(|(a, _), (b, _)| a == b) {
            if !(2..=MAX_SHARED).contains(&same.len()) {
                continue;
            }
            for (_, function) in same {
                if let Some(snippets) = alike.snippets.get_mut(*function) {
                    snippets.push(alike.functions.len());
                }
            }
            alike.functions.push(same.iter().map(|(_, function)| *function).collect());
        }
        alike
    }
}

/// The latest functions, as far back as gzip sees.
struct Window<'a> {
    alike: &'a Alike,
    latest: VecDeque<usize>,
    bytes: usize,
    /// By snippet, how many of the latest functions have it.
    seen: Vec<usize>,
    /// By function, how many of its snippets are in the window.
    common: Vec<u64>,
}

impl Window<'_> {
    fn push(&mut self, function: usize, bytes: usize, length: &dyn Fn(usize) -> usize) {
        self.latest.push_back(function);
        self.bytes += bytes;
        self.count(function, |seen| *seen += 1, 1, |common| *common += 1);
        while self.bytes > WINDOW_BYTES && self.latest.len() > 1 {
            let Some(oldest) = self.latest.pop_front() else { return };
            self.bytes -= length(oldest);
            self.count(oldest, |seen| *seen -= 1, 0, |common| *common -= 1);
        }
    }

    /// Changes how often a function's snippets are seen, and for those that `turn` with it, what all
    /// functions have in common with the window.
    fn count(&mut self, function: usize, step: fn(&mut usize), turn: usize, change: fn(&mut u64)) {
        for snippet in self.alike.snippets.get(function).into_iter().flatten() {
            let Some(seen) = self.seen.get_mut(*snippet) else { continue };
            step(seen);
            if *seen == turn {
                for other in self.alike.functions.get(*snippet).into_iter().flatten() {
                    self.common.get_mut(*other).into_iter().for_each(change);
                }
            }
        }
    }
}

/// What is needed of a module.
struct Module<'a> {
    /// Functions that the module imports: they have the first numbers.
    imported: usize,
    /// Code of the module's own functions, in order.
    bodies: Vec<&'a [u8]>,
}

impl<'a> Module<'a> {
    fn read(wasm: &'a [u8]) -> Result<Self> {
        let mut module = Self { imported: 0, bodies: Vec::new() };
        let mut sections = Reader(wasm);
        if !sections.take(HEADER_BYTES)?.starts_with(b"\0asm") {
            bail!("no wasm");
        }
        while !sections.0.is_empty() {
            let kind = sections.byte()?;
            let mut section = Reader(sections.bytes()?);
            match kind {
                2 => module.imported = section.imported_functions()?,
                10 => {
                    for _ in 0..section.number()? {
                        module.bodies.push(section.bytes()?);
                    }
                }
                _ => {}
            }
        }
        Ok(module)
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).context("wasm ends too early")?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        self.take(1)?.first().copied().context("wasm ends too early")
    }

    fn number(&mut self) -> Result<usize> {
        let mut number = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= usize::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        bail!("a number in the wasm has no end")
    }

    /// What its length stands before.
    fn bytes(&mut self) -> Result<&'a [u8]> {
        let count = self.number()?;
        self.take(count)
    }

    fn imported_functions(&mut self) -> Result<usize> {
        let mut functions = 0;
        for _ in 0..self.number()? {
            self.bytes()?; // module
            self.bytes()?; // name
            match self.byte()? {
                0 => {
                    self.number()?;
                    functions += 1;
                }
                1 => {
                    self.byte()?;
                    self.limits()?;
                }
                2 => self.limits()?,
                3 => drop(self.take(2)?),
                other => bail!("an import of kind {other} in the wasm"),
            }
        }
        Ok(functions)
    }

    fn limits(&mut self) -> Result<()> {
        let flags = self.byte()?;
        self.number()?;
        if flags & 1 == 1 {
            self.number()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_functions_that_are_alike_beside_each_other() {
        let (a, b) = (b"abcdefghijklmnop".as_slice(), b"ABCDEFGHIJKLMNOPQ".as_slice());
        let (a2, b2) = (b"abcdefghijklmnop!".as_slice(), b"ABCDEFGHIJKLMNOPQR".as_slice());
        assert_eq!(order(&[a, b, a2, b2]), [3, 1, 0, 2]);
        assert_eq!(order(&[]), [0_usize; 0]);
    }

    #[test]
    fn names_the_modules_own_functions_by_their_places() {
        let mut wasm = b"\0asm\x01\0\0\0".to_vec();
        let imports = b"\x03\x01m\x01f\0\0\x01m\x01t\x01\x6f\x01\x02\x03\x01m\x01g\x03\x7f\0";
        wasm.push(2);
        wasm.extend(prefixed(imports));
        wasm.push(10);
        wasm.extend(prefixed(b"\x02\x02\0\x0b\x03\0\x01\x0b"));
        let sorted = with_names(&wasm).unwrap();
        let names = b"\x04name\x01\x11\x02\x01\x06000001\x02\x06000000";
        let mut expected = wasm.clone();
        expected.push(0);
        expected.extend(prefixed(names));
        assert_eq!(sorted, expected);
        assert!(with_names(b"not wasm").is_err());
        assert!(with_names(wasm.split_last().unwrap().1).is_err(), "cut");
    }

    #[test]
    fn writes_and_reads_numbers() {
        for number in [0, 1, 127, 128, 300, 1_000_000] {
            assert_eq!(Reader(&leb(number)).number().unwrap(), number);
        }
        assert!(Reader(&[0x80; 6]).number().is_err());
    }
}
