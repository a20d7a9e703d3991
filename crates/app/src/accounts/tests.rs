//! An account is linked once by a code, what it had is its person's wherever the program dies, and nobody else is anybody.

use super::*;
use crate::conversation::{self, Live};
use crate::testing::{discord, run_job};
use crate::{Job, conversations, jobs, keys, privacy, sign_in, usage};
use miyabi_core::i18n::Language;
use miyabi_core::i18n::privacy as kept;
use miyabi_core::ids::{JobId, Millis};
use miyabi_core::job::to_params;
use miyabi_core::ports::Limit;
use miyabi_core::question::{Asker, Question};
use miyabi_testing::{Fake, Journal, question, run, settings, wherever_it_dies};

/// Somebody on Discord, and the same number on Telegram, which is somebody else.
const MIO: &str = "52";
const OF_TELEGRAM: &str = "telegram:52";
const OF_SLACK: &str = "slack:T1.U5";
const RIN: &str = "telegram:9";

fn world() -> Fake {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    world
}

fn made(world: &Fake, person: &str) -> String {
    run(sign_in::offer(world, person, "")).unwrap().unwrap().shown()
}

fn who(world: &Fake, account: &str) -> String {
    run(whose(world, account)).unwrap().unwrap()
}

fn wishes(world: &Fake, account: &str, wish: Wish) -> String {
    let (person, language) = (who(world, account), Language::English);
    let inquiry = Inquiry { account: account.to_owned(), person, wish, language };
    let told = run(reply(world, &discord(world), &inquiry)).unwrap();
    world.run_waiting();
    told
}

fn typed(world: &Fake, account: &str, code: &str) -> String {
    wishes(world, account, Wish::Link { code: code.to_owned() })
}

fn taken_back(world: &Fake, account: &str) -> String {
    wishes(world, account, Wish::TakeBack)
}

fn linked(world: &Fake, account: &str, person: &str) {
    assert_eq!(typed(world, account, &made(world, person)), words::LINKED.english);
}

#[test]
fn an_account_with_another_name_is_who_it_was() {
    const OLD: &str = "whatsapp:US.1";
    const NEW: &str = "whatsapp:US.2";
    let world = world();
    let renamed = |previous, current| run(renamed(&world, previous, current)).unwrap().unwrap();
    renamed(OLD, NEW);
    renamed(OLD, NEW);
    assert_eq!((who(&world, OLD).as_str(), who(&world, NEW).as_str()), (OLD, OLD));
    // Once more, and with an account that is linked.
    renamed(NEW, "whatsapp:US.3");
    assert_eq!(who(&world, "whatsapp:US.3"), OLD);
    linked(&world, RIN, MIO);
    renamed(RIN, "whatsapp:US.4");
    assert_eq!(who(&world, "whatsapp:US.4"), MIO);
    // There are no circles, and nobody becomes somebody else.
    renamed("whatsapp:US.3", OLD);
    renamed(OLD, RIN);
    renamed(OLD, MIO);
    renamed("", OLD);
    assert_eq!((who(&world, OLD).as_str(), who(&world, RIN).as_str()), (OLD, MIO));
    assert_eq!(who(&world, MIO), MIO);
}

fn asked(account: &str, nth: u32, text: &str) -> Job {
    let asker = Asker { id: account.to_owned(), ..question(text).asker };
    Job::first(Question {
        id: JobId::parse(&format!("13000000000000000{nth:02}")).unwrap(),
        conversation: Some(format!("chat:12:{account}")),
        server: None,
        asker,
        ..question(text)
    })
}

fn answered(world: &Fake, account: &str, nth: u32, text: &str) {
    let job = asked(account, nth, text);
    run(run_job(world, &Journal::new(world), &settings(), &job)).unwrap().unwrap();
}

fn known(world: &Fake, person: &str) -> Vec<String> {
    let listing = run(owner::list(world, person)).unwrap().unwrap();
    listing.facts.into_iter().map(|fact| fact.text).collect()
}

fn count(world: &Fake, sql: &str) -> u32 {
    world.db.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn swept(world: &Fake) {
    run(sweep(world)).unwrap();
}

#[test]
fn a_code_makes_an_account_whoever_has_made_it_and_is_spent_once() {
    let world = world();
    let code = made(&world, MIO);
    assert_eq!(who(&world, OF_TELEGRAM), OF_TELEGRAM);
    assert_eq!(typed(&world, OF_TELEGRAM, &code), words::LINKED.english);
    assert_eq!(who(&world, OF_TELEGRAM), MIO);
    assert_eq!(typed(&world, OF_SLACK, &code), words::NO_CODE.english);
    assert_eq!(who(&world, OF_SLACK), OF_SLACK);
    let code = Code::parse(&code).unwrap();
    assert_eq!(run(sign_in::spend(&world, &code)).unwrap().unwrap(), None, "nor on the page");
    assert_eq!(typed(&world, OF_TELEGRAM, &made(&world, RIN)), words::ALREADY.english);
    assert_eq!(who(&world, OF_TELEGRAM), MIO);
}

#[test]
fn a_code_that_is_spent_on_the_page_over_made_up_or_ones_own_links_nobody() {
    let world = world();
    let spent = made(&world, MIO);
    run(sign_in::spend(&world, &Code::parse(&spent).unwrap())).unwrap().unwrap().unwrap();
    assert_eq!(typed(&world, OF_TELEGRAM, &spent), words::NO_CODE.english);
    let over = made(&world, MIO);
    world.db.execute("UPDATE sign_in_codes SET expires_at = unixepoch()", []).unwrap();
    let own = made(&world, OF_TELEGRAM);
    for code in [over.as_str(), &own, "AB10-EFGH", "", "off the wall"] {
        assert_eq!(typed(&world, OF_TELEGRAM, code), words::NO_CODE.english, "{code}");
    }
    assert_eq!(who(&world, OF_TELEGRAM), OF_TELEGRAM);
    assert_eq!(count(&world, "SELECT count(*) FROM accounts"), 0);
}

#[test]
fn a_code_that_others_have_read_is_nobodys() {
    let world = world();
    let code = made(&world, MIO);
    run(void(&world, &code.to_lowercase())).unwrap().unwrap();
    assert_eq!(typed(&world, OF_TELEGRAM, &code), words::NO_CODE.english);
}

#[test]
fn nobody_goes_through_codes_and_a_database_that_is_away_makes_nobody_anybody() {
    let world = world();
    let code = made(&world, MIO);
    world.exhausted.borrow_mut().push((Limit::Visitor, ["code:", OF_TELEGRAM].concat()));
    let crowded = sentence(Notice::Crowded, Language::English);
    assert_eq!(typed(&world, OF_TELEGRAM, &code), crowded);
    world.exhausted.borrow_mut().clear();
    world.store_faults.borrow_mut().push("accounts::link");
    assert_eq!(typed(&world, OF_TELEGRAM, &code), sentence(Notice::TryAgain, Language::English));
    world.store_faults.borrow_mut().push("accounts::whose");
    run(whose(&world, OF_TELEGRAM)).unwrap().unwrap_err();
    world.store_faults.borrow_mut().clear();
    assert_eq!(typed(&world, OF_TELEGRAM, &code), words::LINKED.english);
}

#[test]
fn there_are_no_chains_and_no_circles() {
    let world = world();
    linked(&world, OF_SLACK, OF_TELEGRAM);
    let early = made(&world, OF_TELEGRAM);
    linked(&world, OF_TELEGRAM, MIO);
    assert_eq!((who(&world, OF_SLACK), who(&world, OF_TELEGRAM)), (MIO.to_owned(), MIO.to_owned()));
    assert_eq!(typed(&world, RIN, &early), words::NO_CODE.english, "it went with its account");
    // A code that an account has made is its person's.
    let sql =
        "INSERT INTO sign_in_codes (owner, hash, expires_at) VALUES (?1, ?2, unixepoch() + 9)";
    let code = Code::of([7; 8]);
    world.db.execute(sql, (OF_TELEGRAM, code.hash())).unwrap();
    assert_eq!(typed(&world, RIN, &code.shown()), words::LINKED.english);
    assert_eq!(who(&world, RIN), MIO);
    world.db.execute(sql, (OF_SLACK, code.hash())).unwrap();
    assert_eq!(typed(&world, MIO, &code.shown()), words::NO_CODE.english, "its own");
    let chains = "SELECT count(*) FROM accounts WHERE person IN (SELECT account FROM accounts)";
    assert_eq!(count(&world, chains), 0);
}

#[test]
fn what_an_account_had_is_its_persons_once_wherever_the_program_dies() {
    wherever_it_dies(4, |death| {
        let world = world();
        answered(&world, MIO, 1, "Remember that my cat is called Mochi.");
        answered(&world, OF_TELEGRAM, 2, "Remember that my dog is called Pochi.");
        answered(&world, OF_TELEGRAM, 3, "Remember that I live in Kyoto.");
        let code = made(&world, MIO);
        world.crash_at(death.effect, death.side);
        let wish = Wish::Link { code };
        let (account, language) = (OF_TELEGRAM.to_owned(), Language::English);
        let inquiry = Inquiry { person: account.clone(), account, wish, language };
        let died = run(reply(&world, &discord(&world), &inquiry)).is_none();
        // What goes on behind the reply is what the watchdog does.
        let died = died || run(sweep(&world)).is_none();
        world.restart();
        // What was typed comes again, and the watchdog goes on.
        let inquiry = Inquiry { person: who(&world, OF_TELEGRAM), ..inquiry };
        run(reply(&world, &discord(&world), &inquiry)).unwrap();
        swept(&world);
        swept(&world);
        let facts = ["my cat is called Mochi", "my dog is called Pochi", "I live in Kyoto"];
        let mut found = known(&world, MIO);
        found.sort_unstable();
        let mut facts = facts.map(str::to_owned);
        facts.sort_unstable();
        assert_eq!(found, facts, "{death:?}");
        assert_eq!(known(&world, OF_TELEGRAM), [""; 0], "{death:?}");
        let jobs = "SELECT count(*) FROM jobs WHERE asker = '52'";
        assert_eq!(count(&world, jobs), 3, "{death:?}");
        died
    });
}

#[test]
fn reminders_consents_and_browsers_are_the_persons_and_conversations_the_accounts() {
    let world = world();
    answered(&world, OF_TELEGRAM, 1, "What is tea?");
    let browser = made(&world, OF_TELEGRAM);
    let browser = run(sign_in::spend(&world, &Code::parse(&browser).unwrap()));
    let browser = browser.unwrap().unwrap().unwrap();
    let params = to_params(&asked(OF_TELEGRAM, 2, "pizza"));
    let sql = "INSERT INTO reminders (id, job, asker, words, params, due_at)
               VALUES ('r', 'j', ?1, 'pizza', ?2, unixepoch() + 60)";
    world.db.execute(sql, (OF_TELEGRAM, &params)).unwrap();
    let sql = "INSERT INTO consents (job, key, asked, asker, tool, arguments, expires_at)
               VALUES ('j', printf('%032d', 1), '', ?1, 'x', '{}', 0)";
    world.db.execute(sql, [OF_TELEGRAM]).unwrap();
    linked(&world, OF_TELEGRAM, MIO);
    let waiting = run(crate::reminders::waiting(&world, MIO)).unwrap().unwrap();
    assert_eq!(waiting.len(), 1);
    let brought: String =
        world.db.query_row("SELECT params FROM reminders", [], |row| row.get(0)).unwrap();
    assert!(brought.contains(r#""user":"52""#), "{brought}");
    assert!(brought.contains(r#""conversation":"chat:12:telegram:52""#), "{brought}");
    assert_eq!(count(&world, "SELECT count(*) FROM consents WHERE asker = '52'"), 1);
    let principal = run(keys::principal(&world, &browser)).unwrap().unwrap().unwrap();
    assert_eq!(principal.owner, MIO);
    let listed = || run(conversations::list(&world, MIO, "", None)).unwrap().unwrap().0;
    assert_eq!((listed()[0].owner.as_str(), listed()[0].id.as_str()), (OF_TELEGRAM, "chat.12"));
    // What an account began stays its own, and nobody else's of the same id is shown in its place.
    let touched = |owner: &str| {
        run(conversations::touch(&world, owner, "chat.12", "Tea", Millis(1))).unwrap().unwrap()
    };
    assert_eq!(touched(MIO), conversations::Touched::OfAccount);
    assert_eq!(touched(OF_TELEGRAM), conversations::Touched::Listed);
    taken_back(&world, OF_TELEGRAM);
    assert_eq!(listed(), []);
    assert!(run(conversations::find(&world, MIO, "chat.12")).unwrap().unwrap().is_none());
    assert!(run(conversations::find(&world, OF_TELEGRAM, "chat.12")).unwrap().unwrap().is_some());
}

#[test]
fn nobody_of_the_same_number_elsewhere_is_touched() {
    let world = world();
    let others = [MIO, "slack:T1.52", "telegram:5", "telegram:520"];
    for (nth, other) in (1..).zip(others) {
        answered(&world, other, nth, "Remember that my cat is called Mochi.");
    }
    linked(&world, OF_TELEGRAM, "7");
    swept(&world);
    for other in others {
        assert_eq!((who(&world, other).as_str(), known(&world, other).len()), (other, 1));
        let (listed, _) = run(conversations::list(&world, other, "", None)).unwrap().unwrap();
        assert_eq!(listed.len(), 1, "{other}");
    }
    assert_eq!(known(&world, "7"), [""; 0]);
    assert_eq!(count(&world, "SELECT count(*) FROM jobs WHERE asker IN ('7', 'telegram:52')"), 0);
}

#[test]
fn what_comes_late_moves_too_and_then_nobody_looks_any_more() {
    let world = world();
    linked(&world, OF_TELEGRAM, MIO);
    // It was asked before, and its run knows nothing of the link.
    answered(&world, OF_TELEGRAM, 1, "Remember that my cat is called Mochi.");
    swept(&world);
    assert_eq!((known(&world, MIO).len(), known(&world, OF_TELEGRAM).len()), (1, 0));
    assert_eq!(count(&world, "SELECT count(*) FROM jobs WHERE asker = '52'"), 1);
    assert_eq!(count(&world, "SELECT is_settled FROM accounts"), 0);
    world.db.execute("UPDATE accounts SET linked_at = unixepoch() - 1201", []).unwrap();
    // An object that does not answer is asked again in a minute.
    world.conversation_faults.set(2);
    swept(&world);
    assert_eq!(count(&world, "SELECT is_settled FROM accounts"), 0);
    world.conversation_faults.set(0);
    swept(&world);
    assert_eq!(count(&world, "SELECT is_settled FROM accounts"), 1);
    let before = world.round_trips.borrow().len();
    swept(&world);
    assert_eq!(world.round_trips.borrow().len(), before + 1);
}

#[test]
fn what_an_account_has_used_counts_for_its_person_and_linking_is_no_way_round() {
    let world = world();
    let spend = |key: &str, nano: u32| {
        let sql = "INSERT INTO spending (kind, key, day, model, question_count, cost_nano)
                   VALUES ('asker', ?1, unixepoch() / 86400, 'm', 1, ?2)";
        world.db.execute(sql, (key, nano)).unwrap();
    };
    spend(MIO, 300);
    spend(OF_TELEGRAM, 500);
    spend(RIN, 7_000);
    let budgets = miyabi_core::config::Budgets { asker: Some(1_000_000), ..settings().budgets };
    let used = |person: &str| {
        let today = run(usage::account(&world, person, &budgets)).unwrap().unwrap().today;
        (today.questions, today.nano)
    };
    assert_eq!((used(MIO), used(OF_TELEGRAM)), ((1, 300), (1, 500)));
    let settings = miyabi_core::config::Settings {
        budgets: miyabi_core::config::Budgets { asker: Some(600), question: Some(200), ..budgets },
        ..settings()
    };
    let claims = |nth: u32| {
        let job = asked(MIO, nth, "Why?");
        run(jobs::insert(&world, &job, &to_params(&job))).unwrap().unwrap();
        let claim = run(jobs::claim(&world, &job, &settings)).unwrap().unwrap();
        matches!(claim, jobs::Claim::Mine(_))
    };
    linked(&world, OF_TELEGRAM, MIO);
    assert_eq!(used(MIO), (2, 800));
    assert!(!claims(1), "both have spent it");
    taken_back(&world, OF_TELEGRAM);
    assert_eq!((used(MIO), used(OF_TELEGRAM)), ((1, 300), (1, 500)));
    assert!(claims(2));
}

#[test]
fn whoever_takes_it_back_is_a_person_of_their_own_and_so_is_everyone_who_was_them() {
    let world = world();
    assert_eq!(taken_back(&world, OF_TELEGRAM), words::NOT_AT_ALL.english);
    linked(&world, OF_TELEGRAM, MIO);
    answered(&world, MIO, 1, "Remember that my cat is called Mochi.");
    assert_eq!(taken_back(&world, OF_TELEGRAM), words::NOT_ANY_MORE.english);
    assert_eq!(who(&world, OF_TELEGRAM), OF_TELEGRAM);
    assert_eq!(known(&world, OF_TELEGRAM), [""; 0]);
    assert_eq!(taken_back(&world, OF_TELEGRAM), words::NOT_AT_ALL.english);
    linked(&world, OF_SLACK, OF_TELEGRAM);
    assert_eq!(taken_back(&world, OF_TELEGRAM), words::NOT_ANY_MORE.english);
    assert_eq!(who(&world, OF_SLACK), OF_SLACK);
}

fn name(owner: &str, id: &str) -> String {
    format!("chat:{}:{owner}", id.strip_prefix("chat.").unwrap_or(id))
}

fn looked(world: &Fake, person: &str, wish: kept::Wish) -> kept::Kept {
    let inquiry = kept::Inquiry { person: person.to_owned(), language: Language::English, wish };
    let kept = run(privacy::look(world, name, &inquiry)).unwrap().unwrap();
    world.run_waiting();
    kept
}

#[test]
fn what_is_kept_of_a_person_is_that_of_all_accounts_and_deleted_with_the_links() {
    let world = world();
    answered(&world, OF_TELEGRAM, 1, "Is Mochi a zeppelin?");
    answered(&world, RIN, 2, "What is tea?");
    assert_eq!(looked(&world, MIO, kept::Wish::Show).accounts, [""; 0]);
    linked(&world, OF_TELEGRAM, MIO);
    let kept = looked(&world, MIO, kept::Wish::Show);
    assert_eq!((kept.questions, kept.conversations), (1, 1));
    assert_eq!(kept.accounts, [MIO, OF_TELEGRAM]);
    let until = Millis(4_000_000_000_000);
    looked(&world, MIO, kept::Wish::Erase(until));
    assert_eq!(typed(&world, OF_SLACK, &made(&world, MIO)), words::ERASING.english);
    for _ in 0..4 {
        run(privacy::sweep(&world, name)).unwrap();
    }
    assert_eq!(count(&world, "SELECT count(*) FROM accounts"), 0);
    assert_eq!(count(&world, "SELECT count(*) FROM conversations WHERE owner <> 'telegram:9'"), 0);
    assert_eq!(count(&world, "SELECT count(*) FROM jobs WHERE result <> ''"), 1, "Rin's");
    let said = |object: &Option<u32>| object.is_some_and(|turns| turns > 0);
    let turns: Option<u32> =
        world.conversations.borrow().get("chat:12:telegram:52").and_then(|it| {
            it.db.query_row("SELECT count(*) FROM turns", [], |row| row.get(0)).ok()
        });
    assert!(!said(&turns), "{turns:?}");
    assert_eq!(who(&world, OF_TELEGRAM), OF_TELEGRAM);
}
