//! Positions in a text as Telegram counts them: in UTF-16 code units.

/// Length of a text in UTF-16 code units.
pub(super) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The byte at a position, unless that is inside of a character or behind the end.
pub(super) fn byte_at(text: &str, position: usize) -> Option<usize> {
    let mut units = 0;
    for (byte, letter) in text.char_indices() {
        if units >= position {
            return (units == position).then_some(byte);
        }
        units += letter.len_utf16();
    }
    (units == position).then_some(text.len())
}

/// The part of a text between two positions; nothing if one of them is no place in it.
pub(super) fn part(text: &str, offset: usize, length: usize) -> Option<&str> {
    text.get(byte_at(text, offset)?..byte_at(text, offset.checked_add(length)?)?)
}

#[cfg(test)]
mod tests {
    use super::{byte_at, length, part};

    #[test]
    fn characters_beyond_the_first_plane_count_twice() {
        assert_eq!(length("a雅🎋"), 4);
        for (position, byte) in [(0, Some(0)), (2, Some(4)), (3, None), (4, Some(8)), (5, None)] {
            assert_eq!(byte_at("a雅🎋", position), byte, "{position}");
        }
        assert_eq!(part("a雅🎋b", 2, 2), Some("🎋"));
        assert_eq!(part("a雅🎋b", 2, 9), None);
    }
}
