//! Reads the settings of WhatsApp, which is off without them.

use super::Environment;
use super::reader::Reader;
use crate::ids::Secret;

/// Settings about WhatsApp.
#[derive(Debug, Clone)]
pub struct WhatsApp {
    /// Access token of a system user.
    pub access_token: Secret,
    /// What Meta signs its requests with.
    pub app_secret: Secret,
    /// What Meta shows when it is told the webhook's address.
    pub verify_token: Secret,
    /// Id of the business phone number.
    pub phone_number_id: String,
    /// Base URL of the Graph API with its version, without a final slash.
    pub api_base: String,
    /// Whether people's messages are questions. They are not by default: Meta's terms do not allow a general assistant to
    /// be what a number is for.
    ///
    /// # Source
    /// WhatsApp Business Solution Terms, since 2026-01-15, as quoted by others; read 2026-11.
    pub asks: bool,
    /// The template by which somebody is written to who has not written for a day.
    pub template: Option<Template>,
}

/// A message that Meta has approved, with one place for words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Name.
    pub name: String,
    /// Code of its language.
    pub language: String,
}

const NAMES: [&str; 4] = [
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
    "WHATSAPP_PHONE_NUMBER_ID",
];

const NEEDED: &str = "is needed where another secret of WhatsApp or its phone number id is set";
const WRONG_TOKEN: &str = "is not an access token, letters and digits";
const WRONG_SECRET: &str = "is not an app secret, 32 hexadecimal digits";
const WRONG_VERIFY_TOKEN: &str = "is not 16 to 256 letters, digits, `_` and `-`";
const WRONG_ID: &str = "is not the id of a phone number, which has digits alone";
const WRONG_TEMPLATE: &str =
    "is not the name and the language of a template, such as `reminder/en_US`";

/// Fewest and most characters of the verify token: whoever guesses it can only echo, but need not be able to.
const VERIFY_TOKEN_CHARS: core::ops::RangeInclusive<usize> = 16..=256;

/// Longest name of a template.
///
/// # Source
/// WhatsApp Cloud API v23.0, Templates, read 2026-11-30.
const MAX_NAME_CHARS: usize = 512;

impl Template {
    /// Reads `NAME/LANGUAGE`; both need no escape in an address.
    pub fn parse(text: &str) -> Option<Self> {
        let is_of_name = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_';
        let is_of_language = |it: u8| it.is_ascii_alphabetic() || it == b'_';
        let (name, language) = text.split_once('/').filter(|(name, language)| {
            (1..=MAX_NAME_CHARS).contains(&name.len())
                && name.bytes().all(is_of_name)
                && (2..=8).contains(&language.len())
                && language.bytes().all(is_of_language)
        })?;
        Some(Self { name: name.to_owned(), language: language.to_owned() })
    }
}

impl<E: Environment> Reader<'_, E> {
    /// Reads them; `None` where none is set. Some without the others are a problem.
    pub(super) fn whatsapp(&mut self) -> Option<WhatsApp> {
        let api_base = self.base_url("WHATSAPP_API_BASE");
        let asks = self.switch("MIYABI_WHATSAPP_ASK");
        let template = self.template();
        let [token, secret, verify_token, id] = self.together(NAMES, [NEEDED; 4])?;
        if !token.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_' || it == b'-') {
            self.problem("WHATSAPP_ACCESS_TOKEN", Some(WRONG_TOKEN));
        }
        if secret.len() != 32 || !secret.bytes().all(|it| it.is_ascii_hexdigit()) {
            self.problem("WHATSAPP_APP_SECRET", Some(WRONG_SECRET));
        }
        let is_plain = |it: u8| it.is_ascii_alphanumeric() || it == b'_' || it == b'-';
        if !VERIFY_TOKEN_CHARS.contains(&verify_token.len()) || !verify_token.bytes().all(is_plain)
        {
            self.problem("WHATSAPP_VERIFY_TOKEN", Some(WRONG_VERIFY_TOKEN));
        }
        if id.len() > 20 || !id.bytes().all(|it| it.is_ascii_digit()) {
            self.problem("WHATSAPP_PHONE_NUMBER_ID", Some(WRONG_ID));
        }
        Some(WhatsApp {
            access_token: Secret::new(token),
            app_secret: Secret::new(secret),
            verify_token: Secret::new(verify_token),
            phone_number_id: id,
            api_base,
            asks,
            template,
        })
    }

    fn template(&mut self) -> Option<Template> {
        let template = Template::parse(&self.optional("WHATSAPP_TEMPLATE")?);
        if template.is_none() {
            self.problem("WHATSAPP_TEMPLATE", Some(WRONG_TEMPLATE));
        }
        template
    }
}

#[cfg(test)]
mod tests {
    use super::super::SETTINGS;
    use super::super::tests::read_by;
    use super::*;

    const COMPLETE: [(&str, &str); 4] = [
        ("WHATSAPP_ACCESS_TOKEN", "EAAJB1_x-2"),
        ("WHATSAPP_APP_SECRET", "0123456789abcdef0123456789abcdef"),
        ("WHATSAPP_VERIFY_TOKEN", "a-verify_token-of-ours"),
        ("WHATSAPP_PHONE_NUMBER_ID", "106540352242922"),
    ];

    fn with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
        let others = COMPLETE.into_iter().filter(|(it, _)| *it != name);
        others.chain([(name, value)]).collect()
    }

    #[test]
    fn it_is_off_without_its_secrets() {
        for values in [
            &[][..],
            &[("WHATSAPP_ACCESS_TOKEN", "off"), ("WHATSAPP_APP_SECRET", " ")],
            &[("MIYABI_WHATSAPP_ASK", "on")],
        ] {
            let (whatsapp, problems) = read_by(values, Reader::whatsapp);
            assert!(whatsapp.is_none() && problems.is_empty());
        }
    }

    #[test]
    fn nobody_is_answered_unless_that_is_switched_on() {
        let (whatsapp, problems) = read_by(&COMPLETE, Reader::whatsapp);
        let whatsapp = whatsapp.unwrap();
        assert!(problems.is_empty() && !whatsapp.asks && whatsapp.template.is_none());
        assert_eq!(whatsapp.api_base, "https://graph.facebook.com/v23.0");
        let (whatsapp, _) = read_by(&with("MIYABI_WHATSAPP_ASK", "on"), Reader::whatsapp);
        assert!(whatsapp.unwrap().asks);
    }

    #[test]
    fn a_template_has_a_name_and_a_language() {
        let (whatsapp, _) =
            read_by(&with("WHATSAPP_TEMPLATE", "a_reminder/en_US"), Reader::whatsapp);
        let expected = Template { name: "a_reminder".to_owned(), language: "en_US".to_owned() };
        assert_eq!(whatsapp.unwrap().template, Some(expected));
    }

    #[test]
    fn each_that_is_missing_is_named() {
        for missing in NAMES {
            let values: Vec<_> =
                COMPLETE.into_iter().filter(|(name, _)| *name != missing).collect();
            assert_eq!(read_by(&values, Reader::whatsapp).1, [missing]);
        }
        let (whatsapp, problems) = read_by(&COMPLETE[..1], Reader::whatsapp);
        assert!(whatsapp.is_none() && problems == NAMES[1..]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (wrong, value) in [
            ("WHATSAPP_ACCESS_TOKEN", "EAA J"),
            ("WHATSAPP_ACCESS_TOKEN", "EAA\u{e9}"),
            ("WHATSAPP_APP_SECRET", "0123456789abcdef0123456789abcde"),
            ("WHATSAPP_APP_SECRET", "0123456789abcdef0123456789abcdeg"),
            ("WHATSAPP_VERIFY_TOKEN", "short"),
            ("WHATSAPP_VERIFY_TOKEN", "has a space in its midst"),
            ("WHATSAPP_PHONE_NUMBER_ID", "+15550783881"),
            ("WHATSAPP_PHONE_NUMBER_ID", "../me"),
            ("WHATSAPP_API_BASE", "ftp://x"),
            ("MIYABI_WHATSAPP_ASK", "yes"),
            ("WHATSAPP_TEMPLATE", "a_reminder"),
            ("WHATSAPP_TEMPLATE", "A/en"),
            ("WHATSAPP_TEMPLATE", "a/e"),
            ("WHATSAPP_TEMPLATE", "/en"),
        ] {
            assert_eq!(read_by(&with(wrong, value), Reader::whatsapp).1, [wrong], "{value}");
            assert!(SETTINGS.iter().any(|setting| setting.name == wrong));
        }
    }
}
