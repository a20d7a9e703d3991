//! Reads the settings one by one, and collects what is missing or wrong.

use core::ops::RangeInclusive;

use super::url::is_base_url;
use super::{Environment, Kind, Problem, SETTINGS, Watch};
use crate::ids::Secret;

/// Fewest characters of a token that opens the operator's check, and fewest different ones: nobody guesses
/// them.
const MIN_TOKEN_CHARS: usize = 16;
const MIN_DIFFERENT_CHARS: usize = 8;

const WRONG_TOKEN: &str =
    "is not `off` or a token of at least 16 letters, digits and signs, 8 different ones among them";

/// Reads from an environment.
pub(super) struct Reader<'a, E> {
    pub(super) environment: &'a E,
    /// What is missing or wrong so far.
    pub(super) problems: Vec<Problem>,
}

impl<E: Environment> Reader<'_, E> {
    /// Returns the value or its default, trimmed; an empty text counts as missing.
    pub(super) fn text(&mut self, name: &str) -> String {
        match self.optional(name) {
            Some(value) => value,
            None => self.default(name),
        }
    }

    /// Returns the value, trimmed, without any default.
    pub(super) fn optional(&self, name: &str) -> Option<String> {
        let value = self.environment.text(name).map(|value| value.trim().to_owned());
        value.filter(|value| !value.is_empty())
    }

    /// Returns the values by which a channel is on; `None` where none is set, or each is `off`. Some without the others
    /// are a problem, and `needed` says of each why.
    pub(super) fn together<const N: usize>(
        &mut self,
        names: [&'static str; N],
        needed: [&'static str; N],
    ) -> Option<[String; N]> {
        let values = names.map(|name| self.optional(name).filter(|value| value != "off"));
        if values.iter().any(Option::is_some) {
            let of_each = names.into_iter().zip(needed).zip(&values);
            for ((name, needed), _) in of_each.filter(|(_, value)| value.is_none()) {
                self.problem(name, Some(needed));
            }
        }
        let there: Option<Vec<String>> = values.into_iter().collect();
        there?.try_into().ok()
    }

    fn default(&mut self, name: &str) -> String {
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
        if let Some(default) = setting.and_then(|setting| setting.default) {
            return default.to_owned();
        }
        self.problem(name, None);
        String::new()
    }

    pub(super) fn problem(&mut self, name: &str, wrong: Option<&'static str>) {
        if let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) {
            self.problems.push(Problem { setting: *setting, wrong });
        }
    }

    pub(super) fn base_url(&mut self, name: &str) -> String {
        let url = self.text(name);
        if !is_base_url(&url) {
            self.problem(name, Some("is not an https URL (http only for this machine)"));
        }
        url.trim_end_matches('/').to_owned()
    }

    pub(super) fn number(
        &mut self,
        name: &str,
        range: RangeInclusive<u32>,
        wrong: &'static str,
    ) -> u32 {
        match self.text(name).parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                self.problem(name, Some(wrong));
                0
            }
        }
    }

    pub(super) fn max_tokens(&mut self) -> u32 {
        self.number("MIYABI_MAX_TOKENS", 1..=16_384, "is not a number from 1 to 16384")
    }

    /// Returns the operator's token; `None` if there is none, it is `off`, or it could be guessed.
    pub(super) fn operator_token(&mut self) -> Option<Secret> {
        let name = "MIYABI_OPERATOR_TOKEN";
        let token = self.optional(name).filter(|token| token != "off")?;
        let different = (0..=u8::MAX).filter(|byte| token.as_bytes().contains(byte)).count();
        // It comes in a header: nothing else than these gets there as it was written.
        let is_graphic = token.bytes().all(|byte| byte.is_ascii_graphic());
        let is_long = token.len() >= MIN_TOKEN_CHARS && different >= MIN_DIFFERENT_CHARS;
        if !is_graphic || !is_long {
            self.problem(name, Some(WRONG_TOKEN));
            return None;
        }
        Some(Secret::new(token))
    }

    pub(super) fn watch(&mut self) -> Watch {
        Watch {
            stall_s: self.number(
                "MIYABI_STALL_SECONDS",
                10..=3600,
                "is not a number from 10 to 3600",
            ),
            deadline_s: self.number(
                "MIYABI_DEADLINE_SECONDS",
                60..=780,
                "is not a number from 60 to 780",
            ),
            retention_days: self.number(
                "MIYABI_RETENTION_DAYS",
                1..=3650,
                "is not a number from 1 to 3650",
            ),
        }
    }

    /// Returns what a rate limit admits in a minute, if it is there.
    pub(super) fn limit(&mut self, (binding, variable): (&str, &str)) -> Option<u32> {
        let wrong = "is not a number from 1 to 1000000";
        let number = self.number(variable, 1..=1_000_000, wrong);
        self.environment.has_binding(binding).then_some(number)
    }

    pub(super) fn switch(&mut self, name: &str) -> bool {
        let word = self.text(name);
        if word != "on" && word != "off" {
            self.problem(name, Some("is not `on` or `off`"));
        }
        word == "on"
    }

    /// Without the binding there is nowhere to remember anything.
    pub(super) fn memory(&mut self) -> bool {
        self.switch("MIYABI_MEMORY") && self.environment.has_binding("miyabi_conversation")
    }

    /// Returns how many bytes of files one person may keep; `None` where there is no bucket.
    pub(super) fn files_quota(&mut self) -> Option<u64> {
        let wrong = "is not a number from 1 to 100000";
        let megabytes = self.number("MIYABI_FILES_MEGABYTES", 1..=100_000, wrong);
        let has_bucket = self.environment.has_binding("miyabi_files");
        has_bucket.then_some(u64::from(megabytes) * 1_000_000)
    }

    /// KV keeps nothing for less than a minute.
    ///
    /// # Source
    /// Cloudflare Docs/KV, Write key-value pairs, Expiring keys, read 2026-11-21.
    pub(super) fn cache_seconds(&mut self) -> u32 {
        let (name, wrong) = ("MIYABI_CACHE_SECONDS", "is not 0 or a number from 60 to 2592000");
        let seconds = self.number(name, 0..=2_592_000, wrong);
        if (1..60).contains(&seconds) {
            self.problem(name, Some(wrong));
        }
        if seconds > 0 && !self.environment.has_binding("miyabi_cache") {
            self.problem("miyabi_cache", None);
        }
        seconds
    }

    pub(super) fn bindings(&mut self) {
        for setting in SETTINGS.iter().filter(|setting| setting.kind == Kind::Binding) {
            if setting.default.is_none() && !self.environment.has_binding(setting.name) {
                self.problem(setting.name, None);
            }
        }
    }
}
