//! Ids, instants and secrets.

use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch.
///
/// # Shape
/// A number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    /// Returns how long it is since an earlier instant; nothing if that is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Returns the next midnight UTC, in Unix seconds.
    pub const fn next_midnight_s(self) -> u64 {
        const DAY_S: u64 = 86_400;
        (self.0 / 1000 / DAY_S + 1) * DAY_S
    }
}

/// Id of a job, which is also the id of its first Workflow instance.
///
/// It is the id of the platform's event that asked for the job, so that the same event twice is one job.
///
/// # Shape
/// A string; one that [`JobId::parse`] refuses is not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct JobId(String);

/// A text that is no [`JobId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a job's id is 1 to {} letters, digits, `_` and `-`", JobId::MAX_BYTES)]
pub struct NoJobId;

impl TryFrom<String> for JobId {
    type Error = NoJobId;

    fn try_from(id: String) -> Result<Self, NoJobId> {
        Self::parse(&id).ok_or(NoJobId)
    }
}

impl JobId {
    /// Longest accepted id, in bytes.
    ///
    /// # Source
    /// Cloudflare Docs/Workflows limits: instance ids up to 100 bytes (older: 64), read 2026-11-20.
    pub const MAX_BYTES: usize = 64;

    /// Returns the id if a Workflow instance can carry it: `[A-Za-z0-9_-]`, not empty, not
    /// starting with `-`.
    pub fn parse(id: &str) -> Option<Self> {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        let fits = !id.is_empty() && id.len() <= Self::MAX_BYTES && !id.starts_with('-');
        (fits && id.bytes().all(is_word)).then(|| Self(id.to_owned()))
    }

    /// Returns the id of the `nth` reminder that a job has set, from 0; `None` if it would be too long.
    pub fn of_reminder(job: &Self, nth: usize) -> Option<Self> {
        Self::parse(&format!("{REMINDER}{job}_{nth}"))
    }

    /// Returns whether it is a reminder's: no event of a platform, and nothing that a person sends, has such an
    /// id.
    pub fn is_of_reminder(&self) -> bool {
        self.0.starts_with(REMINDER)
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Beginning of the ids of reminders. Discord's ids are digits, and those of turns hexadecimal.
const REMINDER: &str = "reminder_";

impl fmt::Display for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A token or key.
///
/// It has no `Display` and no `Serialize`, and its `Debug` hides it, so no log line can carry it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: String) -> Self {
        Self(secret)
    }

    /// Returns the secret, for the one request that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_is_the_next_one_even_at_midnight() {
        let midnight_s = 1_763_769_600;
        for (now, expected) in [
            (0, 86_400),
            (1_763_726_400_000, midnight_s),
            (1_763_769_599_999, midnight_s),
            (1_763_769_600_000, midnight_s + 86_400),
        ] {
            assert_eq!(Millis(now).next_midnight_s(), expected, "{now}");
        }
    }

    #[test]
    fn takes_only_ids_that_a_workflow_instance_can_carry() {
        assert!(JobId::parse("1302817461728870430").is_some());
        assert!(JobId::parse("_a-1").is_some());
        for bad in ["", "-1", "a b", "a/b", "é", &"1".repeat(65)] {
            assert_eq!(JobId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_stored_id_is_checked_as_it_is_read() {
        let id = JobId::parse("1302817461728870430").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), r#""1302817461728870430""#);
        assert_eq!(serde_json::from_str::<JobId>(r#""1302817461728870430""#).unwrap(), id);
        for bad in [r#""../1""#, r#""""#, "1302817461728870430", "null"] {
            assert!(serde_json::from_str::<JobId>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hides_a_secret_from_debug_output() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".to_owned())), "Secret(..)");
    }
}
