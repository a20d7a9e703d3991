//! The commands that people type in messengers, and what a menu says of them.

use miyabi_core::i18n::{Language, Sentence, commands as words};

/// A command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// A question; in a private chat every text is one.
    Ask,
    /// A question without what was said before.
    New,
    /// What Miyabi can do.
    Help,
    /// The asker's latest questions.
    Status,
    /// No answer is wanted any more.
    Cancel,
    /// What was used.
    Usage,
    /// What is remembered of the asker.
    Memory,
    /// A code by which to sign in to the page.
    Link,
    /// What is kept of the asker.
    Privacy,
}

/// What somebody wants who writes in a messenger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// An answer.
    Answer,
    /// What a command does, and the words behind it are the question's text.
    Command(Command),
    /// A command that there is not.
    UnknownCommand,
    /// An answer, but there is nothing to be answered.
    Nothing,
    /// An answer about something that cannot be read.
    Unreadable,
}

/// Every command by its name, with what the menu says of it, in the order of the menu. `/start` is what Telegram sends
/// when somebody opens the chat: it is no command of ours, and its reply is the help.
pub const COMMANDS: [(&str, Command, Sentence); 9] = [
    ("ask", Command::Ask, words::ASK),
    ("new", Command::New, words::ASK_FRESH),
    ("help", Command::Help, words::HELP),
    ("status", Command::Status, words::STATUS),
    ("cancel", Command::Cancel, words::CANCEL),
    ("usage", Command::Usage, words::USAGE),
    ("memory", Command::Memory, words::MEMORY),
    ("link", Command::Link, words::LINK),
    ("privacy", Command::Privacy, words::PRIVACY),
];

/// The command by which an image is drawn, where answers come with images, and what the menu says of it.
pub const IMAGINE: (&str, Sentence) = ("imagine", words::IMAGINE);

/// Returns the command of a name, without its slash.
pub fn of_name(name: &str) -> Option<Command> {
    let name = name.to_ascii_lowercase();
    if name == "start" {
        return Some(Command::Help);
    }
    COMMANDS.iter().find(|(known, ..)| *known == name).map(|(_, command, _)| *command)
}

/// Returns what is typed in a messenger for a command of Discord, without its slash; `None` if there is nothing for it.
pub(crate) fn typed(words: &str) -> Option<&str> {
    let words = match words {
        "memory list" => "memory",
        "memory forget-all" => "memory forget all",
        "memory export" => return None,
        words => words,
    };
    let (name, _) = words.split_once(' ').unwrap_or((words, ""));
    of_name(name).map(|_| words)
}

/// Returns names and descriptions for the menu of a chat in one language.
pub fn menu(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    COMMANDS.iter().map(move |(name, _, words)| (*name, words.in_language(language)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bot API/BotCommand: names of 1 to 32 small letters, digits and underscores, descriptions of 1 to 256.
    #[test]
    fn telegram_takes_the_menu() {
        for language in Language::ALL {
            for (name, description) in menu(language) {
                assert!(name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_lowercase()));
                assert!((1..=256).contains(&description.chars().count()), "{description}");
            }
        }
    }

    #[test]
    fn a_command_of_discord_is_typed_as_messengers_have_it() {
        for words in ["status", "memory", "memory forget all", "privacy delete everything"] {
            assert_eq!(typed(words), Some(words));
        }
        assert_eq!(typed("memory list"), Some("memory"));
        assert_eq!(typed("memory forget-all"), Some("memory forget all"));
        for words in ["memory export", "key", "key list", "imagine", "invite", ""] {
            assert_eq!(typed(words), None, "{words}");
        }
    }

    #[test]
    fn a_command_is_found_by_its_name() {
        assert_eq!(of_name("ask"), Some(Command::Ask));
        assert_eq!(of_name("ASK"), Some(Command::Ask));
        assert_eq!(of_name("start"), Some(Command::Help));
        assert_eq!(of_name("nothing"), None);
    }
}
