//! Buttons: what is replied at once, and what becomes a job.

use super::*;
use miyabi_core::i18n::buttons as words;
use miyabi_core::ports::Limit;

const JOB: &str = "1300000000000000042";
const ASKER: &str = "539082325061836806";

/// A world with an answer of person `ASKER`, below which buttons stand.
fn world() -> Fake {
    let world = Fake::new();
    let kept = json!({
        "platform": "discord", "id": JOB, "generation": 1, "token": "", "question": "Why?",
        "user": ASKER, "name": "", "handle": "", "avatar": "", "place": "\"direct\"",
        "server": null, "language": "ja", "fresh": false, "asked": 1, "conversation": null,
        "model": "gone/model",
    });
    let sql = "INSERT INTO jobs (id, token, status, result, asker, kept)
        VALUES (?1, '', 'COMPLETED', 'So.', ?2, ?3)";
    world.db.execute(sql, [JOB, ASKER, &kept.to_string()]).unwrap();
    world
}

fn press(world: &Fake, config: &Config, name: &str, id: &str) -> Value {
    let mut press: Value = serde_json::from_str(COMPONENT).unwrap();
    press["id"] = json!(id);
    press["data"]["custom_id"] = json!(format!("1.{name}.{JOB}"));
    send(world, config, &press)
}

#[test]
fn one_press_is_one_job_by_a_model_that_there_still_is() {
    let (world, config) = (world(), config());
    for _ in 0..2 {
        let sent = press(&world, &config, "again", "1300000000000000101");
        assert_eq!(sent, json!({ "type": 5, "data": { "flags": 64 } }));
    }
    is_told(&press(&world, &config, "again", "1300000000000000102"), words::RUNNING.japanese);
    let params: Vec<Value> = world.started.borrow().iter().map(|(_, it)| it.clone()).collect();
    assert!(params.iter().all(|it| it["question"] == "Why?" && it["again"]["of"] == JOB));
    assert!(params.iter().all(|it| it.get("model").is_none()), "{params:?}");
    let jobs: u32 = world.db.query_row("SELECT count(*) FROM jobs", [], |row| row.get(0)).unwrap();
    assert_eq!(jobs, 2);
}

#[test]
fn a_press_that_a_limit_refuses_holds_nobody_up() {
    let (world, config) = (world(), config());
    world.exhausted.borrow_mut().push((Limit::Asker, ASKER.to_owned()));
    let crowded = sentence(Notice::Crowded, Language::Japanese);
    is_told(&press(&world, &config, "again", "1300000000000000101"), crowded);
    world.exhausted.borrow_mut().clear();
    assert_eq!(press(&world, &config, "again", "1300000000000000102")["type"], 5);
}

#[test]
fn a_follow_up_opens_a_form_that_must_not_stay_empty() {
    let (world, config) = (world(), config());
    for _ in 0..2 {
        let opened = press(&world, &config, "follow", "1300000000000000101");
        let data = &opened["data"];
        assert_eq!(
            (&opened["type"], &data["custom_id"]),
            (&json!(9), &json!("1.ask.1300000000000000101"))
        );
        assert_eq!(data["components"][0]["component"]["required"], true);
    }
    let quote: String =
        world.db.query_row("SELECT quote FROM quotes", [], |row| row.get(0)).unwrap();
    let quote: Value = serde_json::from_str(&quote).unwrap();
    assert_eq!((&quote["text"], &quote["own"]), (&json!("So."), &json!(true)));
}

#[test]
fn where_nobody_may_ask_any_more_an_answer_can_still_be_deleted() {
    let mut settings = settings();
    settings.access.servers = vec!["1".to_owned()];
    let config = Config { settings: Ok(settings), ..configured() };
    let world = world();
    for name in ["again", "follow"] {
        let not_here = sentence(Notice::NotHere, Language::Japanese);
        is_told(&press(&world, &config, name, "1300000000000000101"), not_here);
    }
    let why = press(&world, &config, "why", "1300000000000000101");
    assert!(why["data"]["content"].as_str().unwrap().contains(JOB), "{why}");
    is_told(&press(&world, &config, "delete", "1300000000000000101"), words::DELETED.japanese);
    is_told(
        &press(&world, &config, "again", "1300000000000000101"),
        sentence(Notice::NotHere, Language::Japanese),
    );
}
