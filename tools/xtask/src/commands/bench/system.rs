//! What the operating system knows of a process and of the machine.

use std::process::Command;

use crate::process;

/// Returns the processor's time that a process took so far, in seconds; `None` where only Linux tells.
///
/// # Source
/// `man 5 proc`: fields 14 and 15 of `stat`, in hundredths of a second.
pub fn computed_s(id: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    ticks(&stat).map(|ticks| ticks / 100.0)
}

fn ticks(stat: &str) -> Option<f64> {
    // The name before is in parentheses, and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some(field(11)? + field(12)?)
}

/// Returns the memory that a process holds, in megabytes.
pub fn resident_mb(id: u32) -> Option<f64> {
    let mut command = Command::new("ps");
    command.args(["-o", "rss=", "-p", &id.to_string()]);
    let text = process::capture(&mut command).ok()?;
    text.trim().parse::<f64>().ok().map(|kilobytes| kilobytes / 1024.0)
}

/// Returns the machine in a few words, and the day.
pub fn machine() -> String {
    let ask = |program: &str, arguments: &[&str]| {
        process::capture(Command::new(program).args(arguments))
            .map(|text| text.trim().to_owned())
            .unwrap_or_default()
    };
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or_else(String::new, |(_, name)| format!("{name}, "));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!("{model}{cores} cores, {}; {}", ask("uname", &["-sm"]), ask("date", &["+%Y-%m-%d"]))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_processors_time_is_read_after_the_name() {
        let stat = "7 (a b) c) S 1 2 3 4 5 6 7 8 9 10 30 12 0 0 20";
        assert_eq!(super::ticks(stat), Some(42.0));
        assert_eq!(super::ticks("7 (a) S 1"), None);
    }
}
