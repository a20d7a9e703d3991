//! In CI, a job that compiles code has no secret, and a job that has a secret compiles nothing.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::format_collect,
    reason = "a test of files: what cannot be read fails it"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// Returns every workflow: the name of its file, and what is in it.
fn workflows() -> Vec<(String, String)> {
    let folder = std::fs::read_dir(root().join(".github/workflows")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.map(|name| (name.clone(), read(&format!(".github/workflows/{name}")))).collect()
}

/// Returns a job of a workflow: its lines, up to the next job.
fn job(workflow: &str, name: &str) -> String {
    let begin = workflow.find(&format!("\n  {name}:\n")).unwrap_or_else(|| panic!("no {name}"));
    let (_, rest) = workflow.split_at(begin + 1);
    let is_next = |line: &str| line.starts_with("  ") && !line.starts_with("   ");
    let lines = rest.lines().enumerate();
    let lines =
        lines.take_while(|(index, line)| *index == 0 || !is_next(line) || line.contains('#'));
    lines.map(|(_, line)| format!("{line}\n")).collect()
}

#[test]
fn the_job_that_builds_has_no_secret_and_no_environment() {
    let build = job(&read(".github/workflows/deploy.yml"), "build");
    assert!(build.contains("xtask -- build"), "{build}");
    for secret in ["secrets", "TOKEN", "environment:"] {
        let lines: Vec<_> = build.lines().filter(|line| !line.trim().starts_with('#')).collect();
        assert!(!lines.join("\n").contains(secret), "{secret}: {build}");
    }
}

#[test]
fn the_job_that_deploys_compiles_nothing() {
    let deploy = read(".github/workflows/deploy-environment.yml");
    let lines = deploy.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let commands: Vec<_> = lines.collect();
    for program in ["cargo", "rustup", "npx "] {
        let found = commands.iter().find(|line| line.contains(program));
        assert_eq!(found, None, "{program}");
    }
    assert!(commands.iter().any(|line| line.contains("--ignore-scripts")));
}

/// Runs the step that takes the build command out of `wrangler.toml`, on a copy of that file.
#[test]
fn the_deployed_configuration_has_no_build_command() {
    let deploy = read(".github/workflows/deploy-environment.yml");
    let (_, step) = deploy.split_once("- name: Leave out the build command").unwrap();
    let (_, script) = step.split_once("run: |\n").unwrap();
    let script: String = script.split("\n\n").next().unwrap().replace("          ", "");
    let folder = std::env::temp_dir().join(format!("miyabi-workflows-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("wrangler.toml");
    for (text, is_fine) in [
        ("[build]\ncommand = \"x\"\n[vars]\n\n[build] # twice\n".to_owned(), false),
        ("build.command = \"x\"\n".to_owned(), false),
        ("build = { command = \"x\" }\n".to_owned(), false),
        ("[ build ]\n  command = \"x\"\n".to_owned(), false),
        ("[env.production.build]\ncommand = \"x\"\n".to_owned(), false),
        ("[env.production]\nbuild.command = \"x\"\n".to_owned(), false),
        ("[env]\nproduction = { \"build\" = { cwd = \".\", command=\"x\" } }\n".to_owned(), false),
        // The last one is what is deployed, and is looked at below.
        (read("wrangler.toml"), true),
    ] {
        std::fs::write(&file, text).unwrap();
        let mut shell = Command::new("bash");
        shell.current_dir(&folder).args(["-e", "-o", "pipefail", "-c", &script]);
        assert_eq!(shell.status().unwrap().success(), is_fine, "{script}");
    }
    let left = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(
        !left.contains("[build]") && left.contains("[vars]") && left.contains("main = "),
        "{left}"
    );
    let before = read("wrangler.toml").lines().count();
    assert!(before - left.lines().count() < 10, "only the build command is left out");
}

#[test]
fn whatever_compiles_takes_the_dependencies_of_the_lock() {
    for (file, text) in workflows() {
        for line in text.lines().filter(|line| line.contains("cargo ")) {
            assert!(line.contains("--locked"), "{file}: {line}");
        }
    }
    assert!(read(".ci/run").contains("--locked"));
    assert!(read(".cargo/config.toml").contains("run --quiet --locked"));
    let build = read("wrangler.toml");
    let build = build.lines().find(|line| line.starts_with("command")).unwrap();
    // What wrangler itself takes for the account's token, what it took in older versions, and the bot's.
    for secret in [
        "CLOUDFLARE_API_TOKEN",
        "CLOUDFLARE_API_KEY",
        "CF_API_TOKEN",
        "CF_API_KEY",
        "DISCORD_TOKEN",
    ] {
        assert!(build.contains(&format!(" -u {secret} ")), "{secret}: {build}");
    }
}

#[test]
fn the_lock_of_wrangler_names_each_package_with_its_hash() {
    let json = |path| serde_json::from_str::<serde_json::Value>(&read(path)).unwrap();
    let (wanted, lock) = (json("package.json"), json("package-lock.json"));
    for kind in ["dependencies", "optionalDependencies"] {
        assert_eq!(lock["packages"][""][kind], wanted[kind], "{kind}");
    }
    for (name, package) in lock["packages"].as_object().unwrap() {
        let is_hashed =
            package["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-"));
        assert!(name.is_empty() || is_hashed, "{name}");
    }
}

#[test]
fn no_workflow_gives_code_of_strangers_a_secret_and_actions_are_pinned() {
    for (file, text) in workflows() {
        assert!(text.contains("\npermissions: {}\n"), "{file}: nothing is allowed by default");
        for trigger in ["pull_request_target", "workflow_run", "issue_comment"] {
            assert!(!text.contains(trigger), "{file}: {trigger} runs with the project's secrets");
        }
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
            if let Some((_, action)) = line.split_once("uses: ") {
                let (_, version) = action.split_once('@').unwrap_or_default();
                let version = version.split(' ').next().unwrap_or_default();
                let is_commit =
                    version.len() == 40 && version.bytes().all(|b| b.is_ascii_hexdigit());
                assert!(action.starts_with("./.github/") || is_commit, "{file}: {line}");
            }
            // A secret in a command's text is in the log of whoever prints it, and a step's input is code.
            let is_environment = !line.contains("${{") || line.split_once(": ").is_some();
            assert!(is_environment, "{file}: {line}");
            let is_all = line == "secrets: inherit";
            assert!(
                !line.contains("secrets") || is_all || file == "deploy-environment.yml",
                "{file}: {line}"
            );
        }
    }
}
