//! Makes the tables of `src/prices.rs` out of `data/`: one line for each model of
//! `priced_models.txt`, `ID INPUT OUTPUT CACHED CONTEXT`, prices in pico-dollars per token, and one for each of
//! [`VOICES`], `ID PRICE`, in pico-dollars per second.

use std::path::Path;
use std::{env, fs, io};

const LIST: &str = "data/priced_models.txt";
const PRICES: &str = "data/model_prices.json";

/// Models that hear speech.
const VOICES: [&str; 2] = ["@cf/openai/whisper-large-v3-turbo", "@cf/openai/whisper"];

/// Digits after the point of a pico-dollar.
const PICO: i32 = 12;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={LIST}");
    println!("cargo::rerun-if-changed={PRICES}");
    let prices = fs::read_to_string(PRICES)?;
    let mut table = String::new();
    for id in fs::read_to_string(LIST)?.lines() {
        let row = row(&prices, id).ok_or_else(|| {
            io::Error::other(format!("{LIST}: {PRICES} has no usable price of `{id}`"))
        })?;
        table.push_str(&row);
        table.push('\n');
    }
    let folder = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&folder).join("prices.txt"), table)?;
    let voices: Option<String> = VOICES.iter().map(|id| voice_row(&prices, id)).collect();
    let voices =
        voices.ok_or_else(|| io::Error::other(format!("{PRICES}: a voice has no price")))?;
    fs::write(Path::new(&folder).join("voices.txt"), voices)
}

fn voice_row(prices: &str, id: &str) -> Option<String> {
    let fields = fields(prices, &key(id))?;
    let price = |name: &str| pico(field(fields, name)?);
    let is_voice = field(fields, "mode")? == "\"audio_transcription\"";
    // What is heard is paid, and not what is written.
    let is_free = price("output_cost_per_second")? == 0;
    let second = price("input_cost_per_second").filter(|pico| *pico > 0 && is_voice && is_free)?;
    Some(format!("{id} {second}\n"))
}

fn row(prices: &str, id: &str) -> Option<String> {
    let fields = fields(prices, &key(id))?;
    let field = |name: &str| field(fields, name);
    let price = |name: &str| pico(field(name)?);
    if field("mode")? != "\"chat\"" {
        return None;
    }
    let (input, output) = (price("input_cost_per_token")?, price("output_cost_per_token")?);
    let cached = price("cache_read_input_token_cost").unwrap_or(input);
    let context: u32 = field("max_input_tokens")?.parse().ok()?;
    (input > 0 && output > 0).then(|| format!("{id} {input} {output} {cached} {context}"))
}

/// Returns the list's name of a model: it has the vendor for some, and not for others.
fn key(id: &str) -> String {
    match id.split_once('/') {
        Some(("@cf", _)) => format!("cloudflare/{id}"),
        Some(("openai" | "anthropic", name)) => name.to_owned(),
        _ => id.to_owned(),
    }
}

/// Returns the lines of one entry: the file has one field on each line, and entries end at ` }`.
fn fields<'a>(prices: &'a str, key: &str) -> Option<&'a str> {
    let (_, entry) = prices.split_once(&format!("\n \"{key}\": {{\n"))?;
    entry.split_once("\n }").map(|(fields, _)| fields)
}

/// Returns the text of one field of an entry.
fn field<'a>(fields: &'a str, name: &str) -> Option<&'a str> {
    // Two spaces: a field of a nested object has the same name, and is another price.
    let start = format!("  \"{name}\": ");
    let text = fields.lines().find_map(|line| line.strip_prefix(&start))?;
    Some(text.trim_end_matches(','))
}

/// Returns dollars such as `2.5e-07` as pico-dollars, without rounding; `None` if that is not whole.
fn pico(dollars: &str) -> Option<u64> {
    let (mantissa, exponent) = dollars.split_once('e').unwrap_or((dollars, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits: u64 = format!("{whole}{fraction}").parse().ok()?;
    let shift = PICO + exponent.parse::<i32>().ok()? - i32::try_from(fraction.len()).ok()?;
    digits.checked_mul(10_u64.checked_pow(shift.try_into().ok()?)?)
}
