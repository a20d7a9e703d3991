//! What says nothing to whoever runs the module, written so that gzip finds nothing new in it.
//!
//! - Each access to memory has a hint of how its address is aligned: as far as the compiler could prove it there. No
//!   engine that runs the module goes by it, and functions that are alike have different ones; so every hint becomes
//!   the natural one, the size of what is accessed.
//! - Names of what wasm and JavaScript call in one another end in a hash, of which gzip makes nothing shorter; so in
//!   its place is how many names before it are the same otherwise.

#![expect(clippy::indexing_slicing, reason = "each index is that of something the parser found")]

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context as _, Result, ensure};
use wasmparser::{Parser, Payload};

/// The instructions that access memory, from `i32.load` to `i64.store32`: the binary logarithm of how many bytes each
/// accesses. The hint is the byte behind the instruction's.
const NATURAL: [u8; 23] = [2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2];
/// Number of the first of them.
const FIRST_ACCESS: usize = 0x28;
/// Hexadecimal digits of a hash.
const HASH: usize = 16;

/// Makes the hint of each access to memory the natural one.
///
/// # Errors
/// When it is no module.
pub fn align(module: &mut [u8]) -> Result<()> {
    let mut hints = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CodeSectionEntry(body) = payload? else { continue };
        for operator in body.get_operators_reader()?.into_iter_with_offsets() {
            let (_, at) = operator?;
            let access = usize::from(module[at]).checked_sub(FIRST_ACCESS);
            if let Some(hint) = access.and_then(|access| NATURAL.get(access)) {
                hints.push((at + 1, *hint));
            }
        }
    }
    for (at, hint) in hints {
        module[at] = hint;
    }
    Ok(())
}

/// Numbers the names of imports and exports that end in a hash, in the module and in the JavaScript that it is
/// connected by.
///
/// # Errors
/// When it is no module, or the JavaScript does not have a name.
pub fn number(module: &mut [u8], glue: &mut String) -> Result<()> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (section, name) in names(module)? {
        let Some(stem) = stem(&name) else { continue };
        let count = known.entry(stem.to_owned()).or_default();
        let numbered = format!("{stem}{count:0HASH$}");
        *count += 1;
        ensure!(glue.contains(&name), "the JavaScript has no {name}");
        *glue = glue.replace(&name, &numbered);
        let section = &mut module[section];
        let at = section.windows(name.len()).position(|part| part == name.as_bytes());
        let at = at.with_context(|| format!("the module has no {name}"))?;
        section[at..at + name.len()].copy_from_slice(numbered.as_bytes());
    }
    Ok(())
}

/// Returns the names of imports and exports, each with where its section is.
fn names(module: &[u8]) -> Result<Vec<(Range<usize>, String)>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::ExportSection(exports) = &payload {
            for export in exports.clone() {
                names.push((exports.range(), export?.name.to_owned()));
            }
        }
        if let Payload::ImportSection(imports) = payload {
            let section = imports.range();
            for import in imports.into_imports() {
                names.push((section.clone(), import?.name.to_owned()));
            }
        }
    }
    Ok(names)
}

/// Returns a name without the hash at its end; `None` if there is none, or a number already.
fn stem(name: &str) -> Option<&str> {
    let (stem, hash) = name.split_at_checked(name.len().checked_sub(HASH)?)?;
    let is_hash = hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    (is_hash && !hash.starts_with("00000000")).then_some(stem)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection,
        ImportSection, MemArg, Module, TypeSection,
    };

    use super::*;

    /// Returns a module with imports and an export of the given names, and a function that accesses memory with a hint.
    fn module(imported: &[&str], exported: &str, hints: [u32; 3]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let (mut imports, mut exports) = (ImportSection::new(), ExportSection::new());
        for name in imported {
            imports.import("./a.js", name, EntityType::Function(0));
        }
        exports.export(exported, ExportKind::Func, 0);
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut function = Function::new([]);
        let access = |align| MemArg { offset: 0x28, align, memory_index: 0 };
        let [load, store, byte] = hints.map(access);
        function.instructions().i32_const(0x29).i32_load(load).drop();
        function.instructions().i32_const(8).i64_const(0).i64_store(store);
        function.instructions().i32_const(8).i64_load8_u(byte).drop().end();
        let mut code = CodeSection::new();
        code.function(&function);
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions);
        module.section(&exports).section(&code);
        module.finish()
    }

    #[test]
    fn every_hint_becomes_the_natural_one() {
        let mut made = module(&[], "run", [0, 1, 0]);
        align(&mut made).unwrap();
        assert_eq!(made, module(&[], "run", [2, 3, 0]));
        assert!(align(&mut [1, 2, 3]).is_err());
    }

    #[test]
    fn a_hash_becomes_a_number_in_both_languages() {
        let hashed = ["__wbg_get_0123456789abcdef", "__wbg_get_00ff00ff00ff00ff", "call"];
        let numbered = ["__wbg_get_0000000000000000", "__wbg_get_0000000000000001", "call"];
        let mut made = module(&hashed, "invoke__h0123456789abcdef", [0; 3]);
        let mut glue = format!("{{ {}, {} }} invoke__h0123456789abcdef()", hashed[1], hashed[0]);
        number(&mut made, &mut glue).unwrap();
        assert_eq!(made, module(&numbered, "invoke__h0000000000000000", [0; 3]));
        let expected =
            format!("{{ {}, {} }} invoke__h0000000000000000()", numbered[1], numbered[0]);
        assert_eq!(glue, expected);
        number(&mut made, &mut glue).unwrap();
        assert_eq!(glue, expected);
        let unknown = module(&hashed, "run", [0; 3]);
        assert!(number(&mut unknown.clone(), &mut String::new()).is_err());
    }
}
