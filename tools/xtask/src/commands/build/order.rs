//! The order of the functions in the module: each follows those that it has most in common with.
//!
//! gzip writes down what it has seen in the last 32 KiB as a reference. Functions that were made of one generic
//! function, or of code that is alike, have bytes in common; so they are put beside each other.
//!
//! 1. Every body is cut into pieces of a few bytes, one at each of its places; what two functions have in
//!    common are pieces.
//! 2. The smallest function is the first. Each next one is that which has the largest part of its pieces in
//!    the last 30,000 bytes.
//! 3. The order is written into the module as names, by which wasm-opt sorts.
//!
//! The same module always has the same order.

#![expect(
    clippy::indexing_slicing,
    reason = "each index is that of a body or a piece, all of which are there"
)]

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::mem;

use anyhow::Result;
use wasm_encoder::{NameMap, NameSection, Section as _};
use wasmparser::{Parser, Payload, TypeRef};

/// Bytes of a piece: two or three instructions.
const PIECE: usize = 6;
/// How far a function looks back, in bytes of code: somewhat less than gzip does.
const WINDOW: usize = 30_000;
/// Most functions that have a piece: what more of them have is everywhere anyway.
const MAX_HOLDERS: usize = 300;
/// Added to the pieces of a function, so that none is chosen for the one piece that it has.
const FEW: usize = 20;

/// Adds a section to a module without names that names its functions by their places in the order.
///
/// # Errors
/// When it is no module.
pub fn name(module: &mut Vec<u8>) -> Result<()> {
    let (imported, bodies) = functions(module)?;
    let mut places = vec![0; bodies.len()];
    for (place, function) in order(&bodies).into_iter().enumerate() {
        places[function] = place;
    }
    let mut names = NameMap::new();
    for (index, place) in (imported..).zip(places) {
        names.append(index, &format!("{place:06}"));
    }
    let mut section = NameSection::new();
    section.functions(&names);
    section.append_to(module);
    Ok(())
}

/// Returns how many functions are imported, and the bodies of the others.
fn functions(module: &[u8]) -> Result<(u32, Vec<&[u8]>)> {
    let (mut imported, mut bodies) = (0, Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::CodeSectionEntry(body) = &payload {
            bodies.push(body.as_bytes());
        }
        if let Payload::ImportSection(imports) = payload {
            for import in imports.into_imports() {
                imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
            }
        }
    }
    Ok((imported, bodies))
}

/// Returns the indices of bodies in their order.
fn order(bodies: &[&[u8]]) -> Vec<usize> {
    let mut near = Near::of(bodies);
    let mut rest: Vec<usize> = (0..bodies.len()).collect();
    rest.sort_by_key(|&index| (bodies[index].len(), bodies[index]));
    let mut order = Vec::with_capacity(rest.len());
    while let Some(next) = near.best(&rest) {
        let index = rest.remove(next);
        near.place(index, bodies[index].len());
        order.push(index);
    }
    order
}

/// What the functions that were placed last have in common with the others.
struct Near {
    functions: Vec<Function>,
    pieces: Vec<Piece>,
    /// Functions in the window, the last one last: how many bytes each has, and its pieces.
    window: VecDeque<(usize, Vec<usize>)>,
    /// Bytes in the window.
    bytes: usize,
}

/// A function that is still to be placed.
#[derive(Default)]
struct Function {
    /// Indices of its pieces.
    pieces: Vec<usize>,
    /// How many of them are in the window.
    shared: usize,
}

/// Some bytes in a row that more than one function has.
struct Piece {
    /// Indices of the functions that have it.
    holders: Vec<usize>,
    /// How many of them are in the window.
    near: usize,
}

impl Near {
    fn of(bodies: &[&[u8]]) -> Self {
        let mut holders: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        for (index, body) in bodies.iter().enumerate() {
            for piece in body.windows(PIECE) {
                let holders = holders.entry(piece).or_default();
                if holders.last() != Some(&index) {
                    holders.push(index);
                }
            }
        }
        let mut functions: Vec<Function> = bodies.iter().map(|_| Function::default()).collect();
        let mut pieces = Vec::new();
        for holders in holders.into_values() {
            if (2..=MAX_HOLDERS).contains(&holders.len()) {
                for &holder in &holders {
                    functions[holder].pieces.push(pieces.len());
                }
                pieces.push(Piece { holders, near: 0 });
            }
        }
        Self { functions, pieces, window: VecDeque::new(), bytes: 0 }
    }

    /// Returns which of the rest has the largest part of its pieces in the window; the first of several.
    fn best(&self, rest: &[usize]) -> Option<usize> {
        let parts = rest.iter().enumerate().map(|(place, &index)| {
            let Function { pieces, shared } = &self.functions[index];
            (*shared, pieces.len() + FEW, Reverse(place))
        });
        let best = parts.max_by(|(shared, of, place), (other_shared, other_of, other_place)| {
            let (part, other) = (shared * other_of, other_shared * of);
            part.cmp(&other).then(place.cmp(other_place))
        });
        best.map(|(_, _, Reverse(place))| place)
    }

    /// Puts a function behind the others.
    fn place(&mut self, index: usize, bytes: usize) {
        let pieces = mem::take(&mut self.functions[index].pieces);
        for &piece in &pieces {
            let Piece { holders, near } = &mut self.pieces[piece];
            *near += 1;
            if *near == 1 {
                for &holder in &*holders {
                    self.functions[holder].shared += 1;
                }
            }
        }
        self.window.push_back((bytes, pieces));
        self.bytes += bytes;
        while self.bytes > WINDOW && self.window.len() > 1 {
            self.forget();
        }
    }

    /// Takes the first function out of the window.
    fn forget(&mut self) {
        let Some((bytes, pieces)) = self.window.pop_front() else { return };
        self.bytes -= bytes;
        for piece in pieces {
            let Piece { holders, near } = &mut self.pieces[piece];
            *near -= 1;
            if *near == 0 {
                for &holder in &*holders {
                    self.functions[holder].shared -= 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_beside_those_that_they_are_like() {
        let text =
            |seed: u8| (0..40_u8).map(|i| seed.wrapping_mul(i) ^ (i << 3)).collect::<Vec<_>>();
        let (red, blue) = (text(17), text(91));
        let bodies = [
            &red[..30],
            &blue[..31],
            &red[1..33],
            &blue[1..34],
            &[7; 3],
            &red[2..37],
            &blue[2..38],
        ];
        assert_eq!(order(&bodies), [4, 0, 2, 5, 1, 3, 6]);
        assert_eq!(order(&[]), [0_usize; 0]);
    }

    #[test]
    fn what_is_further_back_than_the_window_is_forgotten() {
        let long = vec![3; WINDOW + 1];
        let mut near = Near::of(&[b"abcdefg", b"abcdefgh", &long]);
        near.place(0, 7);
        assert_eq!(near.functions[1].shared, 2);
        near.place(2, long.len());
        assert_eq!(near.functions[1].shared, 0);
        assert_eq!((near.window.len(), near.bytes), (1, long.len()));
    }

    #[test]
    fn a_module_says_where_its_functions_belong() {
        let mut module = wasm_encoder::Module::new();
        let mut types = wasm_encoder::TypeSection::new();
        types.ty().function([], []);
        let mut imports = wasm_encoder::ImportSection::new();
        imports.import("a", "b", wasm_encoder::EntityType::Function(0));
        let mut functions = wasm_encoder::FunctionSection::new();
        functions.function(0).function(0);
        let mut code = wasm_encoder::CodeSection::new();
        for nops in [3, 1] {
            let mut function = wasm_encoder::Function::new([]);
            for _ in 0..nops {
                function.instructions().nop();
            }
            function.instructions().end();
            code.function(&function);
        }
        module.section(&types).section(&imports).section(&functions).section(&code);
        let mut module = module.finish();
        name(&mut module).unwrap();
        let names =
            [1, 6, b'0', b'0', b'0', b'0', b'0', b'1', 2, 6, b'0', b'0', b'0', b'0', b'0', b'0'];
        assert!(module.ends_with(&names));
        assert!(name(&mut vec![1, 2, 3]).is_err());
    }
}
