//! Whether the Worker answers Meta's challenge, refuses what Meta has not signed, and takes what it has.

use miyabi_core::config::is_base_url;
use serde_json::json;

use super::super::WHATSAPP;
use super::super::report::Line;
use super::Answer;
use crate::http;
use crate::whatsapp::{Graph, SIGNATURE, WEBHOOK, sign};

/// What the Worker has to say back.
const CHALLENGE: &str = "1158201444";

/// Asks the Worker as Meta does, and as others might.
pub(super) fn check(url: &str, graph: &Graph<'_>) -> Vec<Line> {
    let ask = |token: &str| {
        let query =
            format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge={CHALLENGE}");
        http::get(&format!("{url}{WEBHOOK}?{query}"))
    };
    let body = json!({ "object": "whatsapp_business_account", "entry": [] });
    let send = |secret: Option<&str>| {
        let signature = secret.map(|secret| sign(secret, &body.to_string()));
        let headers: Vec<_> = signature.iter().map(|value| (SIGNATURE, value.as_str())).collect();
        http::send("POST", &format!("{url}{WEBHOOK}"), &headers, Some(&body))
    };
    let mut lines = vec![refused("a wrong verify token", 403, &ask("wrong"))];
    lines.push(if is_base_url(url) {
        challenge(&ask(graph.verify_token))
    } else {
        let detail = "not sent: the verify token would be readable on its way";
        Line::warn("a challenge", detail, "use https")
    });
    lines.push(refused("an unsigned message", 401, &send(None)));
    lines.push(refused("a forged message", 401, &send(Some("forged"))));
    lines.push(genuine(&send(Some(graph.app_secret))));
    lines
}

fn refused(what: &str, status: u16, answer: &Answer) -> Line {
    match answer {
        Ok(reply) if reply.status == status => Line::ok(what, format!("is refused with {status}")),
        Ok(reply) if reply.status == 503 => {
            let hint = format!("npx wrangler secret put {}, and the others", WHATSAPP[0]);
            Line::fail(what, "cannot be checked: WhatsApp is off there", hint)
        }
        Ok(reply) => {
            let detail = format!("is answered with {}, not {status}", reply.status);
            Line::fail(what, detail, "does this address belong to Miyabi, with nothing in front?")
        }
        Err(error) => Line::error(what, error),
    }
}

fn challenge(answer: &Answer) -> Line {
    let what = "a challenge";
    match answer {
        Ok(reply) if reply.status == 200 && reply.body == CHALLENGE => {
            Line::ok(what, "is answered")
        }
        Ok(reply) if reply.status == 403 => Line::fail(
            what,
            "is refused",
            format!("is {} here the one that is set there?", WHATSAPP[2]),
        ),
        Ok(reply) => {
            let detail =
                format!("is answered with {}, without what Meta has to read", reply.status);
            Line::fail(what, detail, "does this address belong to Miyabi, with nothing in front?")
        }
        Err(error) => Line::error(what, error),
    }
}

fn genuine(answer: &Answer) -> Line {
    let what = "a genuine message";
    match answer {
        Ok(reply) if (200..300).contains(&reply.status) => Line::ok(what, "is taken"),
        Ok(reply) => {
            let detail = format!("is answered with {}", reply.status);
            Line::fail(what, detail, format!("is {} here the one that is set there?", WHATSAPP[1]))
        }
        Err(error) => Line::error(what, error),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::report::State;
    use super::super::super::testing::answer;
    use super::*;
    use crate::http::Reply;

    #[test]
    fn the_worker_knows_meta_s_requests_from_others() {
        let of = |status, expected| refused("it", expected, &answer(status, &json!({}))).state;
        assert_eq!([of(401, 401), of(403, 403)], [State::Ok, State::Ok]);
        assert_eq!(
            [of(200, 401), of(503, 401), of(401, 403)],
            [State::Fail, State::Fail, State::Fail]
        );
        let say = |status, body: &str| {
            challenge(&Ok(Reply { status, body: body.to_owned(), ..Reply::default() })).state
        };
        assert_eq!(say(200, CHALLENGE), State::Ok);
        for (status, body) in [(200, "1"), (200, ""), (403, CHALLENGE), (503, CHALLENGE)] {
            assert_eq!(say(status, body), State::Fail, "{status} {body}");
        }
        let taken = |status| genuine(&answer(status, &json!({}))).state;
        assert_eq!([taken(200), taken(401), taken(400)], [State::Ok, State::Fail, State::Fail]);
    }
}
