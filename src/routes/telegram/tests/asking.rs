//! A tool that acts is asked about in the chat, by buttons that are its asker's, and the question goes.

use super::*;
use miyabi_ai::mcp::Listed;
use miyabi_core::config::mcp::{McpAllowed, McpServer};
use miyabi_testing::mcp;

const APPROVE: &str = "ok:telegram_110201543_52_5-1-1";
const DENY: &str = "no:telegram_110201543_52_5-1-1";

/// The settings with a server whose tool may be called with consent.
fn with_tool() -> Settings {
    let listed = Listed {
        name: "lend".to_owned(),
        description: "Lends a book.".to_owned(),
        schema: mcp::schema(),
        only_reads: false,
        is_stateless: true,
    };
    let fingerprint = Some(listed.fingerprint());
    let allowed = vec![McpAllowed { tool: listed.name, fingerprint, asks: true }];
    let (name, url) = ("books".to_owned(), mcp::URL.to_owned());
    Settings { mcp_servers: vec![McpServer { name, url, token: None, allowed }], ..on() }
}

/// A world in which somebody has asked, and the model wants to lend a book until it reads what came of that.
fn lending() -> Fake {
    let world = world();
    call(&world, &update(52, &text("Lend Genji.")));
    world.play.set(Some(|inputs| {
        if inputs.to_string().contains("\"role\":\"tool\"") {
            return json!({ "response": "So it is." });
        }
        let call = json!({ "name": "mcp_books_lend", "arguments": { "title": "Genji" } });
        json!({ "response": null, "tool_calls": [call] })
    }));
    world
}

/// Has people press buttons while the job waits.
fn pressing(world: &Fake, presses: &'static [(&'static str, i64)]) {
    let inside = world.clone();
    world.while_asleep.replace(Some(Box::new(move || {
        let sql = "SELECT count(*) FROM consents WHERE state = 'ASKED'";
        if inside.db.query_row::<i64, _, _>(sql, [], |row| row.get(0)) != Ok(1) {
            return false;
        }
        presses.iter().all(|(data, user)| {
            let (config, arrival) = (config(with_tool()), arrival(&pressed(data, *user)));
            let replied = run(serve(&inside, &config, &arrival));
            inside.run_waiting();
            replied.is_some()
        })
    })));
}

/// How many messages ask, and how many were removed.
fn asked_and_removed(world: &Fake) -> (usize, usize) {
    let telegram = world.telegram.borrow();
    let asks = |call: &&Call| call.body["reply_markup"].to_string().contains(APPROVE);
    let removes = |call: &&Call| call.method == "deleteMessage";
    (telegram.calls.iter().filter(asks).count(), telegram.calls.iter().filter(removes).count())
}

#[test]
fn what_its_asker_allows_is_done_once_and_the_question_goes_wherever_the_program_dies() {
    for (presses, most) in [(&[(APPROVE, 52), (DENY, 52)], 1), (&[(DENY, 52), (APPROVE, 52)], 0)] {
        wherever_it_dies(15, |death| {
            let world = lending();
            pressing(&world, presses);
            let journal = Journal::ordered(&world, death.order);
            world.crash_at(death.effect, death.side);
            let mut died = run_latest(&world, &journal, &with_tool()).is_none();
            for _ in 0..3 {
                world.restart();
                if run_latest(&world, &journal, &with_tool()).is_some() {
                    break;
                }
                died = true;
            }
            assert_eq!(world.job("telegram_110201543_52_5").unwrap().0, "COMPLETED", "{death:?}");
            let acts = world.acts.borrow().len();
            assert!(if died { acts <= most } else { acts == most }, "{death:?}: {acts}");
            // A message whose outcome nobody wrote down cannot be looked for, and nobody knows its id.
            let (asked, removed) = asked_and_removed(&world);
            let is_known = asked == 1 && removed >= 1;
            assert!(is_known || (died && asked <= 2), "{death:?}: {asked} {removed}");
            died
        });
    }
}

#[test]
fn it_is_nobody_else_s_to_decide_and_without_a_decision_nothing_is_done() {
    let world = lending();
    pressing(&world, &[(APPROVE, 53)]);
    run_latest(&world, &Journal::new(&world), &with_tool()).unwrap();
    assert_eq!(world.acts.borrow().len(), 0);
    assert_eq!(asked_and_removed(&world), (1, 1));
    let other = call(&world, &pressed(APPROVE, 53));
    assert!(other["text"].as_str().unwrap().starts_with("Only who asked"), "{other}");
    let late = call(&world, &pressed(APPROVE, 52));
    assert!(late["text"].as_str().unwrap().starts_with("It is too late"), "{late}");
    assert_eq!(world.acts.borrow().len(), 0);
}
