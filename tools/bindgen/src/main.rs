//! The command `wasm-bindgen`, in the version that the Worker links.
//!
//! Built as a member of the workspace so that one lock file pins both sides, and so that a build
//! needs nothing but the crate registry: the published tool is fetched from a release page.
#![expect(clippy::print_stderr, reason = "a command line tool reports on standard error")]

use std::process::ExitCode;

fn main() -> ExitCode {
    match wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(std::env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
