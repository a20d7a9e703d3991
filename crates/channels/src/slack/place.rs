//! Where a question was asked: the text that it carries for Slack's transport.

use serde::{Deserialize, Serialize};

use super::{PLATFORM, digits, is_id, is_ts, place_name};
use miyabi_core::ids::JobId;
use miyabi_core::json;
use miyabi_core::question::Question;

/// What the last part of a job's id begins with whose question was written into a form.
pub(super) const OF_FORM: char = 'v';

/// Where a question was asked.
///
/// # Shape
/// A stored format: `{"team":"T1","channel":"C1","thread":"1700000000.123456","user":"U1","is_shared":true}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Team's id.
    pub team: String,
    /// Channel's id, also that of a direct message.
    pub channel: String,
    /// Time of the message that the thread belongs to in which it is answered; `None` for the channel itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// Who asked.
    pub user: String,
    /// Their team, where it is not that of the channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<String>,
    /// Whether others read along.
    pub is_shared: bool,
    /// Whether Miyabi is not in the channel, and writes there all the same.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub is_outside: bool,
}

impl Place {
    /// Returns a place, if what names it is what Slack's ids are.
    pub(super) fn new(
        (team, channel, thread): (&str, &str, Option<&str>),
        user: &str,
        is_shared: bool,
    ) -> Option<Self> {
        let has_ids = [team, channel, user].into_iter().all(is_id) && thread.is_none_or(is_ts);
        has_ids.then(|| Self {
            team: team.to_owned(),
            channel: channel.to_owned(),
            thread: thread.map(ToOwned::to_owned),
            user: user.to_owned(),
            home: None,
            is_shared,
            is_outside: false,
        })
    }

    /// Reads the place of a question; `None` if it was not written here.
    pub fn of(question: &Question) -> Option<Self> {
        json::parse(&question.place)
    }

    /// Returns the text that [`Place::of`] reads.
    pub fn to_text(&self) -> String {
        // Words and a flag always have JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns how the name of a conversation names it.
    pub(super) fn name(&self) -> String {
        place_name(&self.team, &self.channel, self.thread.as_deref())
    }

    /// Returns the id of the job that a message of here asks for: the same message twice is one job.
    pub(super) fn job_of(&self, ts: &str) -> Option<JobId> {
        self.job(&digits(ts))
    }

    /// Returns the id of a job of here by a word that no other has.
    pub(super) fn job(&self, word: &str) -> Option<JobId> {
        JobId::parse(&format!("{PLATFORM}_{}_{}_{word}", self.team, self.channel))
    }

    /// Says whether the question of a job was written into a form, where nobody else sees it.
    pub(super) fn is_of_form(job: &JobId) -> bool {
        job.as_str().rsplit('_').next().is_some_and(|word| word.starts_with(OF_FORM))
    }

    /// Says whether a job was asked for here, in this channel or one of its threads.
    pub(super) fn is_of(&self, job: &JobId) -> bool {
        let begins = format!("{PLATFORM}_{}_{}_", self.team, self.channel);
        job.as_str().starts_with(&begins)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back() {
        for thread in [None, Some("1700000000.123456")] {
            let place = Place::new(("T1", "C1", thread), "U1", true).unwrap();
            let question = Question { place: place.to_text(), ..miyabi_testing::question("hi") };
            assert_eq!(Place::of(&question), Some(place));
        }
        assert_eq!(Place::of(&miyabi_testing::question("hi")), None, "a channel of Discord");
    }

    #[test]
    fn what_is_no_id_makes_no_place() {
        for (team, channel, thread, user) in [
            ("", "C1", None, "U1"),
            ("T1", "C 1", None, "U1"),
            ("T1", "C1", Some("soon"), "U1"),
            ("T1", "C1", None, "U_1"),
        ] {
            assert_eq!(Place::new((team, channel, thread), user, true), None);
        }
    }

    #[test]
    fn a_job_is_of_its_channel_alone() {
        let place = |channel| Place::new(("T1", channel, None), "U1", true).unwrap();
        let job = place("C1").job_of("1700000000.123456").unwrap();
        assert_eq!(job.as_str(), "slack_T1_C1_1700000000123456");
        assert!(place("C1").is_of(&job) && !place("C2").is_of(&job) && !place("C").is_of(&job));
    }
}
