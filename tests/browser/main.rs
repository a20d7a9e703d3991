//! The lab's page in Chromium, with the Worker in real workerd behind it: what a person does there.
//!
//! `cargo test -p browser` runs all of it, one test after the other in one window; a word after `--`
//! runs those that have it in their name.
#![expect(clippy::disallowed_methods, reason = "a native test has no Clock")]
#![expect(clippy::print_stdout, reason = "a test program reports on standard output")]

mod asking;
mod chats;
mod commands;
mod faults;
mod hostile;
mod layout;
mod share;
mod slack;
mod telegram;
mod visitors;
mod whatsapp;
mod world;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use world::World;

type Test = (&'static str, fn(&World) -> Result<()>);

const TESTS: [Test; 45] = [
    ("asking::the_answer_and_the_timeline_appear", asking::the_answer_and_the_timeline_appear),
    ("asking::only_the_asker_sees_thinking", asking::only_the_asker_sees_thinking),
    ("asking::a_direct_message_is_answered_there", asking::a_direct_message_is_answered_there),
    ("asking::a_private_answer_can_be_dismissed", asking::a_private_answer_can_be_dismissed),
    ("asking::the_keyboard_is_enough", asking::the_keyboard_is_enough),
    ("asking::another_asker_has_another_name", asking::another_asker_has_another_name),
    ("asking::a_long_answer_ends_in_a_file", asking::a_long_answer_ends_in_a_file),
    ("asking::an_answer_grows_while_it_is_written", asking::an_answer_grows_while_it_is_written),
    ("asking::usage_is_shown_to_who_asks_for_it", asking::usage_is_shown_to_who_asks_for_it),
    ("commands::what_is_typed_is_completed", commands::what_is_typed_is_completed),
    (
        "commands::a_message_is_asked_about_from_its_menu",
        commands::a_message_is_asked_about_from_its_menu,
    ),
    ("commands::settings_are_chosen_and_written", commands::settings_are_chosen_and_written),
    ("commands::each_button_of_an_answer_works", commands::each_button_of_an_answer_works),
    ("commands::a_tool_acts_when_it_may", commands::a_tool_acts_when_it_may),
    ("commands::an_image_is_seen", commands::an_image_is_seen),
    ("commands::what_is_kept_is_shown_and_deleted", commands::what_is_kept_is_shown_and_deleted),
    ("hostile::nothing_of_an_answer_runs", hostile::nothing_of_an_answer_runs),
    ("hostile::nothing_of_a_question_runs", hostile::nothing_of_a_question_runs),
    ("hostile::markdown_looks_as_in_discord", hostile::markdown_looks_as_in_discord),
    ("hostile::the_page_refuses_what_is_in_line", hostile::the_page_refuses_what_is_in_line),
    ("faults::a_fault_is_recovered_from", faults::a_fault_is_recovered_from),
    (
        "faults::a_block_and_chaos_are_set_and_removed",
        faults::a_block_and_chaos_are_set_and_removed,
    ),
    ("layout::a_narrow_screen_has_one_column", layout::a_narrow_screen_has_one_column),
    (
        "layout::it_comes_back_when_the_page_is_loaded_again",
        layout::it_comes_back_when_the_page_is_loaded_again,
    ),
    ("slack::a_direct_message_is_answered", slack::a_direct_message_is_answered),
    (
        "slack::a_command_is_chosen_and_answered_for_who_typed_it",
        slack::a_command_is_chosen_and_answered_for_who_typed_it,
    ),
    ("slack::a_channel_is_answered_in_a_thread", slack::a_channel_is_answered_in_a_thread),
    ("slack::an_answer_grows_below_its_status", slack::an_answer_grows_below_its_status),
    ("slack::an_answer_grows_while_it_is_written", slack::an_answer_grows_while_it_is_written),
    ("slack::the_buttons_of_an_answer_work", slack::the_buttons_of_an_answer_work),
    ("slack::nothing_of_a_message_runs", slack::nothing_of_a_message_runs),
    ("telegram::a_private_chat_is_answered", telegram::a_private_chat_is_answered),
    ("telegram::an_answer_is_previewed", telegram::an_answer_is_previewed),
    ("telegram::the_buttons_of_an_answer_work", telegram::the_buttons_of_an_answer_work),
    (
        "telegram::an_answer_grows_while_it_is_written",
        telegram::an_answer_grows_while_it_is_written,
    ),
    ("telegram::a_group_is_answered_where_it_asks", telegram::a_group_is_answered_where_it_asks),
    ("telegram::nothing_of_a_message_runs", telegram::nothing_of_a_message_runs),
    ("whatsapp::a_chat_is_answered", whatsapp::a_chat_is_answered),
    ("whatsapp::the_buttons_of_an_answer_work", whatsapp::the_buttons_of_an_answer_work),
    (
        "whatsapp::a_row_of_a_list_is_chosen_by_keyboard",
        whatsapp::a_row_of_a_list_is_chosen_by_keyboard,
    ),
    ("whatsapp::a_group_is_answered_where_it_asks", whatsapp::a_group_is_answered_where_it_asks),
    ("whatsapp::who_shows_no_number_is_answered", whatsapp::who_shows_no_number_is_answered),
    ("whatsapp::nothing_of_a_message_runs", whatsapp::nothing_of_a_message_runs),
    ("share::what_is_shared_is_read_anywhere", share::what_is_shared_is_read_anywhere),
    ("visitors::a_page_of_ours_is_one_visitor", visitors::a_page_of_ours_is_one_visitor),
];

fn main() -> ExitCode {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let selected = |test: &&Test| {
        wanted.is_empty() || wanted.iter().any(|word| test.0.contains(word.as_str()))
    };
    let begin = Instant::now();
    let failed = match World::start() {
        Ok(world) => TESTS.iter().filter(selected).filter(|test| !passes(test, &world)).count(),
        Err(error) => {
            println!("the world did not start: {error:#}");
            TESTS.iter().filter(selected).count()
        }
    };
    xtask::process::settle();
    let run = TESTS.iter().filter(selected).count();
    let (verdict, seconds) =
        (if failed == 0 { "ok" } else { "FAILED" }, begin.elapsed().as_secs_f64());
    let (passed, left_out) = (run - failed, TESTS.len() - run);
    println!(
        "test result: {verdict}. {passed} passed; {failed} failed; 0 ignored; 0 measured; \
         {left_out} filtered out; finished in {seconds:.2}s"
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn passes((name, test): &Test, world: &World) -> bool {
    let begin = Instant::now();
    let result = world.freshen().and_then(|()| test(world)).and_then(|()| world.check());
    let seconds = begin.elapsed().as_secs_f64();
    match result {
        Ok(()) => {
            println!("test {name} ... ok ({seconds:.1} s)");
            true
        }
        Err(error) => {
            println!("test {name} ... FAILED ({seconds:.1} s)\n{error:#}\n");
            false
        }
    }
}
