//! Is a model's name one of Workers AI's, and of the kind that answers?

use super::report::Line;

/// Names and kinds; its head says where they are from.
const MODELS: &str = include_str!("models.txt");
const LIST: &str = "https://developers.cloudflare.com/workers-ai/models/";

/// Judges `MIYABI_MODEL`.
pub fn judge(name: &str) -> Line {
    let what = "model";
    let known = MODELS.lines().filter_map(|line| line.split_once(' '));
    let kind = known.into_iter().find(|(known, _)| *known == name).map(|(_, kind)| kind);
    match kind {
        Some("tools") => Line::ok(what, format!("{name}, which can call tools")),
        Some("chat") => {
            Line::warn(what, format!("{name} cannot call tools"), format!("choose another, {LIST}"))
        }
        Some(_) => {
            Line::fail(what, format!("{name} does not answer"), format!("choose another, {LIST}"))
        }
        None if name.starts_with("@cf/") || name.starts_with("@hf/") => {
            Line::warn(what, format!("{name} is not in our list"), format!("is it in {LIST}?"))
        }
        None => {
            let hint = format!("a name is @cf/…, see {LIST}");
            Line::fail(what, format!("{name} is no name of a Workers AI model"), hint)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::State;
    use super::*;

    #[test]
    fn judges_a_model_by_what_it_can_do() {
        for (name, state) in [
            ("@cf/meta/llama-3.3-70b-instruct-fp8-fast", State::Ok),
            ("@cf/qwen/qwen3-30b-a3b-fp8", State::Ok),
            ("@cf/baai/bge-m3", State::Fail),
            ("@cf/meta/llama-guard-3-8b", State::Fail),
            ("@cf/somebody/newer-than-this", State::Warn),
            ("gpt-9", State::Fail),
            ("", State::Fail),
            ("#", State::Fail),
        ] {
            assert_eq!(judge(name).state, state, "{name}");
        }
    }

    #[test]
    fn every_line_of_the_list_is_a_name_and_a_kind() {
        let names = MODELS.lines().filter(|line| !line.starts_with('#'));
        for line in names {
            let (name, kind) = line.split_once(' ').unwrap();
            assert!(name.starts_with('@') && name.split('/').count() == 3, "{line}");
            assert!(["tools", "chat", "other"].contains(&kind), "{line}");
        }
    }
}
