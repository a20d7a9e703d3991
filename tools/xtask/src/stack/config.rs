//! The configuration of the local stack, derived from `wrangler.toml`.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use miyabi_core::config::LIMITS;

use super::Options;

/// Name of the Worker that stands in for the `AI` binding.
const AI_WORKER: &str = "miyabi-lab-ai";
/// Main module of a Worker that is wrapped, beside its configuration.
pub const WRAPPED_MAIN: &str = "wrapped.mjs";
/// Questions per minute that nobody reaches.
const NO_LIMIT: u32 = 1_000_000;
/// Who may ask, how much at a time, and for how much money: the lab has two people, who ask for all, and
/// also in direct messages.
const PEOPLE: [(&str, &str); 5] = [
    ("MIYABI_JOBS_PER_ASKER", "100"),
    ("MIYABI_USER_INSTALL", "on"),
    ("MIYABI_WHATSAPP_ASK", "on"),
    ("MIYABI_BUDGET_ASKER", "off"),
    ("MIYABI_BUDGET_DAY", "off"),
];
/// Vendors of models in the lab's world that want a key, and the secrets with theirs.
const VENDORS: [(&str, &str); 7] = [
    ("openai", "OPENAI_API_KEY"),
    ("anthropic", "ANTHROPIC_API_KEY"),
    ("gemini", "GEMINI_API_KEY"),
    ("groq", "GROQ_API_KEY"),
    ("deepseek", "DEEPSEEK_API_KEY"),
    ("huggingface", "HF_TOKEN"),
    ("vllm", "VLLM_API_KEY"),
];

/// Reads `wrangler.toml`.
///
/// # Errors
/// When it is not TOML.
pub fn parse(wrangler_toml: &str) -> Result<Map<String, Value>> {
    toml::from_str(wrangler_toml).context("wrangler.toml is not valid TOML")
}

/// Returns the local configuration of the Worker.
///
/// Left out: `[build]` (built already), `[ai]` (has no local form; a service binding takes its
/// place, unless the real one is asked for) and `[env.*]`. Paths become absolute, because the file is written elsewhere. Queues and
/// rate limits have local forms and stay, but for what the options say.
pub fn worker(
    wrangler_toml: &Map<String, Value>,
    root: &Path,
    lab_url: &str,
    options: Options,
) -> Value {
    let mut config = wrangler_toml.clone();
    for name in ["build", "env", "$schema"] {
        config.remove(name);
    }
    if let (true, Some(ai)) =
        (options.remote_ai, config.get_mut("ai").and_then(Value::as_object_mut))
    {
        ai.insert("remote".to_owned(), json!(true));
    } else {
        config.remove("ai");
        let services = config.entry("services").or_insert_with(|| json!([]));
        let ai = json!({ "binding": "AI", "service": AI_WORKER, "entrypoint": "Ai" });
        services.as_array_mut().into_iter().for_each(|services| services.push(ai.clone()));
    }
    let has_outages = !options.outages.is_empty();
    if let Some(main) = config.get_mut("main") {
        *main = if has_outages || options.main.is_some() {
            json!(WRAPPED_MAIN)
        } else {
            absolute(main, root)
        };
    }
    if let Some(folder) = config.get_mut("assets").and_then(|assets| assets.get_mut("directory")) {
        *folder = absolute(folder, root);
    }
    for database in array(&mut config, "d1_databases") {
        if let Some(folder) = database.get_mut("migrations_dir") {
            *folder = absolute(folder, root);
        }
    }
    let mut told = Vec::new();
    for rate_limit in array(&mut config, "ratelimits") {
        let name = rate_limit.get("name").and_then(Value::as_str).unwrap_or_default();
        let limit = options.limits.iter().find(|(known, _)| known == name);
        let limit = limit.map_or(NO_LIMIT, |(_, limit)| *limit);
        let variable = LIMITS.iter().find(|(binding, _)| *binding == name);
        told.extend(variable.map(|(_, variable)| ((*variable).to_owned(), limit.to_string())));
        if let Some(simple) = rate_limit.get_mut("simple").and_then(Value::as_object_mut) {
            simple.insert("limit".to_owned(), json!(limit));
        }
    }
    if let (Some(seconds), Some(queues)) =
        (options.retry_delay_s, config.get_mut("queues").and_then(Value::as_object_mut))
    {
        for consumer in array(queues, "consumers") {
            if let Some(consumer) = consumer.as_object_mut() {
                consumer.insert("retry_delay".to_owned(), json!(seconds));
            }
        }
    }
    let variables = config.entry("vars").or_insert_with(|| json!({}));
    if let Some(variables) = variables.as_object_mut() {
        let vars = lab_vars(lab_url).into_iter().chain(told).chain(options.vars);
        variables.extend(vars.map(|(name, value)| (name, json!(value))));
        if has_outages {
            let outages = options.outages.into_iter().map(|(call, times)| (call, json!(times)));
            variables.insert("OUTAGES".to_owned(), Value::Object(outages.collect()));
        }
    }
    Value::Object(config)
}

/// Returns the main module that wraps the one that is built: `main`, or the one with outages.
pub fn wrapped_main(root: &Path, main: Option<&str>) -> String {
    let shim = json!(root.join("build/shim.mjs")).to_string();
    main.unwrap_or(include_str!("outages.mjs")).replace("\"./shim.mjs\"", &shim)
}

/// Returns the configuration of the Worker that stands in for the `AI` binding.
pub fn ai(wrangler_toml: &Map<String, Value>, root: &Path, lab_url: &str) -> Value {
    json!({
        "name": AI_WORKER,
        "main": root.join("tools/lab/ai-binding/worker.mjs"),
        "compatibility_date": wrangler_toml.get("compatibility_date"),
        "vars": { "LAB_URL": lab_url },
    })
}

/// Returns the variables that point the Worker to the lab, and those of [`PEOPLE`].
fn lab_vars(lab_url: &str) -> Vec<(String, String)> {
    let urls = [
        ("DISCORD_API_BASE", "api/v10"),
        ("TELEGRAM_API_BASE", "telegram"),
        ("SLACK_API_BASE", "slack/api"),
        ("WHATSAPP_API_BASE", "whatsapp/v23.0"),
        ("WEATHER_API_BASE", "open-meteo/v1"),
        ("GEOCODING_API_BASE", "open-meteo/geocoding/v1"),
        ("PAGES_API_BASE", "pages"),
        ("BRAVE_API_BASE", "brave/res/v1"),
        ("TAVILY_API_BASE", "tavily"),
        ("SEARXNG_API_BASE", "searxng"),
        ("OPENAI_API_BASE", "openai/v1"),
        ("ANTHROPIC_API_BASE", "anthropic/v1"),
        ("GEMINI_API_BASE", "gemini/v1beta"),
        ("GROQ_API_BASE", "groq/openai/v1"),
        ("DEEPSEEK_API_BASE", "deepseek/v1"),
        ("HF_API_BASE", "huggingface/v1"),
        ("OLLAMA_API_BASE", "ollama/v1"),
        ("VLLM_API_BASE", "vllm/v1"),
        ("AI_GATEWAY_BASE", "gateway/v1"),
    ]
    .map(|(name, path)| (name.to_owned(), format!("{lab_url}/{path}")));
    let people = PEOPLE.map(|(name, value)| (name.to_owned(), value.to_owned()));
    urls.into_iter().chain(people).collect()
}

/// Returns the secrets file, from what the lab says about its world.
///
/// # Errors
/// When the lab does not say enough.
pub fn secrets(world: &Value, missing: &[String]) -> Result<String> {
    let fixed = [
        ("DISCORD_APPLICATION_ID", "/application_id"),
        ("DISCORD_PUBLIC_KEY", "/public_key"),
        ("DISCORD_WEBHOOK_URL", "/webhook_url"),
        ("DISCORD_TOKEN", "/bot_token"),
        ("TELEGRAM_BOT_TOKEN", "/telegram/bot_token"),
        ("TELEGRAM_SECRET_TOKEN", "/telegram/secret_token"),
        ("SLACK_BOT_TOKEN", "/slack/bot_token"),
        ("SLACK_SIGNING_SECRET", "/slack/signing_secret"),
        ("WHATSAPP_ACCESS_TOKEN", "/whatsapp/access_token"),
        ("WHATSAPP_APP_SECRET", "/whatsapp/app_secret"),
        ("WHATSAPP_VERIFY_TOKEN", "/whatsapp/verify_token"),
        ("WHATSAPP_PHONE_NUMBER_ID", "/whatsapp/phone_number_id"),
        ("WHATSAPP_TEMPLATE", "/whatsapp/template"),
        ("AI_GATEWAY_TOKEN", "/gateway/token"),
        ("BRAVE_API_KEY", "/search/brave/key"),
        ("TAVILY_API_KEY", "/search/tavily/key"),
    ];
    let fixed = fixed.map(|(name, place)| (name, place.to_owned()));
    let keys = VENDORS.map(|(vendor, name)| (name, format!("/vendors/{vendor}/key")));
    let mut lines = String::new();
    for (name, place) in fixed.into_iter().chain(keys) {
        let value = world.pointer(&place).and_then(Value::as_str);
        let value = value.with_context(|| format!("the lab's world has no {place}"))?;
        if !missing.iter().any(|left_out| left_out == name) {
            // Quoted: an unquoted # would begin a comment.
            lines.extend([name, "='", value, "'\n"]);
        }
    }
    Ok(lines)
}

/// Returns the name of the D1 database's binding.
///
/// # Errors
/// When `wrangler.toml` has none.
pub fn database(wrangler_toml: &Map<String, Value>) -> Result<&str> {
    let database = wrangler_toml.get("d1_databases").and_then(|databases| databases.get(0));
    let name = database.and_then(|database| database.get("binding")).and_then(Value::as_str);
    name.context("wrangler.toml has no D1 database")
}

fn absolute(path: &Value, root: &Path) -> Value {
    path.as_str().map_or_else(|| path.clone(), |text| json!(root.join(text)))
}

fn array<'a>(config: &'a mut Map<String, Value>, name: &str) -> &'a mut [Value] {
    config.get_mut(name).and_then(Value::as_array_mut).map_or(&mut [], Vec::as_mut_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"
        name = "miyabi"
        main = "build/shim.mjs"
        compatibility_date = "2026-11-01"
        [build]
        command = "cargo xtask build"
        [vars]
        MIYABI_MODEL = "@cf/model"
        DISCORD_API_BASE = "https://discord.com/api/v10"
        [ai]
        binding = "AI"
        [assets]
        directory = "web/dist"
        [[d1_databases]]
        binding = "miyabi_db"
        migrations_dir = "migrations"
        [[queues.producers]]
        binding = "miyabi_queue"
        queue = "miyabi-jobs"
        [[queues.consumers]]
        queue = "miyabi-jobs"
        retry_delay = 10
        [triggers]
        crons = ["* * * * *"]
        [[ratelimits]]
        name = "miyabi_asker_limit"
        simple = { limit = 5, period = 60 }
        [env.production]
        name = "miyabi-production"
    "#;

    #[test]
    fn derives_the_local_worker_from_the_deployed_one() {
        let sample = parse(SAMPLE).unwrap();
        let config =
            worker(&sample, Path::new("/project"), "http://127.0.0.1:9", Options::default());
        let mut vars: Map<String, Value> = lab_vars("http://127.0.0.1:9")
            .into_iter()
            .map(|(name, value)| (name, json!(value)))
            .collect();
        assert_eq!(vars["DISCORD_API_BASE"], "http://127.0.0.1:9/api/v10");
        assert_eq!(vars["TELEGRAM_API_BASE"], "http://127.0.0.1:9/telegram");
        assert_eq!(vars["SLACK_API_BASE"], "http://127.0.0.1:9/slack/api");
        assert_eq!(vars["WHATSAPP_API_BASE"], "http://127.0.0.1:9/whatsapp/v23.0");
        assert_eq!(vars["GROQ_API_BASE"], "http://127.0.0.1:9/groq/openai/v1");
        vars.insert("MIYABI_MODEL".to_owned(), json!("@cf/model"));
        vars.insert("MIYABI_ASKER_LIMIT".to_owned(), json!(NO_LIMIT.to_string()));
        let expected = json!({
            "name": "miyabi",
            "main": "/project/build/shim.mjs",
            "compatibility_date": "2026-11-01",
            "vars": vars,
            "assets": { "directory": "/project/web/dist" },
            "d1_databases": [{ "binding": "miyabi_db", "migrations_dir": "/project/migrations" }],
            "queues": {
                "producers": [{ "binding": "miyabi_queue", "queue": "miyabi-jobs" }],
                "consumers": [{ "queue": "miyabi-jobs", "retry_delay": 10 }],
            },
            "triggers": { "crons": ["* * * * *"] },
            "ratelimits": [{
                "name": "miyabi_asker_limit", "simple": { "limit": NO_LIMIT, "period": 60 },
            }],
            "services": [{ "binding": "AI", "service": "miyabi-lab-ai", "entrypoint": "Ai" }],
        });
        assert_eq!(config, expected);
        assert_eq!(database(&sample).unwrap(), "miyabi_db");
    }

    #[test]
    fn options_change_variables_limits_retries_and_bindings() {
        let options = Options {
            vars: vec![("MIYABI_MODEL".to_owned(), "other".to_owned())],
            limits: vec![("miyabi_asker_limit".to_owned(), 2)],
            retry_delay_s: Some(0),
            outages: vec![("miyabi_workflow.create".to_owned(), 3)],
            ..Options::default()
        };
        let config = worker(&parse(SAMPLE).unwrap(), Path::new("/project"), "http://lab", options);
        assert_eq!(config["vars"]["MIYABI_MODEL"], "other");
        assert_eq!(config["vars"]["MIYABI_ASKER_LIMIT"], "2");
        assert_eq!(config["vars"]["OUTAGES"], json!({ "miyabi_workflow.create": 3 }));
        assert_eq!(config["ratelimits"][0]["simple"], json!({ "limit": 2, "period": 60 }));
        assert_eq!(config["queues"]["consumers"][0]["retry_delay"], 0);
        assert_eq!(config["main"], WRAPPED_MAIN);
        let main = wrapped_main(Path::new("/project"), None);
        assert!(main.contains("from \"/project/build/shim.mjs\";"), "{main}");
    }

    #[test]
    fn the_real_workers_ai_keeps_its_binding() {
        let options = Options { remote_ai: true, ..Options::default() };
        let config = worker(&parse(SAMPLE).unwrap(), Path::new("/project"), "http://lab", options);
        assert_eq!(config["ai"], json!({ "binding": "AI", "remote": true }));
        assert_eq!(config.get("services"), None);
    }

    #[test]
    fn gives_the_ai_worker_the_lab_and_the_same_date() {
        let config = ai(&parse(SAMPLE).unwrap(), Path::new("/project"), "http://lab");
        assert_eq!(config["main"], "/project/tools/lab/ai-binding/worker.mjs");
        assert_eq!(config["compatibility_date"], "2026-11-01");
        assert_eq!(config["vars"]["LAB_URL"], "http://lab");
    }

    #[test]
    fn writes_secrets_except_those_left_out() {
        let mut world = json!({
            "application_id": "1", "public_key": "ab", "webhook_url": "http://w/#x", "bot_token": "t",
            "telegram": { "bot_token": "1:b", "secret_token": "s" },
            "slack": { "bot_token": "xoxb-1", "signing_secret": "f" }, "gateway": { "token": "g" },
            "whatsapp": {
                "access_token": "EAA", "app_secret": "c", "verify_token": "v",
                "phone_number_id": "1", "template": "a/en",
            },
            "search": { "brave": { "key": "b" }, "tavily": { "key": "v" } },
        });
        for (vendor, _) in VENDORS {
            world["vendors"][vendor]["key"] = json!(vendor);
        }
        let file = secrets(&world, &["DISCORD_TOKEN".to_owned()]).unwrap();
        let expected = "DISCORD_APPLICATION_ID='1'\nDISCORD_PUBLIC_KEY='ab'\n\
                        DISCORD_WEBHOOK_URL='http://w/#x'\nTELEGRAM_BOT_TOKEN='1:b'\n\
                        TELEGRAM_SECRET_TOKEN='s'\nSLACK_BOT_TOKEN='xoxb-1'\n\
                        SLACK_SIGNING_SECRET='f'\nWHATSAPP_ACCESS_TOKEN='EAA'\n\
                        WHATSAPP_APP_SECRET='c'\nWHATSAPP_VERIFY_TOKEN='v'\n\
                        WHATSAPP_PHONE_NUMBER_ID='1'\nWHATSAPP_TEMPLATE='a/en'\n\
                        AI_GATEWAY_TOKEN='g'\n\
                        BRAVE_API_KEY='b'\nTAVILY_API_KEY='v'\n\
                        OPENAI_API_KEY='openai'\n";
        assert!(file.starts_with(expected), "{file}");
        assert!(file.contains("HF_TOKEN='huggingface'\n"), "{file}");
        assert!(secrets(&json!({}), &[]).is_err());
    }
}
