//! From the start of the process to the first answer, and memory.

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::client::{self, Load};
use super::contender::{Bindings, Contender, Running};
use super::interaction::{self, Kind};
use super::report::{Table, cell, number};
use super::{Effort, statistics, system};
use crate::setup::Npm;

const BINDINGS: Bindings = Bindings { delay_ms: 0, has_limits: true };
/// Requests after which memory is read.
const SOME: usize = 10_000;
/// And so many more, to see whether it grows.
const MANY: usize = 100_000;
/// Longest time for that many.
const PATIENCE: Duration = Duration::from_mins(2);

/// Measures the time to the first answer of each, in turn.
///
/// # Errors
/// When a Worker does not start.
pub fn first_answer(npm: &Npm, contenders: &[Contender; 3], effort: Effort) -> Result<Table> {
    let mut times: [Vec<f64>; 3] = Default::default();
    // The first round brings the program into the system's cache.
    for round in 0..=effort.starts {
        for (contender, times) in contenders.iter().zip(&mut times) {
            let running = contender.start(npm, BINDINGS)?;
            if round > 0 {
                times.push(running.started_in.as_secs_f64() * 1000.0);
            }
        }
    }
    let [ours, peer, floor] = &times;
    let row = vec![
        "first answer, ms".to_owned(),
        cell(ours),
        cell(peer),
        cell(floor),
        number(statistics::ratio(ours, peer)),
        number(statistics::ratio(ours, floor)),
    ];
    let note = "From the start of workerd's process to the right answer to a PING, tried every \
                half millisecond. workerd itself takes the most of it.";
    Ok(Table {
        title: "Start".to_owned(),
        note: note.to_owned(),
        head: ["", "Miyabi", "peer", "floor", "Miyabi / peer", "Miyabi / floor"]
            .map(ToOwned::to_owned)
            .to_vec(),
        rows: vec![row],
    })
}

/// Measures memory after many questions, and after ten times as many.
///
/// # Errors
/// When a Worker does not start or answers wrongly.
pub fn memory(npm: &Npm, contenders: &[Contender; 3], effort: Effort) -> Result<Table> {
    let mut rows = Vec::new();
    for contender in contenders {
        let running = contender.start(npm, BINDINGS)?;
        let mut row = vec![contender.name.to_owned(), megabytes(&running)?];
        ask(&running, SOME)?;
        row.push(megabytes(&running)?);
        row.push(if effort.is_long {
            ask(&running, MANY)?;
            megabytes(&running)?
        } else {
            "–".to_owned()
        });
        rows.push(row);
    }
    let note = "Resident memory of workerd's process in MB, on stubs, 16 connections.";
    Ok(Table {
        title: "Memory".to_owned(),
        note: note.to_owned(),
        head: ["", "after the start", "after 10,000 `/ask`", "after 100,000 more"]
            .map(ToOwned::to_owned)
            .to_vec(),
        rows,
    })
}

fn ask(running: &Running, requests: usize) -> Result<()> {
    let mut left = requests;
    while left > 0 {
        // Signed anew, so that none is older than a Worker takes it.
        let signed = interaction::requests(Kind::Ask, 1000, "Hello?")?;
        let count = left.min(SOME);
        let load = Load { connections: 16, length: PATIENCE, requests: count };
        client::round(running.address, Kind::Ask, &signed, load)?;
        left -= count;
    }
    Ok(())
}

fn megabytes(running: &Running) -> Result<String> {
    let resident = system::resident_mb(running.child.id()).context("ps tells no memory")?;
    Ok(format!("{resident:.0}"))
}
