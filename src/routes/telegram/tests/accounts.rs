//! An account that is linked by a code is its person in every message, command and press, and nobody else is.

use super::*;
use miyabi_app::sign_in;

/// Somebody of Discord.
const MIO: &str = "80351110224678912";

fn code(world: &Fake) -> String {
    run(sign_in::offer(world, MIO, "")).unwrap().unwrap().shown()
}

fn said(world: &Fake, chat: i64, words: &str) -> String {
    call(world, &update(chat, &text(words)))["text"].as_str().unwrap_or_default().to_owned()
}

fn linked(world: &Fake) {
    let told = said(world, 52, &format!("/link {}", code(world).to_lowercase()));
    assert!(told.contains("are one person"), "{told}");
}

fn asker(world: &Fake) -> (String, String) {
    let sql = "SELECT asker, params ->> 'conversation' FROM jobs ORDER BY rowid DESC";
    world.db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
}

#[test]
fn whoever_types_a_code_of_discord_is_that_person_from_then_on() {
    let world = world();
    linked(&world);
    call(&world, &update(52, &text("What is tea?")));
    assert_eq!(asker(&world), (MIO.to_owned(), "telegram:52:telegram:52".to_owned()));
    let kept = said(&world, 52, "/privacy");
    assert!(kept.contains(&format!("discord:{MIO}, telegram:52")), "{kept}");
    // Somebody else is nobody else.
    let mut other = update(53, &text("What is tea?"));
    other["message"]["from"]["id"] = json!(53);
    call(&world, &other);
    assert_eq!(asker(&world).0, "telegram:53");
    let again = said(&world, 52, &format!("/link {}", code(&world)));
    assert!(again.contains("already"), "{again}");
    let over = said(&world, 52, "/link off");
    assert!(over.contains("taken back"), "{over}");
    let mut later = update(52, &text("And coffee?"));
    later["message"]["message_id"] = json!(6);
    call(&world, &later);
    assert_eq!(asker(&world).0, "telegram:52");
}

#[test]
fn the_buttons_of_what_was_asked_before_are_the_persons_too() {
    let world = world();
    call(&world, &update(52, &text("What is tea?")));
    live(&world, &Journal::new(&world)).unwrap();
    let keys = world.telegram.borrow().calls.last().unwrap().body["reply_markup"].clone();
    let why = keys["inline_keyboard"][0][2]["callback_data"].as_str().unwrap().to_owned();
    linked(&world);
    let told = call(&world, &pressed(&why, 52));
    assert!(told["text"].as_str().unwrap().contains("llama-3.3-70b"), "{told}");
    let again = keys["inline_keyboard"][0][0]["callback_data"].as_str().unwrap().to_owned();
    assert_eq!(call(&world, &pressed(&again, 52))["method"], "sendMessageDraft");
    assert_eq!(asker(&world), (MIO.to_owned(), "telegram:52:telegram:52".to_owned()));
}

#[test]
fn its_conversation_goes_on_and_is_read_on_the_persons_page_while_it_is_linked() {
    let world = world();
    call(&world, &update(52, &text("What is tea?")));
    live(&world, &Journal::new(&world)).unwrap();
    let own = key(&world, MIO, "chat");
    let get = |path: &str| run(serve(&world, &config(on()), &with(&own, "GET", path))).unwrap();
    assert_eq!(get("/api/conversations/telegram.52").status, 404);
    linked(&world);
    let mut next = update(52, &text("And coffee?"));
    next["message"]["message_id"] = json!(6);
    call(&world, &next);
    live(&world, &Journal::new(&world)).unwrap();
    assert!(get("/api/conversations").body.contains(r#""id":"telegram.52""#));
    let read = get("/api/conversations/telegram.52").body;
    assert!(read.contains("What is tea?") && read.contains("And coffee?"), "{read}");
    said(&world, 52, "/link off");
    assert_eq!(get("/api/conversations/telegram.52").status, 404);
}

#[test]
fn a_code_that_is_typed_in_front_of_others_links_nobody_and_is_nobodys() {
    let world = world();
    let code = code(&world);
    let told = said(&world, GROUP, &format!("/link {code}"));
    assert!(told.contains("private chat"), "{told}");
    assert!(said(&world, 52, &format!("/link {code}")).contains("no code"));
}

#[test]
fn an_update_of_who_cannot_be_told_now_comes_again_and_is_nobody_elses_meanwhile() {
    let world = world();
    linked(&world);
    for update in [update(52, &text("What is tea?")), update(52, &text("/memory"))] {
        world.store_faults.borrow_mut().push("accounts::whose");
        assert_eq!(replied(&world, on(), &update).status, 503);
    }
    assert!(world.started.borrow().is_empty());
    call(&world, &update(52, &text("What is tea?")));
    assert_eq!(asker(&world).0, MIO);
}
