//! What is uploaded: wasm and JavaScript, as they are and compressed.

use anyhow::{Context as _, Result};

use super::contender::Contender;
use super::report::Table;
use crate::commands::size::gzip;

/// Measures the files of each.
///
/// # Errors
/// When one cannot be read.
pub fn measure(contenders: &[Contender; 3]) -> Result<Table> {
    let mut rows = Vec::new();
    for contender in contenders {
        let mut sizes = [(0, 0); 2];
        for module in &contender.modules {
            let path = contender.folder.join(module);
            let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
            let is_wasm = path.extension().is_some_and(|extension| extension == "wasm");
            let [wasm, script] = &mut sizes;
            let (raw, zipped) = if is_wasm { wasm } else { script };
            *raw += bytes.len();
            *zipped += gzip(&bytes)?;
        }
        let [(wasm, wasm_gzip), (script, script_gzip)] = sizes;
        let numbers = [wasm, wasm_gzip, script, script_gzip, wasm_gzip + script_gzip];
        let mut row = vec![contender.name.to_owned()];
        row.extend(numbers.map(|number| number.to_string()));
        rows.push(row);
    }
    let head = ["", "wasm", "gzip", "JavaScript", "gzip", "together, gzip"];
    Ok(Table {
        title: "Size".to_owned(),
        note: "Bytes of what is uploaded; the peer as wrangler bundles it.".to_owned(),
        head: head.map(ToOwned::to_owned).to_vec(),
        rows,
    })
}
