//! A question that is answered once more stands where it stood: its model does not read the first answer.

use super::*;
use miyabi_core::question::Again;

const LINK: &str = "https://discord.com/channels/1/2/3";

fn again(nth: u32, of: u32, text: &str) -> Question {
    let of = JobId::parse(&format!("130000000000000000{of}")).unwrap();
    Question { again: Some(Again { of, link: LINK.to_owned() }), ..asked(nth, text) }
}

#[test]
fn what_was_said_before_the_first_answer_is_read_and_that_answer_is_not() {
    let world = world();
    ask(&world, asked(1, "Weather in Kyoto?"), "Sunny.");
    ask(&world, asked(2, "And in Osaka?"), "Rainy.");
    let expected =
        [("user", "Weather in Kyoto?"), ("assistant", "Sunny."), ("user", "And in Osaka?")];
    assert_eq!(ask(&world, again(3, 2, "And in Osaka?"), "Cloudy."), pairs(expected));
    assert_eq!(ask(&world, again(4, 2, "And in Osaka?"), "Foggy."), pairs(expected), "once more");
    let next = ask(&world, asked(5, "And in Nara?"), "Sunny.");
    let expected =
        [expected[0], expected[1], expected[2], ("assistant", "Foggy."), ("user", "And in Nara?")];
    assert_eq!(next, pairs(expected));
}

#[test]
fn what_the_conversation_does_not_know_is_a_new_message() {
    let world = world();
    ask(&world, asked(1, "Weather in Kyoto?"), "Sunny.");
    let expected = [("user", "Weather in Kyoto?"), ("assistant", "Sunny."), ("user", "And now?")];
    assert_eq!(ask(&world, again(3, 9, "And now?"), "Cloudy."), pairs(expected));
}
