//! Whether a model's id is one of Workers AI's that answers questions, or another vendor's.

use miyabi_core::config::models::VENDORS;

use super::report::Line;

/// Names and kinds; its head says where they are from.
const MODELS: &str = include_str!("models.txt");
const LIST: &str = "https://developers.cloudflare.com/workers-ai/models/";

/// Judges each model of `MIYABI_MODEL`.
pub fn judge_all(chain: &str) -> Vec<Line> {
    let ids = chain.split(|c: char| c == ',' || c.is_whitespace()).filter(|id| !id.is_empty());
    ids.map(judge).collect()
}

/// Judges a model by its id.
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
        None => match name.split_once('/') {
            Some((vendor, model))
                if !model.is_empty() && VENDORS.iter().any(|known| known.name == vendor) =>
            {
                Line::ok(what, format!("{model}, of {vendor}"))
            }
            _ => {
                let hint = format!("an id is @cf/… (see {LIST}) or VENDOR/NAME");
                Line::fail(what, format!("{name} is no model's id"), hint)
            }
        },
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
            ("openai/gpt-5-mini", State::Ok),
            ("huggingface/org/model:provider", State::Ok),
            ("openai/", State::Fail),
            ("nobody/gpt-5-mini", State::Fail),
            ("", State::Fail),
            ("#", State::Fail),
        ] {
            assert_eq!(judge(name).state, state, "{name}");
        }
    }

    #[test]
    fn judges_every_model_of_a_chain() {
        let lines = judge_all("@cf/qwen/qwen3-30b-a3b-fp8, openai/gpt-5-mini\n gpt-9");
        let states: Vec<State> = lines.iter().map(|line| line.state).collect();
        assert_eq!(states, [State::Ok, State::Ok, State::Fail]);
        assert!(judge_all(" ,").is_empty());
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
