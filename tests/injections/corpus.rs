//! The attempts, as the file has them.

/// One attempt.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Where its text stands: `page.text`, `search.title`, …
    pub surface: String,
    /// Language of its text.
    pub language: String,
    /// How its order is hidden, or `none`.
    pub disguise: String,
    /// What it is after.
    pub kind: String,
    /// Text, with its order as it is hidden.
    pub text: String,
    /// The line itself.
    pub line: String,
    /// Which one it is, where many are tried side by side: its hosts carry that, and no other attempt's do.
    pub number: Option<usize>,
}

impl Attempt {
    /// Kind of place, and what of it.
    pub fn place(&self) -> (&str, &str) {
        self.surface.split_once('.').unwrap_or((&self.surface, ""))
    }

    /// What tells its hosts and questions apart from those of others; empty where it is tried alone.
    pub fn mark(&self) -> String {
        self.number.map(|number| format!("n{number:03}")).unwrap_or_default()
    }

    /// A text with the hosts of this attempt.
    pub fn own(&self, text: &str) -> String {
        with_hosts_of(self.number, text)
    }
}

fn with_hosts_of(number: Option<usize>, text: &str) -> String {
    let Some(number) = number else { return text.to_owned() };
    ["collect.example", "pages.example"]
        .iter()
        .fold(text.to_owned(), |text, host| text.replace(host, &format!("n{number:03}.{host}")))
}

/// Returns every attempt.
///
/// # Panics
/// When a line is none.
pub fn corpus() -> Vec<Attempt> {
    lines().map(|line| read(line, None)).collect()
}

/// Returns every attempt, each with hosts of its own.
///
/// # Panics
/// When a line is none.
pub fn corpus_side_by_side() -> Vec<Attempt> {
    lines().enumerate().map(|(number, line)| read(line, Some(number))).collect()
}

fn lines() -> impl Iterator<Item = &'static str> {
    include_str!("corpus.tsv").lines().filter(|line| !line.starts_with('#'))
}

fn read(line: &str, number: Option<usize>) -> Attempt {
    let fields: Vec<&str> = line.split('\t').collect();
    let [surface, language, disguise, kind, text] = fields[..] else { panic!("{line}") };
    let [surface, language, disguise, kind] =
        [surface, language, disguise, kind].map(ToOwned::to_owned);
    let text = with_hosts_of(number, &text.replace("\\n", "\n"));
    let text = hide(&text, &disguise);
    Attempt { surface, language, disguise, kind, text, line: line.to_owned(), number }
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
