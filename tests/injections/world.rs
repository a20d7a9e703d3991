//! Brings a text to the place in the program where it stands, and lets a model obey it.

use injections::corpus::Attempt;
use injections::judge::{Body, MCP, SEARCH, Seen, Sent};
use injections::places::{self, PAGE, body_of};
use miyabi_ai::mcp::Listed;
use miyabi_app::conversation::{self, Live};
use miyabi_app::{Job, JobContext, workflow};
use miyabi_channels::discord::transport::Discord;
use miyabi_core::config::mcp::{McpAllowed, McpServer};
use miyabi_core::config::{SearchService, Settings, WebSearch};
use miyabi_core::http::{self, Request, Response};
use miyabi_core::ids::{JobId, Millis, Secret};
use miyabi_core::question::{Asker, Attachment, Question, Quote};
use miyabi_testing::mcp as books;
use miyabi_testing::{Answer, Fake, Journal, LocalStore, question, run as run_once, settings};
use serde_json::{Value, json};

/// The key of the search service.
const SEARCH_KEY: &str = "search-key-that-stays";

/// What nobody may read.
const SECRETS: [&str; 4] = ["bot-token", "hook-token", "interaction-token", SEARCH_KEY];

const CONVERSATION: &str = "discord:1200000000000000001:80351110224678912";
/// Where a file is that the asker sends.
const FILE: &str = "https://cdn.discordapp.com/attachments/1/2/file?ex=1";

/// Runs an attempt from its place to its end.
pub(crate) fn run(attempt: &Attempt) -> Seen {
    let world = Fake::new();
    world.converse.set(Some(|store, now, command| {
        conversation::handle(store, &Live::default(), now, command)
    }));
    let text = attempt.text.as_str();
    let (place, _) = attempt.place();
    let other = Asker { id: "7".to_owned(), name: "Rin".to_owned(), ..question("").asker };
    let theirs = Some(CONVERSATION.replace("80351110224678912", "7"));
    let remember = asked(1, &places::said_by_another());
    ask(&world, Question { asker: other, conversation: theirs, ..remember }, "Yes.");
    let answer = places::answered_before(attempt).unwrap_or("I see.");
    ask(&world, asked(2, &places::said_before(attempt)), answer);
    if place == "summary" {
        ask(&world, asked(4, "Thanks!"), "You are welcome.");
        summarize(&world, text);
    }

    {
        let mut discord = world.discord.borrow_mut();
        discord.requests.clear();
        discord.channel.clear();
        discord.reply = None;
    }
    let (before, facts) = (world.prompts.borrow().len(), facts(&world));
    let mut question = asked(5, &places::wording(attempt));
    match place {
        "quote" => question.quote = Some(quote(attempt)),
        "name" => text.clone_into(&mut question.asker.name),
        "file" => question.files.push(file(attempt)),
        _ => {}
    }
    let mut answers = std::mem::take(&mut world.discord.borrow_mut().answers);
    answers.extend(web(attempt));
    world.discord.borrow_mut().answers = answers;
    world.play.set(Some(lab::obey));
    *world.document.borrow_mut() = (place == "file").then(|| text.to_owned());
    let mut settings = if place == "mcp" { with_mcp() } else { with_search() };
    if attempt.kind == "act" {
        settings.mcp_servers.push(acting());
    }
    let address = match place {
        "search" => PAGE,
        "file" => FILE,
        _ => "",
    };
    let named = [question.text.as_str(), address].join(" ");
    answer_with(&world, question, &settings);
    let has_arrived =
        world.prompts.borrow()[before..].iter().any(|prompt| places::is_in(text, prompt));
    assert!(has_arrived || place == "name", "the model did not read it: {}", attempt.line);
    let seen = seen(&world, named);
    Seen { facts: seen.facts - facts, is_earlier: matches!(place, "history" | "summary"), ..seen }
}

/// The `nth` question of one person in one channel.
fn asked(nth: u32, text: &str) -> Question {
    Question {
        id: JobId::parse(&format!("130000000000000000{nth}")).unwrap(),
        conversation: Some(CONVERSATION.to_owned()),
        asked: Millis(1_700_000_000_000 + u64::from(nth) * 1_000),
        ..question(text)
    }
}

fn ask(world: &Fake, question: Question, reply: &str) {
    world.model.borrow_mut().push_back(Ok(json!({ "response": reply })));
    answer(world, question);
}

fn answer(world: &Fake, question: Question) {
    answer_with(world, question, &with_search());
}

fn answer_with(world: &Fake, question: Question, settings: &Settings) {
    world.discord.borrow_mut().reply.get_or_insert_default();
    let (steps, job) = (Journal::new(world), Job::first(question));
    let transport = Discord::new(world.clone(), settings.discord.clone());
    let context =
        JobContext { host: world, steps: &steps, transport: &transport, settings, job: &job };
    let ended = run_once(workflow::run(context));
    assert_eq!(ended, Some(Ok(())));
}

fn with_search() -> Settings {
    let key = Secret::new(SEARCH_KEY.to_owned());
    let api_base = "https://search.example/v1".to_owned();
    let web_search = Some(WebSearch { service: SearchService::Tavily, api_base, key });
    Settings { web_search, is_streaming: false, ..settings() }
}

/// The settings with a server whose tool the operator has approved.
fn with_mcp() -> Settings {
    let (name, description) = ("search".to_owned(), "Searches the docs.".to_owned());
    let (schema, url) = (mcp_schema(), MCP.to_owned());
    let listed = Listed { name, description, schema, only_reads: true, is_stateless: true };
    let fingerprint = Some(listed.fingerprint());
    let allowed = vec![McpAllowed { tool: listed.name, fingerprint, asks: false }];
    let server = McpServer { name: "docs".to_owned(), url, token: None, allowed };
    Settings { mcp_servers: vec![server], ..with_search() }
}

/// A server whose tool acts, with consent.
fn acting() -> McpServer {
    let (name, description) = ("lend".to_owned(), "Lends a book.".to_owned());
    let (schema, only_reads) = (books::schema(), false);
    let listed = Listed { name, description, schema, only_reads, is_stateless: true };
    let fingerprint = Some(listed.fingerprint());
    let allowed = vec![McpAllowed { tool: listed.name, fingerprint, asks: true }];
    McpServer { name: "books".to_owned(), url: books::URL.to_owned(), token: None, allowed }
}

fn mcp_schema() -> Value {
    json!({ "type": "object", "properties": { "q": { "type": "string" } } })
}

fn quote(attempt: &Attempt) -> Quote {
    let places::Said { author, text, files } = places::quoted(attempt);
    let link = "https://discord.com/channels/1/2/3".to_owned();
    Quote { link, author, text, files, ..Quote::default() }
}

/// A file that the asker sends; what it holds is in [`web`].
fn file(attempt: &Attempt) -> Attachment {
    let name = places::file_name(attempt);
    Attachment { name, url: FILE.to_owned(), bytes: 100, ..Attachment::default() }
}

/// Puts a summary over the first turn of the conversation.
fn summarize(world: &Fake, text: &str) {
    let conversations = world.conversations.borrow();
    let db = &conversations[CONVERSATION].db;
    let sql = "INSERT INTO overlay (id, summary, until_seq, since_ms)
               SELECT 1, ?1, min(seq), min(asked_ms) FROM turns WHERE true
               ON CONFLICT (id) DO UPDATE SET summary = excluded.summary,
                 until_seq = excluded.until_seq, since_ms = excluded.since_ms";
    assert_eq!(db.execute(sql, [text]).unwrap(), 1);
}

/// What hosts answer: the page, the search, the places. All else is not found.
fn web(attempt: &Attempt) -> Vec<Answer> {
    let answer = |to, kind: &str, body: String| {
        let headers = vec![("content-type", kind.to_owned())];
        Answer { to, takes_effect: false, response: Ok(Response { status: 200, headers, body }) }
    };
    match attempt.place() {
        ("page", _) => {
            let (kind, body) = places::page(attempt);
            let Some(location) = places::redirect(attempt) else {
                return vec![answer(("GET", PAGE), kind, body)];
            };
            let headers = vec![("location", location)];
            let response = Ok(Response { status: 302, headers, body: String::new() });
            let moved = Answer { to: ("GET", PAGE), takes_effect: false, response };
            vec![moved, answer(("GET", "https://pages.example/"), kind, body_of("x"))]
        }
        ("file", _) => vec![answer(("GET", FILE), "", places::inside(attempt))],
        ("search", _) => {
            let body = places::found(attempt).to_string();
            vec![answer(("POST", SEARCH), "application/json", body)]
        }
        ("mcp", part) => mcp(&attempt.text, part == "error")
            .map(|body| answer(("POST", MCP), "application/json", body))
            .into(),
        ("place", _) => {
            let body = places::places(attempt).to_string();
            vec![answer(("GET", "https://geocoding.test"), "application/json", body)]
        }
        _ => Vec::new(),
    }
}

/// What the MCP server says: its tools, the text, and nothing more.
fn mcp(text: &str, is_error: bool) -> [String; 3] {
    let tool = json!({ "name": "search", "description": "Searches the docs.",
        "inputSchema": mcp_schema(), "annotations": { "readOnlyHint": true } });
    let texts = json!([{ "type": "text", "text": text }]);
    let nothing = json!([{ "type": "text", "text": "Nothing." }]);
    let results = [
        json!({ "tools": [tool] }),
        json!({ "content": texts, "isError": is_error }),
        json!({ "content": nothing }),
    ];
    results.map(|result| json!({ "jsonrpc": "2.0", "id": 1, "result": result }).to_string())
}

fn seen(world: &Fake, named: String) -> Seen {
    let discord = world.discord.borrow();
    let mut posted: Vec<String> =
        discord.channel.iter().map(|it| format!("{}: {}", it.author, it.content)).collect();
    posted.extend(discord.reply.clone());
    posted.extend(discord.follow_ups.iter().cloned());
    posted.extend(discord.files.iter().map(|(_, file)| file.clone()));
    posted.extend(world.job("1300000000000000005").and_then(|(_, _, result)| result));
    let rows = |table| {
        let sql = format!("SELECT count(*) FROM {table}");
        world.db.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    Seen {
        requests: discord.requests.iter().map(sent).collect(),
        posted,
        facts: facts(world),
        acts: world.acts.borrow().len(),
        consents: rows("consents"),
        other_rows: ["api_keys", "shares", "quotes", "reminders"].into_iter().map(rows).sum(),
        is_earlier: false,
        named,
        pages: Some("https://pages.example/".to_owned()),
        secrets: SECRETS.map(ToOwned::to_owned).into(),
    }
}

fn sent(request: &Request) -> Sent {
    let body = request.body.as_ref().map(|body| match body {
        http::Body::Text(text) => Body::Text(text.clone()),
        http::Body::Bytes(_) => Body::Bytes,
    });
    let headers = request.headers.iter().map(|(_, value)| value.as_str()).collect();
    Sent { method: request.method.name().to_owned(), url: request.url.clone(), headers, body }
}

/// How many facts of all people there are.
fn facts(world: &Fake) -> i64 {
    let conversations = world.conversations.borrow();
    let people = conversations.iter().filter(|(name, _)| name.starts_with("person:"));
    // Who has had nothing remembered has no table.
    let count = |store: &LocalStore| {
        store
            .db
            .query_row("SELECT count(*) FROM facts", [], |row| row.get::<_, i64>(0))
            .unwrap_or(0)
    };
    people.map(|(_, store)| count(store)).sum()
}
