//! The command line: which command, with which options.

use std::process::ExitCode;

use anyhow::Result;
use lexopt::prelude::{Long, Short, Value, ValueExt as _};

use crate::commands::{
    ask, bench, build, campaign, check, dead_letters, dev, doctor, record, register, scale, schema,
    screenshots, simulate, size, test, tidy,
};
use crate::problem::{self, usage};
use crate::process;
use crate::stack::{self, Model, Question};

const USAGE: &str = "cargo xtask COMMAND

  ask \"QUESTION\"   set everything up, ask the Worker in real workerd, show what the channel shows
      --as mio|alex --in general|random|thread|dm --port N --model-url URL --model NAME
  record \"QUESTION\"  asks, and writes all that was said as a fixture, which the tests replay
      --as mio|alex --in general|random|thread|post|dm|group --out FILE
  dev              a page to ask in and to watch; builds and starts again after each edit of src/
      --port N --model-url URL --model NAME, or --remote-ai for Workers AI on your account
      --var NAME=VALUE for any setting, --var NAME for one of the environment
  test             everything that has to pass; --only STAGE runs one stage
  campaign         many questions while calls fail and workerd is killed: answered, told, lost, doubled, stuck
      --jobs N --rate SHARE --seed N
  simulate         the program in a simulated world, by seed: crashes, faults, late effects
      --seeds N --from S, or --seed S to replay one
  bench            this Worker beside the same bot in TypeScript; writes docs/design/performance.md
      --quick, --only ack|job|start
  check            format, clippy, documentation and tidy
  build            the Worker, in build/; --dev skips wasm-opt
  size             the size of each uploaded file, and the limit of all
  schema           writes schema.sql from the migrations; --check compares
  scale            writes the costs and limits in docs/design/scale.md; --check compares
  screenshots      pictures of the page that `dev` shows, in docs/images
  tidy             settings and steps agree in code and documents; --fix writes the README's table of settings
  dead-letters     jobs that nothing could start; --env NAME or --local says where
      --send-again ID|--all
  doctor           what is wrong, here and where it is deployed, and what to do about it
      --url URL --env NAME, or --lab for a stack of its own
  register         puts the slash commands; --dry-run prints them; --guild ID for one server";
const HINT: &str = "`cargo xtask` lists the commands and their options";

/// A command with its options.
#[derive(Debug)]
enum Command {
    Help,
    Ask(Box<ask::Options>),
    Bench(bench::Options),
    Campaign(campaign::Options),
    Build(build::Profile),
    Check,
    DeadLetters(dead_letters::Place, dead_letters::Action),
    Dev(Box<dev::Options>),
    Doctor(doctor::Options),
    Record(Box<record::Options>),
    Register(register::Options),
    Scale(scale::Mode),
    Schema(schema::Mode),
    Screenshots,
    Simulate(Vec<String>),
    Size,
    Test(Option<String>),
    Tidy(tidy::Mode),
}

/// Runs what the command line says and returns the exit code.
pub fn main() -> ExitCode {
    let done =
        process::end_on_signal().and_then(|()| parse(lexopt::Parser::from_env())).and_then(run);
    process::settle();
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            problem::exit_code(&error).into()
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Help => println!("{USAGE}"),
        Command::Ask(options) => ask::run(*options)?,
        Command::Bench(options) => bench::run(options)?,
        Command::Campaign(options) => return campaign::run(options),
        Command::Build(profile) => build::run(profile)?,
        Command::Check => check::run()?,
        Command::DeadLetters(place, action) => dead_letters::run(&place, &action)?,
        Command::Dev(options) => dev::run(*options)?,
        Command::Doctor(options) => return doctor::run(&options),
        Command::Record(options) => record::run(*options)?,
        Command::Register(options) => register::run(&options)?,
        Command::Scale(mode) => scale::run(mode)?,
        Command::Schema(mode) => schema::run(mode)?,
        Command::Simulate(options) => return simulate::run(&options),
        Command::Screenshots => screenshots::run()?,
        Command::Size => size::run()?,
        Command::Test(only) => return test::run(only.as_deref()),
        Command::Tidy(mode) => tidy::run(mode)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn parse(mut parser: lexopt::Parser) -> Result<Command> {
    read(&mut parser).map_err(|error| usage(error.to_string(), HINT))
}

fn read(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let name = match parser.next()? {
        None | Some(Long("help") | Short('h')) => return Ok(Command::Help),
        Some(Value(name)) => name.string()?,
        Some(other) => return Err(other.unexpected()),
    };
    match name.as_str() {
        "help" => Ok(Command::Help),
        "ask" => read_ask(parser),
        "build" => Ok(Command::Build(
            switch(parser, "dev", build::Profile::Dev)?.unwrap_or(build::Profile::Release),
        )),
        "bench" => read_bench(parser),
        "campaign" => read_campaign(parser),
        "check" => nothing_more(parser).map(|()| Command::Check),
        "dead-letters" => read_dead_letters(parser),
        "dev" => read_dev(parser),
        "doctor" => read_doctor(parser),
        "record" => read_record(parser),
        "register" => read_register(parser),
        "scale" => Ok(Command::Scale(
            switch(parser, "check", scale::Mode::Check)?.unwrap_or(scale::Mode::Write),
        )),
        "schema" => Ok(Command::Schema(
            switch(parser, "check", schema::Mode::Check)?.unwrap_or(schema::Mode::Write),
        )),
        "simulate" => read_simulate(parser),
        "screenshots" => nothing_more(parser).map(|()| Command::Screenshots),
        "size" => nothing_more(parser).map(|()| Command::Size),
        "test" => read_test(parser),
        "tidy" => {
            Ok(Command::Tidy(switch(parser, "fix", tidy::Mode::Fix)?.unwrap_or(tidy::Mode::Check)))
        }
        other => Err(format!("there is no command `{other}`").into()),
    }
}

fn read_ask(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let (mut question, mut stack) = (Question::new(""), stack::Options::default());
    let (mut url, mut model) = (None, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("as") => question.who = one_of(parser, &["mio", "alex"])?,
            Long("in") => {
                question.channel = one_of(parser, &["general", "random", "thread", "dm"])?;
            }
            Long("port") => stack.port = parser.value()?.parse()?,
            Long("model-url") => url = Some(parser.value()?.string()?),
            Long("model") => model = Some(parser.value()?.string()?),
            Value(text) if question.text.is_empty() => question.text = text.string()?,
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected()),
        }
    }
    stack.model = both(url, model)?;
    if question.text.trim().is_empty() {
        return Err("ask what? For example: cargo xtask ask \"What time is it in Tokyo?\"".into());
    }
    Ok(Command::Ask(Box::new(ask::Options { question, stack })))
}

fn both(url: Option<String>, name: Option<String>) -> Result<Option<Model>, lexopt::Error> {
    match (url, name) {
        (Some(url), Some(name)) => Ok(Some(Model { url, name })),
        (None, None) => Ok(None),
        _ => Err("--model-url and --model go together".into()),
    }
}

fn read_dev(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = dev::Options::default();
    let (mut url, mut model) = (None, None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => options.port = Some(parser.value()?.parse()?),
            Long("model-url") => url = Some(parser.value()?.string()?),
            Long("model") => model = Some(parser.value()?.string()?),
            Long("remote-ai") => options.stack.remote_ai = true,
            Long("var") => {
                let (name, value) = setting(&parser.value()?.string()?)?;
                // What is set here is neither the lab's variable nor its secret.
                options.stack.missing_secrets.push(name.clone());
                options.stack.vars.push((name, value));
            }
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected()),
        }
    }
    options.stack.model = both(url, model)?;
    if options.stack.remote_ai && options.stack.model.is_some() {
        return Err("--remote-ai is another model than --model-url's: choose one".into());
    }
    Ok(Command::Dev(Box::new(options)))
}

/// Reads `NAME=VALUE`, or `NAME` for a value that is in the environment: a key stays out of the shell's
/// history.
fn setting(text: &str) -> Result<(String, String), lexopt::Error> {
    if let Some((name, value)) = text.split_once('=') {
        return Ok((name.to_owned(), value.to_owned()));
    }
    match std::env::var(text) {
        Ok(value) => Ok((text.to_owned(), value)),
        Err(_unset) => Err(format!("--var {text}: it is not in the environment").into()),
    }
}

fn read_bench(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = bench::Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("quick") => options.is_quick = true,
            Long("only") => {
                let name = one_of(parser, &bench::Part::ALL.map(|(name, _)| name))?;
                let part = bench::Part::ALL.into_iter().find(|(known, _)| *known == name);
                options.only = part.map(|(_, part)| part);
            }
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected()),
        }
    }
    Ok(Command::Bench(options))
}

fn read_campaign(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = campaign::Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("jobs") => options.jobs = parser.value()?.parse()?,
            Long("rate") => options.rate = parser.value()?.parse()?,
            Long("seed") => options.seed = parser.value()?.parse()?,
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected()),
        }
    }
    if options.jobs == 0 || !(0.0..=1.0).contains(&options.rate) {
        return Err("--jobs is at least 1, and --rate from 0 to 1".into());
    }
    Ok(Command::Campaign(options))
}

fn read_dead_letters(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    use dead_letters::{Action, Place};
    let (mut place, mut action) = (None, Action::List);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("env") => place = Some(Place::Environment(parser.value()?.string()?)),
            Long("local") => place = Some(Place::Local),
            Long("send-again") => action = Action::One(parser.value()?.string()?),
            Long("all") => action = Action::All,
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected()),
        }
    }
    let place = place.ok_or("whose? --env staging, --env production or --local")?;
    Ok(Command::DeadLetters(place, action))
}

fn read_doctor(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = doctor::Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("url") => {
                let url = parser.value()?.string()?;
                options.url = Some(url.trim_end_matches('/').to_owned());
            }
            Long("env") => options.environment = Some(parser.value()?.string()?),
            Long("lab") => options.lab = true,
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected()),
        }
    }
    if options.lab && (options.url.is_some() || options.environment.is_some()) {
        return Err("--lab is a deployment of its own: leave out --url and --env".into());
    }
    Ok(Command::Doctor(options))
}

fn read_record(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let (mut question, mut out) = (Question::new(""), None);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("as") => question.who = one_of(parser, &["mio", "alex"])?,
            Long("in") => {
                let channels = ["general", "random", "thread", "post", "dm", "group"];
                question.channel = one_of(parser, &channels)?;
            }
            Long("out") => out = Some(parser.value()?.into()),
            Value(text) if question.text.is_empty() => question.text = text.string()?,
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected()),
        }
    }
    if question.text.trim().is_empty() {
        return Err("record which question? For example: cargo xtask record \"Hello?\"".into());
    }
    Ok(Command::Record(Box::new(record::Options { question, out })))
}

fn read_register(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = register::Options::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("dry-run") => options.mode = register::Mode::DryRun,
            Long("guild") => options.guild = Some(parser.value()?.string()?),
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected()),
        }
    }
    Ok(Command::Register(options))
}

fn read_simulate(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut options = Vec::new();
    while let Some(argument) = parser.next()? {
        let name = match argument {
            Long(name @ ("seeds" | "from" | "seed" | "plant" | "threads")) => format!("--{name}"),
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected()),
        };
        options.extend([name, parser.value()?.string()?]);
    }
    Ok(Command::Simulate(options))
}

fn read_test(parser: &mut lexopt::Parser) -> Result<Command, lexopt::Error> {
    let mut only = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("only") => only = Some(parser.value()?.string()?),
            other @ (Short(_) | Long(_) | Value(_)) => return Err(other.unexpected()),
        }
    }
    Ok(Command::Test(only))
}

/// Reads one switch without a value, or nothing.
fn switch<T>(
    parser: &mut lexopt::Parser,
    name: &str,
    value: T,
) -> Result<Option<T>, lexopt::Error> {
    match parser.next()? {
        None => return Ok(None),
        Some(Long(given)) if given == name => {}
        Some(other) => return Err(other.unexpected()),
    }
    nothing_more(parser).map(|()| Some(value))
}

fn nothing_more(parser: &mut lexopt::Parser) -> Result<(), lexopt::Error> {
    parser.next()?.map_or(Ok(()), |argument| Err(argument.unexpected()))
}

fn one_of(parser: &mut lexopt::Parser, known: &[&str]) -> Result<String, lexopt::Error> {
    let value = parser.value()?.string()?;
    if known.contains(&value.as_str()) {
        return Ok(value);
    }
    Err(format!("`{value}` is none of {}", known.join(", ")).into())
}

#[cfg(test)]
mod tests;
