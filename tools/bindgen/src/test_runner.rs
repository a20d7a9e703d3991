//! The command `wasm-bindgen-test-runner`: cargo runs tests for wasm with it, under Node.
#![expect(clippy::print_stderr, reason = "a command line tool reports on standard error")]

use std::process::ExitCode;

fn main() -> ExitCode {
    match wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
