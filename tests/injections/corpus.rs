//! The attempts, as the file has them.

/// One attempt.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// Where its text stands: `page.text`, `search.title`, …
    pub(crate) surface: String,
    /// Language of its text.
    pub(crate) language: String,
    /// How its order is hidden, or `none`.
    pub(crate) disguise: String,
    /// What it is after.
    pub(crate) kind: String,
    /// Text, with its order as it is hidden.
    pub(crate) text: String,
    /// The line itself.
    pub(crate) line: String,
}

/// Returns every attempt.
pub(crate) fn corpus() -> Vec<Attempt> {
    let lines = include_str!("corpus.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.map(read).collect()
}

fn read(line: &str) -> Attempt {
    let fields: Vec<&str> = line.split('\t').collect();
    let [surface, language, disguise, kind, text] = fields[..] else { panic!("{line}") };
    let [surface, language, disguise, kind] =
        [surface, language, disguise, kind].map(ToOwned::to_owned);
    let text = hide(&text.replace("\\n", "\n"), &disguise);
    Attempt { surface, language, disguise, kind, text, line: line.to_owned() }
}

/// Hides the order of a text.
fn hide(text: &str, disguise: &str) -> String {
    let (before, rest) = text.split_once("OBEY[[").unwrap_or_else(|| panic!("no order: {text}"));
    let (order, after) = rest.rsplit_once("]]").unwrap_or_else(|| panic!("no end: {text}"));
    let order = format!("OBEY[[{order}]]");
    let each = |write: &dyn Fn(char) -> String| order.chars().map(write).collect::<String>();
    let shifted = |c: char, by: u32| char::from_u32(u32::from(c) + by).unwrap();
    let hidden = match disguise {
        "none" => order,
        "zero-width" => each(&|c| format!("{c}\u{200b}")),
        "joiners" => each(&|c| format!("\u{2060}{c}\u{200d}")),
        "full-width" => each(&|c| {
            let is_letter = c.is_ascii_graphic();
            if is_letter { shifted(c, 0xfee0).to_string() } else { c.to_string() }
        }),
        "tags" => each(&|c| shifted(c, 0xe0000).to_string()),
        "entities" => each(&|c| format!("&#{};", u32::from(c))),
        "escapes" => each(&|c| format!("\\u{:04x}", u32::from(c))),
        "percent" => each(&|c| format!("%{:02X}", u32::from(c))),
        "hex" => each(&|c| format!("{:02x}", u32::from(c))),
        "reverse" => order.chars().rev().collect(),
        "rot13" => each(&|c| match c {
            'a'..='m' | 'A'..='M' => shifted(c, 13).to_string(),
            'n'..='z' | 'N'..='Z' => char::from_u32(u32::from(c) - 13).unwrap().to_string(),
            other => other.to_string(),
        }),
        other => panic!("no such disguise: {other}"),
    };
    [before, &hidden, after].concat()
}
