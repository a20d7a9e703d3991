//! The way to the reply: how many per second, and how long each waits.
//!
//! The contestants run at once, each in a process of its own, and take turns of a fraction of a
//! second in an order that changes: whatever else the machine does falls on all of them.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;

use super::client::{self, Load, Round};
use super::contender::{Bindings, Contender, Running};
use super::host::Host;
use super::interaction::{self, Kind, Request};
use super::report::{Table, cell, number};
use super::{Effort, statistics, system};
use crate::setup::Npm;

/// Connections at once for throughput and for latency.
const MANY: usize = 16;
const QUESTION: &str = "What is the weather like in Kyoto today, and what should I wear?";
/// Requests signed before a round; where ids may come again, they do.
const SIGNED: u64 = 1000;

/// Who takes part.
struct Contestant {
    label: &'static str,
    address: SocketAddr,
    /// Its process, where the time that it computes can be read.
    process: Option<u32>,
    /// Whether it differs from another one in what a question costs, and in nothing else.
    only_asks: bool,
    /// Rounds of each measure.
    rounds: Vec<Vec<Round>>,
    /// Time that the processor took for all rounds of each measure, in seconds.
    computed: Vec<f64>,
    /// Ends when dropped.
    _process: Process,
}

enum Process {
    Workerd(#[expect(dead_code, reason = "ends when dropped")] Running),
    Miniflare(#[expect(dead_code, reason = "ends when dropped")] Host),
}

/// What is sent, over how many connections.
#[derive(Debug, Clone, Copy)]
struct Measure {
    kind: Kind,
    connections: usize,
}

/// Measures with stubs for the bindings, `delay_ms` away.
///
/// # Errors
/// When a Worker does not start or answers wrongly.
pub fn with_stubs(
    npm: &Npm,
    contenders: &[Contender; 3],
    delay_ms: u32,
    effort: Effort,
) -> Result<Table> {
    let limited = Bindings { delay_ms, has_limits: true };
    let free = Bindings { delay_ms, has_limits: false };
    let [ours, peer, floor] = contenders;
    let mut contestants = vec![
        Contestant::on_stubs(npm, ours, "Miyabi", limited)?,
        Contestant::on_stubs(npm, ours, "without limits", free)?,
        Contestant::on_stubs(npm, peer, "peer", limited)?,
        Contestant::on_stubs(npm, floor, "floor", limited)?,
    ];
    let kinds: &[Kind] =
        if delay_ms == 0 { &[Kind::Ask, Kind::Forged, Kind::Ping] } else { &[Kind::Ask] };
    let measures = measures(kinds);
    take_turns(&mut contestants, &measures, effort, Ids::Again)?;
    let (title, note) = if delay_ms == 0 {
        (
            "Bindings at once".to_owned(),
            "D1, Workflow, queue and rate limits are stubs inside the isolate. Median of the \
             rounds (minimum to maximum); ratios are the median of the ratios of rounds that \
             ran one after the other. “without limits” is Miyabi without its two bindings for \
             rate limits, which peer and floor do not have.",
        )
    } else {
        (
            format!("Bindings {delay_ms} ms away"),
            "The same, but every call of D1, Workflow and queue takes so long. Rate limits count \
             where the Worker runs, and stay at once.",
        )
    };
    Ok(table(title, note.to_owned(), &contestants, &measures))
}

/// Measures on the local D1.
///
/// # Errors
/// When a Worker does not start or answers wrongly.
pub fn on_local_d1(npm: &Npm, contenders: &[Contender; 3], effort: Effort) -> Result<Table> {
    let mut contestants = Vec::new();
    for (contender, label) in contenders.iter().zip(["Miyabi", "peer", "floor"]) {
        let host = Host::start(npm, contender, "real.mjs")?;
        contestants.push(Contestant::new(label, host.address, None, Process::Miniflare(host)));
    }
    let measures = measures(&[Kind::Ask]);
    take_turns(&mut contestants, &measures, effort, Ids::New)?;
    let note = "D1 is Miniflare's, in the same process. The Workflow says yes at once: the local \
                engine creates some 90 instances per second, and would be all that is measured.";
    Ok(table("The local D1".to_owned(), note.to_owned(), &contestants, &measures))
}

fn measures(kinds: &[Kind]) -> Vec<Measure> {
    let of = |kind: &Kind| [MANY, 1].map(|connections| Measure { kind: *kind, connections });
    kinds.iter().flat_map(of).collect()
}

/// Whether an interaction may come twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ids {
    Again,
    New,
}

fn take_turns(
    contestants: &mut [Contestant],
    measures: &[Measure],
    effort: Effort,
    ids: Ids,
) -> Result<()> {
    for contestant in contestants.iter_mut() {
        contestant.rounds = vec![Vec::new(); measures.len()];
        contestant.computed = vec![0.0; measures.len()];
    }
    // The first round warms up.
    for round in 0..=effort.rounds {
        for (index, measure) in measures.iter().enumerate() {
            let requests = interaction::requests(measure.kind, SIGNED, QUESTION)?;
            let count = contestants.len();
            for turn in 0..count {
                // Each begins as often as any other, and follows each neighbour as often.
                let forward = (turn + round) % count;
                let at = if round % 2 == 0 { forward } else { count - 1 - forward };
                let Some(contestant) = contestants.get_mut(at) else { continue };
                if contestant.only_asks && measure.kind != Kind::Ask {
                    continue;
                }
                let limit = if ids == Ids::New { requests.len() } else { usize::MAX };
                contestant.turn(index, *measure, (&requests, limit), (effort.round, round > 0))?;
            }
        }
    }
    Ok(())
}

impl Contestant {
    fn new(label: &'static str, address: SocketAddr, id: Option<u32>, process: Process) -> Self {
        Self {
            label,
            address,
            process: id,
            only_asks: false,
            rounds: Vec::new(),
            computed: Vec::new(),
            _process: process,
        }
    }

    fn on_stubs(
        npm: &Npm,
        contender: &Contender,
        label: &'static str,
        bindings: Bindings,
    ) -> Result<Self> {
        let running = contender.start(npm, bindings)?;
        let (address, id) = (running.address, running.child.id());
        let mut contestant = Self::new(label, address, Some(id), Process::Workerd(running));
        contestant.only_asks = !bindings.has_limits;
        Ok(contestant)
    }

    fn turn(
        &mut self,
        index: usize,
        Measure { kind, connections }: Measure,
        (requests, limit): (&[Request], usize),
        (length, counts): (Duration, bool),
    ) -> Result<()> {
        let before = self.process.and_then(system::computed_s);
        let load = Load { connections, length, requests: limit };
        let round = client::round(self.address, kind, requests, load)?;
        let after = self.process.and_then(system::computed_s);
        if counts {
            self.rounds.get_mut(index).into_iter().for_each(|rounds| rounds.push(round));
            if let (Some(before), Some(after), Some(sum)) =
                (before, after, self.computed.get_mut(index))
            {
                *sum += after - before;
            }
        }
        Ok(())
    }

    fn values(&self, index: usize, of: fn(&Round) -> f64) -> Vec<f64> {
        self.rounds.get(index).into_iter().flatten().map(of).collect()
    }

    /// Returns the processor's time for one request, in microseconds.
    fn computed_us(&self, index: usize) -> Vec<f64> {
        let answered: usize =
            self.rounds.get(index).into_iter().flatten().map(|r| r.answered).sum();
        let computed = self.computed.get(index).copied().unwrap_or_default();
        #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "far below 2^53")]
        let each = computed * 1e6 / answered as f64;
        if computed > 0.0 { vec![each] } else { Vec::new() }
    }
}

fn table(title: String, note: String, contestants: &[Contestant], measures: &[Measure]) -> Table {
    let mut head = vec![String::new()];
    head.extend(contestants.iter().map(|contestant| contestant.label.to_owned()));
    let pairs = pairs(contestants);
    head.extend(pairs.iter().map(|(one, other)| format!("{} / {}", one.label, other.label)));
    let mut rows = Vec::new();
    for (index, Measure { kind, connections }) in measures.iter().enumerate() {
        let what = match kind {
            Kind::Ask => "`/ask`",
            Kind::Forged => "forged",
            Kind::Ping => "PING",
        };
        let mut row = |name: String, values: &dyn Fn(&Contestant) -> Vec<f64>| {
            let mut cells = vec![name];
            cells.extend(contestants.iter().map(|contestant| cell(&values(contestant))));
            let ratios = pairs
                .iter()
                .map(|(one, other)| number(statistics::ratio(&values(one), &values(other))));
            cells.extend(ratios);
            rows.push(cells);
        };
        let at = format!("{connections} at once");
        if *connections == MANY {
            row(format!("{what} per second, {at}"), &|c| c.values(index, |r| r.per_second));
        }
        let at = if *connections == 1 { "one at a time".to_owned() } else { at };
        row(format!("{what} p50 ms, {at}"), &|c| c.values(index, |r| r.p50_ms));
        row(format!("{what} p99 ms, {at}"), &|c| c.values(index, |r| r.p99_ms));
        if *connections == MANY && contestants.iter().all(|one| one.process.is_some()) {
            row(format!("{what} µs of the processor"), &|c| c.computed_us(index));
        }
    }
    Table { title, note, head, rows }
}

/// Ours with each other one, and ours without limits with the peer.
fn pairs(contestants: &[Contestant]) -> Vec<(&Contestant, &Contestant)> {
    let Some((ours, others)) = contestants.split_first() else { return Vec::new() };
    let (free, others): (Vec<_>, Vec<_>) = others.iter().partition(|other| other.only_asks);
    let own = others.iter().map(|other| (ours, *other));
    let without = free.iter().flat_map(|free| others.iter().map(|other| (*free, *other)));
    own.chain(without).collect()
}
