//! A platform for tests, which answers as it is told.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use serde_json::Value;

/// What is answered.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// A header with its line's end, or nothing.
    pub(super) header: &'static str,
    pub(super) body: Value,
}

/// What was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) method: String,
    /// Path, with its query.
    pub(super) path: String,
    pub(super) authorization: String,
    pub(super) body: Value,
}

/// Answers one request after the other, and returns what was asked.
pub(super) fn answering(answers: Vec<Answer>) -> (String, JoinHandle<Vec<Asked>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server =
        thread::spawn(move || answers.iter().map(|answer| take(&listener, answer)).collect());
    (base, server)
}

fn take(listener: &TcpListener, answer: &Answer) -> Asked {
    let mut stream = BufReader::new(listener.accept().unwrap().0);
    let mut asked = Asked::default();
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    let mut words = line.split(' ').map(ToOwned::to_owned);
    (asked.method, asked.path) = (words.next().unwrap(), words.next().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        match line.trim_end().split_once(": ") {
            Some(("authorization", value)) => value.clone_into(&mut asked.authorization),
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut sent = vec![0; length];
    stream.read_exact(&mut sent).unwrap();
    asked.body = serde_json::from_slice(&sent).unwrap_or_default();
    let Answer { status, header, body } = answer;
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} Told\r\nconnection: close\r\ncontent-length: {}\r\n{header}\r\n",
        body.len()
    );
    write!(stream.get_mut(), "{head}{body}").unwrap();
    asked
}
