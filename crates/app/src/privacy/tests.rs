use super::*;
use crate::conversation::{self, Live};
use crate::testing::run_job;
use crate::{Job, conversations, jobs};
use miyabi_core::i18n::Language;
use miyabi_core::ids::JobId;
use miyabi_core::job::to_params;
use miyabi_core::question::Question;
use miyabi_testing::{Fake, Journal, question, run, settings, wherever_it_dies};

const MIO: &str = "80351110224678912";

/// A time after everything that is asked here.
const UNTIL: Millis = Millis(4_000_000_000_000);

fn world() -> Fake {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    world
}

fn name(owner: &str, id: &str) -> String {
    let place = id.strip_prefix("discord.").unwrap_or(id);
    format!("discord:{place}:{owner}")
}

fn asked(nth: u32, text: &str) -> Question {
    Question {
        id: JobId::parse(&format!("130000000000000000{nth}")).unwrap(),
        conversation: Some(format!("discord:12:{MIO}")),
        ..question(text)
    }
}

fn answered(world: &Fake, nth: u32, text: &str) {
    let job = Job::first(asked(nth, text));
    run(run_job(world, &Journal::new(world), &settings(), &job)).unwrap().unwrap();
}

fn looked(world: &Fake, wish: Wish) -> Kept {
    let inquiry = Inquiry { person: MIO.to_owned(), language: Language::English, wish };
    let kept = run(look(world, name, &inquiry)).unwrap().unwrap();
    world.run_waiting();
    kept
}

/// Every text that is stored anywhere.
fn stored(world: &Fake) -> String {
    let mut all = String::new();
    let objects = world.conversations.borrow();
    let databases = objects.values().map(|object| &object.db).chain([&world.db]);
    for db in databases {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
        let mut tables = db.prepare(sql).unwrap();
        let names: Vec<String> =
            tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        for table in names {
            let mut rows = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let columns = rows.column_count();
            let mut rows = rows.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                for column in 0..columns {
                    if let Ok(text) = row.get_ref(column).unwrap().as_str() {
                        all.push_str(text);
                    }
                }
            }
        }
    }
    all
}

#[test]
fn a_person_sees_how_much_is_kept_and_chooses_whether_to_be_quoted() {
    let world = world();
    answered(&world, 1, "Remember that my cat is called Mochi.");
    let kept = looked(&world, Wish::Show);
    assert_eq!((kept.questions, kept.conversations, kept.facts), (1, 1, Some(1)));
    assert!(looked(&world, Wish::Quote(true)).is_quoted);
    assert!(looked(&world, Wish::Quote(true)).is_quoted);
    assert!(!looked(&world, Wish::Quote(false)).is_quoted);
    assert_eq!(looked(&world, Wish::AskToErase), Kept { is_quoted: false, ..kept });
}

#[test]
fn everything_is_deleted_wherever_the_program_dies_and_the_choice_stays() {
    wherever_it_dies(4, |death| {
        let world = world();
        answered(&world, 1, "Remember that my cat is called Mochi.");
        answered(&world, 2, "Is Mochi a zeppelin?");
        looked(&world, Wish::Quote(true));
        let sql = "INSERT INTO api_keys (id, owner, name, hash, tail, scopes)
                   VALUES ('k', ?1, 'zeppelin', printf('%064d', 1), 'tail', 'chat')";
        world.db.execute(sql, [MIO]).unwrap();
        let sql = "INSERT INTO sign_in_codes (owner, hash, workspace, expires_at)
                   VALUES (?1, printf('%064d', 2), 'zeppelin', unixepoch() + 600)";
        world.db.execute(sql, [MIO]).unwrap();
        assert!(stored(&world).contains("zeppelin"));
        world.crash_at(death.effect, death.side);
        let inquiry = Inquiry {
            person: MIO.to_owned(),
            language: Language::English,
            wish: Wish::Erase(UNTIL),
        };
        let died =
            run(look(&world, name, &inquiry)).is_none() || run(sweep(&world, name)).is_none();
        world.restart();
        run(look(&world, name, &inquiry)).unwrap().unwrap();
        for _ in 0..3 {
            run(sweep(&world, name)).unwrap();
        }
        let left = stored(&world);
        assert!(!left.contains("zeppelin") && !left.contains("Mochi"), "{death:?} {left}");
        // What died behind the reply is not waited for.
        let kept =
            run(look(&world, name, &Inquiry { wish: Wish::Show, ..inquiry })).unwrap().unwrap();
        assert_eq!(kept, Kept { facts: Some(0), is_quoted: true, ..Kept::default() }, "{death:?}");
        died
    });
}

#[test]
fn a_question_that_still_runs_brings_nothing_back() {
    let world = world();
    let job = Job::first(asked(1, "Is Mochi a zeppelin?"));
    run(jobs::insert(&world, &job, &to_params(&job))).unwrap().unwrap();
    run(jobs::claim(&world, &job, &settings())).unwrap().unwrap();
    assert!(looked(&world, Wish::Erase(UNTIL)).is_erasing);
    run(sweep(&world, name)).unwrap();
    assert!(looked(&world, Wish::Show).is_erasing, "until it has ended");
    run(run_job(&world, &Journal::new(&world), &settings(), &job)).unwrap().unwrap();
    run(sweep(&world, name)).unwrap();
    assert!(!looked(&world, Wish::Show).is_erasing);
    assert!(!stored(&world).contains("zeppelin"));
    let touched = run(conversations::find(&world, MIO, "discord.12")).unwrap().unwrap();
    assert_eq!(touched, None);
}

/// When what is asked here is erased: a second after it.
const SOON: Millis = Millis(1_699_999_991_000);

fn mark(world: &Fake) -> Option<String> {
    let sql = "SELECT erase_after FROM people WHERE erase_ms IS NOT NULL";
    world.db.query_row(sql, [], |row| row.get(0)).ok()
}

#[test]
fn a_question_that_has_not_begun_brings_nothing_back() {
    for server in [None, Some("900000000000000001".to_owned())] {
        let world = world();
        let job = Job::first(Question { server, ..asked(1, "Remember that Mochi is a zeppelin.") });
        run(jobs::insert(&world, &job, &to_params(&job))).unwrap().unwrap();
        world.db.execute("UPDATE jobs SET created_at = 1699999990", []).unwrap();
        assert!(looked(&world, Wish::Erase(SOON)).is_erasing);
        assert_eq!(mark(&world).as_deref(), Some(""), "it may write into any conversation");
        run(run_job(&world, &Journal::new(&world), &settings(), &job)).unwrap().unwrap();
        run(sweep(&world, name)).unwrap();
        assert_eq!(mark(&world), None);
        let left = stored(&world);
        assert!(!left.to_lowercase().contains("zeppelin"), "{left}");
    }
}

#[test]
fn what_comes_late_is_deleted_by_a_last_round() {
    let world = world();
    answered(&world, 1, "Is Mochi a zeppelin?");
    let now: u64 = world.db.query_row("SELECT unixepoch()", [], |row| row.get(0)).unwrap();
    let now = Millis(now * 1000);
    looked(&world, Wish::Erase(now));
    assert_eq!(mark(&world).as_deref(), Some(ALL));
    assert!(!looked(&world, Wish::Show).is_erasing, "nothing is left");
    // A dead letter, and a question whose row was not there yet.
    let late = Job::first(asked(2, "A late zeppelin?"));
    let fault = Fault::from(StoreError::Row { statement: "x" });
    assert_eq!(run(jobs::dead_letter(&world, &late, &fault)), Some(Ok(true)));
    answered(&world, 3, "Another zeppelin?");
    run(sweep(&world, name)).unwrap();
    assert!(stored(&world).contains("zeppelin"), "it is not looked at every minute");
    world.db.execute("UPDATE people SET erase_ms = erase_ms - 1201000", []).unwrap();
    world.db.execute("UPDATE jobs SET created_at = created_at - 86400", []).unwrap();
    run(sweep(&world, name)).unwrap();
    assert!(!stored(&world).contains("zeppelin"), "{}", stored(&world));
    assert_eq!(mark(&world), None);
}

#[test]
fn who_deletes_everything_has_asked_as_often_as_they_have_until_the_day_is_over() {
    let world = world();
    answered(&world, 1, "Is Mochi a zeppelin?");
    world.db.execute("UPDATE jobs SET created_at = unixepoch()", []).unwrap();
    looked(&world, Wish::Erase(UNTIL));
    let askers = || -> u32 {
        let sql = "SELECT count(*) FROM jobs WHERE asker = ?1 AND is_counted";
        world.db.query_row(sql, [MIO], |row| row.get(0)).unwrap()
    };
    assert_eq!((askers(), looked(&world, Wish::Show).questions), (1, 0));
    world.db.execute("UPDATE people SET erase_ms = 1700000000000", []).unwrap();
    world.db.execute("UPDATE jobs SET created_at = 1699999990", []).unwrap();
    run(sweep(&world, name)).unwrap();
    assert_eq!((askers(), mark(&world)), (0, None), "the day is over");
}

#[test]
fn a_person_with_many_conversations_is_told_of_in_rounds_of_forty_calls() {
    let world = world();
    for nth in 0..45 {
        let id = format!("discord.{nth:02}");
        run(conversations::touch(&world, MIO, &id, "A zeppelin", Millis(1_000))).unwrap().unwrap();
    }
    answered(&world, 1, "Remember that my zeppelin is called Mochi.");
    let before = || -> u32 {
        world.db.query_row("SELECT count(*) FROM conversations", [], |row| row.get(0)).unwrap()
    };
    looked(&world, Wish::Erase(UNTIL));
    assert_eq!(before(), 45);
    assert!(looked(&world, Wish::Show).is_erasing);
    // A fact that was said after the wish stays, however many rounds there are.
    run(sweep(&world, name)).unwrap();
    assert_eq!((before(), looked(&world, Wish::Show).is_erasing), (0, false));
}

#[test]
fn each_answer_that_was_found_once_more_goes_and_so_does_a_reminder_whose_row_came_late() {
    let world = Fake::new();
    let job = |id: &str, asker: &str, at: u32, kept: &str, again: Option<&str>| {
        let sql = "INSERT INTO jobs (id, platform, asker, server, status, generation, token, params, result,
                     created_at, updated_at, kept, again)
                   VALUES (?1, 'discord', ?2, '9', 'COMPLETED', 1, '', '', 'words', ?3, ?3, ?4, ?5)";
        world.db.execute(sql, (id, asker, at, kept, again)).unwrap();
    };
    job("1", MIO, 10, "{}", Some("3"));
    // A moderator has pressed twice, and once below the second answer.
    job("2", "8", 20, r#"{"of":"1"}"#, None);
    job("3", "8", 21, r#"{"of":"1"}"#, Some("4"));
    job("4", "8", 22, r#"{"of":"1"}"#, None);
    // The asker presses after the wish; another moderator's is somebody else's answer.
    job("5", MIO, 200, r#"{"of":"1"}"#, None);
    job("6", "8", 23, r#"{"of":"7"}"#, None);
    for (id, asked_ms) in [("r1", 90_000), ("r2", 150_000)] {
        let params = serde_json::json!({ "asked": asked_ms }).to_string();
        let sql = "INSERT INTO reminders (id, job, asker, words, params, due_at, created_at)
                   VALUES (?1, '1', ?2, 'w', ?3, 900, 180)";
        world.db.execute(sql, (id, MIO, params)).unwrap();
    }
    // What a moderator was asked about while it was answered once more; and what MIO has decided for another.
    for (job, asker, by, at) in [("2", "8", "8", 21), ("6", "8", MIO, 24), ("7", "8", MIO, 200)] {
        let sql = "INSERT INTO consents
            (job, key, asked, asker, tool, arguments, expires_at, state, decided_by, decided_at)
          VALUES (?1, '0123456789abcdef0123456789abcdef', '1-1', ?2, 't', '{}', 1, 'DENIED', ?3, ?4)";
        world.db.execute(sql, (job, asker, by, at)).unwrap();
    }
    run(world.batch(rows(MIO, Millis(100_000)))).unwrap().unwrap();
    let left = |sql: &str| {
        let mut rows = world.db.prepare(sql).unwrap();
        let left = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
        left.map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(left("SELECT id FROM jobs WHERE result <> '' ORDER BY id"), ["5", "6"]);
    assert_eq!(left("SELECT id FROM reminders"), ["r2"]);
    let decided = left("SELECT concat_ws(' by ', job, decided_by) FROM consents ORDER BY job");
    assert_eq!(decided, ["6 by ".to_owned(), format!("7 by {MIO}")], "the last one came after it");
}
