//! An account that is linked by a code is its person in every message.

use super::*;
use miyabi_app::sign_in;

/// Somebody of Discord.
const MIO: &str = "80351110224678912";

fn asker(world: &Fake) -> String {
    world.db.query_row("SELECT asker FROM jobs ORDER BY rowid DESC", [], |row| row.get(0)).unwrap()
}

#[test]
fn whoever_types_a_code_of_discord_is_that_person_from_then_on() {
    let world = world();
    deliver(&world, &[text("wamid.a", "What is tea?")]);
    live(&world, &Journal::new(&world)).unwrap();
    let before = asker(&world);
    assert!(before.starts_with("whatsapp:"), "{before}");
    let code = run(sign_in::offer(&world, MIO, "")).unwrap().unwrap().shown();
    deliver(&world, &[text("wamid.b", &format!("/link {code}"))]);
    assert!(told(&world).last().unwrap().contains("are one person"), "{:?}", told(&world));
    assert_eq!(asker(&world), MIO, "what was asked before is theirs");
    deliver(&world, &[text("wamid.c", "And coffee?")]);
    assert_eq!((jobs(&world), asker(&world).as_str()), (2, MIO));
    deliver(&world, &[text("wamid.d", "/link off")]);
    deliver(&world, &[text("wamid.e", "And water?")]);
    assert_eq!((jobs(&world), asker(&world)), (3, before));
}

#[test]
fn a_delivery_of_who_cannot_be_told_now_comes_again_as_new() {
    let world = world();
    let code = run(sign_in::offer(&world, MIO, "")).unwrap().unwrap().shown();
    let body = messages(&world, &[text("wamid.a", &format!("/link {code}"))]);
    world.store_faults.borrow_mut().push("accounts::whose");
    assert_eq!(status(&world, on(), &body), 503);
    assert_eq!(told(&world), [""; 0]);
    assert_eq!(status(&world, on(), &body), 200);
    assert!(told(&world).last().unwrap().contains("are one person"), "{:?}", told(&world));
}
