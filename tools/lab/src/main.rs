//! The command line: start the lab, say where it listens, end when asked.

use std::io::Write;
use std::process::ExitCode;

use lab::{Model, Options};
use tokio::io::AsyncReadExt;

const USAGE: &str = "lab [--port N] [--model-url URL --model NAME] [--exit-with-stdin]

Discord, Workers AI and Open-Meteo on one loopback port. Prints {\"url\":...} when it listens.
  --port N            port on 127.0.0.1 (default 0: any free one)
  --model-url URL     OpenAI-compatible server instead of the scripted model (http only)
  --model NAME        model to ask it for
  --exit-with-stdin   end when standard input closes";

struct Arguments {
    options: Options,
    exit_with_stdin: bool,
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
    let Some(arguments) = parse().map_err(|error| format!("lab: {error}; hint: lab --help"))?
    else {
        say(&mut std::io::stderr(), USAGE);
        return Ok(());
    };
    let port = arguments.options.port;
    let server = lab::serve(arguments.options).await.map_err(|error| {
        format!("lab: cannot listen on 127.0.0.1:{port}: {error}; hint: --port 0 takes a free port")
    })?;
    say(&mut std::io::stdout(), &serde_json::json!({ "url": server.url() }).to_string());
    server.run(stop(arguments.exit_with_stdin)).await;
    Ok(())
}

fn parse() -> Result<Option<Arguments>, lexopt::Error> {
    use lexopt::prelude::{Long, Short, Value, ValueExt as _};

    let mut parser = lexopt::Parser::from_env();
    let mut options = Options::default();
    let (mut url, mut name): (Option<String>, Option<String>) = (None, None);
    let mut exit_with_stdin = false;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => options.port = parser.value()?.parse()?,
            Long("model-url") => url = Some(parser.value()?.string()?),
            Long("model") => name = Some(parser.value()?.string()?),
            Long("exit-with-stdin") => exit_with_stdin = true,
            Long("help") | Short('h') => return Ok(None),
            other @ (Long(_) | Short(_) | Value(_)) => return Err(other.unexpected()),
        }
    }
    options.model = match (url, name) {
        (Some(url), Some(name)) if url.starts_with("http://") => {
            let base = url.trim_end_matches('/').trim_end_matches("/v1");
            Some(Model { url: base.to_owned(), name })
        }
        (Some(_), Some(_)) => return Err("--model-url must begin with http://".into()),
        (None, None) => None,
        (Some(_), None) => return Err("--model-url needs --model".into()),
        (None, Some(_)) => return Err("--model needs --model-url".into()),
    };
    Ok(Some(Arguments { options, exit_with_stdin }))
}

/// Ends on an interrupt, on a request to terminate or, if wanted, with standard input.
async fn stop(with_stdin: bool) {
    let stdin = async {
        if with_stdin {
            let mut sink = Vec::new();
            // Any outcome, an error included, means that nobody holds the other end.
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

/// Writes one line; a closed pipe is not worth an error.
fn say(out: &mut impl Write, line: &str) {
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}
