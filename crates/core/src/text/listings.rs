//! Long blocks of code of an answer, taken out of it as files, with their first lines left in place.
//!
//! A program of two hundred lines fills four messages that nobody can copy. As a file it is one click away, and
//! what is left in the text says what it is.

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

use super::first_chars;
use super::markup::FENCE;

/// Lines from which a block is long.
const LONG_LINES: usize = 40;

/// Characters from which a block is long, however few its lines are.
const LONG_CHARS: usize = 1_500;

/// Lines that are left of a long one.
const SHOWN_LINES: usize = 10;

/// Most characters that are left of a long one.
const SHOWN_CHARS: usize = 600;

/// Most blocks that become files; more stay in the text.
const MAX_FILES: usize = 5;

/// Languages as models name them, and how their files end. Any other is `txt`.
const ENDINGS: [(&str, &str); 47] = [
    ("bash", "sh"),
    ("c", "c"),
    ("c#", "cs"),
    ("c++", "cpp"),
    ("clojure", "clj"),
    ("cpp", "cpp"),
    ("cs", "cs"),
    ("csharp", "cs"),
    ("css", "css"),
    ("csv", "csv"),
    ("dart", "dart"),
    ("diff", "diff"),
    ("elixir", "ex"),
    ("go", "go"),
    ("haskell", "hs"),
    ("html", "html"),
    ("ini", "ini"),
    ("java", "java"),
    ("javascript", "js"),
    ("js", "js"),
    ("json", "json"),
    ("jsx", "jsx"),
    ("kotlin", "kt"),
    ("latex", "tex"),
    ("lua", "lua"),
    ("markdown", "md"),
    ("md", "md"),
    ("perl", "pl"),
    ("php", "php"),
    ("py", "py"),
    ("python", "py"),
    ("r", "r"),
    ("rb", "rb"),
    ("rs", "rs"),
    ("ruby", "rb"),
    ("rust", "rs"),
    ("scala", "scala"),
    ("sh", "sh"),
    ("sql", "sql"),
    ("swift", "swift"),
    ("toml", "toml"),
    ("ts", "ts"),
    ("tsx", "tsx"),
    ("typescript", "ts"),
    ("xml", "xml"),
    ("yaml", "yaml"),
    ("yml", "yaml"),
];

/// A file of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFile {
    /// Name, such as `code-1.py`.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// Returns a text whose long blocks of code are cut to their first lines, and the whole of each as a file.
///
/// `note` makes the line below a block that was cut, out of the file's name and how many lines it has.
/// A block has its fences on lines of their own, and ends; anything else stays as it is.
pub fn take_out(text: &str, note: &dyn Fn(&str, usize) -> String) -> (String, Vec<TextFile>) {
    let lines: Vec<&str> = text.split('\n').collect();
    let (mut out, mut files) = (Vec::with_capacity(lines.len()), Vec::new());
    let mut index = 0;
    while let Some(line) = lines.get(index) {
        let block = language_of(line).and_then(|language| {
            let inside = lines.get(index + 1..)?;
            let len = inside.iter().position(|line| line.contains(FENCE))?;
            // What stands behind the end would be taken for the next block's language.
            let is_end = inside.get(len).is_some_and(|line| line.trim() == FENCE);
            is_end.then(|| (language, inside.get(..len).unwrap_or_default()))
        });
        let Some((language, code)) = block else {
            out.push((*line).to_owned());
            // What opens a block in another way is closed in another way, too: nothing behind it is known.
            if line.contains(FENCE) {
                out.extend(lines.iter().skip(index + 1).map(|line| (*line).to_owned()));
                break;
            }
            index += 1;
            continue;
        };
        out.push((*line).to_owned());
        let is_taken = is_long(code) && files.len() < MAX_FILES;
        let shown = if is_taken { preview(code) } else { code };
        out.extend(shown.iter().map(|line| (*line).to_owned()));
        if let (true, Some(first)) = (is_taken && shown.is_empty(), code.first()) {
            out.push(format!("{}…", first_chars(first, SHOWN_CHARS)));
        }
        out.push(FENCE.to_owned());
        if is_taken {
            let name = format!("code-{}.{}", files.len() + 1, ending(language));
            out.push(note(&name, code.len()));
            files.push(TextFile { name, text: code.join("\n") + "\n" });
        }
        index += code.len() + 2;
    }
    (out.join("\n"), files)
}

/// Returns the language that a line names which opens a block; `None` if it opens none.
fn language_of(line: &str) -> Option<&str> {
    let language = line.strip_prefix(FENCE)?.trim();
    (!language.contains(['`', ' '])).then_some(language)
}

fn ending(language: &str) -> &'static str {
    let language = language.to_ascii_lowercase();
    ENDINGS.iter().find(|(name, _)| *name == language).map_or("txt", |(_, ending)| ending)
}

fn is_long(code: &[&str]) -> bool {
    let chars = || code.iter().map(|line| line.chars().count() + 1).sum::<usize>();
    code.len() > LONG_LINES || chars() > LONG_CHARS
}

/// Returns the first lines; none if the first is too long itself.
fn preview<'a, 'b>(code: &'a [&'b str]) -> &'a [&'b str] {
    let mut chars = 0;
    let fits = |line: &&&str| {
        chars += line.chars().count() + 1;
        chars <= SHOWN_CHARS
    };
    let shown = code.iter().take(SHOWN_LINES).take_while(fits).count();
    code.get(..shown).unwrap_or_default()
}
