//! Posts that the platform refuses, fails or does not answer are sent once, or reach the asker alone.

use super::*;

#[test]
fn a_server_error_is_tried_again_and_posts_once() {
    for is_readable in [true, false] {
        let world = Fake::new();
        world.discord.borrow_mut().is_readable = is_readable;
        for status in [500, 502, 503] {
            let refusal = response(status, &json!({ "message": "internal", "code": 0 }));
            world.discord.borrow_mut().refuse("POST", "hook-token", refusal);
        }
        run_to_the_end(&world, &Journal::new(&world), &question("hi"));
        assert_eq!(contents(&world).len(), 2);
    }
}

#[test]
fn a_webhook_that_is_gone_is_not_called_again_and_replaced_where_it_may_be() {
    for may_replace in [true, false] {
        let world = Fake::new();
        let gone = response(404, &json!({ "message": "Unknown Webhook", "code": 10015 }));
        world.discord.borrow_mut().refuse("POST", "hook-token", gone);
        let asked = question("hi");
        let asked = if may_replace { asked } else { without_rights(asked) };
        run_to_the_end(&world, &Journal::new(&world), &asked);
        let discord = world.discord.borrow();
        let calls = discord.requests.iter().filter(|request| request.url.contains("hook-token?"));
        assert_eq!(calls.count(), 1);
        if may_replace {
            assert_eq!((discord.channel.len(), &discord.reply), (2, &None));
        } else {
            assert_eq!(discord.channel, []);
            assert!(discord.reply.clone().unwrap().contains("noon"));
        }
        assert_eq!(world.job("1300000000000000000").unwrap().0, "COMPLETED");
    }
}

#[test]
fn a_webhook_that_stays_ill_leaves_the_answer_to_the_reply() {
    let world = Fake::new();
    for _ in 0..5 {
        let refusal = response(500, &json!({ "message": "internal", "code": 0 }));
        world.discord.borrow_mut().refuse("POST", "hook-token", refusal);
    }
    run_to_the_end(&world, &Journal::new(&world), &question("hi"));
    assert_eq!(contents(&world), []);
    assert!(world.discord.borrow().reply.clone().unwrap().contains("noon"));
    assert_eq!(world.job("1300000000000000000").unwrap().0, "COMPLETED");
}

#[test]
fn a_look_that_fails_for_a_moment_is_tried_again_and_doubles_nothing() {
    for (status, part) in [(500, 1), (503, 2)] {
        let world = Fake::new();
        let mut discord = world.discord.borrow_mut();
        if part == 2 {
            discord.answers.push(miyabi_testing::Answer {
                to: ("POST", "hook-token"),
                takes_effect: true,
                response: Ok(response(200, &json!({ "id": "1300000000000000001" }))),
            });
        }
        discord.fall_silent("POST", "hook-token");
        discord.refuse("GET", "/messages?", response(status, &json!({ "code": 0 })));
        drop(discord);
        run_to_the_end(&world, &Journal::new(&world), &question("hi"));
        assert_eq!(contents(&world).len(), 2, "{status} {part}");
    }
}
