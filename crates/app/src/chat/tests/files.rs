//! Files of questions that are refused, deleted, or asked again.

use super::*;
use crate::conversation::Command;
use crate::uploads::{self, Upload, key};
use miyabi_channels::web::conversation_name;

fn kept(world: &Fake, name: &str) -> Upload {
    let kept = uploads::keep(world, ("mio", 1_000), (name, "text/plain"), name.as_bytes());
    run_once(kept).unwrap().unwrap().unwrap()
}

/// Asks something with files in a conversation, and returns the names of those that it is answered with.
fn asked(
    world: &Fake,
    (conversation, turn): (&str, &str),
    files: &[&Upload],
) -> Option<Result<Vec<String>, NotAsked>> {
    let submission = Submission::new(turn, "What is it?", world.now());
    asked_so(world, conversation, submission, files)
}

fn asked_so(
    world: &Fake,
    conversation: &str,
    submission: Submission,
    files: &[&Upload],
) -> Option<Result<Vec<String>, NotAsked>> {
    let name = conversation_name("mio", conversation);
    let place = Place { owner: "mio".to_owned(), id: conversation.to_owned(), name };
    let speaker = Speaker::of(Web.name(), &place, Language::English);
    let files: Vec<_> = files.iter().map(|file| file.id.clone()).collect();
    let asked = run_once(ask(world, &Web, &place, (submission, &files), speaker))?;
    Some(asked.map(|turn| turn.files.into_iter().map(|file| file.name).collect()))
}

/// Runs the newest job, which answers, or is beyond what its asker may spend.
fn work(world: &Fake, budget_nano: Option<u64>) {
    let (_, params) = world.started.borrow().last().cloned().unwrap();
    let mut settings = settings();
    settings.budgets.asker = budget_nano;
    answers(world, "A cat.");
    let (job, journal) = (from_params(&params).unwrap(), Journal::new(world));
    let context = JobContext {
        host: world,
        steps: &journal,
        transport: &Web,
        settings: &settings,
        job: &job,
    };
    assert_eq!(run_once(workflow::run(context)), Some(Ok(())));
}

#[test]
fn a_question_that_is_refused_leaves_its_files_to_another_conversation() {
    let world = world();
    let file = kept(&world, "a");
    let no_file = Some(Err(NotAsked::NoFile));
    world.exhausted.borrow_mut().push((Limit::Asker, "mio".to_owned()));
    let refused = asked(&world, ("c1", "t1"), &[&file]);
    assert_eq!(refused, Some(Err(NotAsked::NoJob(Notice::Crowded))));
    world.exhausted.borrow_mut().clear();
    // A conversation that was deleted refuses it too.
    run_once(delete(&world, &place("mio"))).unwrap().unwrap();
    assert_eq!(asked(&world, ("c1", "t2"), &[&file]), Some(Err(NotAsked::Deleted)));
    // What is accepted has it, until there is no money for it.
    assert_eq!(asked(&world, ("c2", "t3"), &[&file]), Some(Ok(vec!["a".to_owned()])));
    assert_eq!(asked(&world, ("c3", "t4"), &[&file]), no_file);
    work(&world, Some(1));
    assert_eq!(asked(&world, ("c3", "t5"), &[&file]), Some(Ok(vec!["a".to_owned()])));
    work(&world, None);
    assert_eq!(asked(&world, ("c4", "t6"), &[&file]), no_file);
    // The first one does not read it any more.
    assert_eq!(asked(&world, ("c2", "t7"), &[]), Some(Ok(vec![])));
}

#[test]
fn a_file_that_is_deleted_is_beside_no_question_and_takes_no_place() {
    let world = world();
    let files = ["a", "b", "c", "d", "e"].map(|name| kept(&world, name));
    let [first, rest @ ..] = files.each_ref();
    let deleted = &files[2..4];
    assert!(asked(&world, ("c1", "t1"), &[first]).unwrap().is_ok());
    assert!(asked(&world, ("c1", "t2"), &rest).unwrap().is_ok());
    for file in deleted {
        assert!(run_once(uploads::delete(&world, "mio", &file.id)).unwrap().unwrap());
    }
    assert!(world.files.borrow().contains_key(&key(&deleted[0].id)), "the watchdog comes later");
    let names = |names: &[&str]| Some(Ok(names.iter().map(|name| (*name).to_owned()).collect()));
    assert_eq!(asked(&world, ("c1", "t3"), &[]), names(&["b", "e", "a"]));
    let again = Submission {
        again: Some("t2-q".to_owned()),
        ..Submission::new("t4", "What is it?", world.now())
    };
    assert_eq!(asked_so(&world, "c1", again, &[]), names(&["b", "e", "a"]));
}

#[test]
fn a_question_with_a_file_is_asked_once_wherever_the_program_dies() {
    wherever_it_dies(4, |death: Death| {
        let world = world();
        let file = kept(&world, "a");
        world.crash_at(death.effect, death.side);
        let died = asked(&world, ("c1", "t1"), &[&file]).is_none();
        world.restart();
        let again = asked(&world, ("c1", "t1"), &[&file]);
        assert_eq!(again, Some(Ok(vec!["a".to_owned()])), "{death:?}");
        let look = Command::Read { before: None, limit: 9 };
        let read = run_once(memory::once(&world, &conversation_name("mio", "c1"), &look))
            .unwrap()
            .unwrap();
        let Reply::Page(page) = read else { panic!("{read:?}") };
        assert_eq!(page.turns.len(), 1, "{death:?}");
        work(&world, None);
        assert_eq!(asked(&world, ("c2", "t2"), &[&file]), Some(Err(NotAsked::NoFile)));
        died
    });
}
