//! `cargo xtask cost`: how much the way to the reply computes, counted and not timed, what it was,
//! and that it does not grow unnoticed.
//!
//! The built Worker runs in the pinned Node on a few fixed requests (`tools/bench/cost.mjs`). Work is
//! functions entered and turns of loops in wasm, which `wasm-opt --log-execution` reports; crossings
//! are calls between JavaScript and wasm. Both are the same on every machine and in every run.

use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::build;
use crate::document::{self, delta};
use crate::problem::problem;
use crate::setup::{self, Npm};
use crate::{process, project};

/// How much more than recorded is too much, in percent.
const MARGIN_PERCENT: u64 = 3;
const RECORD: &str = "docs/design/cost.md";
const PART: &str = "cost";

/// What to do with the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Compare with what is recorded.
    Compare,
    /// Record them.
    Record,
}

/// What one kind of request costs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cost {
    name: String,
    work: u64,
    crossings: u64,
}

/// Builds, counts, prints the counts beside the recorded ones, and fails if one has grown.
///
/// # Errors
/// When a count has grown by more than the margin, or the Worker does not build or answer.
pub fn run(mode: Mode) -> Result<()> {
    build::run(build::Profile::Release)?;
    let costs = count(&Npm::install()?)?;
    if mode == Mode::Record {
        record(&costs)?;
    }
    let recorded = parse(&project::read(RECORD).unwrap_or_default());
    println!("{:<10}{:>10}{:>10}{:>12}{:>10}", "request", "work", "", "crossings", "");
    for cost in &costs {
        let before = recorded.iter().find(|before| before.name == cost.name).unwrap_or(cost);
        let (work, crossings) =
            (delta(cost.work, before.work), delta(cost.crossings, before.crossings));
        println!(
            "{:<10}{:>10}{work:>10}{:>12}{crossings:>10}",
            cost.name, cost.work, cost.crossings
        );
    }
    if recorded.is_empty() {
        setup::say("nothing is recorded yet; `cargo xtask cost --record` does it");
    }
    check(&costs, &recorded)
}

fn count(npm: &Npm) -> Result<Vec<Cost>> {
    let root = project::root()?;
    let folder = project::target()?.join("tools/xtask/cost");
    std::fs::create_dir_all(&folder)?;
    for file in ["miyabi.js", build::BRIDGE] {
        std::fs::copy(root.join("build").join(file), folder.join(file)).context("build")?;
    }
    // An ES module, whatever is above it.
    std::fs::write(folder.join("package.json"), r#"{"type":"module"}"#)?;
    let mut optimizer = Command::new(npm.wasm_opt_path());
    optimizer.arg("--log-execution").args(build::FEATURES);
    optimizer.arg(root.join("build/miyabi_bg.wasm")).arg("-o").arg(folder.join("miyabi_bg.wasm"));
    process::run(&mut optimizer)?;
    let mut node = npm.node();
    node.arg(root.join("tools/bench/cost.mjs")).arg(&folder);
    let counted: Value =
        serde_json::from_str(&process::capture(&mut node)?).context("node printed no counts")?;
    let of = |counts: &Value, name: &str| counts.get(name).and_then(Value::as_u64);
    let costs = counted.as_object().into_iter().flatten().map(|(name, counts)| {
        let (work, crossings) = (of(counts, "work")?, of(counts, "crossings")?);
        Some(Cost { name: name.clone(), work, crossings })
    });
    costs.collect::<Option<Vec<_>>>().context("node printed other counts")
}

fn check(costs: &[Cost], recorded: &[Cost]) -> Result<()> {
    for cost in costs {
        let Some(before) = recorded.iter().find(|before| before.name == cost.name) else {
            continue;
        };
        for (what, now, then) in
            [("work", cost.work, before.work), ("crossings", cost.crossings, before.crossings)]
        {
            if now * 100 > then * (100 + MARGIN_PERCENT) {
                return Err(problem(
                    format!("{}: {what} has grown from {then} to {now}", cost.name),
                    format!(
                        "at most {MARGIN_PERCENT} % unnoticed; if it is worth that, \
                         `cargo xtask cost --record` and say why in the commit"
                    ),
                ));
            }
        }
    }
    Ok(())
}

fn record(costs: &[Cost]) -> Result<()> {
    let mut table = "| request | work | crossings |\n| --- | ---: | ---: |\n".to_owned();
    table.extend(costs.iter().map(|c| format!("| {} | {} | {} |\n", c.name, c.work, c.crossings)));
    document::write_part(RECORD, PART, &table)
}

fn parse(text: &str) -> Vec<Cost> {
    let rows = document::counts(text, PART).into_iter();
    rows.map(|(name, [work, crossings])| Cost { name, work, crossings }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(work: u64, crossings: u64) -> Vec<Cost> {
        vec![Cost { name: "ask".to_owned(), work, crossings }]
    }

    #[test]
    fn only_growth_beyond_the_margin_is_refused() {
        assert!(check(&cost(103, 20), &cost(100, 20)).is_ok());
        assert!(check(&cost(50, 5), &cost(100, 20)).is_ok());
        assert!(check(&cost(104, 20), &cost(100, 20)).is_err());
        assert!(check(&cost(100, 21), &cost(100, 20)).is_err());
        assert!(check(&cost(100, 21), &[]).is_ok());
    }
}
