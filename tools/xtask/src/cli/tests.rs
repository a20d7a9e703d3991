//! What a command line means, and what a wrong one is told.

use super::*;

fn check(arguments: &[&str]) -> Result<Command> {
    parse(lexopt::Parser::from_args(arguments))
}

#[test]
fn no_arguments_list_the_commands() {
    assert!(matches!(check(&[]), Ok(Command::Help)));
    for name in [
        "ask",
        "test",
        "bench",
        "build",
        "campaign",
        "check",
        "dead-letters",
        "dev",
        "doctor",
        "record",
        "screenshots",
        "size",
        "schema",
        "tidy",
        "register",
    ] {
        assert!(USAGE.contains(&format!("\n  {name} ")), "{name}");
    }
}

#[test]
fn reads_a_question_with_its_options() {
    let command = check(&["ask", "Hi?", "--as", "alex", "--in=dm", "--port", "8787"]).unwrap();
    let Command::Ask(options) = command else { panic!("{command:?}") };
    assert_eq!((options.question.text.as_str(), options.stack.port), ("Hi?", 8787));
    assert_eq!((options.question.who.as_str(), options.question.channel.as_str()), ("alex", "dm"));
}

#[test]
fn a_wrong_command_line_is_one_line_with_a_hint_and_exits_2() {
    for arguments in [
        &["fly"][..],
        &["ask"],
        &["ask", "Hi?", "--as", "bob"],
        &["record"],
        &["ask", "Hi?", "--model", "m"],
        &["check", "--fast"],
        &["campaign", "--rate", "2"],
        &["dev", "--var", "NO_SUCH_NAME"],
        &["dev", "--remote-ai", "--model-url", "http://m", "--model", "m"],
        &["dead-letters", "--all"],
        &["doctor", "--lab", "--env", "staging"],
        &["build", "--dev", "twice"],
    ] {
        let error = check(arguments).unwrap_err();
        assert_eq!(problem::exit_code(&error), 2, "{arguments:?}");
        let text = error.to_string();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("\nhint: "), "{text}");
    }
}

#[test]
fn a_setting_takes_the_place_of_the_lab_s_variable_and_of_its_secret() {
    let command =
        check(&["dev", "--var", "MIYABI_MODEL=ollama/llama3.2", "--var", "PATH"]).unwrap();
    let Command::Dev(options) = command else { panic!("{command:?}") };
    let names: Vec<_> = options.stack.vars.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["MIYABI_MODEL", "PATH"]);
    assert_eq!(options.stack.missing_secrets, names);
}
