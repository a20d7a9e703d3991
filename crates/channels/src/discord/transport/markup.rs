//! How Discord writes what is more than plain words.

use super::Discord;
use miyabi_core::i18n::{Language, Markup};

impl<H> Markup for Discord<H> {
    fn strong(&self, words: &str) -> String {
        format!("**{words}**")
    }

    fn code(&self, word: &str) -> String {
        format!("`{word}`")
    }

    fn small_print(&self, line: &str) -> String {
        format!("-# {line}")
    }

    fn person(&self, id: &str) -> String {
        format!("<@{id}>")
    }

    fn channel(&self, id: &str) -> String {
        format!("<#{id}>")
    }

    fn date(&self, unix_s: u64, _language: Language) -> String {
        format!("<t:{unix_s}:f>")
    }

    fn time(&self, unix_s: u64, _language: Language) -> String {
        // Discord shows it in the reader's language, "in 5 hours".
        format!("<t:{unix_s}:R>")
    }
}
