//! Reads the settings of Slack, which is off without them.

use super::Environment;
use super::reader::Reader;
use crate::ids::Secret;

/// Settings about Slack.
#[derive(Debug, Clone)]
pub struct Slack {
    /// Bot token.
    pub bot_token: Secret,
    /// What Slack signs its requests with.
    pub signing_secret: Secret,
    /// Base URL of the methods, without a final slash.
    pub api_base: String,
}

const WRONG_TOKEN: &str = "is not a bot token, which begins with `xoxb-`";
const WRONG_SECRET: &str = "is not a signing secret, at least 16 letters and digits";

/// Fewest characters of a signing secret. Slack's have 32; anything short could be guessed.
const MIN_SECRET_CHARS: usize = 16;

impl<E: Environment> Reader<'_, E> {
    /// Reads them; `None` where neither secret is set. One without the other is a problem.
    pub(super) fn slack(&mut self) -> Option<Slack> {
        let api_base = self.base_url("SLACK_API_BASE");
        let names = ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"];
        let needed =
            ["is needed where the signing secret is set", "is needed where the bot token is set"];
        let [token, secret] = self.together(names, needed)?;
        if !(token.starts_with("xoxb-") && token.bytes().all(is_of_token)) {
            self.problem("SLACK_BOT_TOKEN", Some(WRONG_TOKEN));
        }
        if secret.len() < MIN_SECRET_CHARS || !secret.bytes().all(|it| it.is_ascii_alphanumeric()) {
            self.problem("SLACK_SIGNING_SECRET", Some(WRONG_SECRET));
        }
        let (bot_token, signing_secret) = (Secret::new(token), Secret::new(secret));
        Some(Slack { bot_token, signing_secret, api_base })
    }
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::super::SETTINGS;
    use super::super::tests::read_by;
    use super::*;

    const TOKEN: (&str, &str) = ("SLACK_BOT_TOKEN", "xoxb-1-2-AbC");
    const SECRET: (&str, &str) = ("SLACK_SIGNING_SECRET", "8f742231b10e8888abcd99yyyzzz85a5");

    #[test]
    fn it_is_off_without_its_secrets() {
        for values in [&[][..], &[("SLACK_BOT_TOKEN", "off"), ("SLACK_SIGNING_SECRET", " ")]] {
            let (slack, problems) = read_by(values, Reader::slack);
            assert!(slack.is_none() && problems.is_empty());
        }
    }

    #[test]
    fn both_secrets_make_a_bot() {
        let (slack, problems) = read_by(&[TOKEN, SECRET], Reader::slack);
        assert!(problems.is_empty());
        assert_eq!(slack.unwrap().api_base, "https://slack.com/api");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (values, wrong) in [
            (vec![TOKEN], "SLACK_SIGNING_SECRET"),
            (vec![SECRET], "SLACK_BOT_TOKEN"),
            (vec![("SLACK_BOT_TOKEN", "xoxp-1"), SECRET], "SLACK_BOT_TOKEN"),
            (vec![("SLACK_BOT_TOKEN", "xoxb-1\u{e9}"), SECRET], "SLACK_BOT_TOKEN"),
            (vec![TOKEN, ("SLACK_SIGNING_SECRET", "short")], "SLACK_SIGNING_SECRET"),
            (
                vec![TOKEN, ("SLACK_SIGNING_SECRET", "has a space in its midst")],
                "SLACK_SIGNING_SECRET",
            ),
            (vec![TOKEN, SECRET, ("SLACK_API_BASE", "ftp://x")], "SLACK_API_BASE"),
        ] {
            assert_eq!(read_by(&values, Reader::slack).1, [wrong], "{values:?}");
            assert!(SETTINGS.iter().any(|setting| setting.name == wrong));
        }
    }
}
