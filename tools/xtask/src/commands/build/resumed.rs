//! One place in the source for a panic that every async function brings.
//!
//! Who polls an async function after its end makes it panic. The compiler writes down a place for each of a thousand
//! functions, and nothing in the program ever polls one then. So all of them tell of one place, which is in line 0 of
//! a file (docs/LOGGING.md), and gzip has nothing new in them.

#![expect(clippy::indexing_slicing, reason = "each range is one of something the parser found")]

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context as _, Result};
use wasmparser::{DataKind, KnownCustom, Name, Operator, Parser, Payload};

/// How the name of the function that panics ends; its parameter is the address of the place.
const PANIC: &str = "::panic_const_async_fn_resumed";
/// Bytes of a place: the address of the file's name, its length, the line and the column.
const PLACE: usize = 16;
/// Bytes of it that say which file.
const FILE: usize = 8;

/// Makes one place of those of all async functions; nothing is changed in a module without.
///
/// # Errors
/// When it is no module, or a place is not in its data.
pub fn unite(module: &mut [u8]) -> Result<()> {
    let Some(panic) = panic(module)? else { return Ok(()) };
    let (calls, data) = (calls(module, panic)?, data(module)?);
    let Some((first, constant)) = calls.first().cloned() else { return Ok(()) };
    let place = |address: usize| {
        let (start, bytes) = data.range(..=address).next_back()?;
        let at = bytes.start + (address - start);
        (at + PLACE <= bytes.end).then_some(at..at + PLACE)
    };
    let one = place(first).context("a place is not in the data")?;
    module[one.start + FILE..one.end].fill(0);
    for (address, call) in calls {
        let other = place(address).context("a place is not in the data")?;
        module.copy_within(one.clone(), other.start);
        if call.len() == constant.len() {
            module.copy_within(constant.clone(), call.start);
        }
    }
    Ok(())
}

/// Returns the index of the function that panics.
fn panic(module: &[u8]) -> Result<Option<u32>> {
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CustomSection(section) = payload? else { continue };
        let KnownCustom::Name(names) = section.as_known() else { continue };
        for part in names {
            let Name::Function(functions) = part? else { continue };
            for function in functions {
                let function = function?;
                if function.name.ends_with(PANIC) {
                    return Ok(Some(function.index));
                }
            }
        }
    }
    Ok(None)
}

/// Returns the calls of a function with a constant: which it is, and where it is written.
fn calls(module: &[u8], called: u32) -> Result<Vec<(usize, Range<usize>)>> {
    let mut calls = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CodeSectionEntry(body) = payload? else { continue };
        let mut constant = None;
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            constant = match (operator?, constant) {
                ((Operator::I32Const { value }, at), _) => Some((value, at)),
                ((Operator::Call { function_index }, at), Some((value, from))) => {
                    if function_index == called {
                        calls.push((usize::try_from(value)?, from..at));
                    }
                    None
                }
                _ => None,
            };
        }
    }
    Ok(calls)
}

/// Returns where the data of each address is in the module.
fn data(module: &[u8]) -> Result<BTreeMap<usize, Range<usize>>> {
    let mut data = BTreeMap::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::DataSection(segments) = payload? else { continue };
        for segment in segments {
            let segment = segment?;
            let DataKind::Active { offset_expr, .. } = &segment.kind else { continue };
            if let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? {
                let end = segment.range.end;
                data.insert(usize::try_from(value)?, end - segment.data.len()..end);
            }
        }
    }
    Ok(data)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, ConstExpr, DataSection, Function, FunctionSection, Module, NameMap,
        NameSection, TypeSection,
    };

    use super::*;

    /// Where the data begins.
    const START: i32 = 0x0010_0000;

    /// Returns a module whose functions panic with the constants, and whose data are places in lines of a file.
    fn module(name: &str, constants: [i32; 3], lines: [[u8; 2]; 3]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        let mut panic = Function::new([]);
        panic.instructions().unreachable().end();
        functions.function(0);
        code.function(&panic);
        for constant in constants {
            let mut function = Function::new([]);
            let mut body = function.instructions();
            body.i32_const(constant).drop().call(0).i32_const(START + constant);
            body.call(0).unreachable().end();
            functions.function(0);
            code.function(&function);
        }
        let mut data = DataSection::new();
        let places =
            lines.map(|[line, column]| [9, 9, 16, 0, 7, 0, 0, 0, line, 0, 0, 0, column, 0, 0, 0]);
        data.active(0, &ConstExpr::i32_const(8), [1; 40]);
        data.active(0, &ConstExpr::i32_const(START), [&[3; 4], places.as_flattened()].concat());
        let mut names = NameMap::new();
        names.append(0, name);
        let mut section = NameSection::new();
        section.functions(&names);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code).section(&data).section(&section);
        module.finish()
    }

    #[test]
    fn all_async_functions_panic_in_one_place() {
        let name = "core[c5930c85a12de822]::panicking::panic_const::panic_const_async_fn_resumed";
        let mut made = module(name, [20, 4, 36], [[1, 5], [2, 6], [3, 7]]);
        unite(&mut made).unwrap();
        let mut expected = module(name, [20, 4, 36], [[0, 0]; 3]);
        // The constant of the first call is that of the others; what is dropped before it is as it was.
        let calls = calls(&expected, 0).unwrap();
        for (_, call) in &calls[1..] {
            expected.copy_within(calls[0].1.clone(), call.start);
        }
        assert_eq!(made, expected);
        assert_eq!(calls.len(), 3);
    }

    #[test]
    fn other_modules_stay_as_they_are() {
        let other = module("core::panicking::panic", [20, 4, 36], [[1, 5], [2, 6], [3, 7]]);
        let mut same = other.clone();
        unite(&mut same).unwrap();
        assert_eq!(same, other);
        assert!(unite(&mut [1, 2, 3]).is_err());
        let outside = module(PANIC, [20, 4, 48], [[1, 5]; 3]);
        assert!(unite(&mut outside.clone()).is_err());
    }
}
