//! `cargo xtask cost`: how much the way to the reply computes, counted and not timed, what it was,
//! and that it does not grow unnoticed.
//!
//! The built Worker runs in the pinned Node on a few fixed requests (`bench/cost.mjs`). Work is
//! functions entered and turns of loops in wasm, which `wasm-opt --log-execution` reports; crossings
//! are calls between JavaScript and wasm. Both are the same on every machine and in every run.

use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::build;
use crate::problem::problem;
use crate::setup::{self, Npm};
use crate::{process, project};

/// How much more than recorded is too much, in percent.
const MARGIN_PERCENT: u64 = 3;
const RECORD: &str = "docs/design/cost.md";
const BEGIN: &str = "<!-- cost:begin -->";
const END: &str = "<!-- cost:end -->";

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
    let folder = project::target()?.join("xtask/cost");
    std::fs::create_dir_all(&folder)?;
    std::fs::copy(root.join("build/miyabi.js"), folder.join("miyabi.js")).context("build")?;
    // An ES module, whatever is above it.
    std::fs::write(folder.join("package.json"), r#"{"type":"module"}"#)?;
    let mut optimizer = Command::new(npm.wasm_opt_path());
    optimizer.arg("--log-execution").args(build::FEATURES);
    optimizer.arg(root.join("build/miyabi_bg.wasm")).arg("-o").arg(folder.join("miyabi_bg.wasm"));
    process::run(&mut optimizer)?;
    let mut node = npm.node();
    node.arg(root.join("bench/cost.mjs")).arg(&folder);
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

fn delta(now: u64, before: u64) -> String {
    if now >= before { format!("(+{})", now - before) } else { format!("(-{})", before - now) }
}

/// Writes the table between its markers; the rest of the file stays as it is.
fn record(costs: &[Cost]) -> Result<()> {
    let path = project::root()?.join(RECORD);
    let text = std::fs::read_to_string(&path).context(RECORD)?;
    let (before, rest) =
        text.split_once(BEGIN).with_context(|| format!("no {BEGIN} in {RECORD}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("no {END} in {RECORD}"))?;
    let mut table = "| request | work | crossings |\n| --- | ---: | ---: |\n".to_owned();
    table.extend(costs.iter().map(|c| format!("| {} | {} | {} |\n", c.name, c.work, c.crossings)));
    std::fs::write(&path, format!("{before}{BEGIN}\n{table}{END}{after}")).context(RECORD)
}

fn parse(text: &str) -> Vec<Cost> {
    let table = text.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(END));
    let rows = table.map_or("", |(table, _)| table).lines();
    rows.filter_map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let name = cells.next()?.to_owned();
        let mut number = || cells.next()?.parse().ok();
        Some(Cost { name, work: number()?, crossings: number()? })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(work: u64, crossings: u64) -> Vec<Cost> {
        vec![Cost { name: "ask".to_owned(), work, crossings }]
    }

    #[test]
    fn reads_back_the_recorded_table() {
        let text = format!("# Cost\n{BEGIN}\n| request | work |\n| ask | 100 | 20 |\n{END}\n");
        assert_eq!(parse(&text), cost(100, 20));
        assert_eq!(parse("nothing"), []);
    }

    #[test]
    fn only_growth_beyond_the_margin_is_refused() {
        assert!(check(&cost(103, 20), &cost(100, 20)).is_ok());
        assert!(check(&cost(50, 5), &cost(100, 20)).is_ok());
        assert!(check(&cost(104, 20), &cost(100, 20)).is_err());
        assert!(check(&cost(100, 21), &cost(100, 20)).is_err());
        assert!(check(&cost(100, 21), &[]).is_ok());
        assert_eq!((delta(5, 3), delta(3, 5)), ("(+2)".to_owned(), "(-2)".to_owned()));
    }
}
