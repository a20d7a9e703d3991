//! Reads the settings of Telegram, which is off without them.

use super::Environment;
use super::reader::Reader;
use crate::ids::Secret;

/// Settings about Telegram.
#[derive(Debug, Clone)]
pub struct Telegram {
    /// The bot's id, the number before the colon of its token.
    pub bot_id: i64,
    /// Bot token. It is part of URLs: no URL of a request is ever logged.
    pub bot_token: Secret,
    /// What Telegram sends with each update, so that nobody else's counts.
    pub secret_token: Secret,
    /// API's base URL, without a final slash.
    pub api_base: String,
    /// Ids of the people and groups that may ask; empty for everybody.
    pub chats: Vec<i64>,
}

/// Most ids of people and groups.
const MAX_CHATS: usize = 1_000;

/// Most characters of the secret token.
///
/// # Source
/// Telegram Bot API/setWebhook, read 2026-11-30.
const MAX_SECRET_CHARS: usize = 256;

const WRONG_TOKEN: &str = "is not a bot token such as 123456:AbC-dEf";
const WRONG_SECRET: &str = "is not 1 to 256 letters, digits, `_` and `-`";
const WRONG_CHATS: &str =
    "is not a list of ids of people and groups, separated by commas or spaces";

impl Telegram {
    /// Returns whether somebody may ask: they, or the chat in which they ask, are in the list, or there is none.
    pub fn admits(&self, asker: i64, chat: i64) -> bool {
        self.chats.is_empty() || self.chats.contains(&asker) || self.chats.contains(&chat)
    }
}

impl<E: Environment> Reader<'_, E> {
    /// Reads them; `None` where neither secret is set. One without the other is a problem.
    pub(super) fn telegram(&mut self) -> Option<Telegram> {
        let names = ["TELEGRAM_BOT_TOKEN", "TELEGRAM_SECRET_TOKEN"];
        let api_base = self.base_url("TELEGRAM_API_BASE");
        let chats = self.chats();
        let needed =
            ["is needed where the secret token is set", "is needed where the bot token is set"];
        let [token, secret] = self.together(names, needed)?;
        let bot_id = bot_id(&token);
        if bot_id.is_none() {
            self.problem("TELEGRAM_BOT_TOKEN", Some(WRONG_TOKEN));
        }
        if secret.len() > MAX_SECRET_CHARS || !secret.bytes().all(is_of_token) {
            self.problem("TELEGRAM_SECRET_TOKEN", Some(WRONG_SECRET));
        }
        let (bot_token, secret_token) = (Secret::new(token), Secret::new(secret));
        Some(Telegram { bot_id: bot_id?, bot_token, secret_token, api_base, chats })
    }

    /// A list with anything else than ids in it is a problem: read as if it were empty, it would admit everybody.
    fn chats(&mut self) -> Vec<i64> {
        let text = self.optional("TELEGRAM_CHATS").unwrap_or_default();
        let ids = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|id| !id.is_empty());
        let read: Option<Vec<i64>> = ids.map(|id| id.parse().ok()).collect();
        let chats = read.unwrap_or_default();
        if chats.len() > MAX_CHATS || (chats.is_empty() && !text.is_empty()) {
            self.problem("TELEGRAM_CHATS", Some(WRONG_CHATS));
        }
        chats
    }
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Returns the id that a bot token begins with; `None` if it is none.
fn bot_id(token: &str) -> Option<i64> {
    let (id, key) = token.split_once(':')?;
    let is_number = id.bytes().all(|byte| byte.is_ascii_digit());
    let is_key = !key.is_empty() && key.bytes().all(is_of_token);
    id.parse().ok().filter(|_| is_number && is_key)
}

#[cfg(test)]
mod tests {
    use super::super::SETTINGS;
    use super::super::tests::read_by;
    use super::*;

    /// Returns what is read, and the names of the settings that are wrong.
    fn read(values: &[(&'static str, &'static str)]) -> (Option<Telegram>, Vec<&'static str>) {
        read_by(values, Reader::telegram)
    }

    const TOKEN: (&str, &str) =
        ("TELEGRAM_BOT_TOKEN", "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw");
    const SECRET: (&str, &str) = ("TELEGRAM_SECRET_TOKEN", "a-secret_token-1");

    #[test]
    fn it_is_off_without_its_secrets() {
        for values in [&[][..], &[("TELEGRAM_BOT_TOKEN", "off"), ("TELEGRAM_SECRET_TOKEN", " ")]] {
            let (telegram, problems) = read(values);
            assert!(telegram.is_none() && problems.is_empty());
        }
    }

    #[test]
    fn both_secrets_make_a_bot() {
        let (telegram, problems) = read(&[TOKEN, SECRET]);
        let telegram = telegram.unwrap();
        assert!(problems.is_empty());
        assert_eq!(telegram.bot_id, 110_201_543);
        assert_eq!(telegram.api_base, "https://api.telegram.org");
        assert!(telegram.admits(1, -1_001));
    }

    #[test]
    fn a_list_admits_its_people_and_groups_alone() {
        let (telegram, _) = read(&[TOKEN, SECRET, ("TELEGRAM_CHATS", "5, -1001234567890")]);
        let telegram = telegram.unwrap();
        assert!(telegram.admits(5, 5) && telegram.admits(5, -7));
        assert!(telegram.admits(6, -1_001_234_567_890));
        assert!(!telegram.admits(6, 6) && !telegram.admits(6, -7));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (values, wrong) in [
            (vec![TOKEN], "TELEGRAM_SECRET_TOKEN"),
            (vec![SECRET], "TELEGRAM_BOT_TOKEN"),
            (vec![("TELEGRAM_BOT_TOKEN", "x"), SECRET], "TELEGRAM_BOT_TOKEN"),
            (vec![("TELEGRAM_BOT_TOKEN", "+1:abc"), SECRET], "TELEGRAM_BOT_TOKEN"),
            (vec![("TELEGRAM_BOT_TOKEN", "1:a/b"), SECRET], "TELEGRAM_BOT_TOKEN"),
            (vec![TOKEN, ("TELEGRAM_SECRET_TOKEN", "no spaces")], "TELEGRAM_SECRET_TOKEN"),
            (vec![TOKEN, SECRET, ("TELEGRAM_CHATS", "5 x")], "TELEGRAM_CHATS"),
            (vec![TOKEN, SECRET, ("TELEGRAM_CHATS", ",")], "TELEGRAM_CHATS"),
            (vec![TOKEN, SECRET, ("TELEGRAM_API_BASE", "ftp://x")], "TELEGRAM_API_BASE"),
        ] {
            assert_eq!(read(&values).1, [wrong], "{values:?}");
            assert!(SETTINGS.iter().any(|setting| setting.name == wrong));
        }
    }
}
