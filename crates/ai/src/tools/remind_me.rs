//! The tool `remind_me`: a message to the asker at a time, in the asker's own words. The product carries it out:
//! it is in `reminders` and `errands` there. Here is how a time is read.

use core::fmt;

use super::errands::Touches;
use super::schema::{Kind, Parameter};
use super::zones::{self, Zone};
use miyabi_core::ids::Millis;
use miyabi_core::time::to_iso;

/// What the model reads about the tool.
pub const DESCRIPTION: &str = "Reminds the asker of something at a time, by a message in this channel. Use it only when the \
     asker wants to be reminded.";

/// What it may touch.
pub const TOUCHES: Touches = Touches::Writes;

/// Parameters.
pub const PARAMETERS: [Parameter; 2] = [
    Parameter {
        name: "time",
        kind: Kind::Text,
        description: "When: `in 20 minutes`, or a time with its zone, such as 2026-11-30T09:00+09:00.",
        is_required: true,
    },
    Parameter {
        name: "words",
        kind: Kind::Text,
        description: "The part of the question that says of what, copied word for word.",
        is_required: true,
    },
];

const MINUTE_S: u64 = 60;
const DAY_S: u64 = 86_400;

/// Shortest and longest time from the question to the reminder, in seconds: a minute, and a year.
const LEAST_S: u64 = MINUTE_S;
const MOST_S: u64 = 366 * DAY_S;

/// Units of a time from now on, in seconds, the longer spelling first.
const UNITS: [(&str, u64); 20] = [
    ("minutes", MINUTE_S),
    ("minute", MINUTE_S),
    ("mins", MINUTE_S),
    ("min", MINUTE_S),
    ("m", MINUTE_S),
    ("hours", 3_600),
    ("hour", 3_600),
    ("hrs", 3_600),
    ("hr", 3_600),
    ("h", 3_600),
    ("days", DAY_S),
    ("day", DAY_S),
    ("d", DAY_S),
    ("weeks", 7 * DAY_S),
    ("week", 7 * DAY_S),
    ("w", 7 * DAY_S),
    ("分後", MINUTE_S),
    ("時間後", 3_600),
    ("日後", DAY_S),
    ("週間後", 7 * DAY_S),
];

/// Why a time is none; each is a sentence for the model that says what is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeError {
    /// Whether it is a time, but too soon or too late.
    pub is_out_of_bounds: bool,
    /// When the question was asked.
    pub asked: Millis,
}

impl fmt::Display for TimeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.is_out_of_bounds {
            "`time` must be at least a minute and at most a year after the question, which was asked at "
        } else {
            "`time` must be like `in 20 minutes`, or have date, time and zone, such as \
             2026-11-30T09:00+09:00; the question was asked at "
        })?;
        formatter.write_str(&to_iso(self.asked.0 / 1000))
    }
}

/// Returns the time that is meant, in Unix seconds. It is counted from the question, so that every run of a job
/// reads the same.
///
/// # Errors
/// [`TimeError`], when it is no time, has no zone, or is out of bounds.
pub fn due_s(time: &str, asked: Millis) -> Result<u64, TimeError> {
    let asked_s = asked.0 / 1000;
    let error = |is_out_of_bounds| TimeError { is_out_of_bounds, asked };
    let from_now = relative(time).map(|seconds| asked_s.saturating_add(seconds));
    let due_s = from_now.or_else(|| absolute(time)).ok_or(error(false))?;
    let wait = due_s.saturating_sub(asked_s);
    if (LEAST_S..=MOST_S).contains(&wait) { Ok(due_s) } else { Err(error(true)) }
}

/// Reads `in 1 hour and 30 minutes`, in seconds.
fn relative(text: &str) -> Option<u64> {
    let lower = text.trim().to_lowercase();
    let mut rest = lower.strip_prefix("in ").unwrap_or(&lower).trim_start();
    rest = rest.strip_suffix("from now").unwrap_or(rest).trim_end();
    let mut all: Option<u64> = None;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at_checked(digits)?;
        let number: u64 = number.parse().ok()?;
        let after = after.trim_start();
        let (unit, seconds) = UNITS.into_iter().find(|(unit, _)| {
            let next = after.strip_prefix(unit).map(|rest| rest.chars().next());
            next.is_some_and(|next| !next.is_some_and(|c| c.is_ascii_alphabetic()))
        })?;
        all = all.unwrap_or_default().checked_add(number.checked_mul(seconds)?);
        let after = after.strip_prefix(unit)?.trim_start_matches([' ', ',']);
        rest = after.strip_prefix("and ").unwrap_or(after).trim_start();
    }
    all
}

/// Reads `2026-11-30T09:00+09:00`, in Unix seconds.
fn absolute(text: &str) -> Option<u64> {
    let (date, rest) = text.trim().split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?.trim_start();
    let (clock, zone) =
        rest.split_at_checked(rest.find(|c: char| !matches!(c, '0'..='9' | ':' | '.'))?)?;
    let offset_m = match zones::meaning(zone.trim()) {
        Zone::Offset(minutes) => i64::from(minutes),
        Zone::Name("UTC") => 0,
        Zone::Name(_) | Zone::Ambiguous(_) | Zone::Other => return None,
    };
    let whole = |text: &str, least: i64, most: i64| -> Option<i64> {
        let is_plain = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|_| is_plain)?;
        (least..=most).contains(&number).then_some(number)
    };
    let mut date = date.split('-');
    let (year, month) = (whole(date.next()?, 1970, 9999)?, whole(date.next()?, 1, 12)?);
    let day = whole(date.next()?, 1, zones::days_of(year, month))?;
    let mut clock = clock.split('.').next()?.split(':');
    let (hour, minute) = (whole(clock.next()?, 0, 23)?, whole(clock.next()?, 0, 59)?);
    let second = clock.next().map_or(Some(0), |second| whole(second, 0, 59))?;
    if date.next().is_some() || clock.next().is_some() {
        return None;
    }
    let minutes = (zones::day(year, month, day) * 24 + hour) * 60 + minute - offset_m;
    u64::try_from(minutes * 60 + second).ok()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    /// Sunday, 29 November 2026, 08:00 UTC.
    const ASKED: Millis = Millis(1_795_939_200_000);

    fn after_s(time: &str) -> Result<u64, bool> {
        let due = due_s(time, ASKED).map_err(|error| error.is_out_of_bounds)?;
        Ok(due - ASKED.0 / 1000)
    }

    #[test]
    fn a_time_is_read_from_the_question_on_or_with_its_zone() {
        assert_eq!(to_iso(ASKED.0 / 1000), "2026-11-29T08:00:00Z");
        for (time, seconds) in [
            ("in 20 minutes", 1_200),
            ("20 min", 1_200),
            ("In 1 hour and 30 minutes", 5_400),
            ("1h30m", 5_400),
            ("2 days, 3 hours from now", 183_600),
            ("1 week", 604_800),
            ("20分後", 1_200),
            ("2026-11-29T17:30+09:00", 1_800),
            ("2026-11-29T17:30:15+0900", 1_815),
            ("2026-11-29 08:30Z", 1_800),
            ("2026-11-29T08:30:00.000Z", 1_800),
            ("2026-11-29T03:30-05:00", 1_800),
            ("2027-03-01T08:00Z", 92 * 86_400),
            ("2027-11-29T08:00Z", 365 * 86_400),
        ] {
            assert_eq!(after_s(time), Ok(seconds), "{time}");
        }
    }

    #[test]
    fn what_is_no_time_has_no_zone_or_is_out_of_bounds_is_refused_with_what_is_expected() {
        for time in [
            "",
            "soon",
            "20",
            "in minutes",
            "20 moons",
            "-5 minutes",
            "1.5 hours",
            "tomorrow at 9",
            "2026-11-30",
            "2026-11-30T09:00",
            "2026-11-30T09:00 Asia/Tokyo",
            "2026-02-30T09:00Z",
            "2026-13-01T09:00Z",
            "2026-11-30T24:00Z",
            "2026-11-30T09Z",
            "2026-11-30T09:00:00:00Z",
            "30-11-2026T09:00Z",
            "2026-11-30T09:00CST",
            "99999999999999999999 minutes",
        ] {
            assert_eq!(after_s(time), Err(false), "{time}");
        }
        for time in
            ["in 0 minutes", "2026-11-29T08:00:59Z", "2020-01-01T00:00Z", "400 days", "53 weeks"]
        {
            assert_eq!(after_s(time), Err(true), "{time}");
        }
        let said = due_s("soon", ASKED).map_err(|error| error.to_string()).unwrap_err();
        assert!(said.ends_with("the question was asked at 2026-11-29T08:00:00Z"), "{said}");
    }
}
