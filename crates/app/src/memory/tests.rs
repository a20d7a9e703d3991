//! A question is answered with what the same person asked in the same place before, and each turn is
//! recorded once, wherever the program dies.

mod again;
mod errands;
mod facts;
mod summary;

use serde_json::{Value, json};

use super::*;
use crate::conversation::{self, Live, Page};
use crate::testing::run_job;
use miyabi_core::config::{self, Settings};
use miyabi_core::event::Event;
use miyabi_core::ids::JobId;
use miyabi_core::ports::Stop;
use miyabi_core::question::Question;
use miyabi_testing::{Fake, Journal, Side, question, run as run_once, settings};

const CONVERSATION: &str = "discord:1200000000000000001:80351110224678912";

fn world() -> Fake {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        // An object that loses its memory after each command.
        conversation::handle(store, &Live::default(), now, command)
    }));
    world
}

/// The `nth` question of one person in one channel.
fn asked(nth: u32, text: &str) -> Question {
    Question {
        id: JobId::parse(&format!("130000000000000000{nth}")).unwrap(),
        conversation: Some(CONVERSATION.to_owned()),
        ..question(text)
    }
}

fn live(world: &Fake, journal: &Journal, job: &Job) -> Option<Result<(), Stop>> {
    live_with(world, journal, job, &settings())
}

fn live_with(
    world: &Fake,
    journal: &Journal,
    job: &Job,
    settings: &Settings,
) -> Option<Result<(), Stop>> {
    world.discord.borrow_mut().reply.get_or_insert_default();
    run_once(run_job(world, journal, settings, job))
}

/// Asks, and returns what the model was sent.
fn ask(world: &Fake, question: Question, answer: &str) -> Vec<(String, String)> {
    ask_with(world, question, answer, &settings())
}

fn ask_with(
    world: &Fake,
    question: Question,
    answer: &str,
    settings: &Settings,
) -> Vec<(String, String)> {
    world.model.borrow_mut().push_back(Ok(json!({ "response": answer })));
    world.prompts.borrow_mut().clear();
    let done = live_with(world, &Journal::new(world), &Job::first(question), settings);
    assert_eq!(done, Some(Ok(())));
    said(world)
}

/// Who said what in the last prompt, without the persona.
fn said(world: &Fake) -> Vec<(String, String)> {
    let prompts = world.prompts.borrow();
    let messages = prompts.last().map_or(&Value::Null, |inputs| &inputs["messages"]).as_array();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let said = messages.into_iter().flatten().map(|it| (text(&it["role"]), text(&it["content"])));
    said.filter(|(role, _)| role != "system").collect()
}

fn page(world: &Fake, name: &str) -> Page {
    let conversations = world.conversations.borrow();
    let Some(store) = conversations.get(name) else {
        return Page { turns: Vec::new(), cursor: None };
    };
    let read = Command::Read { before: None, limit: 100 };
    let reply = conversation::carry_out(store, &Live::default(), world.now(), read).unwrap();
    let Reply::Page(page) = reply else { panic!("{reply:?}") };
    page
}

/// State, question and answer of every turn, oldest first.
fn turns(world: &Fake) -> Vec<(String, String, Option<String>)> {
    let turns = page(world, CONVERSATION).turns.into_iter().rev();
    turns.map(|turn| (turn.state, turn.question, turn.answer)).collect()
}

fn pairs<const N: usize>(said: [(&str, &str); N]) -> Vec<(String, String)> {
    said.map(|(role, text)| (role.to_owned(), text.to_owned())).to_vec()
}

#[test]
fn and_tomorrow_is_asked_after_the_weather_of_today() {
    let world = world();
    let first = ask(&world, asked(1, "Weather in Kyoto?"), "Sunny in Kyoto.");
    assert_eq!(first, pairs([("user", "Weather in Kyoto?")]));
    let second = ask(&world, asked(2, "And tomorrow?"), "Rain.");
    let expected = [
        ("user", "Weather in Kyoto?"),
        ("assistant", "Sunny in Kyoto."),
        ("user", "And tomorrow?"),
    ];
    assert_eq!(second, pairs(expected));
    let done = |question: &str, answer: &str| {
        ("done".to_owned(), question.to_owned(), Some(answer.to_owned()))
    };
    let expected = [done("Weather in Kyoto?", "Sunny in Kyoto."), done("And tomorrow?", "Rain.")];
    assert_eq!(turns(&world), expected);
}

#[test]
fn memory_takes_no_step_and_no_statement_more() {
    let mut taken = Vec::new();
    for name in [None, Some(CONVERSATION.to_owned())] {
        let world = world();
        // The first question of a conversation puts it into its person's list.
        ask(&world, Question { conversation: name.clone(), ..asked(1, "Hi") }, "Hello.");
        world.round_trips.take();
        let journal = Journal::new(&world);
        let job = Job::first(Question { conversation: name, ..asked(2, "Weather?") });
        assert_eq!(live(&world, &journal, &job), Some(Ok(())));
        let statements: Vec<_> = world.round_trips.take().into_iter().map(|(it, _)| it).collect();
        taken.push((journal.trace.take(), statements));
    }
    assert_eq!(taken[0], taken[1]);
}

#[test]
fn nobody_else_and_no_other_place_and_no_question_by_itself_has_part_in_it() {
    let world = world();
    ask(&world, asked(1, "Weather in Kyoto?"), "Sunny.");
    for (nth, name) in [
        (2, Some("discord:1200000000000000001:80351110224678913")),
        (3, Some("discord:1200000000000000002:80351110224678912")),
        (4, None),
    ] {
        let other = Question { conversation: name.map(ToOwned::to_owned), ..asked(nth, "And?") };
        assert_eq!(ask(&world, other, "What?"), pairs([("user", "And?")]), "{name:?}");
    }
    assert_eq!(turns(&world).len(), 1);
}

#[test]
fn where_memory_is_off_nothing_is_asked_and_nothing_is_told() {
    let world = world();
    let off = Settings { is_remembering: false, ..settings() };
    ask_with(&world, asked(1, "Weather in Kyoto?"), "Sunny.", &off);
    assert!(world.conversations.borrow().is_empty());
    let second = ask_with(&world, asked(2, "And tomorrow?"), "Rain.", &off);
    assert_eq!(second, pairs([("user", "And tomorrow?")]));
}

#[test]
fn each_turn_is_recorded_once_wherever_the_program_dies() {
    for side in [Side::Before, Side::After] {
        let mut effect = 0;
        loop {
            let world = world();
            ask(&world, asked(1, "Weather in Kyoto?"), "Sunny.");
            let journal = Journal::new(&world);
            let job = Job::first(asked(2, "And tomorrow?"));
            world.prompts.borrow_mut().clear();
            world.crash_at(effect, side);
            let died = live(&world, &journal, &job).is_none();
            world.restart();
            assert_eq!(live(&world, &journal, &job), Some(Ok(())), "{side:?} {effect}");
            let turns = turns(&world);
            let states: Vec<_> = turns.iter().map(|(state, ..)| state.as_str()).collect();
            assert_eq!(states, ["done", "done"], "{side:?} {effect}");
            let (_, _, result) = world.job(job.id().as_str()).unwrap();
            assert_eq!(turns[1].2, result, "{side:?} {effect}");
            for prompt in world.prompts.borrow().iter() {
                let messages = prompt["messages"].as_array().unwrap();
                assert_eq!(messages.len(), 4, "{side:?} {effect}: {messages:?}");
            }
            if !died {
                assert!(effect > 12, "the flow has more effects than {effect}");
                break;
            }
            effect += 1;
        }
    }
}

#[test]
fn a_question_that_fails_is_recorded_so_wherever_the_program_dies() {
    for side in [Side::Before, Side::After] {
        let mut effect = 0;
        loop {
            let world = world();
            world.model.borrow_mut().extend([Err(3036), Err(3036)]);
            let journal = Journal::new(&world);
            let job = Job::first(asked(1, "Weather?"));
            world.crash_at(effect, side);
            let died = live(&world, &journal, &job).is_none();
            world.restart();
            assert_eq!(live(&world, &journal, &job), Some(Ok(())), "{side:?} {effect}");
            let turns = turns(&world);
            assert_eq!(turns.len(), 1, "{side:?} {effect}");
            // Who dies between the end of the job and that of the turn leaves it to the next read.
            assert!(["failed", "running"].contains(&turns[0].0.as_str()), "{side:?} {effect}");
            if !died {
                assert_eq!(turns[0].0, "failed");
                break;
            }
            effect += 1;
        }
    }
}

#[test]
fn two_generations_of_a_job_are_one_turn() {
    let world = world();
    world.model.borrow_mut().push_back(Ok(json!({ "response": "Sunny." })));
    let job = Job::first(asked(1, "Weather?"));
    world.crash_at(4, Side::After);
    assert_eq!(live(&world, &Journal::new(&world), &job), None);
    world.restart();
    let sql = "UPDATE jobs SET generation = 2";
    world.db.execute(sql, []).unwrap();
    let later = Job { generation: 2, ..job.clone() };
    assert_eq!(live(&world, &Journal::new(&world), &later), Some(Ok(())));
    assert_eq!(live(&world, &Journal::new(&world), &job), Some(Ok(())));
    let turns = turns(&world);
    assert_eq!((turns.len(), turns[0].0.as_str()), (1, "done"));
    assert_eq!(turns[0].2, world.job(job.id().as_str()).unwrap().2);
}

#[test]
fn a_reply_that_is_lost_is_asked_for_again() {
    for faults in 1..=2 {
        let world = world();
        ask(&world, asked(1, "Weather in Kyoto?"), "Sunny.");
        world.conversation_faults.set(faults);
        let said = ask(&world, asked(2, "And tomorrow?"), "Rain.");
        assert_eq!(said.len(), 3, "{faults}");
        assert_eq!(turns(&world).len(), 2);
        assert!(!world.events.borrow().iter().any(is_unavailable));
    }
}

fn is_unavailable(event: &Event) -> bool {
    matches!(event, Event::ConversationUnavailable { .. })
}

#[test]
fn a_conversation_that_cannot_be_reached_costs_the_memory_and_not_the_answer() {
    let world = world();
    ask(&world, asked(1, "Weather in Kyoto?"), "Sunny.");
    world.conversation_faults.set(1_000);
    let said = ask(&world, asked(2, "And tomorrow?"), "Rain.");
    assert_eq!(said, pairs([("user", "And tomorrow?")]));
    assert_eq!(world.job("1300000000000000002").unwrap().0, "COMPLETED");
    assert_eq!(world.events.borrow().iter().filter(|event| is_unavailable(event)).count(), 3);
}

#[test]
fn what_was_said_before_keeps_saved_answers_away() {
    let world = world();
    let saving = Settings { cache_s: 60, ..settings() };
    ask_with(&world, asked(1, "And tomorrow?"), "Which day?", &saving);
    assert_eq!(world.saved.borrow().len(), 1, "a question by itself is saved");
    let told = ask_with(&world, asked(2, "And tomorrow?"), "Rain.", &saving);
    assert_eq!(told.len(), 3, "it is not what the first one meant");
    assert_eq!(world.saved.borrow().values().next().map(|(it, _)| it.contains("day")), Some(true));
}

#[test]
fn the_claim_s_stored_result_is_what_every_later_run_reads() {
    let world = world();
    ask(&world, asked(1, "Weather in Kyoto?"), "Sunny.");
    let journal = Journal::new(&world);
    let job = Job::first(asked(2, "And tomorrow?"));
    // Dies in the model's call; meanwhile another question of the same person is answered.
    world.crash_at(3, Side::Before);
    assert_eq!(live(&world, &journal, &job), None);
    world.restart();
    ask(&world, asked(3, "Thanks!"), "You are welcome.");
    world.prompts.borrow_mut().clear();
    assert_eq!(live(&world, &journal, &job), Some(Ok(())));
    let texts: Vec<_> = said(&world).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["Weather in Kyoto?", "Sunny.", "And tomorrow?"]);
}

#[test]
fn a_first_question_over_budget_has_its_saved_answer_and_one_that_follows_has_not() {
    let world = world();
    let saving = Settings { cache_s: 60, ..settings() };
    let by = |nth, person: &str| {
        let mut question = asked(nth, "Why?");
        question.conversation = Some(format!("discord:1:{person}"));
        question
    };
    ask_with(&world, by(1, "mio"), "Blue.", &saving);
    let budgets = config::Budgets { asker: Some(1), ..settings().budgets };
    let poor = Settings { budgets, ..saving };
    let status = |question: Question| {
        let id = question.id.as_str().to_owned();
        let job = Job::first(question);
        assert_eq!(live_with(&world, &Journal::new(&world), &job, &poor), Some(Ok(())));
        world.job(&id).unwrap().0
    };
    assert_eq!(status(by(2, "rin")), "COMPLETED");
    assert_eq!(status(by(3, "mio")), "ERROR");
}

#[test]
fn a_conversation_is_in_its_persons_list_and_is_put_there_once_an_hour() {
    let world = world();
    let listed = |world: &Fake| {
        let sql = "SELECT owner || ' ' || id || ' ' || title FROM conversations";
        let mut statement = world.db.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(|row| row.unwrap()).collect::<Vec<_>>()
    };
    let touched = |world: &Fake| {
        let trips = world.round_trips.take();
        trips.iter().filter(|(name, _)| *name == "conversations::touch").count()
    };
    ask(&world, asked(1, "Tea in Kyoto?"), "Yes.");
    let expected = ["80351110224678912 discord.1200000000000000001 Tea in Kyoto?"];
    assert_eq!((listed(&world).as_slice(), touched(&world)), (&expected.map(str::to_owned)[..], 1));
    ask(&world, asked(2, "And coffee?"), "Also.");
    assert_eq!((listed(&world).len(), touched(&world)), (1, 0));
    world.now.set(world.now.get() + 60 * 60 * 1000);
    let later = Question { asked: world.now(), ..asked(3, "And water?") };
    ask(&world, later, "Of course.");
    assert_eq!((listed(&world).len(), touched(&world)), (1, 1));
}

#[test]
fn a_question_that_begins_anew_reads_nothing_of_before_and_is_read_by_the_next() {
    let world = world();
    ask(&world, asked(1, "Weather in Kyoto?"), "Sunny.");
    let fresh = ask(&world, Question { is_fresh: true, ..asked(2, "Who are you?") }, "Miyabi.");
    assert_eq!(fresh, pairs([("user", "Who are you?")]));
    let next = ask(&world, asked(3, "Since when?"), "Heisei.");
    let expected = [("user", "Who are you?"), ("assistant", "Miyabi."), ("user", "Since when?")];
    assert_eq!(next, pairs(expected));
}

#[test]
fn a_message_that_is_asked_about_is_in_no_later_prompt_and_makes_no_fact() {
    let world = world();
    let quote = miyabi_core::question::Quote {
        author: "Alex".to_owned(),
        text: "Remember that my cat is called Mochi.".to_owned(),
        ..Default::default()
    };
    ask(&world, Question { quote: Some(quote), ..asked(1, "What does it say?") }, "Something.");
    let next = ask(&world, asked(2, "What is my cat called?"), "I do not know.");
    assert!(next.iter().all(|(_, text)| !text.contains("Mochi")), "{next:?}");
    let prompts = world.prompts.borrow();
    assert!(!prompts.last().unwrap().to_string().contains("Mochi"));
}

#[test]
fn what_is_remembered_of_a_private_question_is_not_used_where_others_read() {
    let world = world();
    let private = Question {
        is_private: true,
        conversation: Some("discord:1-private:80351110224678912".to_owned()),
        ..asked(1, "Remember that my salary is nine hundred yen.")
    };
    ask(&world, private.clone(), "Yes.");
    let known =
        |world: &Fake| world.prompts.borrow().last().unwrap().to_string().contains("nine hundred");
    ask(&world, asked(2, "What is my salary?"), "I do not know.");
    assert!(!known(&world));
    let again = Question {
        id: JobId::parse("1300000000000000003").unwrap(),
        is_fresh: true,
        text: "What is my salary?".to_owned(),
        ..private
    };
    ask(&world, again, "Nine hundred yen.");
    assert!(known(&world));
}
