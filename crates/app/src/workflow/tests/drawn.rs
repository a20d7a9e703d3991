//! Answers with an image.

use super::*;
use miyabi_core::ids::JobId;
use serde_json::Value;

fn prompt_of_an_image(text: &str) -> Question {
    Question { draws: true, ..question(text) }
}

/// A model that calls `draw`, twice, and then answers.
fn drawing() -> Fake {
    let world = Fake::new();
    let call = |prompt: &str| json!({ "name": "draw", "arguments": { "prompt": prompt } });
    let calls = [call("A cat\non the moon"), call("a dog")];
    let answer = json!({ "response": "Here it is." });
    world
        .model
        .borrow_mut()
        .extend([Ok(json!({ "response": null, "tool_calls": calls })), Ok(answer)]);
    world
}

/// Messages of Miyabi, with what is attached to each.
fn answers(world: &Fake) -> Vec<(String, Option<String>)> {
    let discord = world.discord.borrow();
    let own = discord.channel.iter().filter(|message| message.author == "Miyabi");
    own.map(|it| (it.content.clone(), discord.file(&it.id).map(ToOwned::to_owned))).collect()
}

/// Prompts that the model that draws was sent.
fn drawn(world: &Fake) -> Vec<String> {
    let prompts = world.prompts.borrow();
    let prompts = prompts.iter().filter_map(|it| it.get("prompt").and_then(Value::as_str));
    prompts.map(ToOwned::to_owned).collect()
}

fn costs(world: &Fake) -> Vec<(u32, String, u64)> {
    let sql = "SELECT ordinal, outcome, cost_nano FROM attempts ORDER BY generation, ordinal";
    let mut statement = world.db.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| {
        Ok((row.get(0)?, row.get(1)?, u64::try_from(row.get::<_, i64>(2)?).unwrap()))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn with_image(text: &str, prompt: &str) -> Vec<(String, Option<String>)> {
    vec![(format!("{text}-# 🎨 {prompt}"), Some(format!("[image.jpg] {prompt}")))]
}

#[test]
fn a_prompt_is_posted_as_a_question_and_answered_by_its_image() {
    let world = Fake::new();
    let journal = Journal::new(&world);
    run_to_the_end(&world, &journal, &prompt_of_an_image("雪の中の猫"));
    assert_eq!(contents(&world)[0].1, "雪の中の猫");
    assert_eq!(answers(&world), with_image("", "雪の中の猫"));
    assert_eq!(
        journal.trace.borrow().join(" "),
        "claim draw route question:1 save_answer answer:1 clear finish"
    );
    assert_eq!(costs(&world), [(200, "ok".to_owned(), 633_600)]);
    let sent = json!({ "prompt": "雪の中の猫", "steps": 4 });
    assert_eq!(*world.prompts.borrow(), [sent]);
}

#[test]
fn an_image_is_posted_once_wherever_it_dies() {
    wherever_it_dies(8, |death| {
        let (world, asked) = (Fake::new(), prompt_of_an_image("a cat"));
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = live(&world, &journal, &asked).is_none();
        world.restart();
        run_to_the_end(&world, &journal, &asked);
        assert_eq!(answers(&world), with_image("", "a cat"), "{death:?}");
        assert_eq!(world.job(asked.id.as_str()).unwrap().0, "COMPLETED", "{death:?}");
        assert!(drawn(&world).len() <= 2, "{death:?}");
        died
    });
}

#[test]
fn a_model_has_one_image_drawn_below_its_answer_wherever_it_dies() {
    wherever_it_dies(12, |death| {
        let (world, asked) = (drawing(), question("draw a cat"));
        let journal = Journal::ordered(&world, death.order);
        world.crash_at(death.effect, death.side);
        let died = live(&world, &journal, &asked).is_none();
        world.restart();
        run_to_the_end(&world, &journal, &asked);
        let seen = answers(&world);
        // A call that was not stored is repeated, and answered otherwise the second time.
        let [(text, file)] = seen.as_slice() else { panic!("{death:?}: {seen:?}") };
        let prompt = text.split_once("\n-# 🎨 ").map(|(_, prompt)| format!("[image.jpg] {prompt}"));
        assert_eq!(*file, prompt, "{death:?}");
        assert!(prompt.is_none_or(|it| it.ends_with("A cat on the moon")), "{death:?}: {text}");
        died
    });
}

#[test]
fn another_generation_draws_again_what_was_saved_and_posts_it_once() {
    wherever_it_dies(8, |death| {
        let (world, asked) = (drawing(), question("draw a cat"));
        world.crash_at(death.effect, death.side);
        let died = live(&world, &Journal::ordered(&world, death.order), &asked).is_none();
        world.restart();
        let is_started = run_once(jobs::start_generation(&world, &Job::first(asked.clone())));
        let generation = if is_started.unwrap().unwrap() { 2 } else { 1 };
        let job = Job { question: asked, generation };
        let run = run_once(run_job(&world, &Journal::new(&world), &settings(), &job));
        assert_eq!(run, Some(Ok(())));
        let seen = answers(&world);
        let plain = seen.len() == 1 && !seen[0].0.contains("🎨");
        assert!(
            plain || seen == with_image("Here it is.\n", "A cat on the moon"),
            "{death:?}: {seen:?}"
        );
        let paid = costs(&world).iter().filter(|it| it.0 == 200).count();
        assert!(paid <= 2, "{death:?}");
        died
    });
}

#[test]
fn a_refusal_is_a_sentence_and_the_question_goes() {
    let world = Fake::new();
    world.images.borrow_mut().push_back(Err(3030));
    run_to_the_end(&world, &Journal::new(&world), &prompt_of_an_image("something"));
    assert_eq!(contents(&world), []);
    let told = world.discord.borrow().reply.clone().unwrap();
    assert_eq!(told, sentence(Notice::Refused, question("x").language));
    assert_eq!(costs(&world), [(200, "policy".to_owned(), 0)]);
}

#[test]
fn a_refusal_below_an_answer_is_a_line_of_it() {
    let world = drawing();
    world.images.borrow_mut().push_back(Err(8007));
    run_to_the_end(&world, &Journal::new(&world), &question("draw a cat"));
    let seen = answers(&world);
    let [(text, None)] = seen.as_slice() else { panic!("{seen:?}") };
    assert!(
        text.starts_with("Here it is.\n-# The image was not drawn. Sorry, the model's rules"),
        "{text}"
    );
}

#[test]
fn what_is_busy_or_no_image_is_tried_once_more() {
    for first in [Err(3040), Ok(json!({ "image": "bm8gaW1hZ2U=" })), Ok(json!({ "image": "?" }))] {
        let world = Fake::new();
        world.images.borrow_mut().push_back(first);
        run_to_the_end(&world, &Journal::new(&world), &prompt_of_an_image("a cat"));
        assert_eq!((answers(&world), drawn(&world).len()), (with_image("", "a cat"), 2));
    }
}

#[test]
fn where_nothing_is_drawn_the_asker_is_told_and_no_model_has_the_tool() {
    let off = Settings { image_model: None, ..settings() };
    let forbidden = Settings { tools: Some(vec!["weather".to_owned()]), ..settings() };
    for settings in [off, forbidden] {
        let (world, asked) = (Fake::new(), prompt_of_an_image("a cat"));
        // The server's settings take the place of what this field says, so the flow is called with them.
        let run = run_once(run_job(&world, &Journal::new(&world), &settings, &Job::first(asked)));
        assert_eq!(run, Some(Ok(())));
        let told = world.discord.borrow().reply.clone();
        if settings.image_model.is_none() {
            assert_eq!(told.as_deref(), Some(sentence(Notice::NoDrawing, question("x").language)));
            assert_eq!(answers(&world), []);
        }
    }
    let (world, mut asked) = (Fake::new(), question("draw a cat"));
    set_rights(&mut asked, Rights { attaches: false, ..Rights::ALL });
    run_to_the_end(&world, &Journal::new(&world), &asked);
    assert!(!world.prompts.borrow()[0]["tools"].to_string().contains("\"draw\""));
}

#[test]
fn an_image_that_the_asker_sees_is_not_drawn_again_by_another_generation() {
    let (world, mut asked) = (Fake::new(), prompt_of_an_image("a cat"));
    asked.place = Place::Direct.to_text();
    asked.is_private = true;
    run_to_the_end(&world, &Journal::new(&world), &asked);
    world.db.execute_batch("DROP TRIGGER jobs_status_moves_forward").unwrap();
    let open = "UPDATE jobs SET status = 'PROCESSING', generation = 2, token = 't'";
    world.db.execute(open, []).unwrap();
    // An apology was put over it meanwhile.
    world.discord.borrow_mut().reply = Some("Sorry".to_owned());
    let again = Job { question: asked, generation: 2 };
    let run = run_once(run_job(&world, &Journal::new(&world), &settings(), &again));
    assert_eq!((run, drawn(&world).len()), (Some(Ok(())), 1));
    let discord = world.discord.borrow();
    assert_eq!(discord.reply.as_deref(), Some("-# 🎨 a cat"));
    assert_eq!(discord.file("@original"), Some("[image.jpg] a cat"));
}

#[test]
fn an_image_that_the_asker_alone_sees_is_in_place_of_thinking() {
    let (world, mut asked) = (Fake::new(), prompt_of_an_image("a cat"));
    asked.place = Place::Direct.to_text();
    asked.is_private = true;
    asked.id = JobId::parse("1300000000000000000").unwrap();
    run_to_the_end(&world, &Journal::new(&world), &asked);
    let discord = world.discord.borrow();
    assert_eq!(discord.reply.as_deref(), Some("-# 🎨 a cat"));
    assert_eq!(discord.file("@original"), Some("[image.jpg] a cat"));
    assert_eq!(discord.channel.len(), 0);
}
