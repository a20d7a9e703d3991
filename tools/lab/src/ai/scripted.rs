//! The scripted model: decides what to answer from the question and the offered tools, by fixed rules.
//!
//! The rules and the triggers are the tables of `tools/lab/README.md`.

use serde_json::{Value, json};

use super::cue::Cue;
use super::output::{Call, End, Output};
use crate::stream::Pace;
use crate::weather;

/// A tool the model may call.
#[derive(Debug)]
struct Tool<'a> {
    name: &'a str,
    properties: Vec<&'a str>,
}

/// What the model does; `inputs` is the conversation as Workers AI takes it.
pub(crate) fn decide(inputs: &Value) -> Output {
    let conversation = Conversation::read(inputs);
    let mut output = conversation.decide();
    if conversation.trigger("think").is_some() {
        "The lab thinks: nobody reads this.".clone_into(&mut output.reasoning);
    }
    if let Some(tokens) = conversation.trigger("cached") {
        output.cached = tokens.parse().unwrap_or_default();
    }
    if conversation.trigger("refuse").is_some() {
        output = Output { end: End::Refused, ..Output::default() };
    }
    output
}

/// Argument of a trigger in the question: `[name argument]`, or `""` for `[name]`.
pub(crate) fn trigger<'a>(inputs: &'a Value, name: &str) -> Option<&'a str> {
    Conversation::read(inputs).trigger(name)
}

/// The error of Workers AI that the question asks for.
pub(crate) fn error(inputs: &Value) -> Option<&str> {
    trigger(inputs, "error")
}

/// A failure that the question asks for: `[fails KIND]` of every vendor, `[fails KIND VENDOR]` of one.
pub(crate) fn cue(inputs: &Value, vendor: &str) -> Option<Cue> {
    let words = trigger(inputs, "fails")?;
    let (kind, whose) = words.split_once(' ').unwrap_or((words, vendor));
    if whose == vendor { Cue::named(kind) } else { None }
}

/// The pace that the question asks for: `[slow MS]` between two events.
pub(crate) fn pace(inputs: &Value) -> Option<Pace> {
    let pause_ms = trigger(inputs, "slow")?.parse().ok()?;
    Some(Pace { pause_ms, ..Pace::default() })
}

/// The parts of the conversation that the rules read.
#[derive(Debug)]
struct Conversation<'a> {
    question: &'a str,
    is_japanese: bool,
    tools: Vec<Tool<'a>>,
    /// Tool results at the end of the conversation.
    results: Vec<&'a str>,
}

impl<'a> Conversation<'a> {
    fn read(inputs: &'a Value) -> Self {
        let messages = inputs["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let part = |message: &'a Value| -> Option<&'a str> {
            message["content"].as_array()?.iter().find_map(|part| part["text"].as_str())
        };
        let content = |message: &'a Value| {
            message["content"].as_str().or_else(|| part(message)).unwrap_or_default()
        };
        let question = messages.iter().rev().find(|message| message["role"] == "user");
        let question = question.map_or(inputs["prompt"].as_str().unwrap_or_default(), content);
        let mut results: Vec<&str> = messages
            .iter()
            .rev()
            // A note to the model may follow the results.
            .skip_while(|message| message["role"] == "system" || message["role"] == "developer")
            .take_while(|message| message["role"] == "tool")
            .map(content)
            .collect();
        results.reverse();
        let is_free = inputs["tool_choice"] != "none";
        let tools = inputs["tools"].as_array().filter(|_| is_free);
        let tools = tools.into_iter().flatten().map(Tool::read).collect();
        Self { question, is_japanese: question.chars().any(is_japanese), tools, results }
    }

    /// Argument of a trigger in the question: `[name argument]`, or `""` for `[name]`.
    fn trigger(&self, name: &str) -> Option<&'a str> {
        self.question.split('[').skip(1).find_map(|piece| {
            let (inside, _) = piece.split_once(']')?;
            let rest = inside.strip_prefix(name)?;
            (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim())
        })
    }

    fn decide(&self) -> Output {
        if self.trigger("loop").is_some() && !self.tools.is_empty() {
            return Output::calls(self.tools.iter().take(1).map(|tool| self.call(tool)).collect());
        }
        if !self.results.is_empty() {
            return Output::text(self.tool_answer());
        }
        if !self.tools.is_empty() {
            if let Some(output) = self.ordered_call() {
                return output;
            }
            let calls = self.wanted_calls();
            if !calls.is_empty() {
                return Output::calls(calls);
            }
        }
        Output::text(self.plain_answer())
    }

    /// Triggers that answer the first round with a broken tool call, one in the text, or one that they name.
    fn ordered_call(&self) -> Option<Output> {
        if self.trigger("leak").is_some() {
            let leaked = r#"<function=current_time>{"time_zone":"Asia/Tokyo"}</function>"#;
            return Some(Output::text(leaked));
        }
        if self.trigger("unknown-tool").is_some() {
            return Some(Output::calls(vec![Call::new("no_such_tool", json!({ "x": 1 }))]));
        }
        if let Some((name, arguments)) = self.trigger("call").and_then(|it| it.split_once(' ')) {
            let tool = self.tools.iter().find(|tool| tool.name == name)?;
            let arguments = serde_json::from_str(arguments).unwrap_or_default();
            return Some(Output::calls(vec![Call::new(tool.name, arguments)]));
        }
        let tool = self.tool("time").or(self.tools.first())?;
        let broken = json!(r#"{"time_zone": "Asia/"#);
        self.trigger("bad-args").map(|_| Output::calls(vec![Call::new(tool.name, broken)]))
    }

    fn tool(&self, part: &str) -> Option<&Tool<'a>> {
        self.tools.iter().find(|tool| tool.name.contains(part))
    }

    /// Calls of the tools that words of the question name.
    fn wanted_calls(&self) -> Vec<Call> {
        let question = self.question.to_lowercase();
        let mentions = |words: &[&str]| words.iter().any(|word| question.contains(word));
        let mut wanted = Vec::new();
        if mentions(&["time", "o'clock", "何時", "時刻", "時間"]) {
            wanted.extend(self.tool("time"));
        }
        if mentions(&["weather", "天気", "気温"]) {
            wanted.extend(self.tool("weather"));
        }
        let mut calls: Vec<Call> = wanted.into_iter().map(|tool| self.call(tool)).collect();
        if let (Some(tool), Some(expression)) = (self.tool("calculate"), self.expression()) {
            calls.push(Call::new(tool.name, json!({ "expression": expression })));
        }
        if let (Some(tool), Some(query)) = (self.tool("web_search"), self.query()) {
            calls.push(Call::new(tool.name, json!({ "query": query })));
        }
        if let (Some(tool), Some((time, words))) = (self.tool("remind_me"), self.reminder()) {
            calls.push(Call::new(tool.name, json!({ "time": time, "words": words })));
        }
        if let (Some(tool), Some(prompt)) = (self.tool("draw"), self.between("draw ", "の絵")) {
            calls.push(Call::new(tool.name, json!({ "prompt": prompt })));
        }
        if let (Some(tool), Some(url)) = (self.tool("fetch_page"), self.url()) {
            calls.push(Call::new(tool.name, json!({ "url": url })));
        }
        calls
    }

    /// The first word that is an address.
    fn url(&self) -> Option<&'a str> {
        let mut words = self.question.split_whitespace();
        words.find(|word| word.starts_with("http://") || word.starts_with("https://"))
    }

    /// What stands between "calculate" and the end of the sentence, or before 「を計算」.
    fn expression(&self) -> Option<&'a str> {
        self.between("calculate ", "を計算")
    }

    /// What stands between "search for" and the end of the sentence, or before 「を検索」.
    fn query(&self) -> Option<&'a str> {
        self.between("search for ", "を検索")
    }

    /// When and of what: "remind me TIME to WORDS.", or 「TIMEにWORDSをリマインド」.
    fn reminder(&self) -> Option<(&'a str, &'a str)> {
        let english = self.question.split_once("emind me ").map(|(_, rest)| rest);
        let english = english.and_then(|rest| rest.split_once(" to "));
        let japanese = self.question.split_once("をリマインド").map(|(before, _)| before);
        let (time, words) = english.or_else(|| japanese?.split_once('に'))?;
        Some((time.trim(), words.split(['.', '?', '。', '\n']).next()?.trim()))
    }

    fn between(&self, english: &str, japanese: &str) -> Option<&'a str> {
        let english = self.question.split_once(english).map(|(_, rest)| rest);
        let japanese = self.question.split_once(japanese).map(|(before, _)| before);
        english.or(japanese)?.split(['?', '？', '。', '\n']).next().map(str::trim)
    }

    /// A call with one argument: a time zone for a clock, a place for any other tool.
    fn call(&self, tool: &Tool<'_>) -> Call {
        let is_clock = tool.name.contains("time");
        let fits = |name: &&&str| {
            let words: &[&str] =
                if is_clock { &["zone", "tz"] } else { &["place", "city", "location", "query"] };
            words.iter().any(|word| name.contains(word))
        };
        let Some(property) = tool.properties.iter().find(fits).or(tool.properties.first()) else {
            return Call::new(tool.name, json!({}));
        };
        let value = if is_clock { self.zone().to_owned() } else { self.place() };
        let mut arguments = json!({});
        arguments[*property] = json!(value);
        Call::new(tool.name, arguments)
    }

    fn zone(&self) -> &'static str {
        weather::mentioned(self.question).map_or("UTC", |(_, zone)| zone)
    }

    /// A known city, else the words after "in" or before 「の天気」, else Tokyo.
    fn place(&self) -> String {
        if let Some((name, _)) = weather::mentioned(self.question) {
            return name.to_owned();
        }
        let english = self.question.split_once(" in ").map(|(_, rest)| rest);
        let japanese = self.question.split_once("の天気").map(|(before, _)| before);
        let words = english.or(japanese).unwrap_or_default();
        let end = |c: char| ['?', '.', ',', '!', '？', '。', '、', '[', '\n'].contains(&c);
        let place = words.split(end).next().unwrap_or_default().trim();
        if place.is_empty() { "Tokyo".to_owned() } else { place.to_owned() }
    }

    fn tool_answer(&self) -> String {
        let results = self.results.join(" / ");
        if self.is_japanese {
            format!("{JAPANESE} 道具の結果は次のとおりです: {results}")
        } else {
            format!("{ENGLISH} The tool says: {results}")
        }
    }

    fn plain_answer(&self) -> String {
        let intro = if self.is_japanese { JAPANESE } else { ENGLISH };
        if let Some(count) = self.trigger("long") {
            return paragraphs(intro, count.parse().unwrap_or(3000), self.is_japanese);
        }
        if self.trigger("empty").is_some() {
            return String::new();
        }
        if self.trigger("fence").is_some() {
            let line = |n: usize| format!("    let line_{n} = \"`{n}` of 150\"; // 行 {n}\n");
            let code: String = (1..=150).map(line).collect();
            return format!("{intro}\n\n```rust\nfn main() {{\n{code}}}\n```\n\nEnd.");
        }
        if self.trigger("everyone").is_some() {
            return format!("{intro} @everyone @here <@123> <@!123> \\<@123> <@&456>");
        }
        if self.trigger("kaomoji").is_some() {
            return format!(r"{intro} ¯\_(ツ)_/¯ (*´▽`*) \(^o^)/ (｡>﹏<｡) _(:3」∠)_ ||(-_-)||");
        }
        let length = self.question.chars().count();
        if self.is_japanese {
            format!("{intro} 質問({length}文字)を読みましたが、決まった言葉しか返せません。")
        } else {
            format!("{intro} I read your question ({length} characters) and only know fixed words.")
        }
    }
}

const ENGLISH: &str = "This is the lab's scripted model, not a real one.";
const JAPANESE: &str = "これはラボの台本どおりに答えるモデルで、本物のAIではありません。";

impl<'a> Tool<'a> {
    fn read(tool: &'a Value) -> Self {
        let tool = if tool["type"] == "function" { &tool["function"] } else { tool };
        let properties = tool["parameters"]["properties"].as_object();
        Self {
            name: tool["name"].as_str().unwrap_or_default(),
            properties: properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect(),
        }
    }
}

fn is_japanese(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ff66}'..='\u{ff9f}')
}

/// Exactly `count` code points of numbered paragraphs.
fn paragraphs(intro: &str, count: usize, is_japanese: bool) -> String {
    let sentence = if is_japanese {
        "春はあけぼの。やうやう白くなりゆく山ぎは、少し明かりて、紫だちたる雲の細くたなびきたる。"
    } else {
        "The quick brown fox jumps over the lazy dog. "
    };
    let body = sentence.repeat(4);
    let numbered = (1..).flat_map(|number: u32| {
        format!("\n\n{number}. {}", body.trim_end()).chars().collect::<Vec<_>>()
    });
    intro.chars().chain(numbered).take(count).collect()
}

#[cfg(test)]
mod tests;
