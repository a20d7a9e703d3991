//! The table is what the data file says, and a cost is exact to the last nano-dollar.

use serde_json::Value;

use super::*;

const DATA: &str = include_str!("../../data/model_prices.json");

fn usage(prompt_tokens: u64, cached_tokens: u64, completion_tokens: u64) -> Usage {
    Usage { prompt_tokens, completion_tokens, cached_tokens, neurons_milli: None }
}

/// Dollars per token as the data file has them, in pico-dollars: exact below 2^53.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test's own arithmetic"
)]
fn pico(dollars: &Value) -> Option<u64> {
    dollars.as_f64().map(|dollars| (dollars * 1e12).round() as u64)
}

#[test]
fn every_row_says_what_the_data_file_says() {
    let data: Value = serde_json::from_str(DATA).unwrap();
    let rows: Vec<&str> = TABLE.lines().collect();
    assert!((40..=60).contains(&rows.len()), "{}", rows.len());
    for row in rows {
        let (id, _) = row.split_once(' ').unwrap();
        let bare = id.split_once('/').unwrap().1;
        let entry = [id.to_owned(), bare.to_owned(), format!("cloudflare/{id}")]
            .iter()
            .find_map(|key| data.get(key))
            .unwrap_or_else(|| panic!("{id}"));
        let input = pico(&entry["input_cost_per_token"]).unwrap();
        let expected = Price {
            input,
            output: pico(&entry["output_cost_per_token"]).unwrap(),
            cached: pico(&entry["cache_read_input_token_cost"]).unwrap_or(input),
            context: entry["max_input_tokens"].as_u64().unwrap().try_into().unwrap(),
        };
        assert_eq!(price_of(id), Some(expected), "{id}");
        assert_eq!(entry["mode"], "chat", "{id}");
        assert!(input > 0 && expected.output > 0 && expected.context >= 8_000, "{id}");
    }
}

#[test]
fn what_hears_is_paid_by_the_second_that_the_data_file_says() {
    let data: Value = serde_json::from_str(DATA).unwrap();
    assert_eq!(VOICES.lines().count(), 2);
    for (id, _) in VOICES.lines().map(|line| line.split_once(' ').unwrap()) {
        let entry = &data[format!("cloudflare/{id}")];
        assert_eq!(entry["mode"], "audio_transcription", "{id}");
        let second = pico(&entry["input_cost_per_second"]).unwrap();
        assert_eq!(hearing(id, 60_000), Some(second * 60 / 1_000), "{id}");
    }
    let turbo = "@cf/openai/whisper-large-v3-turbo";
    assert_eq!(hearing(turbo, 60_000), Some(510_000));
    assert_eq!((hearing(turbo, 0), hearing(turbo, 1)), (Some(0), Some(9)), "rounded up");
    assert_eq!(hearing(turbo, u64::MAX), Some(MOST_NANO.min(u64::MAX / 1_000_000 + 1)));
    assert_eq!(hearing("@cf/somebody/ear", 1), None);
}

#[test]
fn the_dated_names_of_the_data_file_have_the_price_of_their_base() {
    let data: Value = serde_json::from_str(DATA).unwrap();
    let mut dated = 0;
    for (key, entry) in data.as_object().unwrap() {
        let provider = entry["litellm_provider"].as_str().unwrap();
        if !matches!(provider, "openai" | "anthropic") || entry["mode"] != "chat" {
            continue;
        }
        let id = format!("{provider}/{key}");
        let is_row = TABLE.lines().any(|row| row.starts_with(&format!("{id} ")));
        let Some(price) = price_of(&id).filter(|_| !is_row) else { continue };
        // An old version that cost more than its successors, and one without a price for the cache.
        let exceptions = ["openai/gpt-4o-2024-05-13"];
        if !exceptions.contains(&id.as_str()) {
            assert_eq!(Some(price.input), pico(&entry["input_cost_per_token"]), "{id}");
            assert_eq!(Some(price.output), pico(&entry["output_cost_per_token"]), "{id}");
        }
        dated += 1;
    }
    assert!(dated >= 15, "{dated}");
}

#[test]
fn a_name_is_found_by_its_longest_prefix_and_only_its_version_may_follow() {
    let found = |id: &str| price_of(id).map(|price| price.input);
    for (id, base) in [
        ("openai/gpt-5-mini-2025-08-07", "openai/gpt-5-mini"),
        ("openai/gpt-5.4-latest", "openai/gpt-5.4"),
        ("anthropic/claude-haiku-4-5-20251001", "anthropic/claude-haiku-4-5"),
        ("anthropic/claude-opus-5-5", "anthropic/claude-opus-5-5"),
        ("gemini/gemini-2.5-flash-001", "gemini/gemini-2.5-flash"),
    ] {
        assert!(found(id).is_some() && found(id) == found(base), "{id}");
    }
    assert_ne!(found("openai/gpt-5-mini"), found("openai/gpt-5"));
    assert_ne!(found("anthropic/claude-opus-5-5"), found("anthropic/claude-opus-5"));
    for unknown in [
        "",
        "openai/",
        "openai/gpt-5-turbo",
        "openai/gpt-5-audio-2025",
        "openai/gpt-5x",
        "anthropic/claude-opus-5-6",
        "anthropic/claude-sonnet-5-5-5",
        "huggingface/openai/gpt-oss-120b:groq",
        "ollama/llama3.2",
        "vllm/openai/gpt-oss-20b",
        "@cf/meta/llama-9",
        "gpt-5-mini",
    ] {
        assert_eq!(price_of(unknown), None, "{unknown}");
    }
}

#[test]
fn reported_neurons_are_exact_whatever_the_model() {
    let usage = Usage { neurons_milli: Some(135_000), ..usage(2_000, 0, 400) };
    for model in ["@cf/meta/llama-3.3-70b-instruct-fp8-fast", "@cf/meta/unheard-of"] {
        // 135 neurons of $0.011 per thousand.
        assert_eq!(cost(price_of(model), usage), Cost { nano: 1_485_000, pricing: Pricing::Exact });
    }
}

#[test]
fn reported_tokens_cost_what_the_table_says() {
    let model = "openai/gpt-5-mini";
    // 1,000 of $0.25, 3,000 of $0.025 and 500 of $2, per million.
    let expected = Cost { nano: 250_000 + 75_000 + 1_000_000, pricing: Pricing::Table };
    assert_eq!(cost(price_of(model), usage(4_000, 3_000, 500)), expected);
    // A part of a nano-dollar is one: nothing is free.
    assert_eq!(cost(price_of("@cf/openai/gpt-oss-20b"), usage(1, 0, 0)).nano, 200);
    assert_eq!(cost(price_of("groq/openai/gpt-oss-20b"), usage(1, 1, 0)).nano, 38);
    // More cached than there is, as nobody should report.
    assert_eq!(cost(price_of(model), usage(10, 20, 0)).nano, 250);
}

/// What a vendor says is not ours to believe, and a cost passes through a JavaScript number.
#[test]
fn no_report_makes_a_cost_that_is_not_exact_in_javascript() {
    const MOST: u64 = 9_007_199_254_740_991;
    let price = price_of("openai/gpt-5-mini");
    for tokens in [u64::MAX, 1 << 60] {
        let absurd = usage(tokens, 0, tokens);
        assert_eq!(cost(price, absurd), Cost { nano: MOST, pricing: Pricing::Table });
        assert_eq!(estimate(price, absurd), Cost { nano: MOST, pricing: Pricing::Estimated });
        let neurons = Usage { neurons_milli: Some(tokens), ..usage(1, 0, 1) };
        assert_eq!(cost(price, neurons), Cost { nano: MOST, pricing: Pricing::Exact });
    }
}

#[test]
fn what_is_not_known_is_marked_and_never_free() {
    let model = "openai/gpt-5-mini";
    let nothing = Cost { nano: 0, pricing: Pricing::Exact };
    assert_eq!(cost(price_of(model), Usage::default()), nothing);
    assert_eq!(cost(price_of("ollama/llama3.2"), Usage::default()), nothing);
    let unpriced = Cost { nano: 0, pricing: Pricing::Unpriced };
    assert_eq!(cost(price_of("ollama/llama3.2"), usage(1, 0, 1)), unpriced);
    assert_eq!(estimate(price_of("huggingface/a/b:c"), usage(1, 0, 1)), unpriced);
    let estimated = Cost { nano: 2_250, pricing: Pricing::Estimated };
    assert_eq!(estimate(price_of(model), usage(1, 0, 1)), estimated);
}

#[test]
fn a_pricing_is_stored_by_its_name_and_read_back() {
    let names = ["exact", "table", "estimated", "unpriced"];
    let all = [Pricing::Exact, Pricing::Table, Pricing::Estimated, Pricing::Unpriced];
    for (pricing, name) in all.into_iter().zip(names) {
        assert_eq!(serde_json::to_value(pricing).unwrap(), name);
        assert_eq!(serde_json::from_value::<Pricing>(name.into()).unwrap(), pricing);
    }
    assert!(serde_json::from_value::<Pricing>("free".into()).is_err());
}

#[test]
fn a_completion_is_as_long_as_the_money_lasts() {
    let price = Price { input: 300, output: 2_000, cached: 0, context: 1 };
    assert_eq!(price.of(1_000, 100), 500);
    assert_eq!(price.of(1, 0), 1, "rounded up");
    for nano in [0, 299, 300, 301, 500, 1_000_000] {
        let tokens = price.completion_within(nano, 1_000);
        assert!(tokens == 0 || price.of(1_000, tokens) <= nano, "{nano}: {tokens}");
        assert!(price.of(1_000, tokens + 1) > nano, "{nano}: {tokens}");
    }
    let free = Price { input: 0, output: 0, cached: 0, context: 1 };
    assert_eq!(free.completion_within(0, 1_000), u64::MAX);
}
