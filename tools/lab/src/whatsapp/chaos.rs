//! The random faults of calls to WhatsApp, and the bodies of those that a rule gives a status only.

use serde_json::json;

use super::errors;
use crate::chaos::{Random, connection_fault};
use crate::faults::Fault;
use crate::http::{Content, Reply};

/// Chooses a fault.
pub(crate) fn fault<C: Default>(random: &mut Random) -> Fault<C> {
    match random.between(0, 9) {
        0 => Fault::reply(429, errors::body(130_429, ""), false),
        // Of a pair, with the status that older versions have.
        1 => Fault::reply(400, errors::body(131_056, ""), false),
        2 => Fault::reply(500, errors::body(131_000, ""), false),
        3 => Fault::reply(503, errors::body(2, ""), false),
        // A proxy in between, behind which the call was carried out.
        4 => Fault::reply(502, json!("<html><body>502 Bad Gateway</body></html>"), true),
        5 => Fault::reply(500, errors::body(131_000, ""), true),
        _ => connection_fault(random),
    }
}

/// Gives a failure without a body the one that Meta has for its status.
pub(crate) fn shape_failure(reply: Reply) -> Reply {
    if reply.status < 400 || !matches!(reply.body, Content::Empty) {
        return reply;
    }
    let code = match reply.status {
        400 => 1,
        401 => 190,
        403 => 200,
        404 => 2500,
        429 => 130_429,
        503 => 2,
        _ => 131_000,
    };
    Reply { body: Content::Json(errors::body(code, "")), ..reply }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::fault;
    use crate::chaos::Random;
    use crate::faults::Fault;

    #[test]
    fn calls_fail_in_every_way_of_whatsapp() {
        let mut random = Random::new(1);
        let all: Vec<Value> = (0..200)
            .map(|_| {
                let fault: Fault<()> = fault(&mut random);
                fault.to_record()
            })
            .collect();
        let has = |is_it: &dyn Fn(&Value) -> bool| all.iter().any(is_it);
        assert!(has(&|it| it["status"] == 429 && it["body"]["error"]["code"] == 130_429));
        assert!(has(&|it| it["status"] == 400 && it["body"]["error"]["code"] == 131_056));
        assert!(has(&|it| it["status"] == 500 && it["effect"] == false));
        assert!(has(&|it| it["status"] == 500 && it["effect"] == true));
        assert!(has(&|it| it["status"] == 502 && it["effect"] == true));
        assert!(has(&|it| it["status"] == 503));
        assert!(has(&|it| it["drop"] == "after") && has(&|it| it["drop"] == "before"));
        assert!(has(&|it| it["delay_ms"].is_u64()));
    }
}
