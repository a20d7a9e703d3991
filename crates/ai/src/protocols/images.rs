//! Images in a request: put beside the words of the asker, after the request was written.

use std::rc::Rc;

use serde_json::Value;

use super::wire::object;
use crate::files::Image;

/// Returns the messages with the images in the asker's last words, each as `part` writes it. A text alone
/// becomes a list of parts; without images nothing changes.
pub(super) fn show(messages: Value, images: &[Rc<Image>], part: fn(&Image) -> Value) -> Value {
    let Value::Array(mut list) = messages else { return messages };
    let is_asker = |message: &&mut Value| message.get("role").is_some_and(|role| role == "user");
    for message in list.iter_mut().rev().filter(is_asker) {
        if images.is_empty() {
            break;
        }
        let field = if message.get("parts").is_some() { "parts" } else { "content" };
        let Some(content) = message.get_mut(field) else { continue };
        if let Value::String(text) = content {
            let text = core::mem::take(text);
            *content = vec![object([("type", "text".into()), ("text", text.into())])].into();
        }
        let Value::Array(parts) = content else { continue };
        if parts.iter().any(|part| part.get("text").is_some()) {
            parts.extend(images.iter().map(|image| part(image)));
            break;
        }
    }
    list.into()
}

/// Writes an image for Chat Completions and Workers AI: its address is its data.
pub(super) fn chat(image: &Image) -> Value {
    let url = ["data:", image.media, ";base64,", &image.data].concat();
    object([("type", "image_url".into()), ("image_url", object([("url", url.into())]))])
}

/// Writes an image for Anthropic.
pub(super) fn anthropic(image: &Image) -> Value {
    let source = object([
        ("type", "base64".into()),
        ("media_type", image.media.into()),
        ("data", image.data.as_str().into()),
    ]);
    object([("type", "image".into()), ("source", source)])
}

/// Writes an image for Gemini.
pub(super) fn gemini(image: &Image) -> Value {
    let data = [("mimeType", image.media.into()), ("data", image.data.as_str().into())];
    object([("inlineData", object(data))])
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_image_stands_in_the_asker_s_last_words_in_each_dialect() {
        let images = [Rc::new(Image { media: "image/png", data: "QQ==".to_owned() })];
        let plain = json!([
            { "role": "user", "content": "before" },
            { "role": "assistant", "content": "so" },
            { "role": "user", "content": "what?" },
            { "role": "assistant", "content": "" },
            { "role": "tool", "content": "4" },
        ]);
        assert_eq!(show(plain.clone(), &[], chat), plain);
        let told = show(plain, &images, chat);
        assert_eq!(told[0]["content"], "before");
        let url =
            json!({ "type": "image_url", "image_url": { "url": "data:image/png;base64,QQ==" } });
        assert_eq!(told[2]["content"], json!([{ "type": "text", "text": "what?" }, url]));
        let claude = json!([
            { "role": "user", "content": [{ "type": "text", "text": "what?" }] },
            { "role": "user", "content": [{ "type": "tool_result", "content": "4" }] },
        ]);
        let told = show(claude, &images, anthropic);
        let source = json!({ "type": "base64", "media_type": "image/png", "data": "QQ==" });
        assert_eq!(told[0]["content"][1], json!({ "type": "image", "source": source }));
        assert_eq!(told[1]["content"].as_array().unwrap().len(), 1);
        let told =
            show(json!([{ "role": "user", "parts": [{ "text": "what?" }] }]), &images, gemini);
        let data = json!({ "inlineData": { "mimeType": "image/png", "data": "QQ==" } });
        assert_eq!(told[0]["parts"][1], data);
    }
}
