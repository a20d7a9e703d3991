//! The fallback chain is read in its order, with keys, base URLs and gateway; every mistake is reported.

use std::collections::BTreeMap;

use super::*;
use crate::config::SETTINGS;

struct Map(BTreeMap<&'static str, &'static str>);

impl Environment for Map {
    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| (*value).to_owned())
    }

    fn has_binding(&self, _: &str) -> bool {
        true
    }
}

/// Returns the models, and what is wrong as `NAME: what`.
fn read(settings: &[(&'static str, &'static str)]) -> (Vec<Model>, Vec<String>) {
    let map = Map(settings.iter().copied().collect());
    let mut reader = Reader { environment: &map, problems: Vec::new() };
    let models = reader.models();
    let problems = reader.problems.iter();
    let problems =
        problems.map(|p| format!("{}: {}", p.setting.name, p.wrong.unwrap_or("missing")));
    (models, problems.collect())
}

const EVERY_KEY: [(&str, &str); 7] = [
    ("OPENAI_API_KEY", "o"),
    ("ANTHROPIC_API_KEY", "a"),
    ("GEMINI_API_KEY", "g"),
    ("GROQ_API_KEY", "q"),
    ("DEEPSEEK_API_KEY", "d"),
    ("HF_TOKEN", "h"),
    ("VLLM_API_KEY", "v"),
];

const CHAIN: &str =
    "@cf/meta/llama-3.3-70b-instruct-fp8-fast, openai/gpt-5-mini,anthropic/claude-haiku-4-5
    gemini/gemini-2.5-flash-lite groq/openai/gpt-oss-120b,,deepseek/deepseek-v4-flash
    huggingface/org/model:provider , vllm/org/model";

/// `id = name at base with key`
fn lines(models: &[Model]) -> Vec<String> {
    let line = |model: &Model| {
        let key = model.key.as_ref().map_or("-", Secret::reveal);
        let Model { vendor, name, base, .. } = model;
        format!("{} {name} {base} {key}", vendor.name)
    };
    models.iter().map(line).collect()
}

#[test]
fn a_chain_is_read_in_its_order() {
    let mut settings = EVERY_KEY.to_vec();
    settings.push(("MIYABI_MODEL", CHAIN));
    let (models, problems) = read(&settings);
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(
        lines(&models),
        [
            "workers-ai @cf/meta/llama-3.3-70b-instruct-fp8-fast  -",
            "openai gpt-5-mini https://api.openai.com/v1 o",
            "anthropic claude-haiku-4-5 https://api.anthropic.com/v1 a",
            "gemini gemini-2.5-flash-lite https://generativelanguage.googleapis.com/v1beta g",
            "groq openai/gpt-oss-120b https://api.groq.com/openai/v1 q",
            "deepseek deepseek-v4-flash https://api.deepseek.com/v1 d",
            "huggingface org/model:provider https://router.huggingface.co/v1 h",
            "vllm org/model http://localhost:8000/v1 v",
        ]
    );
    assert_eq!(models[1].id, "openai/gpt-5-mini");
    assert!(models.iter().all(|model| model.gateway.is_none()));
}

#[test]
fn a_gateway_takes_the_place_of_every_base_it_knows() {
    let mut settings = EVERY_KEY.to_vec();
    settings.extend([
        ("MIYABI_MODEL", CHAIN),
        ("AI_GATEWAY_ID", "miyabi"),
        ("AI_GATEWAY_TOKEN", "t"),
        ("CLOUDFLARE_ACCOUNT_ID", "acc"),
        ("AI_GATEWAY_BASE", "https://g.test/v1/"),
    ]);
    let (models, problems) = read(&settings);
    assert!(problems.is_empty(), "{problems:?}");
    let bases: Vec<&str> = models.iter().map(|model| model.base.as_str()).collect();
    assert_eq!(
        bases,
        [
            "",
            "https://g.test/v1/acc/miyabi/openai",
            "https://g.test/v1/acc/miyabi/anthropic/v1",
            "https://g.test/v1/acc/miyabi/google-ai-studio/v1beta",
            "https://g.test/v1/acc/miyabi/groq",
            "https://g.test/v1/acc/miyabi/deepseek",
            "https://router.huggingface.co/v1",
            "http://localhost:8000/v1",
        ]
    );
    for model in &models {
        let is_direct = ["huggingface", "vllm"].contains(&model.vendor.name);
        let gateway = model
            .gateway
            .as_ref()
            .map(|gateway| (gateway.id.as_str(), gateway.token.as_ref().map(Secret::reveal)));
        assert_eq!(gateway, (!is_direct).then_some(("miyabi", Some("t"))), "{}", model.id);
    }
}

#[test]
fn a_gateway_needs_the_account_only_over_http() {
    let gateway = ("AI_GATEWAY_ID", "miyabi");
    let (models, problems) = read(&[("MIYABI_MODEL", "@cf/a/b"), gateway]);
    assert!(problems.is_empty() && models[0].gateway.is_some(), "{problems:?}");
    let key = ("GROQ_API_KEY", "q");
    let (_, problems) = read(&[("MIYABI_MODEL", "@cf/a/b groq/x"), gateway, key]);
    assert_eq!(problems, ["CLOUDFLARE_ACCOUNT_ID: missing"]);
}

#[test]
fn keys_are_needed_where_the_vendor_wants_one() {
    for vendor in &VENDORS {
        let id: &'static str = format!("{}/m", vendor.name).leak();
        for off in [None, Some(" "), Some("off")] {
            let mut settings = vec![("MIYABI_MODEL", id)];
            settings.extend(off.filter(|_| !vendor.key.is_empty()).map(|off| (vendor.key, off)));
            let (models, problems) = read(&settings);
            let expected = format!("{}: missing", vendor.key);
            let expected = if vendor.needs_key { vec![expected] } else { vec![] };
            assert_eq!(problems, expected, "{id}");
            assert!(models[0].key.is_none());
        }
    }
    assert_eq!(VENDORS.iter().filter(|vendor| !vendor.needs_key).count(), 2);
}

#[test]
fn every_vendor_has_its_settings() {
    for vendor in &VENDORS {
        for name in [vendor.key, vendor.base] {
            assert!(
                name.is_empty() || SETTINGS.iter().any(|setting| setting.name == name),
                "{name}"
            );
        }
        assert!(!vendor.name.contains('/') && vendor.name != WORKERS_AI.name);
    }
}

#[test]
fn a_wrong_chain_says_what_is_wrong() {
    let odd = "names a vendor without a model, or a model with odd letters";
    let unknown = "names a model that is neither `@cf/…` nor of a known vendor";
    for (chain, wrong) in [
        ("", "missing"),
        (" , ,", "missing"),
        ("gpt-5", unknown),
        ("nobody/x", unknown),
        ("cf/meta/x", unknown),
        ("ollama/", odd),
        ("ollama", odd),
        ("ollama/a?b", odd),
        ("ollama/a/../b", odd),
        ("ollama/雅", odd),
        ("ollama/a @cf/a/b ollama/a", "names a model twice"),
        ("@cf/1 @cf/2 @cf/3 @cf/4 @cf/5 @cf/6 @cf/7 @cf/8 @cf/9", "names more than 8 models"),
    ] {
        let (_, problems) = read(&[("MIYABI_MODEL", chain)]);
        assert_eq!(problems, [format!("MIYABI_MODEL: {wrong}")], "{chain}");
    }
    let (_, problems) = read(&[("MIYABI_MODEL", "ollama/a"), ("OLLAMA_API_BASE", "localhost")]);
    assert_eq!(problems, ["OLLAMA_API_BASE: is not an https URL (http only for this machine)"]);
}

#[test]
fn a_model_that_draws_is_of_workers_ai_and_off_where_it_is_off_or_empty() {
    let drawing = |value: Option<&'static str>| {
        let map = Map(value.map(|value| (IMAGE, value)).into_iter().collect());
        let mut reader = Reader { environment: &map, problems: Vec::new() };
        let model = reader.image_model().map(|model| model.id);
        (model, reader.problems.iter().map(|it| it.setting.name).collect::<Vec<_>>())
    };
    let flux = "@cf/black-forest-labs/flux-1-schnell".to_owned();
    assert_eq!(drawing(None), (Some(flux), Vec::new()));
    assert_eq!(drawing(Some("@cf/a/b")), (Some("@cf/a/b".to_owned()), Vec::new()));
    for off in ["off", "", " "] {
        assert_eq!(drawing(Some(off)), (None, Vec::new()));
    }
    assert_eq!(drawing(Some("openai/gpt-image-1")), (None, vec![IMAGE]));
}
