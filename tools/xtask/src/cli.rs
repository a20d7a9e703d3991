//! The command line: which command runs, with which options.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, CommandFactory as _, Parser, Subcommand};

use crate::commands::{
    ask, bench, build, campaign, check, dead_letters, dev, doctor, key, page, record, register,
    scale, schema, screenshots, simulate, size, test, tidy,
};
use crate::d1::Place as Database;
use crate::stack::{self, Model, Question};
use crate::{problem, process};

/// Everything that a contributor runs.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", infer_long_args = false)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set everything up, ask the Worker in real workerd, show what the channel shows
    Ask {
        #[command(flatten)]
        question: Asked,
        /// Where it is asked: a channel, or on Telegram a group; by default `general`, on Slack and WhatsApp `dm`
        #[arg(long = "in", value_parser =
              ["general", "random", "private", "thread", "dm", "group", "supergroup", "forum"])]
        channel: Option<String>,
        /// How it is asked: as a command in a channel, over the HTTP API, where there are no channels, on Telegram,
        /// in private unless a group is named, on Slack, by a mention where it is not `dm`, or on WhatsApp
        #[arg(long, default_value = "channel", value_parser =
              ["channel", "web", "telegram", "slack", "whatsapp"])]
        via: String,
        /// Port of the Worker; any free one if it is 0
        #[arg(long, default_value_t = 0)]
        port: u16,
        #[command(flatten)]
        model: ModelOptions,
    },
    /// Ask, and write all that was said as a fixture, which the tests replay
    Record {
        #[command(flatten)]
        question: Asked,
        /// Where it is asked
        #[arg(long = "in", default_value = "general",
              value_parser = ["general", "random", "thread", "post", "dm", "group"])]
        channel: String,
        /// The fixture's file
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// A page to ask in and to watch; builds and starts again after each edit
    Dev {
        /// Port of the page
        #[arg(long)]
        port: Option<u16>,
        #[command(flatten)]
        model: ModelOptions,
        /// Workers AI on your account answers
        #[arg(long, conflicts_with = "model_url")]
        remote_ai: bool,
        /// A setting; without a value it is taken from the environment, as a key should be
        #[arg(long = "var", value_name = "NAME[=VALUE]", value_parser = setting)]
        vars: Vec<(String, String)>,
    },
    /// Everything that has to pass
    Test {
        /// One stage
        #[arg(long, value_name = "STAGE")]
        only: Option<String>,
    },
    /// Many questions while calls fail and workerd is killed: each is answered, or its asker told
    Campaign(campaign::Options),
    /// The program in a simulated world, by seed: crashes, faults, late effects
    Simulate {
        /// --seeds N --from S, or --seed S to replay one
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// This Worker beside the same bot in TypeScript; writes docs/design/performance.md
    Bench(bench::Options),
    /// Format, clippy, documentation and tidy
    Check,
    /// The Worker, in build/
    Build {
        /// Without wasm-opt
        #[arg(long)]
        dev: bool,
    },
    /// The size of each uploaded file, and the limit of all
    Size,
    /// Write schema.sql from the migrations
    Schema {
        /// Only compare
        #[arg(long)]
        check: bool,
    },
    /// Write the costs and limits in docs/design/scale.md
    Scale {
        /// Only compare
        #[arg(long)]
        check: bool,
    },
    /// The chat page in Chromium: its tests, or pictures of it
    Page {
        action: page::Action,
        /// Only tests of this name
        only: Option<String>,
    },
    /// Pictures of the page that `dev` shows, in docs/images
    Screenshots,
    /// Settings and steps agree in code and documents
    Tidy {
        /// Write the table of settings in docs/guide/configure.md first
        #[arg(long)]
        fix: bool,
    },
    /// Jobs that nothing could start
    DeadLetters {
        #[command(flatten)]
        place: Place,
        /// Send one again
        #[arg(long, value_name = "ID", conflicts_with = "all")]
        send_again: Option<String>,
        /// Send all again
        #[arg(long)]
        all: bool,
    },
    /// What is wrong, here and where it is deployed, and what to do about it
    Doctor(doctor::Options),
    /// A person's first API key, alone on the last line
    Key(key::Options),
    /// Put the slash commands, or the webhook and menus of Telegram or WhatsApp, or print Slack's manifest
    Register(register::Options),
}

/// A question, and who asks.
#[derive(Debug, Args)]
struct Asked {
    /// The question, such as "What time is it in Tokyo?"
    #[arg(value_parser = not_blank)]
    question: String,
    /// Who asks
    #[arg(long = "as", value_parser = ["mio", "alex"], default_value = "mio")]
    who: String,
}

/// A model in place of the lab's scripted one.
#[derive(Debug, Args)]
struct ModelOptions {
    /// Base URL of an OpenAI-compatible server that answers
    #[arg(long, value_name = "URL", requires = "model")]
    model_url: Option<String>,
    /// Name of its model
    #[arg(long, value_name = "NAME", requires = "model_url")]
    model: Option<String>,
}

/// Whose dead letters.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Place {
    /// Of an environment of wrangler.toml
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Of `wrangler dev` in this checkout
    #[arg(long)]
    local: bool,
}

/// Runs what the command line says and returns the exit code.
pub fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    let done = process::end_on_signal().and_then(|()| run(command));
    process::settle();
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            problem::exit_code(&error).into()
        }
    }
}

fn run(command: Option<Command>) -> Result<ExitCode> {
    let Some(command) = command else {
        CommandLine::command().print_help()?;
        return Ok(ExitCode::SUCCESS);
    };
    match command {
        Command::Ask { question, channel, via, port, model } => {
            let stack = stack::Options { port, model: model.into(), ..stack::Options::default() };
            let via = ask::Via::named(&via);
            let channel = channel.unwrap_or_else(|| via.usual_channel().to_owned());
            ask::run(ask::Options { question: question.in_channel(channel), via, stack })?;
        }
        Command::Record { question, channel, out } => {
            record::run(record::Options { question: question.in_channel(channel), out })?;
        }
        Command::Dev { port, model, remote_ai, vars } => {
            let stack = stack::Options {
                model: model.into(),
                remote_ai,
                // What is set here is neither the lab's variable nor its secret.
                missing_secrets: vars.iter().map(|(name, _)| name.clone()).collect(),
                vars,
                ..stack::Options::default()
            };
            dev::run(dev::Options { port, stack })?;
        }
        Command::Test { only } => return test::run(only.as_deref()),
        Command::Campaign(options) => return campaign::run(options),
        Command::Simulate { options } => return simulate::run(&options),
        Command::Bench(options) => bench::run(options)?,
        Command::Check => check::run()?,
        Command::Build { dev } => {
            build::run(if dev { build::Profile::Dev } else { build::Profile::Release })?;
        }
        Command::Size => size::run()?,
        Command::Schema { check } => {
            schema::run(if check { schema::Mode::Check } else { schema::Mode::Write })?;
        }
        Command::Scale { check } => {
            scale::run(if check { scale::Mode::Check } else { scale::Mode::Write })?;
        }
        Command::Page { action, only } => page::run(action, only.as_deref())?,
        Command::Screenshots => screenshots::run()?,
        Command::Tidy { fix } => tidy::run(if fix { tidy::Mode::Fix } else { tidy::Mode::Check })?,
        Command::DeadLetters { place, send_again, all } => {
            use dead_letters::Action;
            let place = place.env.map_or(Database::Local(None), Database::Environment);
            let list = if all { Action::All } else { Action::List };
            dead_letters::run(&place, &send_again.map_or(list, Action::One))?;
        }
        Command::Doctor(options) => return doctor::run(&options),
        Command::Key(options) => key::run(options)?,
        Command::Register(options) => register::run(&options)?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Asked {
    fn in_channel(self, channel: String) -> Question {
        Question { text: self.question, who: self.who, channel }
    }
}

impl From<ModelOptions> for Option<Model> {
    fn from(options: ModelOptions) -> Self {
        Some(Model { url: options.model_url?, name: options.model? })
    }
}

fn not_blank(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Err("it is empty") } else { Ok(text.to_owned()) }
}

/// Reads `NAME=VALUE`, or `NAME` for a value of the environment, which keeps a key out of the shell's
/// history.
fn setting(text: &str) -> Result<(String, String), String> {
    if let Some((name, value)) = text.split_once('=') {
        return Ok((name.to_owned(), value.to_owned()));
    }
    match std::env::var(text) {
        Ok(value) => Ok((text.to_owned(), value)),
        Err(_unset) => Err("it is not in the environment".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<CommandLine, clap::Error> {
        CommandLine::try_parse_from([&["cargo xtask"], arguments].concat())
    }

    #[test]
    fn the_definition_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn no_arguments_list_the_commands() {
        assert!(parse(&[]).unwrap().command.is_none());
        let help = CommandLine::command().render_help().to_string();
        for name in
            ["ask", "bench", "build", "dead-letters", "dev", "doctor", "key", "size", "test"]
        {
            assert!(help.contains(&format!("\n  {name} ")), "{name}: {help}");
        }
    }

    #[test]
    fn reads_a_question_with_its_options() {
        let command = parse(&["ask", "Hi?", "--as", "alex", "--in=dm", "--port", "8787"]);
        let Some(Command::Ask { question, channel, port, .. }) = command.unwrap().command else {
            panic!("another command");
        };
        assert_eq!((question.question.as_str(), question.who.as_str()), ("Hi?", "alex"));
        assert_eq!((channel.as_deref(), port), (Some("dm"), 8787));
    }

    #[test]
    fn a_wrong_command_line_exits_2() {
        for arguments in [
            &["fly"][..],
            &["ask"],
            &["ask", " "],
            &["ask", "Hi?", "--as", "bob"],
            &["record"],
            &["ask", "Hi?", "--model", "m"],
            &["ask", "Hi?", "--via", "mail"],
            &["register", "--channel", "mail"],
            &["register", "--guild", "1", "--url", "https://a.example"],
            &["bench", "--only", "size"],
            &["check", "--fast"],
            &["campaign", "--rate", "2"],
            &["campaign", "--jobs", "0"],
            &["campaign", "--via", "mail"],
            &["dev", "--var", "NO_SUCH_NAME"],
            &["dev", "--remote-ai", "--model-url", "http://m", "--model", "m"],
            &["dead-letters", "--all"],
            &["key", "--user", "mio", "--scopes", "chat"],
            &["key", "--user", "mio", "--local"],
            &["key", "--user", "mio", "--scopes", "chat", "--local", "--env", "staging"],
            &["key", "--user", "mio", "--scopes", "chat", "--env", "a", "--persist-to", "b"],
            &["key", "--user", "mio", "--scopes", "chat", "--dev", "--persist-to", "b"],
            &["doctor", "--lab", "--env", "staging"],
            &["build", "--dev", "twice"],
        ] {
            assert_eq!(parse(arguments).unwrap_err().exit_code(), 2, "{arguments:?}");
        }
    }

    #[test]
    fn a_setting_has_a_value_or_takes_it_from_the_environment() {
        let command = parse(&["dev", "--var", "MIYABI_MODEL=ollama/llama3.2", "--var", "PATH"]);
        let Some(Command::Dev { vars, .. }) = command.unwrap().command else {
            panic!("another command");
        };
        let path = std::env::var("PATH").unwrap();
        let expected = [("MIYABI_MODEL", "ollama/llama3.2"), ("PATH", path.as_str())];
        assert_eq!(vars, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn options_of_the_simulator_are_passed_on() {
        let command = parse(&["simulate", "--seed", "7"]).unwrap().command;
        let Some(Command::Simulate { options }) = command else { panic!("{command:?}") };
        assert_eq!(options, ["--seed", "7"]);
    }
}
