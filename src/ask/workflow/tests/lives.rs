//! Whether a job that gets another life posts once, and its older life nothing.

use super::*;

/// Runs another life of a job, with steps of its own.
fn another_life(world: &Fake, life: u32, question: &Question) {
    let job = Job { question: question.clone(), life };
    let journal = Journal::new(world);
    assert_eq!(run_once(run(world, &journal, &settings(), &job)), Some(Ok(())));
}

#[test]
fn a_second_life_delivers_the_answer_of_the_first_once_wherever_that_died() {
    for side in [Side::Before, Side::After] {
        let mut effect = 0;
        loop {
            let (world, asked, posts) = eventful();
            world.crash_at(effect, side);
            let died = live(&world, &Journal::new(&world), &asked).is_none();
            world.restart();
            let first = Job::first(asked.clone());
            let is_revived = run_once(jobs::revive(&world, &first)).unwrap().unwrap();
            if is_revived {
                another_life(&world, 2, &asked);
                // The first wakes up again and finds itself superseded.
                another_life(&world, 1, &asked);
            } else {
                another_life(&world, 1, &asked);
            }
            let seen = contents(&world);
            let answers = seen.iter().filter(|(author, _)| author == "Miyabi").count();
            // Only an answer that was not kept is asked for again, and is plain the second time.
            assert!(seen == posts || (answers == 1 && seen.len() == 3), "{side:?} {effect}: {seen:?}");
            assert_eq!(world.discord.borrow().reply, None, "{side:?} {effect}");
            assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED", "{side:?} {effect}");
            if !died {
                assert!(effect > 20, "the flow has more effects than {effect}");
                break;
            }
            effect += 1;
        }
    }
}

#[test]
fn a_superseded_life_neither_posts_nor_tells() {
    for fails in [false, true] {
        let world = Fake::new();
        if fails {
            world.model.borrow_mut().push_back(Err(ModelError::Code { code: 3036 }.into()));
        }
        let asked = question("hi");
        let journal = Journal::new(&world);
        // Dies before its first model call.
        world.crash_at(2, Side::Before);
        assert_eq!(live(&world, &journal, &asked), None);
        world.restart();
        assert_eq!(run_once(jobs::revive(&world, &job("hi"))), Some(Ok(true)));
        assert_eq!(live(&world, &journal, &asked), Some(Ok(())));
        assert_eq!(contents(&world), []);
        assert_eq!(world.discord.borrow().reply.as_deref(), Some("thinking…"));
        let superseded = Event::JobSuperseded { job: asked.id.clone(), life: 1 };
        assert_eq!(world.events.borrow().last(), Some(&superseded));
    }
}
