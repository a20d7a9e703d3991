//! Ids of questions, messages and Workflow instances: made here, and read back.

/// Bits of a snowflake below its time.
const SNOWFLAKE_BITS: u32 = 22;
/// First millisecond of Discord's time.
const EPOCH_MS: u64 = 1_420_070_400_000;

/// Returns a snowflake of a time.
pub fn snowflake(at_ms: u64, number: u64) -> u64 {
    ((at_ms - EPOCH_MS) << SNOWFLAKE_BITS) | (number & 0x3F_FFFF)
}

/// What the id of a reminder's job begins with; the id of the job that has set it follows.
pub const REMINDER: &str = "reminder_";

/// Returns the number of a question by its job's id, or by that of a reminder which it has set.
pub fn number(id: &str) -> Option<usize> {
    let digits = id.strip_prefix(REMINDER).unwrap_or(id).split(['-', '_']).next()?;
    let id: u64 = digits.parse().ok()?;
    usize::try_from(id & 0xFFF).ok()?.checked_sub(1)
}

/// Returns a readable name for a Workflow instance: number of the question and generation.
pub fn short_name(instance: &str) -> String {
    if let Some(reminder) = instance.strip_prefix(REMINDER) {
        let rest = reminder.split_once('_').map_or("", |(_, rest)| rest);
        return number(instance).map_or_else(String::new, |ask| format!("reminder {ask}/{rest}"));
    }
    let generation = instance.split_once('_').map_or("1", |(_, generation)| generation);
    number(instance).map_or_else(|| instance.to_owned(), |ask| format!("job {ask}/{generation}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_question_is_read_back_from_the_names_of_its_instances() {
        let id = snowflake(1_780_000_000_000, 3).to_string();
        assert_eq!(number(&id), Some(2));
        assert_eq!(number(&format!("{id}_3")), Some(2));
        assert_eq!(short_name(&id), "job 2/1");
        assert_eq!(short_name(&format!("{id}_3")), "job 2/3");
        assert_eq!(number(&format!("{REMINDER}{id}_0_2")), Some(2));
        assert_eq!(short_name(&format!("{REMINDER}{id}_0_2")), "reminder 2/0_2");
        assert_eq!(number("no id"), None);
    }
}
