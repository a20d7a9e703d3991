//! A conversation is shown to whoever has its link, and nothing else of its owner to anybody.

use super::super::tests::{header, key, post, refusal, reply, reply_by, with};
use super::*;
use crate::testing::configured;
use miyabi_app::conversation::{self, Command, Live, Outcome, Submission};
use miyabi_core::ids::Millis;
use miyabi_core::key::ApiKey;
use miyabi_core::ports::{Clock as _, Conversations as _};
use miyabi_testing::{Arrival, Fake, run};

const SHARE: &str = "/api/conversations/c1/share";

/// Says something in a conversation of the owner, with this id of the turn.
fn say(world: &Fake, owner: &str, turn: &str, text: &str, answer: &str) {
    run(miyabi_app::conversations::touch(world, owner, "c1", text, Millis(1_800_000_000_000)))
        .unwrap()
        .unwrap();
    let submission = Submission::new(turn, text, world.now());
    let outcome = Outcome::Done(answer.to_owned());
    let (measured, note) = (None, String::new());
    let settle = Command::Settle { submission, generation: 1, outcome, measured, note };
    let command = serde_json::to_string(&settle).unwrap();
    run(world.converse(&format!("web:c1:{owner}"), &command)).unwrap().unwrap();
}

fn world() -> (Fake, ApiKey) {
    let world = Fake::new();
    world.now.set(1_700_000_000_000);
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    say(&world, "mio-7", "turn-of-mio", "Tea <b>in</b> Kyoto?", "Yes.\n\"Of\" course & so.");
    let key = key(&world, "mio-7", "chat");
    (world, key)
}

/// Shares by this body and returns the token. The database's clock is the real one, so the end is far away.
fn token(world: &Fake, key: &ApiKey) -> String {
    let reply = reply(world, &with(key, "POST", SHARE));
    assert_eq!(reply.status, 201, "{reply:?}");
    let link: Value = serde_json::from_str(&reply.body).unwrap();
    let token = link["token"].as_str().unwrap();
    assert_eq!(link["url"], format!("https://miyabi.example/share/{token}"));
    assert_eq!(link["expiresAt"], to_iso(1_700_000_000 + DEFAULT_S));
    let later = "UPDATE shares SET expires_at = 9000000000";
    world.db.execute_batch(later).unwrap();
    token.to_owned()
}

fn show(world: &Fake, token: &str, accept: &str, language: &str) -> Reply {
    let arrival = Arrival::new("GET", &format!("/share/{token}")).header("accept", accept);
    reply(world, &arrival.header("accept-language", language))
}

fn json_of(reply: &Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap()
}

#[test]
fn what_is_shared_reads_like_a_conversation_and_shows_nothing_of_its_owner() {
    let (world, mio) = world();
    let remembered = "Of course.\n\nremembered: my cat is Mochi (instead of: my dog is Kuma)";
    say(&world, "mio-7", "turn-2", "Remember that my cat is Mochi", remembered);
    let token = token(&world, &mio);
    let reply = show(&world, &token, "application/json", "");
    assert_eq!(reply.status, 200);
    let read = json_of(&reply);
    let messages = read["messages"].as_array().unwrap();
    let texts: Vec<_> =
        messages.iter().map(|it| it["parts"][0]["text"].as_str().unwrap()).collect();
    let [ask, say] = ["Tea <b>in</b> Kyoto?", "Yes.\n\"Of\" course & so."];
    assert_eq!(texts, [ask, say, "Remember that my cat is Mochi", "Of course."]);
    for (index, message) in messages.iter().enumerate() {
        assert_eq!(message["id"], (index + 1).to_string());
        let before = index.checked_sub(1).map(|before| messages[before]["id"].clone());
        assert_eq!(message["parentId"], before.unwrap_or_default());
        assert_eq!(message["role"], ["user", "assistant"][index % 2]);
    }
    assert_eq!((&read["id"], &read["title"]), (&json!(token), &json!(ask)));
    assert_eq!((&read["isWhole"], &read["running"]), (&json!(true), &Value::Null));
    let page = show(&world, &token, "text/html", "");
    for body in [&reply.body, &page.body] {
        for secret in ["mio-7", "c1", "turn-", "Kuma", "miyabi_"] {
            assert!(!body.contains(secret), "{secret}: {body}");
        }
    }
    let stored: String = world
        .db
        .query_row("SELECT group_concat(hash || title || turn) FROM shares", [], |row| row.get(0))
        .unwrap();
    assert!(!stored.contains(&token));
}

#[test]
fn a_page_is_text_alone_in_the_readers_language_and_nothing_is_loaded_or_kept() {
    let (world, mio) = world();
    let token = token(&world, &mio);
    for (accept, language, html, word) in [
        ("", "", "<html lang=\"en\">", "<h2>Question</h2><time"),
        ("text/html,application/json;q=0.9,*/*;q=0.8", "en-US,en", "<html lang=\"en\">", "Shared"),
        ("*/*", "ja,en-US;q=0.9", "<html lang=\"ja\">", "<h2>質問</h2><time"),
    ] {
        let page = show(&world, &token, accept, language);
        assert_eq!(page.status, 200);
        assert!(page.body.contains(html) && page.body.contains(word), "{}", page.body);
        assert!(page.body.contains("<h1 dir=\"auto\">Tea &lt;b&gt;in&lt;/b&gt; Kyoto?</h1>"));
        assert!(page.body.contains("Yes.\n&quot;Of&quot; course &amp; so."), "{}", page.body);
        for markup in ["<script", "<b>", "<img", "<link", "http:", "https:", "style=\"", " on"] {
            let is_tag = |part: &str| part.split('>').next().unwrap_or_default().contains(markup);
            let tags = page.body.split('<').skip(1).map(|part| format!("<{part}"));
            assert!(!tags.into_iter().any(|tag| is_tag(&tag)), "{markup}: {}", page.body);
        }
        assert_eq!(header(&page, "content-type"), Some("text/html; charset=utf-8"));
        let policy = header(&page, "content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert_eq!(header(&page, "set-cookie"), None);
        assert_link_headers(&page);
    }
    assert_link_headers(&show(&world, &token, "application/json", ""));
}

fn assert_link_headers(reply: &Reply) {
    assert_eq!(header(reply, "referrer-policy"), Some("no-referrer"));
    assert_eq!(header(reply, "x-robots-tag"), Some("noindex, nofollow"));
    assert_eq!(header(reply, "cache-control"), Some("no-store"));
    assert_eq!(header(reply, "x-content-type-options"), Some("nosniff"));
    assert_eq!(header(reply, "vary"), Some("accept, accept-language, origin"));
}

#[test]
fn a_link_that_is_over_taken_back_or_made_up_is_one_and_the_same_answer() {
    let (world, mio) = world();
    let body = |token: &str, accept: &str| {
        let reply = show(&world, token, accept, "");
        assert_eq!(reply.status, 404, "{token}");
        assert_link_headers(&reply);
        let id = header(&reply, "x-request-id").unwrap().to_owned();
        reply.body.replace(&id, "ID")
    };
    let over = token(&world, &mio);
    world.db.execute_batch("UPDATE shares SET expires_at = 1").unwrap();
    let accepts = ["application/json", "text/html"];
    let expected = accepts.map(|accept| body(&"0".repeat(40), accept));
    assert_eq!(accepts.map(|accept| body(&over, accept)), expected);
    let replaced = token(&world, &mio);
    let taken_back = token(&world, &mio);
    for _ in 0..2 {
        assert_eq!(reply(&world, &with(&mio, "DELETE", SHARE)).status, 204);
    }
    let deleted = token(&world, &mio);
    assert_eq!(reply(&world, &with(&mio, "DELETE", "/api/conversations/c1")).status, 204);
    for token in [&replaced, &taken_back, &deleted, "x", "..%2F", &"G".repeat(40)] {
        assert_eq!(accepts.map(|accept| body(token, accept)), expected, "{token}");
    }
    assert_eq!(refusal(&world, &with(&mio, "POST", SHARE)), (404, "not_found".to_owned()));
}

#[test]
fn nobody_shares_or_unshares_what_is_anothers() {
    let (world, mio) = world();
    let link = token(&world, &mio);
    let rin = key(&world, "rin", "chat");
    for method in ["POST", "DELETE"] {
        for path in [SHARE, "/api/conversations/c9/share", "/api/conversations/web:c1:mio-7/share"]
        {
            let refused = refusal(&world, &with(&rin, method, path));
            assert_eq!(refused, (404, "not_found".to_owned()), "{method} {path}");
        }
    }
    assert_eq!(world.conversations.borrow().len(), 1);
    assert_eq!(show(&world, &link, "", "").status, 200);
    let reader = key(&world, "mio-7", "chat:read");
    for method in ["POST", "DELETE"] {
        let refused = refusal(&world, &with(&reader, method, SHARE));
        assert_eq!(refused, (403, "insufficient_scope".to_owned()));
    }
}

#[test]
fn a_link_ends_when_its_owner_says_and_within_a_month() {
    let (world, mio) = world();
    let now_s = 1_700_000_000;
    for (body, expected) in [
        ("{}".to_owned(), Ok(now_s + DEFAULT_S)),
        (String::new(), Ok(now_s + DEFAULT_S)),
        ("{\"expiresAt\":null}".to_owned(), Ok(now_s + DEFAULT_S)),
        (format!("{{\"expiresAt\":\"{}\"}}", to_iso(now_s + 60)), Ok(now_s + 60)),
        (format!("{{\"expiresAt\":\"{}\"}}", to_iso(now_s + MAX_S)), Ok(now_s + MAX_S)),
        (format!("{{\"expiresAt\":\"{}\"}}", to_iso(now_s + MAX_S + 1)), Err("too_far_away")),
        (format!("{{\"expiresAt\":\"{}\"}}", to_iso(now_s)), Err("over_already")),
        ("{\"expiresAt\":\"0641-11-08T21:13:40.853901Z\"}".to_owned(), Err("over_already")),
        ("{\"expiresAt\":\"soon\"}".to_owned(), Err("invalid_body")),
        ("{\"until\":1}".to_owned(), Err("invalid_body")),
        ("{".to_owned(), Err("malformed_json")),
    ] {
        let reply = reply(&world, &post(&mio, SHARE, &body));
        let found = json_of(&reply);
        match expected {
            Ok(end) => assert_eq!(found["expiresAt"], to_iso(end), "{body}"),
            Err(code) => assert_eq!(found["code"], code, "{body}"),
        }
    }
}

#[test]
fn without_an_answer_there_is_nothing_to_share() {
    let (world, _) = world();
    run(miyabi_app::conversations::touch(&world, "rin", "c1", "x", Millis(1_800_000_000_000)))
        .unwrap()
        .unwrap();
    let rin = key(&world, "rin", "chat");
    let refused = refusal(&world, &with(&rin, "POST", SHARE));
    assert_eq!(refused, (409, "nothing_to_share".to_owned()));
}

#[test]
fn where_sharing_is_off_nothing_is_shared_or_shown_and_links_can_be_taken_back() {
    let (world, mio) = world();
    let link = token(&world, &mio);
    let mut off = configured();
    off.settings.as_mut().unwrap().is_sharing = false;
    let share = reply_by(&world, &off, &with(&mio, "POST", SHARE));
    assert_eq!((share.status, &json_of(&share)["code"]), (403, &json!("sharing_off")));
    let path = format!("/share/{link}");
    let shown = reply_by(&world, &off, &Arrival::new("GET", &path));
    assert_eq!(shown.status, 404);
    assert_eq!(reply_by(&world, &off, &with(&mio, "DELETE", SHARE)).status, 204);
    assert_eq!(show(&world, &link, "", "").status, 404);
}
