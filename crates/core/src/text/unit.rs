//! The units in which platforms count the length of a text.

/// What a platform counts the length of a message in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthUnit {
    /// Unicode code points: Discord, Slack and `WhatsApp`.
    CodePoints,
    /// UTF-16 code units: Telegram.
    Utf16Units,
    /// Bytes of UTF-8.
    Bytes,
}

impl LengthUnit {
    /// Returns the length of a text.
    ///
    /// # Example
    ///
    /// ```
    /// # use miyabi_core::text::LengthUnit;
    /// assert_eq!(LengthUnit::CodePoints.length("雅😀"), 2);
    /// assert_eq!(LengthUnit::Utf16Units.length("雅😀"), 3);
    /// assert_eq!(LengthUnit::Bytes.length("雅😀"), 7);
    /// ```
    pub fn length(self, text: &str) -> usize {
        match self {
            Self::CodePoints => text.chars().count(),
            Self::Utf16Units => text.encode_utf16().count(),
            Self::Bytes => text.len(),
        }
    }

    /// Returns the length of one code point.
    pub const fn of_char(self, c: char) -> usize {
        match self {
            Self::CodePoints => 1,
            Self::Utf16Units => c.len_utf16(),
            Self::Bytes => c.len_utf8(),
        }
    }

    /// Returns the length of the longest code point.
    pub const fn longest_char(self) -> usize {
        self.of_char(char::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::LengthUnit;

    #[test]
    fn a_text_is_as_long_as_its_code_points_together() {
        for unit in [LengthUnit::CodePoints, LengthUnit::Utf16Units, LengthUnit::Bytes] {
            for text in ["", "a", "é", "雅", "😀", "a👩\u{200d}💻e\u{301}"] {
                let sum: usize = text.chars().map(|c| unit.of_char(c)).sum();
                assert_eq!(unit.length(text), sum, "{text} in {unit:?}");
                assert!(text.chars().all(|c| unit.of_char(c) <= unit.longest_char()));
            }
        }
    }
}
