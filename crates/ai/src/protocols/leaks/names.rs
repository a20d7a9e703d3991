//! The name of a tool, as a model may have written it.

/// What models write before a name: namespaces of the formats that they were trained on.
const PREFIXES: [&str; 7] =
    ["functions.", "function.", "tools.", "tool.", "default_api.", "functions:", "functions/"];

/// Longest name that is compared as a whole, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// Returns the tool that a model means: `functions.weather:0`, `"weather "`, `Weather` and
/// `weather<|channel|>commentary` mean `weather`. `None` if it is none of these tools.
///
/// # Source
/// Field reports on Kimi K2, gpt-oss and Gemma, gathered 2026-11-28.
pub(crate) fn meant_tool<'a>(written: &str, tools: &[&'a str]) -> Option<&'a str> {
    let is_wrapping = |c: char| c.is_whitespace() || "\"'`*“”‘’".contains(c);
    let name = written.trim_matches(is_wrapping);
    let letters = |text: &str| -> String {
        let plain = text.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
        plain.map(|c| c.to_ascii_lowercase()).collect()
    };
    let named = |name: &str| {
        let name = letters(name);
        tools.iter().find(|tool| letters(tool) == name).copied()
    };
    if name.len() <= MAX_NAME_BYTES
        && let Some(tool) = named(name)
    {
        return Some(tool);
    }
    // Behind a name there may be the beginning of the next mark, or of the arguments.
    let name = name.split(['<', '[', '(', '{', '｜', '|', '\n', '\t', ' ']).next()?;
    let name = name.trim_matches(is_wrapping);
    let name = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    let name = match name.rsplit_once(':') {
        Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => name,
    };
    let name = name.strip_suffix(".call").unwrap_or(name);
    named(name)
}

/// Returns whether a text that is not at its end may become the name of one of these tools.
pub(super) fn may_become_name(text: &str, tools: &[&str]) -> bool {
    let bare = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
    PREFIXES.iter().any(|prefix| prefix.starts_with(text))
        || tools.iter().any(|tool| tool.starts_with(bare) || bare.starts_with(tool))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_understood_however_it_is_dressed() {
        for written in [
            "weather",
            " weather ",
            "weather\n",
            "\"weather\"",
            "`weather`",
            "Weather",
            "functions.weather",
            "functions.weather:0",
            "functions.weather:12",
            "functions:weather",
            "weather:3",
            "default_api.weather",
            "tools.weather",
            "weather<|channel|>commentary",
            "weather<|constrain|>json",
            "weather<｜tool▁sep｜>",
            "weather({",
            "weather.call",
            "weather json",
        ] {
            assert_eq!(
                meant_tool(written, &["weather", "current_time"]),
                Some("weather"),
                "{written}"
            );
        }
        for written in
            ["current-time", "currentTime", "current time", "CURRENT_TIME", "CurrentTime()"]
        {
            let meant = meant_tool(written, &["weather", "current_time"]);
            assert_eq!(meant, Some("current_time"), "{written}");
        }
        for written in ["", "weathers", "my weather", "x.weather", "functions.", ":0", "web_search"]
        {
            assert_eq!(meant_tool(written, &["weather"]), None, "{written}");
        }
    }
}
