//! The lines about files.

use super::*;
use crate::testing::discord;
use miyabi_testing::{Fake, question};

#[test]
fn each_line_below_an_answer_names_a_file_that_was_not_read_or_only_in_part() {
    let world = Fake::new();
    let cut = ReadFile { name: "long.txt".to_owned(), is_cut: true, ..ReadFile::default() };
    let whole = ReadFile { is_cut: false, ..cut.clone() };
    let gone = unreachable(&Attachment { name: "a.txt".to_owned(), ..Attachment::default() });
    let text =
        with_lines(&discord(&world), &question("Why?"), "So.".to_owned(), &[cut, whole, gone]);
    assert_eq!(
        text,
        "So.\n-# only in part: `long.txt` is longer than what I can read at once\n-# not read: `a.txt` (it could not be reached; please try again)"
    );
}
