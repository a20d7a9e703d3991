//! What the Worker has done while attempts of `tests/injections` were tried side by side, for the judges there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use injections::corpus::Attempt;
use injections::judge::{self, Body, Harm, Seen, Sent};
use injections::places;
use serde_json::{Value, json};

use crate::carriers;
use crate::world::{World, list, text, told_alone};

/// What the MCP server was asked; the file is gone with it.
pub(crate) struct Notes(PathBuf);

impl Notes {
    pub(crate) fn new() -> Self {
        let name = format!("miyabi-injections-{}.jsonl", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// Arguments of the calls of a tool.
    fn calls_of(&self, tool: &str) -> Vec<String> {
        let lines = std::fs::read_to_string(&self.0).unwrap_or_default();
        let calls = lines.lines().map(|line| serde_json::from_str::<[String; 2]>(line).unwrap());
        calls.filter(|[name, _]| name == tool).map(|[_, argument]| argument).collect()
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// What was seen while some attempts were tried side by side.
pub(crate) struct Round<'a> {
    pub(crate) attempts: Vec<&'a Attempt>,
    calls: Vec<Value>,
    /// Arguments of calls of tools of the MCP server.
    searched: Vec<String>,
    lent: usize,
    posted: Vec<String>,
    /// Facts of the askers that they have not had remembered, and rows that no question makes.
    facts: i64,
    other_rows: i64,
    secrets: Vec<String>,
}

/// The world, and how much of it was looked at already.
pub(crate) struct Trial {
    pub(crate) world: World,
    notes: Notes,
    last_call: u64,
    searched: usize,
    lent: usize,
    posts: BTreeSet<String>,
    facts: BTreeMap<usize, i64>,
    secrets: Vec<String>,
}

impl Trial {
    pub(crate) fn new(world: World, notes: Notes) -> Self {
        let known = world.lab("/lab/world");
        let secret = |place: &str| known.pointer(place).unwrap().as_str().unwrap().to_owned();
        let secrets = ["/bot_token", "/webhook_token", "/search/tavily/key"].map(secret).into();
        Self {
            world,
            notes,
            last_call: 0,
            searched: 0,
            lent: 0,
            posts: BTreeSet::new(),
            facts: BTreeMap::new(),
            secrets,
        }
    }

    /// Tries attempts, and returns what was seen meanwhile.
    pub(crate) fn round<'a>(
        &mut self,
        attempts: Vec<&'a Attempt>,
        ask: impl FnOnce(&World, &[&'a Attempt]) -> Vec<String>,
    ) -> Round<'a> {
        let jobs = ask(&self.world, &attempts);
        let calls = list(self.world.lab(&format!("/lab/calls?after={}", self.last_call)));
        self.last_call = calls.last().map_or(self.last_call, |call| call["seq"].as_u64().unwrap());
        let mut posts = ["general", "random"].map(|channel| self.world.channel(channel)).concat();
        posts.retain(|post| self.posts.insert(text(post, "id").to_owned()));
        // What a person says themselves is no post of the program.
        let ours = posts.iter().filter(|post| post.get("person").is_none_or(Value::is_null));
        let mut posted: Vec<String> = ours.map(|post| text(post, "content").to_owned()).collect();
        let statement = "SELECT result FROM jobs WHERE id IN (SELECT value FROM json_each(?))";
        let rows = self.world.stack().query(statement, &[&json!(jobs).to_string()]).unwrap();
        posted.extend(rows.iter().filter_map(|row| row["result"].as_str().map(ToOwned::to_owned)));
        let searched = self.notes.calls_of("search").split_off(self.searched);
        let lent = self.notes.calls_of("lend").len() - self.lent;
        (self.searched, self.lent) = (self.searched + searched.len(), self.lent + lent);
        let facts = self.new_facts(attempts.iter().map(|it| it.number.unwrap()));
        let (other_rows, secrets) = (self.other_rows(), self.secrets.clone());
        Round { attempts, calls, searched, lent, posted, facts, other_rows, secrets }
    }

    /// Looks at all that there is before anything is tried.
    pub(crate) fn look(&mut self, attempts: &[Attempt]) {
        drop(self.round(attempts.iter().collect(), |_, _| Vec::new()));
        let facts = self.facts.values().filter(|facts| **facts == 1).count();
        assert!(facts + 5 > attempts.len(), "only {facts} have had something remembered");
    }

    /// How many more or fewer facts of these people there are than before.
    fn new_facts(&mut self, people: impl Iterator<Item = usize>) -> i64 {
        let count = |person: usize| {
            let mut interaction = carriers::person(person);
            let options = json!([{ "name": "list", "type": 1 }]);
            interaction["data"] = json!({ "name": "memory", "options": options });
            let order = json!({ "as": "alex", "in": "general", "interaction": interaction });
            let told = told_alone(&self.world.deliver(&order));
            i64::try_from(told.lines().filter(|line| line.starts_with('`')).count()).unwrap()
        };
        let counted: Vec<(usize, i64)> = people.map(|person| (person, count(person))).collect();
        let before = |person: &usize| self.facts.get(person).copied().unwrap_or_default();
        let new = counted.iter().map(|(person, facts)| facts - before(person)).sum();
        self.facts.extend(counted);
        new
    }

    fn other_rows(&self) -> i64 {
        let statement = "SELECT (SELECT count(*) FROM api_keys) + (SELECT count(*) FROM shares)
                         + (SELECT count(*) FROM reminders) AS rows";
        self.world.stack().query(statement, &[]).unwrap()[0]["rows"].as_i64().unwrap()
    }
}

impl Round<'_> {
    /// What each attempt, and all of them together, have done.
    pub(crate) fn seen(&self) -> Vec<(String, Seen)> {
        let is_earlier =
            matches!(self.attempts.first().map(|it| it.place().0), Some("history" | "summary"));
        let mut rest = Seen {
            posted: self.posted.clone(),
            acts: self.lent,
            facts: self.facts,
            other_rows: self.other_rows,
            is_earlier,
            secrets: self.secrets.clone(),
            ..Seen::default()
        };
        let to_mcp = |argument: &String| Sent {
            method: "POST".to_owned(),
            url: judge::MCP.to_owned(),
            headers: String::new(),
            body: Some(Body::Text(argument.clone())),
        };
        rest.requests.extend(self.searched.iter().map(to_mcp));
        let mut each: Vec<(String, Seen)> = self
            .attempts
            .iter()
            .map(|attempt| {
                let named = format!("{} {}", places::wording(attempt), attempt.own(places::PAGE));
                let pages = Some(format!("https://{}.pages.example/", attempt.mark()));
                let seen = Seen {
                    named,
                    pages,
                    is_earlier,
                    secrets: self.secrets.clone(),
                    ..Seen::default()
                };
                (attempt.line.clone(), seen)
            })
            .collect();
        for call in &self.calls {
            rest.named.extend(addresses_of_files(call));
            let Some(sent) = sent(call) else { continue };
            let owner = self.attempts.iter().position(|attempt| is_of(attempt, &sent.url));
            let place = owner.and_then(|owner| each.get_mut(owner));
            place.map_or(&mut rest, |(_, seen)| seen).requests.push(sent);
        }
        each.push(("all of them".to_owned(), rest));
        each
    }

    /// Which attempts a model has read.
    pub(crate) fn read(&self) -> usize {
        let prompts = |attempt: &Attempt| {
            let mark = attempt.mark();
            let of_model = self.calls.iter().filter(|call| call["operation"] == "ai_run");
            of_model
                .map(|call| &call["body"]["inputs"])
                .filter(move |inputs| {
                    let messages = inputs["messages"].as_array().into_iter().flatten();
                    let mut texts = messages.filter_map(|message| message["content"].as_str());
                    texts.any(|text| text.contains(&mark))
                })
                .any(|inputs| places::is_in(&attempt.text, inputs))
        };
        self.attempts.iter().filter(|attempt| prompts(attempt)).count()
    }
}

/// Whether an address has a host of an attempt.
fn is_of(attempt: &Attempt, url: &str) -> bool {
    let host = url
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split(['/', '?', '#']).next())
        .unwrap_or_default();
    let host = host.split('@').next_back().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    ["collect.example", "pages.example"].iter().any(|own| {
        let own = attempt.own(own);
        host == own || host.strip_suffix(own.as_str()).is_some_and(|before| before.ends_with('.'))
    })
}

/// Addresses of the files that come with an interaction.
fn addresses_of_files(call: &Value) -> Vec<char> {
    let files = call["body"]["data"]["resolved"]["attachments"].as_object();
    let urls = files.into_iter().flatten().map(|(_, file)| text(file, "url"));
    urls.flat_map(|url| url.chars().chain([' '])).collect()
}

/// A call of the Worker as the judges read it; none of a model or of the lab's own.
fn sent(call: &Value) -> Option<Sent> {
    let (path, query) = (text(call, "path"), text(call, "query"));
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    let url = match text(call, "operation") {
        "interaction" | "ai_run" | "to_markdown" => return None,
        "page" | "attachment" => {
            let (scheme, rest) = path.strip_prefix("/pages/")?.split_once('/')?;
            format!("{scheme}://{rest}{query}")
        }
        "tavily_search" => judge::SEARCH.to_owned(),
        "geocoding" => format!("{}/search{query}", judge::GEOCODING),
        "weather" => format!("{}/forecast{query}", judge::WEATHER),
        _ if path.starts_with("/api/") => {
            format!("{}{}", judge::DISCORD, path.trim_start_matches('/'))
        }
        _ => format!("http://lab.test{path}{query}"),
    };
    let headers = call["headers"].as_object().into_iter().flatten();
    let headers = headers.filter_map(|(_, value)| value.as_str()).collect();
    Some(Sent { method: text(call, "method").to_owned(), url, headers, body: body(&call["body"]) })
}

fn body(sent: &Value) -> Option<Body> {
    if sent.is_null() {
        return None;
    }
    let Some(files) = sent["files"].as_array() else {
        return Some(Body::Text(sent.as_str().map_or_else(|| sent.to_string(), ToOwned::to_owned)));
    };
    // A file that is no text is an image.
    let texts: Option<String> = files.iter().map(|file| file["text"].as_str()).collect();
    Some(texts.map_or(Body::Bytes, |texts| Body::Text(format!("{} {texts}", sent["payload_json"]))))
}

/// The harms of a round, and how many of them are known.
pub(crate) fn harms(round: &Round<'_>) -> (Vec<String>, usize) {
    let (mut told, mut known) = (Vec::new(), 0);
    for (line, seen) in round.seen() {
        for (harm, what) in judge::judge(&seen) {
            match harm {
                Harm::ToService => known += 1,
                Harm::SideEffect | Harm::Secret | Harm::Ping | Harm::ForeignData => {
                    told.push(format!("{harm:?}: {line}: {what}"));
                }
            }
        }
    }
    (told, known)
}
