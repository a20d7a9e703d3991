//! The table of all settings.

use super::{Kind, Setting};

/// All settings, in the order of the table in `docs/guide/configure.md`. A static, since each use of a constant may
/// be a copy of it in the Worker.
pub static SETTINGS: &[Setting] = &[
    secret(
        "DISCORD_APPLICATION_ID",
        None,
        "Application id, from the portal's General Information.",
    ),
    secret(
        "DISCORD_PUBLIC_KEY",
        None,
        "Public key, 64 hex digits, from the portal's General Information.",
    ),
    secret(
        "DISCORD_WEBHOOK_URL",
        None,
        "Webhook of the channel where questions and answers are posted.",
    ),
    secret(
        "DISCORD_TOKEN",
        None,
        "Bot token: registers commands, makes webhooks where it may, and reads the channel after \
              an unclear post.",
    ),
    secret(
        "SLACK_BOT_TOKEN",
        Some("off"),
        "Bot token of the Slack app, which begins with `xoxb-`; without it, or with `off`, Slack is off.",
    ),
    secret(
        "SLACK_SIGNING_SECRET",
        Some("off"),
        "What Slack signs its requests with, from the app's Basic Information; needed where the bot token is set.",
    ),
    secret(
        "TELEGRAM_BOT_TOKEN",
        Some("off"),
        "Token of the Telegram bot, from BotFather; without it, or with `off`, Telegram is off.",
    ),
    secret(
        "TELEGRAM_SECRET_TOKEN",
        Some("off"),
        "What Telegram sends with each update, 1 to 256 letters, digits, `_` and `-`, such as `openssl rand -hex 32` prints; needed where the bot token is set.",
    ),
    secret(
        "WHATSAPP_ACCESS_TOKEN",
        Some("off"),
        "Access token of a system user who may send messages of the phone number; without it, or with `off`, WhatsApp is off.",
    ),
    secret(
        "WHATSAPP_APP_SECRET",
        Some("off"),
        "What Meta signs its requests with, from the app's Basic settings; needed where the access token is set.",
    ),
    secret(
        "WHATSAPP_VERIFY_TOKEN",
        Some("off"),
        "What Meta shows when it is told the webhook's address, 16 to 256 letters, digits, `_` and `-`, such as `openssl rand -hex 32` prints; needed where the access token is set.",
    ),
    secret(
        "MIYABI_OPERATOR_TOKEN",
        Some("off"),
        "Token for `GET /health?deep=1`, at least 16 characters with 8 different ones, such as `openssl rand -hex 32` prints; \
              `off` switches that check off.",
    ),
    secret(
        "MIYABI_SESSION_SECRET",
        Some("off"),
        "What signs the cookies of visitors, at least 32 bytes, such as `openssl rand -hex 32` prints; needed where `MIYABI_ANONYMOUS` is `on`. Another one ends every session.",
    ),
    variable(
        "DISCORD_API_BASE",
        Some("https://discord.com/api/v10"),
        "Discord's base URL; another one for the lab or an egress proxy.",
    ),
    variable(
        "SLACK_API_BASE",
        Some("https://slack.com/api"),
        "Base URL of Slack's methods; another one for the lab or an egress proxy.",
    ),
    variable(
        "TELEGRAM_API_BASE",
        Some("https://api.telegram.org"),
        "Base URL of Telegram's Bot API; another one for the lab or a Bot API server of your own.",
    ),
    variable(
        "TELEGRAM_CHATS",
        Some(""),
        "Ids of the people and groups on Telegram that may ask, separated by commas or spaces; empty for everybody who finds the bot.",
    ),
    variable(
        "WHATSAPP_PHONE_NUMBER_ID",
        Some(""),
        "Id of the business phone number on WhatsApp, digits alone, which is not the number itself; needed where the access token is set.",
    ),
    variable(
        "WHATSAPP_API_BASE",
        Some("https://graph.facebook.com/v23.0"),
        "Base URL of Meta's Graph API with its version; another one for the lab or an egress proxy.",
    ),
    variable(
        "WHATSAPP_TEMPLATE",
        Some(""),
        "Name and language of the template by which a reminder reaches somebody on WhatsApp who has not written for 24 hours, such as `reminder/en_US`, with one parameter in its body; empty for none.",
    ),
    variable(
        "MIYABI_WHATSAPP_ASK",
        Some("off"),
        "Whether messages on WhatsApp are questions: `on` or `off`. Meta's terms do not allow a general assistant to be what a number is for; answering the customers of a business of one's own is allowed.",
    ),
    variable(
        "MIYABI_MODEL",
        None,
        "Model that answers, or up to 8 in the order they are tried, separated by commas or spaces: `@cf/…` (Workers AI) or `VENDOR/NAME`, such as `openai/gpt-5-mini`; vendors are openai, anthropic, gemini, groq, deepseek, huggingface, ollama and vllm.",
    ),
    variable(
        "MIYABI_VISION_MODEL",
        Some("@cf/meta/llama-4-scout-17b-16e-instruct"),
        "Model that describes images for a question where no model of `MIYABI_MODEL` sees, named as there; `off` for none.",
    ),
    variable(
        "MIYABI_VOICE_MODEL",
        Some("@cf/openai/whisper-large-v3-turbo"),
        "Model of Workers AI that transcribes voice messages and audio files, one that takes `audio` in Base64 and returns `text`; `off` for none.",
    ),
    variable(
        "MIYABI_IMAGE_MODEL",
        Some("@cf/black-forest-labs/flux-1-schnell"),
        "Model of Workers AI that draws, one that takes `prompt` and returns `image` in Base64; `off` or an empty value for none.",
    ),
    variable(
        "MIYABI_MAX_TOKENS",
        Some("1024"),
        "Longest completion of one model call, in tokens (1 to 16384).",
    ),
    variable(
        "MIYABI_STREAMING",
        Some("on"),
        "Whether the asker sees an answer grow in place of \"thinking…\", where the model streams (on or off).",
    ),
    variable(
        "MIYABI_CACHE_SECONDS",
        Some("0"),
        "How long an answer that used no tool counts for the same question in the same server, in seconds (0 for not at all, or 60 to 2592000).",
    ),
    variable(
        "MIYABI_MAX_CHUNKS",
        Some("5"),
        "Most messages that an answer takes (1 to 10); a longer one ends in an attached file, where files may be attached.",
    ),
    variable(
        "MIYABI_JOBS_PER_ASKER",
        Some("3"),
        "Most questions that one person may have at a time (1 to 100).",
    ),
    variable(
        "MIYABI_ASKER_LIMIT",
        Some("5"),
        "Questions of one person in a minute, as the HTTP API tells it in `RateLimit-Policy`: the `limit` of `miyabi_asker_limit` in `wrangler.toml`.",
    ),
    variable(
        "MIYABI_SERVERS",
        Some(""),
        "Ids of the servers that may ask, separated by commas or spaces; empty for every server that has installed the application.",
    ),
    variable(
        "MIYABI_USER_INSTALL",
        Some("off"),
        "Whether people may ask in direct messages, group messages, and servers that have not installed the application (on or off).",
    ),
    variable(
        "MIYABI_FILES_MEGABYTES",
        Some("200"),
        "Megabytes of files that one person may keep for questions on the chat page (1 to 100000).",
    ),
    variable(
        "MIYABI_MEMORY",
        Some("on"),
        "Whether a question is answered with what the same person asked in the same place before, and with what they had remembered (on or off).",
    ),
    variable(
        "MIYABI_MEMORY_OFF_SERVERS",
        Some(""),
        "Ids of the servers in which nothing is remembered, separated by commas or spaces.",
    ),
    variable(
        "MIYABI_ANONYMOUS",
        Some("off"),
        "Whether visitors without a key may ask over HTTP, each with a cookie of their own (on or off).",
    ),
    variable(
        "MIYABI_VISITOR_LIMIT",
        Some("10"),
        "New visitors of one address in a minute, as the HTTP API tells it in `RateLimit-Policy`: the `limit` of `miyabi_visitor_limit` in `wrangler.toml`.",
    ),
    variable(
        "MIYABI_SHARING",
        Some("on"),
        "Whether a person may show a conversation to whoever has its link, by `POST /api/conversations/{id}/share` (on or off).",
    ),
    variable(
        "MIYABI_ACCESS_TEAM",
        Some(""),
        "Team of Cloudflare Access before this Worker, the name before `.cloudflareaccess.com`: whoever Access lets through is themselves over HTTP; empty for none.",
    ),
    variable(
        "MIYABI_ACCESS_AUDIENCE",
        Some(""),
        "AUD tag of the application in Access that this Worker is; needed with `MIYABI_ACCESS_TEAM`.",
    ),
    variable(
        "ACCESS_API_BASE",
        Some(""),
        "Base URL at which the keys of that team are read; empty for the team's own, another one for tests.",
    ),
    variable(
        "MIYABI_SUGGESTIONS",
        Some(""),
        "What the chat page suggests to ask while a conversation is empty, as a JSON list of at most 8 texts of at most 200 characters; empty for none.",
    ),
    variable(
        "MIYABI_ORIGINS",
        Some(""),
        "Origins whose pages may call the HTTP API, such as `https://chat.example`, separated by commas or spaces; empty for none.",
    ),
    variable(
        "MIYABI_BUDGET_QUESTION",
        Some("0.05"),
        "Most US dollars that one question may cost; `off` only if every other budget is `off`.",
    ),
    variable(
        "MIYABI_BUDGET_ASKER",
        Some("0.20"),
        "Most US dollars that one person's questions may cost in a day, UTC; `off` for no budget.",
    ),
    variable(
        "MIYABI_BUDGET_SERVER",
        Some("off"),
        "Most US dollars that one server's questions may cost in a day, UTC; `off` for no budget.",
    ),
    variable(
        "MIYABI_BUDGET_DAY",
        Some("2.00"),
        "Most US dollars that everybody's questions may cost in a day, UTC; `off` for no budget.",
    ),
    variable(
        "MIYABI_STALL_SECONDS",
        Some("540"),
        "Silence after which the watchdog starts a running job again (10 to 3600).",
    ),
    variable(
        "MIYABI_DEADLINE_SECONDS",
        Some("780"),
        "Age at which a job that has not ended is given up and its asker told (60 to 780).",
    ),
    variable(
        "MIYABI_RETENTION_DAYS",
        Some("30"),
        "Days after which a job and what it posted are forgotten (1 to 3650).",
    ),
    variable(
        "WEATHER_API_BASE",
        Some("https://api.open-meteo.com/v1"),
        "Open-Meteo's forecast base URL, for the `weather` tool.",
    ),
    variable(
        "GEOCODING_API_BASE",
        Some("https://geocoding-api.open-meteo.com/v1"),
        "Open-Meteo's geocoding base URL, for the `weather` tool.",
    ),
    variable(
        "MIYABI_FETCH_PAGES",
        Some("on"),
        "Whether the model may read public web pages, with the tool `fetch_page` (on or off).",
    ),
    variable(
        "MIYABI_FETCH_BLOCKED",
        Some(""),
        "Names of hosts whose pages are not read, nor those below them, separated by commas or spaces; put this Worker's own name here.",
    ),
    variable(
        "PAGES_API_BASE",
        Some(""),
        "Base URL below which pages are requested, as `BASE/https/HOST/PATH`, instead of at their hosts: for the lab or an egress proxy; empty for none.",
    ),
    variable(
        "MIYABI_WEB_SEARCH",
        Some("off"),
        "Service by which the model may search the web, with the tool `web_search`: `brave`, `tavily` or `searxng`, each with its settings; `off` for none.",
    ),
    secret("BRAVE_API_KEY", Some("off"), "API key of Brave Search, for `MIYABI_WEB_SEARCH`."),
    secret("TAVILY_API_KEY", Some("off"), "API key of Tavily, for `MIYABI_WEB_SEARCH`."),
    variable(
        "BRAVE_API_BASE",
        Some("https://api.search.brave.com/res/v1"),
        "Brave Search's base URL.",
    ),
    variable("TAVILY_API_BASE", Some("https://api.tavily.com"), "Tavily's base URL."),
    variable(
        "SEARXNG_API_BASE",
        Some(""),
        "Base URL of a SearXNG whose `search.formats` has `json`; needed where `MIYABI_WEB_SEARCH` is `searxng`.",
    ),
    variable(
        "MIYABI_MCP_SERVERS",
        Some(""),
        "MCP servers whose tools the model may use, as a JSON list of `{\"name\", \"url\", \"allow\", \"ask\"}`; the token of one is the secret `MIYABI_MCP_TOKEN_NAME`, see [mcp](mcp.md); empty for none.",
    ),
    secret("OPENAI_API_KEY", Some("off"), "API key of OpenAI, for models `openai/…`."),
    secret("ANTHROPIC_API_KEY", Some("off"), "API key of Anthropic, for models `anthropic/…`."),
    secret("GEMINI_API_KEY", Some("off"), "API key of Gemini, for models `gemini/…`."),
    secret("GROQ_API_KEY", Some("off"), "API key of Groq, for models `groq/…`."),
    secret("DEEPSEEK_API_KEY", Some("off"), "API key of DeepSeek, for models `deepseek/…`."),
    secret(
        "HF_TOKEN",
        Some("off"),
        "Token of Hugging Face that may call inference providers, for models `huggingface/…`.",
    ),
    secret("VLLM_API_KEY", Some("off"), "Key of the vLLM server, if it has one."),
    variable("OPENAI_API_BASE", Some("https://api.openai.com/v1"), "OpenAI's base URL."),
    variable("ANTHROPIC_API_BASE", Some("https://api.anthropic.com/v1"), "Anthropic's base URL."),
    variable(
        "GEMINI_API_BASE",
        Some("https://generativelanguage.googleapis.com/v1beta"),
        "Gemini's base URL.",
    ),
    variable("GROQ_API_BASE", Some("https://api.groq.com/openai/v1"), "Groq's base URL."),
    variable("DEEPSEEK_API_BASE", Some("https://api.deepseek.com/v1"), "DeepSeek's base URL."),
    variable(
        "HF_API_BASE",
        Some("https://router.huggingface.co/v1"),
        "Hugging Face's router's base URL.",
    ),
    variable("OLLAMA_API_BASE", Some("http://localhost:11434/v1"), "Ollama's base URL."),
    variable("VLLM_API_BASE", Some("http://localhost:8000/v1"), "vLLM's base URL."),
    variable(
        "AI_GATEWAY_ID",
        Some("off"),
        "AI Gateway that every model is called through, but for `huggingface/…`, `ollama/…` and `vllm/…`.",
    ),
    variable(
        "CLOUDFLARE_ACCOUNT_ID",
        Some("off"),
        "Account of the AI Gateway; needed for models that are not of Workers AI.",
    ),
    secret("AI_GATEWAY_TOKEN", Some("off"), "Token of an AI Gateway that asks for one."),
    variable(
        "AI_GATEWAY_BASE",
        Some("https://gateway.ai.cloudflare.com/v1"),
        "AI Gateway's base URL.",
    ),
    binding("AI", None, "Workers AI, called as `run(model, inputs, options)`."),
    binding("miyabi_db", None, "D1 database with the jobs."),
    binding("miyabi_workflow", None, "Workflow that answers a question."),
    binding("miyabi_queue", None, "Queue of jobs whose Workflow could not be started."),
    binding(
        "miyabi_conversation",
        Some("no memory"),
        "Durable Objects, one for each conversation and person, for `MIYABI_MEMORY`.",
    ),
    binding("miyabi_files", Some("no files"), "R2 bucket of files for questions on the chat page."),
    binding("miyabi_cache", Some("no cache"), "KV namespace of saved answers."),
    binding("miyabi_asker_limit", Some("no limit"), "Rate limit of one person's questions."),
    binding("miyabi_server_limit", Some("no limit"), "Rate limit of one server's questions."),
    binding(
        "miyabi_visitor_limit",
        Some("no visitors"),
        "Rate limit of one address's new visitors, for `MIYABI_ANONYMOUS`, and of the codes of `/link` that it tries.",
    ),
    variable(
        "MIYABI_ENVIRONMENT",
        Some("local"),
        "Name of this deployment, shown by `GET /health`.",
    ),
];

const fn secret(name: &'static str, default: Option<&'static str>, doc: &'static str) -> Setting {
    setting(name, Kind::Secret, default, doc)
}

const fn variable(name: &'static str, default: Option<&'static str>, doc: &'static str) -> Setting {
    setting(name, Kind::Variable, default, doc)
}

const fn binding(name: &'static str, default: Option<&'static str>, doc: &'static str) -> Setting {
    setting(name, Kind::Binding, default, doc)
}

const fn setting(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    doc: &'static str,
) -> Setting {
    Setting { name, kind, default, doc }
}
