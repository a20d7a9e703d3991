//! The command line: starts the lab, prints its address, and ends it when asked.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use lab::{Model, Options};
use tokio::io::AsyncReadExt;

/// Discord, Workers AI and Open-Meteo on one loopback port. Prints {"url":...} when it listens.
#[derive(Debug, Parser)]
#[command(args_override_self = true)]
struct Arguments {
    /// Port on 127.0.0.1; 0 takes any free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// OpenAI-compatible server instead of the scripted model (http only)
    #[arg(long, value_name = "URL", requires = "model", value_parser = model_url)]
    model_url: Option<String>,
    /// Model to ask it for
    #[arg(long, value_name = "NAME", requires = "model_url")]
    model: Option<String>,
    /// End when standard input closes
    #[arg(long)]
    exit_with_stdin: bool,
}

/// The base URL of a model server, without a final `/v1`.
fn model_url(text: &str) -> Result<String, String> {
    if text.starts_with("http://") {
        Ok(text.trim_end_matches('/').trim_end_matches("/v1").to_owned())
    } else {
        Err("it must begin with http://".to_owned())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            say(&mut std::io::stderr(), &message);
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.kind() == ErrorKind::DisplayHelp => {
            // Standard output carries the address only.
            say(&mut std::io::stderr(), error.to_string().trim_end());
            return Ok(());
        }
        Err(error) => return Err(format!("lab: {}; hint: lab --help", in_one_line(&error))),
    };
    let Arguments { port, model_url, model, exit_with_stdin } = arguments;
    let model = model_url.zip(model).map(|(url, name)| Model { url, name });
    let server = lab::serve(Options { port, model }).await.map_err(|error| {
        format!("lab: cannot listen on 127.0.0.1:{port}: {error}; hint: --port 0 takes a free port")
    })?;
    say(&mut std::io::stdout(), &serde_json::json!({ "url": server.url() }).to_string());
    server.run(stop(exit_with_stdin)).await;
    Ok(())
}

/// The first paragraph of an error, without the usage that follows.
fn in_one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let first = text.split("\n\n").next().unwrap_or_default();
    let lines: Vec<&str> = first.lines().map(str::trim).collect();
    lines.join(" ").trim_start_matches("error: ").to_owned()
}

/// Waits for an interrupt, a request to terminate or, if asked for, the end of standard input.
async fn stop(with_stdin: bool) {
    let stdin = async {
        if with_stdin {
            let mut sink = Vec::new();
            // Any outcome, an error included, means that the other end is closed.
            drop(tokio::io::stdin().read_to_end(&mut sink).await);
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = stdin => {}
        _ = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending().await
}

/// Writes one line, and ignores a closed pipe.
fn say(out: &mut impl Write, line: &str) {
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}
