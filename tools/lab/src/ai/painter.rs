//! The model that draws: FLUX.1 schnell, whose every image is the same small one.

use serde_json::{Value, json};

use super::scripted;

/// The model.
const MODEL: &str = "@cf/black-forest-labs/flux-1-schnell";

/// A JPEG of 96 × 96: a moon above hills.
const IMAGE: &str = include_str!("drawn.txt");

/// Longest prompt, in characters.
const MAX_PROMPT_CHARS: usize = 2048;

/// Most steps.
const MAX_STEPS: u64 = 8;

/// Whether a model draws.
pub(crate) fn draws(model: &str) -> bool {
    model == MODEL
}

/// What the model returns, `{"image":"/9j/…"}` with the image in Base64.
///
/// # Errors
/// The service's refusal, `{code}: {description}`: of a prompt with the word "nsfw" in it, of what `[error CODE]`
/// asks for, and of inputs that its schema does not have.
pub(crate) fn draw(inputs: &Value) -> Result<Value, String> {
    let unmet = |what: &str| Err(format!("5006: Error: oneOf at '/' not met, 0 matches: {what}"));
    let Some(inputs_fields) = inputs.as_object() else { return unmet("inputs must be an object") };
    let known = ["prompt", "steps", "seed"];
    if let Some(odd) = inputs_fields.keys().find(|key| !known.contains(&key.as_str())) {
        return unmet(&format!("'/{odd}' is not known"));
    }
    let prompt = inputs["prompt"].as_str().unwrap_or_default();
    if !(1..=MAX_PROMPT_CHARS).contains(&prompt.chars().count()) {
        return unmet("'/prompt' must be 1 to 2048 characters");
    }
    let steps = inputs.get("steps");
    if steps.is_some_and(|steps| !steps.as_u64().is_some_and(|it| (1..=MAX_STEPS).contains(&it))) {
        return unmet("'/steps' must be 1 to 8");
    }
    if let Some(code) = scripted::error(inputs) {
        return Err(format!("{code}: the lab was asked for this error"));
    }
    if prompt.to_lowercase().contains("nsfw") {
        return Err("3030: Input prompt contains NSFW content".to_owned());
    }
    Ok(json!({ "image": IMAGE.split_whitespace().collect::<String>() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_what_its_schema_allows_and_refuses_as_the_service_does() {
        let drawn = draw(&json!({ "prompt": "a moon", "steps": 4 })).unwrap();
        assert!(
            super::super::images::check("image/jpeg", drawn["image"].as_str().unwrap()).is_ok()
        );
        for (inputs, code) in [
            (json!({}), "5006"),
            (json!("a moon"), "5006"),
            (json!({ "prompt": "" }), "5006"),
            (json!({ "prompt": "a".repeat(2049) }), "5006"),
            (json!({ "prompt": "a moon", "steps": 9 }), "5006"),
            (json!({ "prompt": "a moon", "num_steps": 4 }), "5006"),
            (json!({ "prompt": "something NSFW" }), "3030"),
            (json!({ "prompt": "[error 3040] a moon" }), "3040"),
        ] {
            assert!(draw(&inputs).unwrap_err().starts_with(code), "{inputs}");
        }
    }
}
