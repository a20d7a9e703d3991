//! The form about a message: opened, sent once, and refused in words.

use super::*;
use miyabi_core::config::{Access, UserInstall};
use miyabi_core::i18n::messages;

/// The fixture of a command in the menu of a message, with this name.
fn menu(name: &str) -> Value {
    let mut command: Value = serde_json::from_str(ASK).unwrap();
    command["id"] = json!("1300000000000000101");
    let message = json!({ "content": "hello", "author": { "id": "5", "username": "alex" } });
    command["data"] = json!({
        "id": "1", "name": name, "type": 3, "target_id": "1100000000000000001",
        "resolved": { "messages": { "1100000000000000001": message } },
    });
    command
}

fn form(id: &str, opened: &str) -> Value {
    let mut form: Value = serde_json::from_str(ASK).unwrap();
    form["id"] = json!(id);
    form["type"] = json!(5);
    let input = json!({ "type": 4, "custom_id": "question", "value": "Why?" });
    let component = json!({ "type": 18, "component": input });
    form["data"] = json!({ "custom_id": format!("1.ask.{opened}"), "components": [component] });
    form
}

#[test]
fn a_form_is_opened_and_what_is_sent_in_it_is_one_job_about_the_message() {
    let (world, config) = (Fake::new(), config());
    for _ in 0..2 {
        let opened = send(&world, &config, &menu("Ask Miyabi"));
        assert_eq!(
            (&opened["type"], &opened["data"]["custom_id"]),
            (&json!(9), &json!("1.ask.1300000000000000101"))
        );
    }
    assert_eq!(world.started.borrow().len(), 0);
    for _ in 0..2 {
        let sent = send(&world, &config, &form("1300000000000000102", "1300000000000000101"));
        assert_eq!(sent["type"], 5);
    }
    let again = send(&world, &config, &form("1300000000000000103", "1300000000000000101"));
    is_told(&again, messages::FORM_IS_OVER.japanese);
    let jobs: u32 = world.db.query_row("SELECT count(*) FROM jobs", [], |row| row.get(0)).unwrap();
    assert_eq!(jobs, 1);
    let params: String =
        world.db.query_row("SELECT params FROM jobs", [], |row| row.get(0)).unwrap();
    let params: Value = serde_json::from_str(&params).unwrap();
    assert_eq!((&params["question"], &params["quote"]["text"]), (&json!("Why?"), &json!("hello")));
}

#[test]
fn a_form_that_nobody_opened_is_said_to_be_over() {
    let world = Fake::new();
    let sent = send(&world, &config(), &form("1300000000000000102", "1300000000000000101"));
    is_told(&sent, messages::FORM_IS_OVER.japanese);
    assert_eq!(world.started.borrow().len(), 0);
}

#[test]
fn where_nobody_may_ask_no_form_opens_and_nothing_is_translated() {
    let mut settings = settings();
    settings.access = Access { servers: vec!["1".to_owned()], user_install: UserInstall::Off };
    let config = Config { settings: Ok(settings), ..configured() };
    let world = Fake::new();
    for interaction in
        [menu("Ask Miyabi"), menu("Translate"), form("1300000000000000102", "1300000000000000101")]
    {
        is_told(
            &send(&world, &config, &interaction),
            sentence(Notice::NotHere, Language::Japanese),
        );
    }
    let kept: u32 =
        world.db.query_row("SELECT count(*) FROM quotes", [], |row| row.get(0)).unwrap();
    assert_eq!((kept, world.started.borrow().len()), (0, 0));
}

#[test]
fn a_translation_is_one_job_without_a_form() {
    let (world, config) = (Fake::new(), config());
    for _ in 0..2 {
        assert_eq!(send(&world, &config, &menu("Translate"))["type"], 5);
    }
    let jobs: u32 = world.db.query_row("SELECT count(*) FROM jobs", [], |row| row.get(0)).unwrap();
    assert_eq!(jobs, 1);
}

#[test]
fn a_database_that_is_away_is_told_instead_of_a_form() {
    let world = Fake::new();
    world.store_faults.borrow_mut().extend(["quotes::keep", "quotes::take"]);
    let again = sentence(Notice::TryAgain, Language::Japanese);
    is_told(&send(&world, &config(), &menu("Ask Miyabi")), again);
    is_told(&send(&world, &config(), &form("1300000000000000102", "1300000000000000101")), again);
    assert_eq!(world.started.borrow().len(), 0);
}
