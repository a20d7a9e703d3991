//! The configuration of the local stack, derived from `wrangler.toml`: no second file to keep right.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

/// Name of the Worker that stands in for the `AI` binding.
const AI_WORKER: &str = "miyabi-lab-ai";

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
/// place) and `[env.*]`. Paths become absolute, because the file is written elsewhere.
pub fn worker(wrangler_toml: &Map<String, Value>, root: &Path, vars: &[(String, String)]) -> Value {
    let mut config = wrangler_toml.clone();
    for name in ["build", "ai", "env", "$schema"] {
        config.remove(name);
    }
    if let Some(main) = config.get_mut("main") {
        *main = absolute(main, root);
    }
    for database in array(&mut config, "d1_databases") {
        if let Some(folder) = database.get_mut("migrations_dir") {
            *folder = absolute(folder, root);
        }
    }
    let variables = config.entry("vars").or_insert_with(|| json!({}));
    if let Some(variables) = variables.as_object_mut() {
        variables.extend(vars.iter().map(|(name, value)| (name.clone(), json!(value))));
    }
    let ai = json!({ "binding": "AI", "service": AI_WORKER, "entrypoint": "Ai" });
    if let Some(services) = config.entry("services").or_insert_with(|| json!([])).as_array_mut() {
        services.push(ai);
    }
    Value::Object(config)
}

/// Returns the configuration of the Worker that stands in for the `AI` binding.
pub fn ai(wrangler_toml: &Map<String, Value>, root: &Path, lab_url: &str) -> Value {
    json!({
        "name": AI_WORKER,
        "main": root.join("lab/ai-binding/worker.mjs"),
        "compatibility_date": wrangler_toml.get("compatibility_date"),
        "vars": { "LAB_URL": lab_url },
    })
}

/// Returns the variables that point the Worker to the lab.
pub fn lab_vars(lab_url: &str) -> Vec<(String, String)> {
    [
        ("DISCORD_API_BASE", "api/v10"),
        ("WEATHER_API_BASE", "open-meteo/v1"),
        ("GEOCODING_API_BASE", "open-meteo/geocoding/v1"),
    ]
    .map(|(name, path)| (name.to_owned(), format!("{lab_url}/{path}")))
    .to_vec()
}

/// Returns the secrets file, from what the lab says about its world.
///
/// # Errors
/// When the lab does not say enough.
pub fn secrets(world: &Value, missing: &[String]) -> Result<String> {
    let mut lines = String::new();
    for (name, field) in [
        ("DISCORD_APPLICATION_ID", "application_id"),
        ("DISCORD_PUBLIC_KEY", "public_key"),
        ("DISCORD_WEBHOOK_URL", "webhook_url"),
        ("DISCORD_TOKEN", "bot_token"),
    ] {
        let value = world.get(field).and_then(Value::as_str);
        let value = value.with_context(|| format!("the lab's world has no {field}"))?;
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
        [[d1_databases]]
        binding = "miyabi_db"
        migrations_dir = "migrations"
        [env.production]
        name = "miyabi-production"
    "#;

    #[test]
    fn derives_the_local_worker_from_the_deployed_one() {
        let sample = parse(SAMPLE).unwrap();
        let vars = lab_vars("http://127.0.0.1:9");
        let config = worker(&sample, Path::new("/project"), &vars);
        let expected = json!({
            "name": "miyabi",
            "main": "/project/build/shim.mjs",
            "compatibility_date": "2026-11-01",
            "vars": {
                "MIYABI_MODEL": "@cf/model",
                "DISCORD_API_BASE": "http://127.0.0.1:9/api/v10",
                "WEATHER_API_BASE": "http://127.0.0.1:9/open-meteo/v1",
                "GEOCODING_API_BASE": "http://127.0.0.1:9/open-meteo/geocoding/v1",
            },
            "d1_databases": [{ "binding": "miyabi_db", "migrations_dir": "/project/migrations" }],
            "services": [{ "binding": "AI", "service": "miyabi-lab-ai", "entrypoint": "Ai" }],
        });
        assert_eq!(config, expected);
        assert_eq!(database(&sample).unwrap(), "miyabi_db");
    }

    #[test]
    fn gives_the_ai_worker_the_lab_and_the_same_date() {
        let config = ai(&parse(SAMPLE).unwrap(), Path::new("/project"), "http://lab");
        assert_eq!(config["main"], "/project/lab/ai-binding/worker.mjs");
        assert_eq!(config["compatibility_date"], "2026-11-01");
        assert_eq!(config["vars"]["LAB_URL"], "http://lab");
    }

    #[test]
    fn writes_secrets_except_those_left_out() {
        let world = json!({
            "application_id": "1", "public_key": "ab", "webhook_url": "http://w/#x", "bot_token": "t",
        });
        let file = secrets(&world, &["DISCORD_TOKEN".to_owned()]).unwrap();
        let expected = "DISCORD_APPLICATION_ID='1'\nDISCORD_PUBLIC_KEY='ab'\n\
                        DISCORD_WEBHOOK_URL='http://w/#x'\n";
        assert_eq!(file, expected);
        assert!(secrets(&json!({}), &[]).is_err());
    }
}
