//! The client: as many connections as wanted, one request at a time on each, to this machine only.
//!
//! It writes prepared bytes and reads as little as needed to check an answer, because it shares the
//! processor with the Worker that it measures.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::interaction::{Kind, Request};
use super::median;

/// Longest wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What one round showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Round {
    /// Requests that were answered.
    pub answered: f64,
    /// Answers per second.
    pub per_second: f64,
    /// Median wait, in milliseconds.
    pub p50_ms: f64,
}

/// Sends requests until the time is over, again from the first when they are used up.
///
/// # Errors
/// When one is not answered, or answered wrongly.
pub fn round(
    address: SocketAddr,
    kind: Kind,
    requests: &[Request],
    connections: usize,
    length: Duration,
) -> Result<Round> {
    let begun = Instant::now();
    let waits: Result<Vec<Vec<f64>>> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..connections)
            .map(|number| {
                let mine = requests.iter().cycle().skip(number).step_by(connections);
                scope.spawn(move || send(address, kind, mine, begun + length))
            })
            .collect();
        let waits = clients.into_iter().map(std::thread::ScopedJoinHandle::join);
        waits.map(|waits| waits.unwrap_or_else(|_panic| bail!("a client panicked"))).collect()
    });
    let waits = waits?.concat();
    let answered = f64::from(u32::try_from(waits.len())?);
    let per_second = answered / begun.elapsed().as_secs_f64();
    Ok(Round { answered, per_second, p50_ms: median(&waits) })
}

/// Sends over one connection, and returns how long each answer took, in milliseconds.
fn send<'a>(
    address: SocketAddr,
    kind: Kind,
    requests: impl Iterator<Item = &'a Request>,
    end: Instant,
) -> Result<Vec<f64>> {
    let mut connection = connect(address)?;
    let mut waits = Vec::new();
    for request in requests {
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        ask(&mut connection, kind, request)?;
        waits.push(sent.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(waits)
}

/// Sends one request over a connection of its own.
///
/// # Errors
/// When nothing listens, or the answer is wrong.
pub fn once(address: SocketAddr, kind: Kind, request: &Request) -> Result<()> {
    ask(&mut connect(address)?, kind, request)
}

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let connection = TcpStream::connect_timeout(&address, TIMEOUT)?;
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(TIMEOUT))?;
    Ok(connection)
}

/// Sends one request and checks its answer.
fn ask(connection: &mut TcpStream, kind: Kind, request: &Request) -> Result<()> {
    connection.write_all(&request.bytes)?;
    let (mut buffer, mut chunk) = (Vec::with_capacity(2048), [0; 2048]);
    loop {
        let count = connection.read(&mut chunk)?;
        if count == 0 {
            bail!("the Worker closed the connection");
        }
        buffer.extend_from_slice(chunk.get(..count).unwrap_or_default());
        let Some((head, body)) = split(&buffer) else { continue };
        if body.len() < declared(head) {
            continue;
        }
        if !kind.is_answered(head, body) {
            bail!("{} was answered wrongly: {}", kind.name(), String::from_utf8_lossy(&buffer));
        }
        return Ok(());
    }
}

/// Returns a response's head, with its empty line, and as much of the body as there is.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    bytes.split_at_checked(end)
}

/// Returns the length of the body that a head declares.
fn declared(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head);
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    length.unwrap_or(0)
}

/// Returns the time that the processor gave to a process so far, in seconds. Only Linux tells it.
///
/// # Source
/// `man 5 proc`: fields 14 and 15 of `stat`, in hundredths of a second.
///
/// # Errors
/// When there is no such process, or no `/proc`.
pub fn processor_s(id: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).context("no /proc")?;
    ticks(&stat).map(|ticks| ticks / 100.0).context("an unknown form of /proc/ID/stat")
}

fn ticks(stat: &str) -> Option<f64> {
    // The name of the program is in parentheses, and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some(field(11)? + field(12)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_ends_where_its_head_says() {
        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab";
        let (head, body) = split(response).unwrap();
        assert_eq!((declared(head), body), (2, &b"ab"[..]));
        assert_eq!(split(b"HTTP/1.1 200 OK\r\n"), None);
        assert_eq!(declared(b"HTTP/1.1 401 Unauthorized\r\n\r\n"), 0);
    }

    #[test]
    fn the_processors_time_is_read_after_the_name() {
        let stat = "7 (a b) c) S 1 2 3 4 5 6 7 8 9 10 30 12 0 0 20";
        assert_eq!(ticks(stat), Some(42.0));
        assert_eq!(ticks("7 (a) S 1"), None);
    }
}
