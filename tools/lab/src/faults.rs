//! Faults: which call fails, and how; by rule, here, or by a block or by chance.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ai::Cue;
use crate::http::{Content, Inbound, Reply};
use crate::route::{OPERATIONS, Route};
use crate::state::State;
use crate::{blocked, chaos};

/// A rule as `POST /lab/faults` takes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// Names it, to forget it.
    #[serde(skip_deserializing)]
    id: u64,
    #[serde(rename = "match", default)]
    matching: Matching,
    /// How many calls it breaks.
    #[serde(default = "once")]
    times: u64,
    then: Fault,
    /// Calls that matched so far.
    #[serde(skip)]
    seen: u64,
    /// Calls that it broke so far.
    #[serde(skip_deserializing)]
    fired: u64,
}

/// Which calls a rule is about; an absent field matches every call.
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
    body_contains: Option<String>,
    /// Ordinal of the first call that breaks, counted from 1 since the rule was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<u64>,
}

/// What happens instead.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// Who decided, if it was no rule.
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
    /// What the model does, in the words of whoever sells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<Cue>,
}

/// When the connection is cut, relative to the effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cut {
    Before,
    After,
}

impl Rule {
    /// The operation it names, when no call can ever have that name.
    pub(crate) fn unknown_operation(&self) -> Option<&str> {
        let name = self.matching.operation.as_deref()?;
        (!OPERATIONS.contains(&name)).then_some(name)
    }
}

fn once() -> u64 {
    1
}

impl Matching {
    fn covers(&self, operation: &str, inbound: &Inbound) -> bool {
        let is = |wanted: &Option<String>, actual: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(actual))
        };
        let contains = |wanted: &Option<String>, actual: &str| {
            wanted.as_ref().is_none_or(|wanted| actual.contains(wanted.as_str()))
        };
        is(&self.method, &inbound.method)
            && is(&self.operation, operation)
            && contains(&self.path_contains, &inbound.path)
            && contains(&self.body_contains, &String::from_utf8_lossy(&inbound.bytes))
    }
}

/// Fault for a call, if a rule fires; a call is counted by the first rule that fires and those before it.
fn take(rules: &mut [Rule], operation: &str, inbound: &Inbound) -> Option<Fault> {
    for rule in rules {
        if !rule.matching.covers(operation, inbound) {
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

/// Adds rules, each under a number of its own.
pub(crate) fn add(state: &mut State, rules: Vec<Rule>) {
    for rule in rules {
        state.last_rule += 1;
        state.faults.push(Rule { id: state.last_rule, ..rule });
    }
}

/// Forgets one rule.
///
/// # Errors
/// A sentence, when there is no rule of that number.
pub(crate) fn forget(state: &mut State, id: &str) -> Result<(), String> {
    let position = state.faults.iter().position(|rule| rule.id.to_string() == id);
    state.faults.remove(position.ok_or_else(|| format!("no fault `{id}`"))?);
    Ok(())
}

/// Fault for a call: by a rule, by a block or by chance.
pub(crate) fn find(
    state: &mut State,
    route: &Route,
    operation: &str,
    inbound: &Inbound,
) -> Option<Fault> {
    take(&mut state.faults, operation, inbound)
        .or_else(|| blocked::refuse(state, route))
        .or_else(|| chaos::draw(state, route))
}

impl Fault {
    /// Replaces the reply; a page declares itself as one.
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

    /// Lets the model do something.
    pub(crate) fn model(cue: Cue) -> Self {
        Self { model: Some(cue), ..Self::default() }
    }

    /// Lets it happen, late.
    pub(crate) fn delay(ms: u64) -> Self {
        Self { delay_ms: Some(ms), ..Self::default() }
    }

    /// Adds a header to the reply.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Says who decided.
    pub(crate) fn by(self, who: &'static str) -> Self {
        Self { by: Some(who), ..self }
    }

    /// Whether the call does what it asks for.
    ///
    /// A replaced status means no unless `effect` says yes; a delay alone changes nothing.
    pub(crate) fn lets_it_happen(&self) -> bool {
        match self.cut {
            Some(Cut::Before) => false,
            Some(Cut::After) => true,
            None => self.effect.unwrap_or(self.status.is_none()),
        }
    }

    /// Turns the service's reply into the one that is sent.
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

    /// What the record shows.
    pub(crate) fn to_record(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Rule, take};
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
        let mut rules: Vec<Rule> = serde_json::from_value(rules.clone()).unwrap();
        (0..calls)
            .map(|_| take(&mut rules, "execute_webhook", &call()).map(|f| f.refuse().status))
            .collect()
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
    fn only_a_replaced_status_prevents_the_effect() {
        for (then, happens) in [
            (json!({ "status": 500 }), false),
            (json!({ "status": 500, "effect": true }), true),
            (json!({ "delay_ms": 5 }), true),
            (json!({ "drop": "before" }), false),
            (json!({ "drop": "after" }), true),
        ] {
            let fault: super::Fault = serde_json::from_value(then.clone()).unwrap();
            assert_eq!(fault.lets_it_happen(), happens, "{then}");
        }
    }
}
