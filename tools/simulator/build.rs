//! Lists the migrations, in their order, so that a new one is simulated without anybody's doing.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let variable = |name: &str| env::var(name).map_err(io::Error::other);
    let folder =
        Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../../migrations").canonicalize()?;
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sql") {
            files.push(path);
        }
    }
    files.sort();
    let items: Vec<String> = files
        .iter()
        .map(|path| format!("include_str!({:?})", path.display().to_string()))
        .collect();
    let list = format!("[{}]", items.join(", "));
    fs::write(Path::new(&variable("OUT_DIR")?).join("migrations.rs"), list)?;
    println!("cargo::rerun-if-changed={}", folder.display());
    Ok(())
}
