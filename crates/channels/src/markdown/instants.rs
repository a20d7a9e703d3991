//! Instants within Markdown, which a platform shows in its reader's zone if it can.

use super::Style;

/// Returns Markdown for an instant, which [`super::read`] knows: the platform shows it in its reader's zone, if it can.
pub fn instant(unix_s: u64, is_relative: bool) -> String {
    let scheme = if is_relative { RELATIVE } else { ABSOLUTE };
    format!("[{}]({scheme}{unix_s})", in_words(unix_s))
}

/// Returns an instant, in Unix seconds, by its day and hour, such as `2026-11-30 12:00 UTC`.
pub fn in_words(unix_s: u64) -> String {
    let iso = miyabi_core::time::to_iso(unix_s);
    let (day, hour) = iso.split_once('T').unwrap_or_default();
    let hour: String = hour.chars().take(5).collect();
    format!("{day} {hour} UTC")
}

/// What the addresses of instants begin with. That anybody may write one does no harm.
const RELATIVE: &str = "instant-relative:";
const ABSOLUTE: &str = "instant:";

/// Reads the address of [`instant`].
pub(super) fn read_instant(address: &str) -> Option<Style> {
    let (seconds, is_relative) =
        match (address.strip_prefix(RELATIVE), address.strip_prefix(ABSOLUTE)) {
            (Some(seconds), _) => (seconds, true),
            (None, Some(seconds)) => (seconds, false),
            (None, None) => return None,
        };
    // What is beyond no calendar of a platform has.
    let unix_s: u32 = seconds.parse().ok().filter(|seconds| i32::try_from(*seconds).is_ok())?;
    Some(Style::Instant { unix_s: unix_s.into(), is_relative })
}
