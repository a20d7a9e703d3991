//! Images in requests to models: data in Base64 that is what its media type says.

/// Models of Workers AI whose published schema takes images.
const SEEING: [&str; 4] = [
    "@cf/google/gemma-4-",
    "@cf/meta/llama-4-scout-",
    "@cf/mistralai/mistral-small-3.1-",
    "@cf/moonshotai/kimi-k2.6",
];

/// Most bytes of an image in Base64.
const MAX_CHARS: usize = 5 * 1024 * 1024;

/// Whether a model of Workers AI sees.
pub(crate) fn sees(model: &str) -> bool {
    SEEING.iter().any(|beginning| model.starts_with(beginning))
}

/// Checks the address of an image, which has to be its data.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check_url(url: &str) -> Result<(), String> {
    let (media, data) = url
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"))
        .ok_or("an image has to be a data URI in Base64")?;
    check(media, data)
}

/// Checks an image and its media type.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check(media: &str, data: &str) -> Result<(), String> {
    if data.len() > MAX_CHARS {
        return Err("the image is larger than 5 MB".to_owned());
    }
    let bytes = decode(data).ok_or("the image is not Base64")?;
    let is_it = match media {
        "image/png" => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        "image/jpeg" => bytes.starts_with(&[0xff, 0xd8, 0xff]),
        "image/webp" => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP".as_slice()),
        _ => false,
    };
    if is_it { Ok(()) } else { Err(format!("the image is no {media}")) }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(4) {
        return None;
    }
    let letters = text.trim_end_matches('=');
    if text.len() - letters.len() > 2 {
        return None;
    }
    let mut decoded = Vec::with_capacity(bytes.len() / 4 * 3);
    let (mut number, mut bits) = (0_u32, 0);
    for letter in letters.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        number = (number << 6 | u32::from(value)) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            decoded.push(u8::try_from(number >> bits & 0xff).unwrap_or_default());
        }
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::{check, check_url, decode};

    #[test]
    fn an_image_is_data_that_is_what_it_says() {
        assert_eq!(decode("Zm9vYg==").as_deref(), Some(b"foob".as_slice()));
        assert_eq!((decode("Zm9"), decode("Zm9*")), (None, None));
        assert_eq!(check("image/png", "iVBORw0KGgo="), Ok(()));
        assert!(check("image/jpeg", "iVBORw0KGgo=").is_err());
        assert_eq!(check_url("data:image/png;base64,iVBORw0KGgo="), Ok(()));
        assert!(check_url("https://cdn.example/a.png").is_err());
    }
}
