//! Which pages of other origins may call the API, and read what it replies: those of the setting
//! `MIYABI_ORIGINS`, each by its exact name.
//!
//! A page sends its key by itself, in a header. A browser may send a cookie along if the page wants it to: it
//! opens nothing, since visitors are of this origin alone, and without `Access-Control-Allow-Credentials` the
//! page reads no such reply. A request of an origin that is not listed is answered all the same if it has a
//! key, and its browser keeps the reply from the page; whoever has a key needs no browser.
//!
//! # Source
//! WHATWG Fetch, CORS protocol.

use miyabi_core::http::{Incoming, Reply};

/// Headers that a page may send, beside those of [`SDK_PREFIX`].
const HEADERS: [&str; 8] = [
    "authorization",
    "content-type",
    "idempotency-key",
    "last-event-id",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "x-request-id",
];
/// Clients of models send a dozen headers about themselves that begin so; there is no mark for "all of
/// these".
const SDK_PREFIX: &str = "x-stainless-";
/// Most of such headers, and the longest.
const MAX_SDK_HEADERS: usize = 32;
const MAX_SDK_BYTES: usize = 64;

/// Headers that a page may read.
const EXPOSED: &str = "x-request-id, retry-after, ratelimit, ratelimit-policy, www-authenticate, \
                       x-should-retry, x-turn, x-vercel-ai-ui-message-stream, content-disposition, allow";

/// Answers which methods a path takes, and a browser that asks before it sends. [`share`] says to whom.
pub(super) fn preflight(request: &impl Incoming, methods: &str) -> Reply {
    let reply = Reply::empty(204).header("allow", methods.to_owned());
    if request.header("access-control-request-method").is_none() {
        return reply;
    }
    let wanted = request.header("access-control-request-headers").unwrap_or_default();
    reply
        .header("access-control-allow-methods", methods.to_owned())
        .header("access-control-allow-headers", headers(&wanted))
        .header("access-control-max-age", "7200".to_owned())
}

/// Returns the headers that a page may send, of those that it wants to.
fn headers(wanted: &str) -> String {
    let is_sdk = |name: &&str| {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        name.starts_with(SDK_PREFIX) && name.len() <= MAX_SDK_BYTES && name.bytes().all(is_plain)
    };
    let wanted = wanted.to_ascii_lowercase();
    let of_sdk = wanted.split(',').map(str::trim).filter(is_sdk).take(MAX_SDK_HEADERS);
    HEADERS.into_iter().chain(of_sdk).collect::<Vec<_>>().join(", ")
}

/// Lets the page that sent a request read the reply, if its origin is listed.
///
/// Every reply says that it depends on the origin, so that none is kept for another.
pub(super) fn share(reply: &mut Reply, request: &impl Incoming, origins: &[String]) {
    let others = reply.headers.iter().position(|(name, _)| *name == "vary");
    let others = others.map(|place| reply.headers.remove(place).1 + ", ");
    reply.headers.push(("vary", others.unwrap_or_default() + "origin"));
    let origin = request.header("origin").filter(|origin| origins.contains(origin));
    match origin {
        Some(origin) => {
            reply.headers.push(("access-control-allow-origin", origin));
            reply.headers.push(("access-control-expose-headers", EXPOSED.to_owned()));
        }
        None => reply.headers.retain(|(name, _)| !name.starts_with("access-control-")),
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use miyabi_testing::Arrival;

    const ORIGIN: &str = "https://chat.example";

    fn shared(arrival: &Arrival) -> Vec<String> {
        let mut reply = preflight(arrival, "GET, OPTIONS");
        assert_eq!((reply.status, reply.body.as_ref()), (204, ""));
        share(&mut reply, arrival, &["https://other.example".to_owned(), ORIGIN.to_owned()]);
        reply.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }

    fn asking(origin: &str) -> Arrival {
        Arrival::new("OPTIONS", "/api/keys")
            .header("origin", origin)
            .header("access-control-request-method", "GET")
    }

    #[test]
    fn a_listed_origin_is_told_what_it_may_send() {
        let wanted = "Authorization,x-stainless-os, X-Stainless-Retry-Count,x-evil,x-stainless-é";
        let arrival = asking(ORIGIN).header("access-control-request-headers", wanted);
        assert_eq!(
            shared(&arrival),
            [
                "allow: GET, OPTIONS",
                "access-control-allow-methods: GET, OPTIONS",
                "access-control-allow-headers: authorization, content-type, idempotency-key, \
                 last-event-id, mcp-method, mcp-name, mcp-protocol-version, x-request-id, x-stainless-os, x-stainless-retry-count",
                "access-control-max-age: 7200",
                "vary: origin",
                "access-control-allow-origin: https://chat.example",
                &format!("access-control-expose-headers: {EXPOSED}"),
            ]
        );
    }

    #[test]
    fn any_other_origin_is_told_nothing() {
        for origin in [
            "https://evil.example",
            "http://chat.example",
            "https://chat.example:8443",
            "https://chat.example.evil.example",
            "https://sub.chat.example",
            "https://chat.example/",
            "https://CHAT.example",
            "null",
            "*",
        ] {
            assert_eq!(
                shared(&asking(origin)),
                ["allow: GET, OPTIONS", "vary: origin"],
                "{origin}"
            );
        }
        let nobody = asking(ORIGIN).without("origin");
        assert_eq!(shared(&nobody), ["allow: GET, OPTIONS", "vary: origin"]);
    }

    #[test]
    fn so_many_headers_are_allowed_and_no_more() {
        let wanted: Vec<String> = (0..100).map(|it| format!("x-stainless-{it}")).collect();
        assert_eq!(headers(&wanted.join(",")).split(", ").count(), HEADERS.len() + MAX_SDK_HEADERS);
        assert_eq!(headers(&format!("x-stainless-{}", "a".repeat(64))), HEADERS.join(", "));
    }
}
