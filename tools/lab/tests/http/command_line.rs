//! Tests the program: what it prints, and when it ends.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

fn start(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn all(reader: Option<impl std::io::Read>) -> String {
    let mut text = String::new();
    reader.unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn says_where_it_listens_and_ends_with_its_input() {
    let mut child = start(&["--exit-with-stdin"]);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let url = said["url"].as_str().unwrap();
    let port = url.strip_prefix("http://127.0.0.1:").unwrap();

    let mut second = start(&["--port", port]);
    assert_eq!(second.wait().unwrap().code(), Some(1));
    let complaint = all(second.stderr.take());
    assert!(complaint.contains("hint: --port 0") && complaint.lines().count() == 1);
    assert_eq!(all(second.stdout.take()), "");

    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert_eq!(all(Some(output)), "");
}

#[test]
fn refuses_arguments_that_make_no_sense() {
    for arguments in [
        &["--model-url", "http://127.0.0.1:1"][..],
        &["--model", "tiny"],
        &["--model-url", "https://example.com", "--model", "tiny"],
        &["--port", "many"],
        &["--colour"],
    ] {
        let mut child = start(arguments);
        assert_eq!(child.wait().unwrap().code(), Some(1), "{arguments:?}");
        assert_eq!(all(child.stderr.take()).lines().count(), 1, "{arguments:?}");
    }
}
