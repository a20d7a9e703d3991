//! The model that hears: Whisper large v3 turbo. In place of speech, a recording has its words as text.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

/// The model.
const MODEL: &str = "@cf/openai/whisper-large-v3-turbo";

/// Whether a value is of the type of an input.
type IsValid = fn(&Value) -> bool;

/// What it takes, each with whether a value is of its type.
const INPUTS: [(&str, IsValid); 12] = [
    ("audio", Value::is_string),
    ("task", |task| task == "transcribe" || task == "translate"),
    ("language", Value::is_string),
    ("vad_filter", Value::is_boolean),
    ("initial_prompt", Value::is_string),
    ("prefix", Value::is_string),
    ("beam_size", Value::is_number),
    ("condition_on_previous_text", Value::is_boolean),
    ("no_speech_threshold", Value::is_number),
    ("compression_ratio_threshold", Value::is_number),
    ("log_prob_threshold", Value::is_number),
    ("hallucination_silence_threshold", Value::is_number),
];

/// Seconds of one word.
const WORD_S: f64 = 0.5;

/// Whether a model hears.
pub(crate) fn hears(model: &str) -> bool {
    model == MODEL
}

/// What the model returns. The words of a recording stand between `[say ` and `]` in its bytes; without them nobody
/// says anything.
///
/// # Errors
/// The service's refusal, `{code}: {description}`: of what is no recording, of what `[error CODE]` in it asks for, and
/// of inputs that its schema does not have.
pub(crate) fn hear(inputs: &Value) -> Result<Value, String> {
    let unmet = |what: &str| Err(format!("5006: Error: oneOf at '/' not met, 0 matches: {what}"));
    let Some(fields) = inputs.as_object() else { return unmet("inputs must be an object") };
    for (name, value) in fields {
        match INPUTS.iter().find(|(known, _)| known == name) {
            None => return unmet(&format!("'/{name}' is not known")),
            Some((_, is_valid)) if !is_valid(value) => {
                return unmet(&format!("'/{name}' has another type"));
            }
            Some(_) => {}
        }
    }
    let Some(audio) = inputs["audio"].as_str() else { return unmet("'/audio' is missing") };
    let bytes = BASE64_STANDARD.decode(audio).unwrap_or_default();
    let is_recording = match bytes.as_slice() {
        [b'O', b'g', b'g', b'S', ..]
        | [b'I', b'D', b'3', ..]
        | [0xff, 0xe0..=0xff, ..]
        | [0x1a, 0x45, 0xdf, 0xa3, ..]
        | [_, _, _, _, b'f', b't', b'y', b'p', ..] => true,
        bytes => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE"),
    };
    if !is_recording {
        return Err(
            "3010: Invalid or incomplete input for the model: failed to decode audio".into()
        );
    }
    let text = String::from_utf8_lossy(&bytes);
    let between = |start: &str| Some(text.split_once(start)?.1.split_once(']')?.0);
    if let Some(code) = between("[error ") {
        return Err(format!("{code}: the lab was asked for this error"));
    }
    let words = between("[say ").unwrap_or_default();
    let count = u32::try_from(words.split_whitespace().count()).unwrap_or(u32::MAX);
    let spoken_s = f64::from(count) * WORD_S;
    // Each has a second of silence.
    let info = json!({ "language": "en", "language_probability": 0.99, "duration": spoken_s + 1.0,
        "duration_after_vad": spoken_s });
    let segment = json!({ "start": 0.0, "end": spoken_s, "text": words, "temperature": 0.0,
        "avg_logprob": -0.2, "compression_ratio": 1.1, "no_speech_prob": 0.01, "words": [] });
    let segments = if count == 0 { json!([]) } else { json!([segment]) };
    Ok(json!({ "transcription_info": info, "text": words, "word_count": count,
        "segments": segments, "vtt": "WEBVTT\n\n" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(words: &str) -> String {
        BASE64_STANDARD.encode([b"OggS\0\x02\xff", words.as_bytes(), b"\xfe"].concat())
    }

    #[test]
    fn hears_what_its_schema_allows_and_refuses_as_the_service_does() {
        let audio = recording("[say When does it leave?]");
        let heard = hear(&json!({ "audio": audio, "task": "transcribe", "vad_filter": true }));
        let heard = heard.unwrap();
        assert_eq!(heard["text"], "When does it leave?");
        assert_eq!(heard["transcription_info"]["duration"], 3.0);
        let silent = hear(&json!({ "audio": recording("") })).unwrap();
        assert_eq!((&silent["text"], &silent["segments"]), (&json!(""), &json!([])));
        for (inputs, code) in [
            (json!({}), "5006"),
            (json!("audio"), "5006"),
            (json!({ "audio": [1, 2] }), "5006"),
            (json!({ "audio": { "body": {}, "contentType": "audio/ogg" } }), "5006"),
            (json!({ "audio": audio, "task": "listen" }), "5006"),
            (json!({ "audio": audio, "vad_filter": "true" }), "5006"),
            (json!({ "audio": audio, "format": "text" }), "5006"),
            (json!({ "audio": "not Base64" }), "3010"),
            (json!({ "audio": BASE64_STANDARD.encode("text") }), "3010"),
            (json!({ "audio": recording("[error 3040]") }), "3040"),
        ] {
            assert!(hear(&inputs).unwrap_err().starts_with(code), "{inputs}");
        }
    }
}
