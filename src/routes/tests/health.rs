//! `GET /health` names what is missing, and never a value.

use super::*;

#[test]
fn health_says_that_all_is_there() {
    let world = Fake::new();
    for method in ["GET", "HEAD"] {
        let reply = reply(&world, &configured(), &Arrival::new(method, "/health"));
        expect![[r#"{"configured":true,"environment":"test","off":["slack","telegram","whatsapp"],"problems":[],"status":"ok","version":"{version}"}"#]].assert_eq(&reply.body.replace(env!("CARGO_PKG_VERSION"), "{version}"));
        assert_eq!(reply.status, 200);
    }
    assert_eq!(world.events.borrow().as_slice(), []);
}

#[test]
fn health_names_what_is_missing_and_the_command_that_sets_it() {
    let reply = reply(&Fake::new(), &with_only_the_public_key(), &Arrival::new("GET", "/health"));
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((reply.status, &body["configured"]), (200, &json!(false)));
    expect![[r#"
        [
          {
            "hint": "npx wrangler secret put DISCORD_APPLICATION_ID",
            "name": "DISCORD_APPLICATION_ID",
            "problem": "is missing"
          },
          {
            "hint": "npx wrangler secret put DISCORD_WEBHOOK_URL",
            "name": "DISCORD_WEBHOOK_URL",
            "problem": "is missing"
          },
          {
            "hint": "npx wrangler secret put DISCORD_TOKEN",
            "name": "DISCORD_TOKEN",
            "problem": "is missing"
          },
          {
            "hint": "set `MIYABI_MODEL` under [vars] in wrangler.toml",
            "name": "MIYABI_MODEL",
            "problem": "is missing"
          },
          {
            "hint": "bind `AI` in wrangler.toml",
            "name": "AI",
            "problem": "is missing"
          },
          {
            "hint": "bind `miyabi_db` in wrangler.toml",
            "name": "miyabi_db",
            "problem": "is missing"
          },
          {
            "hint": "bind `miyabi_workflow` in wrangler.toml",
            "name": "miyabi_workflow",
            "problem": "is missing"
          },
          {
            "hint": "bind `miyabi_queue` in wrangler.toml",
            "name": "miyabi_queue",
            "problem": "is missing"
          }
        ]"#]]
    .assert_eq(&serde_json::to_string_pretty(&body["problems"]).unwrap());
}
