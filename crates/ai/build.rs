//! Makes the table of `src/prices.rs` out of `data/`: one line for each model of
//! `priced_models.txt`, `ID INPUT OUTPUT CACHED CONTEXT`, prices in pico-dollars per token.

use std::path::Path;
use std::{env, fs, io};

const LIST: &str = "data/priced_models.txt";
const PRICES: &str = "data/model_prices.json";

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
    fs::write(Path::new(&folder).join("prices.txt"), table)
}

fn row(prices: &str, id: &str) -> Option<String> {
    let fields = fields(prices, &key(id))?;
    // Two spaces: a field of a nested object has the same name, and is another price.
    let field = |name: &str| {
        let start = format!("  \"{name}\": ");
        fields
            .lines()
            .find_map(|line| line.strip_prefix(&start))
            .map(|text| text.trim_end_matches(','))
    };
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

/// Returns dollars such as `2.5e-07` as pico-dollars, without rounding; `None` if that is not whole.
fn pico(dollars: &str) -> Option<u64> {
    let (mantissa, exponent) = dollars.split_once('e').unwrap_or((dollars, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits: u64 = format!("{whole}{fraction}").parse().ok()?;
    let shift = PICO + exponent.parse::<i32>().ok()? - i32::try_from(fraction.len()).ok()?;
    digits.checked_mul(10_u64.checked_pow(shift.try_into().ok()?)?)
}
