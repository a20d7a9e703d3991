//! The HTTP API keeps to its description: schemathesis reads `openapi.json` from the running Worker, and sends
//! what is right, what is wrong, what belongs to somebody else, and what has no key.

use std::process::Command;

use xtask::setup::python;
use xtask::{process, project};

use crate::api::bearer_for;
use crate::world::{self, World};

/// Cases of an operation in each phase: enough that each rule of its schema is broken once. They are the same
/// in each run.
const CASES: &str = "12";

/// Sends what two people may send who have these scopes.
fn check(world: &World, scopes: &str, selection: &[&str]) {
    let programs = python::packages("tests/contract").unwrap();
    let folder = world.stack().folder().join("contract");
    std::fs::create_dir_all(&folder).unwrap();
    let settings = project::root().unwrap().join("tests/contract/schemathesis.toml");
    std::fs::copy(settings, folder.join("schemathesis.toml")).unwrap();
    let people = ["mio", "eve"].map(|name| {
        let key = bearer_for(world, name, scopes);
        format!(
            "- name: {name}\n  fixedHeaders:\n    - name: Authorization\n      value: \"{key}\"\n"
        )
    });
    std::fs::write(folder.join("people.yaml"), format!("auth:\n{}", people.concat())).unwrap();
    let mut schemathesis = Command::new(programs.join("schemathesis"));
    schemathesis
        .current_dir(&folder)
        .args(["run", &format!("{}/openapi.json", world.stack().url())])
        .args(["--checks", "all", "--max-examples", CASES])
        .args(["--generation-deterministic", "--no-color"])
        .args(selection);
    let (status, stdout, stderr) = process::output(&mut schemathesis).unwrap();
    assert!(status.success(), "{stdout}\n{stderr}");
    assert!(!stdout.contains("will not run"), "{stdout}");
}

#[test]
fn the_api_is_as_its_description_says_for_right_and_wrong_calls() {
    const KEYS: &str = "^/api/keys";
    let world = world::own(&[]);
    check(&world, "chat,memory,files,usage", &["--exclude-path-regex", KEYS]);
    // Who may take keys back takes back the own one, and is nobody from then on: last.
    check(&world, "chat,memory,files,usage,keys", &["--include-path-regex", KEYS]);
}
