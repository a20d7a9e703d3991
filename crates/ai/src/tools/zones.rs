//! Time zones as people and models write them: offsets, abbreviations and old names.
//!
//! The runtime maps abbreviations to one zone each, and some to another continent than most people mean
//! (`AST` to Alaska, `BST` to Bangladesh). So they are read here, before the runtime is asked.

/// What a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Zone {
    /// An offset from UTC, in minutes.
    Offset(i32),
    /// An IANA name.
    Name(&'static str),
    /// One of these IANA names.
    Ambiguous(&'static [&'static str]),
    /// Something else, which the runtime may know.
    Other,
}

/// Abbreviations with more than one meaning.
///
/// # Source
/// IANA time zone database; ICU's table of short names; Wikipedia/List of time zone abbreviations; read
/// 2026-11-28.
const AMBIGUOUS: [(&str, &[&str]); 36] = [
    ("ACT", &["Australia/Adelaide", "Australia/Darwin", "America/Rio_Branco", "Asia/Singapore"]),
    ("ADT", &["America/Halifax", "Asia/Baghdad"]),
    ("AET", &["Australia/Sydney", "Australia/Brisbane", "America/New_York"]),
    ("AGT", &["America/Argentina/Buenos_Aires", "America/Guatemala"]),
    ("AMT", &["America/Manaus", "Asia/Yerevan"]),
    ("ART", &["America/Argentina/Buenos_Aires", "Africa/Cairo"]),
    ("AST", &["America/Halifax", "America/Puerto_Rico", "Asia/Riyadh", "America/Anchorage"]),
    ("AT", &["America/Halifax", "Australia/Sydney"]),
    ("BET", &["America/Sao_Paulo", "Europe/London"]),
    ("BST", &["Europe/London", "Asia/Dhaka", "Pacific/Bougainville"]),
    ("BT", &["Asia/Thimphu", "Asia/Baghdad"]),
    ("CAT", &["Africa/Maputo", "America/Anchorage"]),
    ("CDT", &["America/Chicago", "America/Havana"]),
    ("CNT", &["America/St_Johns", "Asia/Shanghai"]),
    ("CST", &["America/Chicago", "Asia/Shanghai", "America/Havana", "Asia/Taipei"]),
    ("CT", &["America/Chicago", "Asia/Shanghai"]),
    ("CTT", &["Asia/Shanghai", "America/Chicago"]),
    ("ECT", &["America/Guayaquil", "Europe/Paris", "America/Puerto_Rico"]),
    ("EST", &["America/New_York", "America/Panama", "Australia/Sydney"]),
    ("ET", &["America/New_York", "Africa/Addis_Ababa"]),
    ("GST", &["Asia/Dubai", "Atlantic/South_Georgia", "Pacific/Guam"]),
    ("IDT", &["Asia/Jerusalem", "Asia/Kolkata"]),
    ("IET", &["America/Indiana/Indianapolis", "Europe/Dublin"]),
    ("IST", &["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"]),
    ("LHST", &["Australia/Lord_Howe"]),
    ("MIT", &["Pacific/Apia", "Pacific/Marquesas"]),
    ("MST", &["America/Denver", "America/Phoenix", "Asia/Kuala_Lumpur", "Asia/Yangon"]),
    ("NET", &["Asia/Yerevan", "America/St_Johns"]),
    ("NST", &["America/St_Johns", "Pacific/Auckland"]),
    ("PNT", &["America/Phoenix", "Pacific/Pitcairn"]),
    ("PRT", &["America/Puerto_Rico", "Europe/Lisbon"]),
    ("PST", &["America/Los_Angeles", "Asia/Manila", "Pacific/Pitcairn"]),
    ("PT", &["America/Los_Angeles", "Europe/Lisbon"]),
    ("SST", &["Pacific/Pago_Pago", "Asia/Singapore", "Pacific/Guadalcanal"]),
    ("VST", &["Asia/Ho_Chi_Minh", "America/Caracas"]),
    ("WST", &["Australia/Perth", "Pacific/Apia", "Africa/El_Aaiun"]),
];

/// Abbreviations with one meaning, and names that the database keeps for old programs.
///
/// # Source
/// IANA time zone database/backward, read 2026-11-28.
const NAMES: [(&str, &str); 74] = [
    ("UTC", "UTC"),
    ("GMT", "UTC"),
    ("Z", "UTC"),
    ("Zulu", "UTC"),
    ("UCT", "UTC"),
    ("Universal", "UTC"),
    ("Greenwich", "UTC"),
    ("JST", "Asia/Tokyo"),
    ("KST", "Asia/Seoul"),
    ("HKT", "Asia/Hong_Kong"),
    ("SGT", "Asia/Singapore"),
    ("WIB", "Asia/Jakarta"),
    ("PKT", "Asia/Karachi"),
    ("PLT", "Asia/Karachi"),
    ("NPT", "Asia/Kathmandu"),
    ("MSK", "Europe/Moscow"),
    ("CET", "Europe/Paris"),
    ("CEST", "Europe/Paris"),
    ("MET", "Europe/Paris"),
    ("EET", "Europe/Athens"),
    ("EEST", "Europe/Athens"),
    ("WET", "Europe/Lisbon"),
    ("WEST", "Europe/Lisbon"),
    ("EAT", "Africa/Nairobi"),
    ("WAT", "Africa/Lagos"),
    ("SAST", "Africa/Johannesburg"),
    ("EDT", "America/New_York"),
    ("MDT", "America/Denver"),
    ("PDT", "America/Los_Angeles"),
    ("AKST", "America/Anchorage"),
    ("AKDT", "America/Anchorage"),
    ("HST", "Pacific/Honolulu"),
    ("NDT", "America/St_Johns"),
    ("BRT", "America/Sao_Paulo"),
    ("AEST", "Australia/Brisbane"),
    ("AEDT", "Australia/Sydney"),
    ("ACST", "Australia/Darwin"),
    ("ACDT", "Australia/Adelaide"),
    ("AWST", "Australia/Perth"),
    ("NZST", "Pacific/Auckland"),
    ("NZDT", "Pacific/Auckland"),
    ("EST5EDT", "America/New_York"),
    ("CST6CDT", "America/Chicago"),
    ("MST7MDT", "America/Denver"),
    ("PST8PDT", "America/Los_Angeles"),
    ("Japan", "Asia/Tokyo"),
    ("PRC", "Asia/Shanghai"),
    ("ROC", "Asia/Taipei"),
    ("ROK", "Asia/Seoul"),
    ("Hongkong", "Asia/Hong_Kong"),
    ("Singapore", "Asia/Singapore"),
    ("Israel", "Asia/Jerusalem"),
    ("Iran", "Asia/Tehran"),
    ("Turkey", "Europe/Istanbul"),
    ("Egypt", "Africa/Cairo"),
    ("Libya", "Africa/Tripoli"),
    ("GB", "Europe/London"),
    ("GB-Eire", "Europe/London"),
    ("Eire", "Europe/Dublin"),
    ("Portugal", "Europe/Lisbon"),
    ("Poland", "Europe/Warsaw"),
    ("W-SU", "Europe/Moscow"),
    ("Iceland", "Atlantic/Reykjavik"),
    ("Cuba", "America/Havana"),
    ("Jamaica", "America/Jamaica"),
    ("Navajo", "America/Denver"),
    ("NZ", "Pacific/Auckland"),
    ("NZ-CHAT", "Pacific/Chatham"),
    ("US/Eastern", "America/New_York"),
    ("US/Central", "America/Chicago"),
    ("US/Mountain", "America/Denver"),
    ("US/Pacific", "America/Los_Angeles"),
    ("US/Hawaii", "Pacific/Honolulu"),
    ("US/Alaska", "America/Anchorage"),
];

/// Returns what a text means.
pub(super) fn meaning(text: &str) -> Zone {
    let text = text.trim();
    if let Some(minutes) = offset(text) {
        return Zone::Offset(minutes);
    }
    let is_it = |name: &str| name.eq_ignore_ascii_case(text);
    if let Some((_, candidates)) = AMBIGUOUS.iter().find(|(name, _)| is_it(name)) {
        return match candidates {
            [only] => Zone::Name(only),
            _ => Zone::Ambiguous(candidates),
        };
    }
    NAMES.iter().find(|(name, _)| is_it(name)).map_or(Zone::Other, |(_, zone)| Zone::Name(zone))
}

/// Largest offset of any place, in minutes.
const MAX_OFFSET: i32 = 14 * 60;

/// Reads `+09:00`, `UTC+9`, `GMT-3`, `+0530` and `UTC−3:30`; minutes east of UTC.
fn offset(text: &str) -> Option<i32> {
    let upper = text.to_ascii_uppercase();
    let bare = ["UTC", "GMT"].iter().find_map(|zone| upper.strip_prefix(zone)).unwrap_or(&upper);
    let bare = bare.trim_start();
    let (sign, digits) = match bare.strip_prefix(['+', '＋']) {
        Some(digits) => (1, digits),
        None => (-1, bare.strip_prefix(['-', '−', '–', '－'])?),
    };
    let digits = digits.trim();
    let (hours, minutes) = match (digits.split_once(':'), digits.len()) {
        (Some((hours, minutes)), _) => (hours, minutes),
        (None, 3 | 4) => digits.split_at_checked(digits.len() - 2)?,
        (None, _) => (digits, "0"),
    };
    let is_number =
        |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= MAX_OFFSET).then_some(sign * total)
}

/// Returns the name of an offset: `UTC+09:00`.
pub(super) fn offset_name(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("UTC{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

const WEEKDAYS: [&str; 7] =
    ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Returns the date, weekday and time at an offset, in the words of the runtime: `Friday, 20 November 2026
/// at 23:45:00 GMT+9`.
pub(super) fn time_at(now_ms: u64, minutes: i32) -> Option<String> {
    let seconds = i64::try_from(now_ms / 1000).ok()? + i64::from(minutes) * 60;
    let (days, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let weekday = WEEKDAYS.get(usize::try_from(days.rem_euclid(7)).ok()?)?;
    let (year, month, day) = date(days);
    let month = MONTHS.get(usize::try_from(month - 1).ok()?)?;
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    let zone = match (hours, rest) {
        (0, 0) => "GMT".to_owned(),
        (_, 0) => format!("GMT{sign}{hours}"),
        _ => format!("GMT{sign}{hours}:{rest:02}"),
    };
    Some(format!("{weekday}, {day} {month} {year} at {hour:02}:{minute:02}:{second:02} {zone}"))
}

/// Returns year, month and day of a day after 1 January 1970.
///
/// # Source
/// Howard Hinnant, `chrono`-Compatible Low-Level Date Algorithms, `civil_from_days`.
const fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Returns the number of a day, 0 for 1 January 1970.
///
/// # Source
/// As for [`date`], `days_from_civil`.
pub(super) const fn day(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Returns how many days a month has.
pub(super) const fn days_of(year: i64, month: i64) -> i64 {
    let (next_year, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    day(next_year, next, 1) - day(year, month, 1)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_read_however_it_is_written() {
        for (text, minutes) in [
            ("+09:00", 540),
            ("+9", 540),
            ("+0900", 540),
            ("+530", 330),
            ("UTC+9", 540),
            ("utc +9", 540),
            ("GMT-3", -180),
            ("GMT -03:30", -210),
            ("UTC−3", -180),
            ("UTC+05:45", 345),
            ("-00:00", 0),
            ("UTC+14", 840),
        ] {
            assert_eq!(meaning(text), Zone::Offset(minutes), "{text}");
        }
        for text in ["+15", "UTC+9:60", "+", "UTC+", "+9:", "+x", "+12345", "9", "Etc/GMT+5"] {
            assert_eq!(meaning(text), Zone::Other, "{text}");
        }
    }

    #[test]
    fn an_abbreviation_with_several_meanings_has_candidates_of_different_places() {
        for text in [
            "AST", "NST", "ART", "BST", "SST", "ECT", "IST", "CST", "EST", "ACT", "AGT", "BET",
            "CNT", "CTT", "IET", "MIT", "NET", "PNT", "PRT", "VST", "PST", "MST", "GST", "ist",
        ] {
            let Zone::Ambiguous(candidates) = meaning(text) else { panic!("{text}") };
            assert!(candidates.len() > 1 && candidates.iter().all(|it| it.contains('/')), "{text}");
        }
    }

    #[test]
    fn old_names_are_their_new_ones() {
        for (text, zone) in [
            ("Japan", "Asia/Tokyo"),
            ("japan", "Asia/Tokyo"),
            ("US/Pacific", "America/Los_Angeles"),
            ("us/eastern", "America/New_York"),
            ("GB", "Europe/London"),
            ("PRC", "Asia/Shanghai"),
            ("jst", "Asia/Tokyo"),
            ("Z", "UTC"),
            ("GMT", "UTC"),
        ] {
            assert_eq!(meaning(text), Zone::Name(zone), "{text}");
        }
        assert_eq!(meaning("Asia/Tokyo"), Zone::Other);
        assert_eq!(meaning("New York"), Zone::Other);
    }

    #[test]
    fn the_time_at_an_offset_has_the_right_day() {
        let second = |seconds: u64, minutes| time_at(seconds * 1000, minutes).unwrap();
        assert_eq!(second(0, 0), "Thursday, 1 January 1970 at 00:00:00 GMT");
        assert_eq!(second(0, -1), "Wednesday, 31 December 1969 at 23:59:00 GMT-0:01");
        assert_eq!(second(1_795_185_900, 540), "Friday, 20 November 2026 at 23:45:00 GMT+9");
        assert_eq!(second(951_782_400, 0), "Tuesday, 29 February 2000 at 00:00:00 GMT");
        assert_eq!(second(4_107_542_400, 345), "Monday, 1 March 2100 at 05:45:00 GMT+5:45");
    }
}
