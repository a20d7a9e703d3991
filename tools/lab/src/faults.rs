//! Faults: what goes wrong with a call, and the rules that say with which calls.
//!
//! `C` is a cue: what a model is to do in place of its own answer. The AI service defines it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::http::{Content, Inbound, Reply};

/// A rule as `POST /lab/faults` takes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "C: Default + Deserialize<'de>"))]
pub(crate) struct Rule<C> {
    /// Identifies the rule, so that it can be removed.
    #[serde(skip_deserializing)]
    id: u64,
    #[serde(rename = "match", default)]
    matching: Matching,
    /// How many calls it affects.
    #[serde(default = "once")]
    times: u64,
    then: Fault<C>,
    /// Calls that matched so far.
    #[serde(skip)]
    seen: u64,
    /// Calls that it affected so far.
    #[serde(skip_deserializing)]
    fired: u64,
}

/// Which calls a rule matches; an absent field matches every call.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Matching {
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_contains: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_contains: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_contains: Option<Parts>,
    /// Ordinal of the first matching call that is affected, counted from 1 since the rule was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<u64>,
}

/// Texts that a body has.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Parts {
    One(String),
    /// All of them.
    All(Vec<String>),
}

impl Parts {
    fn are_in(&self, body: &str) -> bool {
        match self {
            Self::One(part) => body.contains(part.as_str()),
            Self::All(parts) => parts.iter().all(|part| body.contains(part.as_str())),
        }
    }
}

/// What happens to a call in place of its normal course.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault<C> {
    /// What decided (`blocked` or `chaos`), if it was not a rule.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u64>,
    #[serde(rename = "drop", default, skip_serializing_if = "Option::is_none")]
    pub(crate) cut: Option<Cut>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effect: Option<bool>,
    /// What the model does, in the format of the vendor that is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<C>,
}

/// When the connection is cut, relative to the effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cut {
    Before,
    After,
}

impl<C> Rule<C> {
    /// The operation that the rule names, if it names one.
    pub(crate) fn operation(&self) -> Option<&str> {
        self.matching.operation.as_deref()
    }
}

fn once() -> u64 {
    1
}

impl Matching {
    fn matches(&self, operation: &str, inbound: &Inbound) -> bool {
        let is = |wanted: &Option<String>, actual: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(actual))
        };
        let contains = |wanted: &Option<String>, actual: &str| {
            wanted.as_ref().is_none_or(|wanted| actual.contains(wanted.as_str()))
        };
        is(&self.method, &inbound.method)
            && is(&self.operation, operation)
            && contains(&self.path_contains, &inbound.path)
            && contains(&self.query_contains, &inbound.query)
            && self
                .body_contains
                .as_ref()
                .is_none_or(|parts| parts.are_in(&String::from_utf8_lossy(&inbound.bytes)))
    }
}

/// The rules in force, in the order they were added.
#[derive(Debug)]
pub(crate) struct Rules<C> {
    list: Vec<Rule<C>>,
    last_id: u64,
}

impl<C> Default for Rules<C> {
    fn default() -> Self {
        Self { list: Vec::new(), last_id: 0 }
    }
}

impl<C: Clone> Rules<C> {
    /// The rules, oldest first.
    pub(crate) fn list(&self) -> &[Rule<C>] {
        &self.list
    }

    /// Adds rules, each with an id of its own.
    pub(crate) fn add(&mut self, rules: Vec<Rule<C>>) {
        for rule in rules {
            self.last_id += 1;
            self.list.push(Rule { id: self.last_id, ..rule });
        }
    }

    /// Removes one rule.
    ///
    /// # Errors
    /// A sentence, when there is no rule of that id.
    pub(crate) fn remove(&mut self, id: &str) -> Result<(), String> {
        let position = self.list.iter().position(|rule| rule.id.to_string() == id);
        self.list.remove(position.ok_or_else(|| format!("no fault `{id}`"))?);
        Ok(())
    }

    /// Removes all rules; ids keep counting.
    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }

    /// The fault of a call, if a rule fires. The first rule that fires counts the call, and so does
    /// each matching rule before it.
    pub(crate) fn find(&mut self, operation: &str, inbound: &Inbound) -> Option<Fault<C>> {
        for rule in &mut self.list {
            if !rule.matching.matches(operation, inbound) {
                continue;
            }
            rule.seen += 1;
            let first = rule.matching.nth.unwrap_or(1);
            if rule.seen >= first && rule.seen - first < rule.times {
                rule.fired += 1;
                return Some(rule.then.clone());
            }
        }
        None
    }
}

impl<C: Default> Fault<C> {
    /// Replaces the reply; a body that begins with `<` is sent as HTML.
    pub(crate) fn reply(status: u16, body: Value, effect: bool) -> Self {
        let is_page = body.as_str().is_some_and(|text| text.starts_with('<'));
        let fault = Self {
            status: Some(status),
            body: Some(body),
            effect: Some(effect),
            ..Self::default()
        };
        if is_page { fault.header("content-type", "text/html; charset=UTF-8") } else { fault }
    }

    /// Cuts the connection.
    pub(crate) fn drop(cut: Cut) -> Self {
        Self { cut: Some(cut), ..Self::default() }
    }

    /// Tells the model what to do.
    pub(crate) fn model(cue: C) -> Self {
        Self { model: Some(cue), ..Self::default() }
    }

    /// Delays the call, which then takes its normal course.
    pub(crate) fn delay(ms: u64) -> Self {
        Self { delay_ms: Some(ms), ..Self::default() }
    }

    /// Adds a header to the reply.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Names what decided.
    pub(crate) fn by(self, who: &'static str) -> Self {
        Self { by: Some(who), ..self }
    }

    /// Whether the call takes effect.
    ///
    /// With a replaced status it does not, unless `effect` is true; a delay alone changes nothing.
    pub(crate) fn takes_effect(&self) -> bool {
        match self.cut {
            Some(Cut::Before) => false,
            Some(Cut::After) => true,
            None => self.effect.unwrap_or(self.status.is_none()),
        }
    }

    /// Changes the service's reply into the one that is sent.
    pub(crate) fn apply(&self, mut reply: Reply) -> Reply {
        if let Some(status) = self.status {
            reply.status = status;
            reply.body = Content::Empty;
        }
        match &self.body {
            Some(Value::String(text)) => reply.body = Content::Text(text.clone()),
            Some(value) => reply.body = Content::Json(value.clone()),
            None => {}
        }
        for (name, value) in &self.headers {
            reply.headers.retain(|(existing, _)| !existing.eq_ignore_ascii_case(name));
            reply.headers.push((name.clone(), value.clone()));
        }
        reply
    }

    /// Reply of a call that was not carried out.
    pub(crate) fn refuse(&self) -> Reply {
        self.apply(Reply::empty(500))
    }
}

impl<C: Serialize> Fault<C> {
    /// What the record shows.
    pub(crate) fn to_record(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Fault, Rules};
    use crate::http::{Inbound, Payload};

    fn call() -> Inbound {
        Inbound {
            method: "POST".into(),
            path: "/api/v10/webhooks/1/t".into(),
            query: String::new(),
            headers: std::collections::BTreeMap::new(),
            bytes: "hello".into(),
            body: Payload::Empty,
        }
    }

    fn statuses(rules: &serde_json::Value, calls: usize) -> Vec<Option<u16>> {
        let mut all = Rules::<()>::default();
        all.add(serde_json::from_value(rules.clone()).unwrap());
        let mut find = || all.find("execute_webhook", &call());
        (0..calls).map(|_| find().map(|fault| fault.refuse().status)).collect()
    }

    #[test]
    fn fires_from_the_nth_match_as_often_as_it_says() {
        let rules = json!([
            { "match": { "operation": "execute_webhook", "nth": 2 }, "times": 2, "then": { "status": 503 } }
        ]);
        assert_eq!(statuses(&rules, 4), [None, Some(503), Some(503), None]);
    }

    #[test]
    fn rules_for_the_same_call_are_used_one_after_the_other() {
        let rules = json!([
            { "match": { "body_contains": "hell" }, "then": { "status": 500 } },
            { "match": { "method": "post", "path_contains": "webhooks" }, "then": { "status": 429 } },
            { "match": { "operation": "ai_run" }, "then": { "status": 400 } }
        ]);
        assert_eq!(statuses(&rules, 3), [Some(500), Some(429), None]);
    }

    #[test]
    fn a_rule_for_several_parts_of_a_body_wants_all_of_them() {
        let of = |parts: serde_json::Value| json!([{ "match": { "body_contains": parts }, "then": { "status": 500 } }]);
        assert_eq!(statuses(&of(json!(["he", "lo"])), 1), [Some(500)]);
        assert_eq!(statuses(&of(json!(["he", "x"])), 1), [None]);
        let query = json!([{ "match": { "query_contains": "a=1" }, "then": { "status": 500 } }]);
        assert_eq!(statuses(&query, 1), [None]);
    }

    #[test]
    fn only_a_replaced_status_prevents_the_effect() {
        for (then, happens) in [
            (json!({ "status": 500 }), false),
            (json!({ "status": 500, "effect": true }), true),
            (json!({ "delay_ms": 5 }), true),
            (json!({ "drop": "before" }), false),
            (json!({ "drop": "after" }), true),
        ] {
            let fault: Fault<()> = serde_json::from_value(then.clone()).unwrap();
            assert_eq!(fault.takes_effect(), happens, "{then}");
        }
    }
}
