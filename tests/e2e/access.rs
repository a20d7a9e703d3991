//! Cloudflare Access before real workerd: whom it names is themselves, and its keys are read once and saved.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use miyabi_testing::access::{self, AUDIENCE};
use serde_json::json;

use crate::api::{Reply, send};
use crate::asking::UNSPEAKABLE;
use crate::world::{self, World, text};

/// Serves the team's keys, as Access does, and counts how often.
fn serve_keys() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let served = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&served);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            let is_known = line.starts_with("GET /cdn-cgi/access/certs ");
            let (status, body) = if is_known {
                count.fetch_add(1, Ordering::SeqCst);
                ("200 OK", access::certs().to_string())
            } else {
                ("404 Not Found", String::new())
            };
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
            let head = head + "content-type: application/json\r\nconnection: close\r\n\r\n";
            // Whoever has gone away meanwhile asks again.
            let _unsent = stream.write_all((head + &body).as_bytes());
        }
    });
    (base, served)
}

fn through(world: &World, assertion: &str, method: &str, path: &str, body: &str) -> Reply {
    let own = world.stack().url();
    let mut headers = vec![("origin", own.as_str()), ("cf-access-jwt-assertion", assertion)];
    headers.extend((!body.is_empty()).then_some(("content-type", "application/json")));
    send(world, method, path, &headers, body.as_bytes())
}

#[test]
fn whom_access_names_asks_and_reads_and_what_does_not_hold_is_refused() {
    let (base, served) = serve_keys();
    let world = world::own(&[
        ("MIYABI_ACCESS_TEAM", "miyabi-test"),
        ("MIYABI_ACCESS_AUDIENCE", AUDIENCE),
        ("ACCESS_API_BASE", &base),
        ("MIYABI_ANONYMOUS", "on"),
        ("MIYABI_SESSION_SECRET", "0123456789abcdef0123456789abcdef"),
    ]);
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let [mio, rin] = ["mio", "rin"].map(|who| {
        let assertion = access::assertion(who, &format!("{who}@example.com"), now_s);
        // No log line may have it.
        UNSPEAKABLE.lock().unwrap().push(assertion.clone());
        assertion
    });
    let session = through(&world, &mio, "GET", "/api/session", "");
    assert_eq!(text(&session.body, "who"), "person", "{}", session.text);
    assert_eq!(text(&session.body, "name"), "mio@example.com");
    assert_eq!(session.body["signIn"], json!(["access"]));
    let question = json!({ "message": "Say hi", "conversation": "c1" }).to_string();
    let asked = through(&world, &mio, "POST", "/api/chat", &question);
    assert_eq!(asked.status, 200, "{}", asked.text);
    let read = through(&world, &mio, "GET", "/api/conversations/c1", "");
    assert_eq!(world::list(read.body["messages"].clone()).len(), 2, "{}", read.text);
    let other = through(&world, &rin, "GET", "/api/conversations/c1", "");
    assert_eq!(other.problem(), (404, "not_found"));
    assert_eq!(served.load(Ordering::SeqCst), 1, "the keys are saved");

    let mut elsewhere = access::claims("mio", "mio@example.com", now_s);
    elsewhere["aud"] = json!([AUDIENCE, "another"]);
    let mut shared = access::header();
    shared["alg"] = json!("HS256");
    let mut unsigned = access::header();
    unsigned["alg"] = json!("none");
    let claims = access::claims("mio", "mio@example.com", now_s);
    let (signed, signature) = mio.rsplit_once('.').unwrap();
    for bad in [
        access::signed(&access::header(), &elsewhere),
        access::assertion("mio", "mio@example.com", now_s - 100_000),
        access::signed(&shared, &claims),
        access::unsigned(&unsigned, &claims) + ".",
        format!("{signed}.A{}", signature.split_at(1).1),
        format!("{}.{signature}", access::unsigned(&access::header(), &elsewhere)),
        "x".to_owned(),
    ] {
        let refused = through(&world, &bad, "GET", "/api/conversations/c1", "");
        assert_eq!(refused.problem(), (401, "invalid_assertion"), "{bad}");
        assert_eq!(refused.header("set-cookie"), "", "nobody becomes a visitor by it");
    }
    let nobody = send(&world, "GET", "/api/conversations/c1", &[], b"");
    assert_eq!(nobody.problem(), (404, "not_found"), "who has not come through is a visitor");
}
