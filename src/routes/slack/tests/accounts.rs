//! An account that is linked by a code is its person in every event, command and press.

use super::*;
use miyabi_app::sign_in;

/// Somebody of Telegram.
const MIO: &str = "telegram:52";

fn linked(world: &Fake) {
    let code = run(sign_in::offer(world, MIO, "")).unwrap().unwrap().shown();
    let told = typed(world, "/miyabi", &format!("link {code}"))["blocks"].to_string();
    assert!(told.contains("are one person") && told.contains("`/miyabi link off`"), "{told}");
}

fn asker(world: &Fake) -> String {
    world.db.query_row("SELECT asker FROM jobs ORDER BY rowid DESC", [], |row| row.get(0)).unwrap()
}

#[test]
fn whoever_types_a_code_of_telegram_is_that_person_from_then_on() {
    let world = world();
    mention(&world);
    live(&world, &Journal::new(&world)).unwrap();
    assert_eq!(asker(&world), "slack:T1.U5");
    linked(&world);
    assert_eq!(asker(&world), MIO, "what was asked before is theirs");
    press(&world, "why", ("U5", "1.2.a"));
    assert!(whispered(&world).contains("llama-3.3-70b"), "{}", whispered(&world));
    press(&world, "delete", ("U6", "1.1.a"));
    assert_eq!(texts(&world).len(), 1, "of nobody else");
    let next = message(&json!({ "ts": "1700000001.000001" }));
    served(&world, on(), &signed(&world, "/slack/events", &next));
    assert_eq!(asker(&world), MIO);
    typed(&world, "/miyabi", "link off");
    let last = message(&json!({ "ts": "1700000002.000001" }));
    served(&world, on(), &signed(&world, "/slack/events", &last));
    assert_eq!(asker(&world), "slack:T1.U5");
}

#[test]
fn an_event_of_who_cannot_be_told_now_comes_again() {
    let world = world();
    world.store_faults.borrow_mut().push("accounts::whose");
    assert_eq!(mention(&world).status, 503);
    assert_eq!(jobs(&world), 0);
    assert_eq!(mention(&world).status, 200);
    assert_eq!(jobs(&world), 1);
}
