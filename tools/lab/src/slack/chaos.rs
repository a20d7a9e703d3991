//! The random faults of calls to Slack, and the bodies of those that a rule gives a status only.

use serde_json::{Value, json};

use crate::chaos::{Random, connection_fault};
use crate::faults::Fault;
use crate::http::{Content, Reply};
use crate::pace::HEADER;

/// Chooses a fault.
pub(crate) fn fault<C: Default>(random: &mut Random) -> Fault<C> {
    match random.between(0, 8) {
        0 | 1 => Fault::reply(429, body(429), false).header(HEADER, "1"),
        2 => Fault::reply(500, body(500), false),
        3 => Fault::reply(503, json!("<html><body>503 Service Unavailable</body></html>"), true),
        // The reference says of it that some of the call may have been carried out.
        4 => Fault::reply(200, error("fatal_error"), true),
        5 => Fault::reply(200, error("internal_error"), false),
        _ => connection_fault(random),
    }
}

/// Gives a failure without a body the one that Slack has for its status.
pub(crate) fn shape_failure(reply: Reply) -> Reply {
    if reply.status < 400 || !matches!(reply.body, Content::Empty) {
        return reply;
    }
    let has_header = reply.headers.iter().any(|(name, _)| name == HEADER);
    let body = body(reply.status);
    let is_limit = reply.status == 429;
    let reply = Reply { body: Content::Json(body), ..reply };
    if is_limit && !has_header { reply.header(HEADER, "1") } else { reply }
}

fn body(status: u16) -> Value {
    error(match status {
        429 => "ratelimited",
        503 => "service_unavailable",
        504 => "request_timeout",
        _ => "internal_error",
    })
}

fn error(name: &str) -> Value {
    json!({ "ok": false, "error": name })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::fault;
    use crate::chaos::Random;
    use crate::faults::Fault;

    #[test]
    fn calls_fail_in_every_way_of_slack() {
        let mut random = Random::new(1);
        let all: Vec<Value> = (0..200)
            .map(|_| {
                let fault: Fault<()> = fault(&mut random);
                fault.to_record()
            })
            .collect();
        let has = |is_it: &dyn Fn(&Value) -> bool| all.iter().any(is_it);
        assert!(has(&|it| it["status"] == 429 && it["headers"]["retry-after"] == "1"));
        assert!(has(&|it| it["status"] == 500 && it["effect"] == false));
        assert!(has(&|it| it["status"] == 503 && it["effect"] == true));
        assert!(has(&|it| it["body"]["error"] == "fatal_error" && it["effect"] == true));
        assert!(has(&|it| it["drop"] == "after") && has(&|it| it["drop"] == "before"));
        assert!(has(&|it| it["delay_ms"].is_u64()));
    }
}
