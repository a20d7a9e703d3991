//! The client: as many connections as asked for, one request at a time on each, to this machine only.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::interaction::{Kind, Request};
use super::statistics::percentile;

/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much is sent: until the time is over or there are enough.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Connections at once.
    pub connections: usize,
    /// Longest time.
    pub length: Duration,
    /// Most requests, over all connections.
    pub requests: usize,
}

/// What one round showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Round {
    /// Requests that were answered.
    pub answered: usize,
    /// Answers per second.
    pub per_second: f64,
    /// Median wait, in milliseconds.
    pub p50_ms: f64,
    /// Wait that 99 of 100 requests stay below, in milliseconds.
    pub p99_ms: f64,
}

/// Sends requests, again from the first when they are used up.
///
/// # Errors
/// When one is not answered, or wrongly.
pub fn round(address: SocketAddr, kind: Kind, requests: &[Request], load: Load) -> Result<Round> {
    let begun = Instant::now();
    // Rounded down: one more would begin again with an id that was sent already.
    let share = load.requests / load.connections.max(1);
    let waits: Result<Vec<Vec<f64>>> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..load.connections)
            .map(|number| {
                let mine = requests.iter().cycle().skip(number).step_by(load.connections);
                scope.spawn(move || send(address, kind, mine.take(share), begun + load.length))
            })
            .collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap_or_else(|_panic| bail!("a client panicked")))
            .collect()
    });
    let waits: Vec<f64> = waits?.into_iter().flatten().collect();
    Ok(summary(&waits, begun.elapsed()))
}

fn summary(waits: &[f64], taken: Duration) -> Round {
    #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "far below 2^53")]
    let per_second = waits.len() as f64 / taken.as_secs_f64();
    Round {
        answered: waits.len(),
        per_second,
        p50_ms: percentile(waits, 50),
        p99_ms: percentile(waits, 99),
    }
}

/// Sends over one connection, and returns how long each answer took, in milliseconds.
fn send<'a>(
    address: SocketAddr,
    kind: Kind,
    requests: impl Iterator<Item = &'a Request>,
    end: Instant,
) -> Result<Vec<f64>> {
    let mut connection = connect(address)?;
    let mut buffer = Vec::with_capacity(4096);
    let mut waits = Vec::new();
    for request in requests {
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        connection.write_all(&request.bytes)?;
        let (head, body) = read(&mut connection, &mut buffer)?;
        waits.push(sent.elapsed().as_secs_f64() * 1000.0);
        if !kind.is_answered(head, body) {
            let answer = String::from_utf8_lossy(&buffer).into_owned();
            bail!("{kind:?} was answered wrongly: {answer}");
        }
    }
    Ok(waits)
}

fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let connection = TcpStream::connect_timeout(&address, PATIENCE)?;
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    Ok(connection)
}

/// Asks once, and returns whether the answer is the right one; a refused connection is none.
pub fn is_answered(address: SocketAddr, kind: Kind, request: &Request) -> bool {
    let ask = || -> Result<bool> {
        let mut connection = connect(address)?;
        connection.write_all(&request.bytes)?;
        let mut buffer = Vec::new();
        let (head, body) = read(&mut connection, &mut buffer)?;
        Ok(kind.is_answered(head, body))
    };
    ask().unwrap_or(false)
}

/// Reads one response: its head, and as much body as that declares.
fn read<'a>(connection: &mut TcpStream, buffer: &'a mut Vec<u8>) -> Result<(&'a [u8], &'a [u8])> {
    buffer.clear();
    let mut chunk = [0; 2048];
    loop {
        let count = connection.read(&mut chunk)?;
        if count == 0 {
            bail!("the Worker closed the connection");
        }
        buffer.extend_from_slice(chunk.get(..count).unwrap_or_default());
        if let Some((head, body)) = parts(buffer)
            && body >= declared(buffer.get(..head).unwrap_or_default())
        {
            let (head, body) = buffer.split_at(head);
            return Ok((head, body));
        }
    }
}

/// Returns the lengths of the head, with its empty line, and of what follows.
fn parts(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    Some((end, bytes.len() - end))
}

fn declared(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head);
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    length.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_ends_where_its_head_says() {
        let response = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab";
        let (head, body) = parts(response).unwrap();
        assert_eq!((declared(&response[..head]), body), (2, 2));
        assert_eq!(parts(b"HTTP/1.1 200 OK\r\n"), None);
        assert_eq!(declared(b"HTTP/1.1 401 Unauthorized\r\n\r\n"), 0);
    }

    #[test]
    fn a_round_is_summed_up() {
        let round = summary(&[1.0, 3.0, 2.0, 4.0], Duration::from_secs(2));
        assert_eq!(round.answered, 4);
        assert!((round.per_second - 2.0).abs() < 1e-9 && (round.p99_ms - 4.0).abs() < 1e-9);
    }
}
