//! All of it as text: the generated parts of `docs/design/scale.md` and of the README.

use crate::arrivals::{self, DAY_S, SECOND};
use crate::cost::{self, Month};
use crate::facts::{self, LIMITS, PRICES, Price};
use crate::figures::{commas, dollars, percent, seconds, small, thousandths};
use crate::outcome::{Outcome, PARTS, Setup};
use crate::question::{self, LLAMA, QWEN};
use crate::rng::Rng;
use crate::scenarios::{self, QUESTIONS, SEED, TODAY};
use crate::tables::Table;
use crate::walls;

/// Days in the tables of costs.
const SIZES: [u64; 4] = [50, 1_000, 10_000, 1_000_000];

/// Parts of the documents, by the names of their markers.
pub fn parts() -> Vec<(&'static str, String)> {
    let ladder = scenarios::ladder();
    let databases = scenarios::databases();
    let mut setups: Vec<Setup> = ladder.iter().map(|(_, setup)| *setup).collect();
    setups.extend(databases.iter().map(|(_, _, _, setup)| *setup));
    let outcomes = scenarios::run(&setups);
    let (first, second) = outcomes.split_at(ladder.len().min(outcomes.len()));
    vec![
        ("question", one_question()),
        ("cost", costs()),
        ("prices", prices()),
        ("limits", limits()),
        ("walls", walls_table()),
        ("shards", shards_table()),
        ("day", the_day()),
        ("ladder", ladder_table(&ladder, first)),
        ("databases", databases_table(&databases, second)),
    ]
}

/// The README's table.
pub fn readme() -> String {
    let months = SIZES.map(|size| cost::month(size, LLAMA));
    let mut table = Table::of_numbers(&head(""));
    let row = |name: &str, of: &dyn Fn(&Month) -> u64| {
        let mut cells = vec![name.to_owned()];
        cells.extend(months.iter().map(|month| if_paid(month, of(month))));
        cells
    };
    let mut plans = vec!["plan".to_owned()];
    plans.extend(months.iter().map(|month| {
        let name = if month.is_free { "Free" } else { "Paid" };
        format!("{name}, {}", dollars(month.plan()))
    }));
    table.row(&plans);
    table.row(&row("Workers AI", &|month| month.of(facts::MILLINEURONS)));
    table.row(&row("Workflow steps and state", &|month| {
        month.of(facts::WORKFLOW_STEPS) + month.of(facts::WORKFLOW_KB)
    }));
    table.row(&row("D1 rows and storage", &|month| {
        month.of(facts::ROWS_READ) + month.of(facts::ROWS_WRITTEN) + month.of(facts::D1_KB)
    }));
    table.row(&row("logs", &|month| month.of(facts::LOGS)));
    table.row(&row("requests and CPU time, at most", &|month| {
        month.of(facts::REQUESTS) + month.of(facts::CPU_MS)
    }));
    let mut sums = vec!["**sum**".to_owned()];
    sums.extend(months.iter().map(|month| format!("**{}**", if_paid(month, month.sum()))));
    table.row(&sums);
    table.text()
}

fn head(first: &str) -> Vec<&str> {
    vec![first, "50 a day", "1,000 a day", "10,000 a day", "1,000,000 a day"]
}

fn if_paid(month: &Month, nano: u64) -> String {
    dollars(if month.is_free { 0 } else { nano })
}

fn one_question() -> String {
    let mut table = Table::of_text(&["a plain question takes", "how much", "how it is known"]);
    for (what, much, known) in counted().into_iter().chain(estimated()) {
        table.row(&[what, &much, known]);
    }
    let (model, rest) = cost::marginal(LLAMA);
    let (small_model, _) = cost::marginal(QWEN);
    format!(
        "{}\nBeyond all that is included it costs ${}: ${} for {} neurons of {}, and ${} for everything \
         else. {} would take {} neurons, ${}.\n",
        table.text(),
        small(model + rest),
        small(model),
        thousandths(LLAMA.millineurons()),
        LLAMA.name,
        small(rest),
        QWEN.name,
        thousandths(QWEN.millineurons()),
        small(small_model),
    )
}

/// What is taken of something, how much, and how that is known.
type Row = (&'static str, String, &'static str);

fn counted() -> Vec<Row> {
    let writes = question::STATEMENTS.iter().filter(|(_, rows)| *rows > 0).count();
    let reads = question::STATEMENTS.len() - writes;
    let and_to_forget =
        |rows: u64, to_forget: u64| format!("{rows}, and {to_forget} when it is forgotten");
    let discord = format!(
        "{}, of which {} count for the address, {} of them posts",
        question::DISCORD_REQUESTS,
        question::DISCORD_COUNTED,
        question::POSTS
    );
    vec![
        ("steps", question::STEPS.to_string(), "test"),
        ("requests to Discord", discord, "test"),
        ("statements", format!("{writes} that write, {reads} that read"), "test"),
        (
            "rows written to D1",
            and_to_forget(question::ROWS_WRITTEN, question::ROWS_WRITTEN_TO_FORGET),
            "D1's own counter, in Miniflare",
        ),
        (
            "rows read from D1",
            and_to_forget(question::ROWS_READ, question::ROWS_READ_TO_FORGET),
            "D1's own counter, in Miniflare",
        ),
        (
            "log events",
            format!("{}, and {} of the platform", question::LOG_LINES, question::REQUESTS),
            "test",
        ),
    ]
}

fn estimated() -> Vec<Row> {
    let bytes_for =
        |bytes: u64, days: u64| format!("{} bytes for {} days", commas(bytes), commas(days));
    vec![
        ("billed requests", question::REQUESTS.to_string(), "the interaction and the instance"),
        (
            "kept in D1, a job",
            bytes_for(question::DATABASE_BYTES, question::RETENTION_DAYS),
            "test",
        ),
        (
            "kept in D1, sums of an asker's day",
            bytes_for(question::ASKER_DAY_BYTES, question::SPENDING_DAYS),
            "test; that an asker has four questions on such a day is assumed",
        ),
        ("kept by the engine", bytes_for(question::STATE_BYTES, question::STATE_DAYS), "estimate"),
        (
            "CPU time",
            format!("{} ms at most", question::CPU_MS),
            "the free plan's 10 ms for the request and each step",
        ),
    ]
}

fn costs() -> String {
    let months = SIZES.map(|size| cost::month(size, LLAMA));
    let mut table = Table::of_numbers(&head("$ per month"));
    let mut plans = vec!["plan".to_owned()];
    plans.extend(months.iter().map(|month| dollars(month.plan())));
    table.row(&plans);
    let names = months.first().map(|month| month.lines.clone()).unwrap_or_default();
    for (index, line) in names.iter().enumerate() {
        let mut cells = vec![line.what.to_owned()];
        cells.extend(
            months
                .iter()
                .map(|month| if_paid(month, month.lines.get(index).map_or(0, |line| line.nano))),
        );
        table.row(&cells);
    }
    let each = |name: &str, of: &dyn Fn(&Month) -> u64, form: &dyn Fn(u64) -> String| {
        let mut cells = vec![name.to_owned()];
        cells.extend(months.iter().map(|month| form(if month.is_free { 0 } else { of(month) })));
        cells
    };
    table.row(&each("**sum**", &Month::sum, &dollars));
    let per_question = |month: &Month| month.sum() / month.per_day / cost::DAYS;
    table.row(&each("for each question", &per_question, &small));
    let other = SIZES.map(|size| cost::month(size, QWEN));
    let mut cells = vec![format!("sum, with {}", QWEN.name)];
    cells.extend(other.iter().map(|month| if_paid(month, month.sum())));
    table.row(&cells);
    let mut units = Table::of_numbers(&["units per month", "1,000,000 a day"]);
    for line in months.last().map(|month| month.lines.clone()).unwrap_or_default() {
        units.row(&[line.what.to_owned(), commas(line.units)]);
    }
    let walls: Vec<String> = cost::free_walls(LLAMA)
        .into_iter()
        .map(|(what, questions)| format!("{what} are {}", commas(questions)))
        .collect();
    let options = [
        ("all jobs by a queue, one message each", facts::QUEUE_OPERATIONS, 3),
        ("three batched statements, a message each", facts::QUEUE_OPERATIONS, 9),
        ("a Durable Object for each asker, two requests", facts::OBJECT_REQUESTS, 2),
    ];
    let mut extra = Table::of_numbers(&["not built; $ per month at 1,000,000 a day", "more"]);
    for (what, price, each) in options {
        let line = cost::line(price, QUESTIONS * cost::DAYS * each);
        extra.row(&[what.to_owned(), dollars(line.nano)]);
    }
    let saved = [(facts::KV_READS, 1), (facts::KV_WRITES, 1)];
    let saved: u64 =
        saved.iter().map(|(price, n)| cost::line(*price, QUESTIONS * cost::DAYS * n).nano).sum();
    extra.row(&["saved answers in KV, if none is found again".to_owned(), dollars(saved)]);
    format!(
        "{}\n{}\n{}\nOn the free plan, of a day's questions: {}.\n",
        table.text(),
        units.text(),
        extra.text(),
        walls.join("; ")
    )
}

fn prices() -> String {
    let mut table = Table::of_text(&["what", "price", "included per month", "said by"]);
    for Price { what, included, says, page, .. } in PRICES {
        let included =
            if included == 0 { "10,000 neurons a day".to_owned() } else { commas(included) };
        table.row(&[what, says, &included, &format!("[{}]({})", page.name, page.url)]);
    }
    table.text()
}

fn limits() -> String {
    let mut table = Table::of_text(&["what", "limit", "said by"]);
    for limit in LIMITS {
        table.row(&[limit.what, limit.says, &format!("[{}]({})", limit.page.name, limit.page.url)]);
    }
    table.text()
}

fn walls_table() -> String {
    let names =
        ["limit", "a question takes", "questions a second", "a day, evenly", "a day, peaks of 8"];
    let mut table = Table::of_numbers(&names);
    for wall in walls::all(TODAY) {
        table.row(&[
            wall.what.to_owned(),
            wall.takes.to_owned(),
            thousandths(wall.per_s),
            commas(wall.even),
            commas(wall.peaked()),
        ]);
    }
    table.text()
}

fn shards_table() -> String {
    let names = [
        "databases, at 1,000,000 a day",
        "GB in each, in the long run",
        "jobs forgotten a day",
        "minutes to look at what fell silent in 5 minutes of a peak",
    ];
    let mut table = Table::of_numbers(&names);
    for databases in [1, 2, 4, 8, 16] {
        let shards = walls::shards(databases, QUESTIONS);
        table.row(&[
            shards.databases.to_string(),
            thousandths(shards.milli_gb),
            commas(shards.forgotten),
            commas(shards.minutes),
        ]);
    }
    table.text()
}

fn the_day() -> String {
    let times = arrivals::day(QUESTIONS, &mut Rng::new(SEED));
    format!(
        "{} questions, seed {SEED}: {} a second on average, {} in the busiest minute, {} in the busiest \
         second. An answer that waits for nothing takes {} s, of which one database works {} ms.\n",
        commas(QUESTIONS),
        thousandths(QUESTIONS * 1_000 / DAY_S),
        commas(arrivals::busiest(&times, 60)),
        commas(arrivals::busiest(&times, 1)),
        seconds(walls::unhindered(TODAY)),
        thousandths(walls::statements(TODAY)),
    )
}

fn ladder_table(ladder: &[(&str, Setup)], outcomes: &[Outcome]) -> String {
    let names = [
        "limits",
        "answered %",
        "privately %",
        "told of a failure %",
        "given up %",
        "p50 wait s",
        "p99 wait s",
        "first to hold up",
        "most waited for",
    ];
    let mut table = Table::of_numbers(&names);
    for ((name, _), outcome) in ladder.iter().zip(outcomes) {
        table.row(&[
            (*name).to_owned(),
            percent(outcome.answered, QUESTIONS),
            percent(outcome.private, QUESTIONS),
            percent(outcome.failed.iter().sum(), QUESTIONS),
            percent(outcome.late, QUESTIONS),
            seconds(outcome.wait(500)),
            seconds(outcome.wait(990)),
            first(outcome),
            most(outcome),
        ]);
    }
    table.text()
}

fn databases_table(databases: &[(u64, bool, (u64, u64), Setup)], outcomes: &[Outcome]) -> String {
    let names = [
        "a statement that writes",
        "databases",
        "in batches",
        "answered %",
        "busiest minute %",
        "p50 wait s",
        "p99 wait s",
        "first held up",
    ];
    let mut table = Table::of_numbers(&names);
    for ((count, is_batched, (base, per_row), _), outcome) in databases.iter().zip(outcomes) {
        table.row(&[
            format!("{} ms and {} ms a row", thousandths(*base), milli(*per_row)),
            count.to_string(),
            if *is_batched { "yes" } else { "no" }.to_owned(),
            percent(outcome.answered, QUESTIONS),
            percent(outcome.busiest, 60 * SECOND),
            seconds(outcome.wait(500)),
            seconds(outcome.wait(990)),
            first(outcome),
        ]);
    }
    table.text()
}

fn milli(micros: u64) -> String {
    format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
}

fn first(outcome: &Outcome) -> String {
    outcome.first_part().map_or("nothing".to_owned(), |(part, at)| {
        let minutes = at / SECOND / 60;
        format!("{part}, {:02}:{:02}", minutes / 60, minutes % 60)
    })
}

fn most(outcome: &Outcome) -> String {
    let parts = outcome.waited.iter().zip(PARTS).max_by_key(|(waited, _)| **waited);
    parts.filter(|(waited, _)| **waited > 0).map_or("nothing", |(_, (_, name))| name).to_owned()
}
