//! Models of every vendor answer, and each class of error leads to its own next step.
//!
//! The shared chain has a model of each vendor. A question's own rules say who is busy, so one stack
//! shows each of them answering.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::asking::{Ask, Asked};
use crate::world::{self, CHAIN, World, text};

/// As often as anybody will call.
const ALWAYS: u32 = 1000;

fn busy() -> Value {
    json!({ "fails": "busy" })
}

/// How often each vendor was asked, without those that were not.
fn asked_of(asked: &Asked<'_>) -> Vec<(&'static str, usize)> {
    let count = |(name, _): &(&'static str, _)| (*name, asked.calls_of(name).len());
    CHAIN.iter().map(count).filter(|(_, calls)| *calls > 0).collect()
}

/// Attempts as they should be in the database: outcomes by the model's place in the chain.
fn attempts(expected: &[(usize, &str)]) -> Vec<(String, String)> {
    let model = |place: usize| CHAIN[place].1.to_owned();
    expected.iter().map(|(place, outcome)| (model(*place), (*outcome).to_owned())).collect()
}

/// Asks Alex's question, so that what is told is English.
fn ask<'w>(world: &'w World, question: &str) -> Ask<'w> {
    world.ask(question).by("alex")
}

/// The asker reads a sentence in place of "thinking…", and nobody else reads anything.
fn assert_told(asked: &Asked<'_>, words: &str) {
    let reply = asked.reply().unwrap();
    assert_eq!(reply["is_thinking"], false, "{reply}");
    assert!(text(&reply, "content").contains(words), "{reply}");
    asked.is_taken_back("general");
}

#[test]
fn every_vendor_answers_and_takes_a_round_of_tools_when_those_before_it_are_busy() {
    let world = world::chain();
    let send =
        |question: &str| CHAIN.map(|(name, _)| ask(&world, question).after_all_before(name).send());
    let (plain, timed) = (send("Who are you?"), send("What time is it in Tokyo?"));
    for (place, (name, model)) in CHAIN.iter().enumerate() {
        let answer = plain[place].answer();
        assert!(answer.contains("scripted model"), "{name}: {answer}");
        let answer = timed[place].answer();
        assert!(
            answer.contains("The tool says") && answer.contains("Asia/Tokyo"),
            "{name}: {answer}"
        );
        // The second round asks whom the first has switched to, and nobody before.
        let mut expected: Vec<_> = CHAIN[..place].iter().map(|(name, _)| (*name, 1)).collect();
        expected.push((*name, 2));
        assert_eq!(asked_of(&timed[place]), expected);
        let mut outcomes: Vec<_> = (0..place).map(|place| (place, "busy")).collect();
        outcomes.push((place, "ok"));
        assert_eq!(plain[place].attempts(), attempts(&outcomes), "{model}");
        outcomes.push((place, "ok"));
        assert_eq!(timed[place].attempts(), attempts(&outcomes), "{model}");
    }
}

#[test]
fn calls_go_through_the_gateway_where_it_has_a_way_and_past_it_where_not() {
    let world = world::own(&[]);
    let lab = world.lab("/lab/world");
    let (account, gateway) = (&lab["gateway"]["account"], &lab["gateway"]["id"]);
    let (account, gateway) = (account.as_str().unwrap(), gateway.as_str().unwrap());
    let mut models = CHAIN.map(|(_, model)| model);
    // Ollama is of this machine, as vLLM is.
    models[6] = "vllm/org/model";
    let mut world = world;
    world.reconfigure(&[
        ("MIYABI_MODEL", &models.join(" ")),
        ("AI_GATEWAY_ID", gateway),
        ("CLOUDFLARE_ACCOUNT_ID", account),
    ]);
    world.tell_lab("/lab/config", &json!({ "gateway_auth": true }));
    let asked = ask(&world, "Who are you?").after_all_before("huggingface");
    let asked = asked.at_model("vllm", 1, busy()).send();
    assert!(asked.answer().contains("scripted model"));
    let calls = asked.calls();
    let passed = |operation: &str| {
        let call = calls.iter().find(|call| call["operation"] == operation).unwrap();
        call["notes"] == json!(["through the AI Gateway lab-gateway"])
    };
    for name in ["ai_run", "openai", "anthropic", "gemini", "groq", "deepseek"] {
        assert!(passed(name), "{name}");
    }
    assert!(!passed("vllm") && !passed("huggingface"));
}

#[test]
fn who_is_busy_is_passed_over_at_once() {
    let world = world::chain();
    let asked =
        ask(&world, "in a hurry").at_model("ai_run", 1, json!({ "queue_ms": 20_000 })).send();
    assert!(asked.answer().contains("scripted model"));
    assert_eq!(asked.attempts(), attempts(&[(0, "busy"), (1, "ok")]));
    assert_eq!(asked.calls_of("ai_run")[0]["body"]["options"]["rejectIfBusy"], true);
}

#[test]
fn the_only_model_may_keep_us_waiting() {
    let world = world::shared();
    let asked = ask(&world, "patiently").at_model("ai_run", 1, json!({ "queue_ms": 500 })).send();
    assert!(asked.answer().contains("scripted model"));
    let calls = asked.calls_of("ai_run");
    assert_eq!(calls.len(), 1);
    assert_ne!(calls[0]["body"]["options"]["rejectIfBusy"], true);
}

#[test]
fn a_shape_that_one_server_refuses_goes_on_to_the_next() {
    let world = world::chain();
    let wrong = json!({ "fails": "bad_request" });
    let asked = ask(&world, "wrongly").at_model("ai_run", ALWAYS, wrong).send();
    assert!(asked.answer().contains("scripted model"));
    assert_eq!(asked_of(&asked), [("ai_run", 1), ("openai", 1)]);
    assert_eq!(asked.attempts(), attempts(&[(0, "bad-request"), (1, "ok")]));
}

#[test]
fn a_shape_that_the_only_server_refuses_ends_the_job() {
    let world = world::shared();
    let wrong = json!({ "fails": "bad_request" });
    let asked = ask(&world, "wrongly").at_model("ai_run", ALWAYS, wrong).send();
    assert_eq!(asked.error(), "workers-ai answered: bad-request (code 5006)");
    assert_eq!(asked.attempts(), attempts(&[(0, "bad-request")]));
    asked.is_taken_back("general");
}

#[test]
fn what_is_refused_for_its_content_stops_and_says_so() {
    let world = world::chain();
    for name in ["openai", "anthropic", "gemini", "deepseek"] {
        let asked = ask(&world, "badly").after_all_before(name);
        let asked = asked.at_model(name, ALWAYS, json!({ "fails": "policy" })).send();
        let error = asked.error();
        assert!(error.contains("policy"), "{name}: {error}");
        assert_eq!(asked_of(&asked).last(), Some(&(name, 1)));
        assert_told(&asked, "rules do not allow");
    }
}

#[test]
fn each_vendor_s_words_for_a_failure_are_understood() {
    // Alone, for a quota closes each vendor to everybody.
    let world = world::chain_alone();
    let last = CHAIN.len() - 1;
    let kinds = [
        ("no_model", "config"),
        ("bad_key", "config"),
        ("rate_limit", "rate-limit"),
        ("busy", "busy"),
        ("quota", "quota"),
    ];
    for (kind, outcome) in kinds {
        let asked = CHAIN[..last].iter().fold(ask(&world, "how?"), |ask, (name, _)| {
            ask.at_model(name, ALWAYS, json!({ "fails": kind }))
        });
        let asked = asked.send();
        assert!(asked.answer().contains("scripted model"), "{kind}");
        // What Gemini and Groq have of a day is each model's own.
        let outcome_of = |place: usize| match CHAIN[place].0 {
            "gemini" | "groq" if kind == "quota" => "rate-limit",
            _ => outcome,
        };
        let mut expected: Vec<_> = (0..last).map(|place| (place, outcome_of(place))).collect();
        expected.push((last, "ok"));
        assert_eq!(asked.attempts(), attempts(&expected), "{kind}");
    }
}

#[test]
fn an_answer_that_the_vendor_withholds_stops_and_says_so() {
    let world = world::chain();
    for name in ["openai", "anthropic", "gemini"] {
        let asked = ask(&world, "badly").after_all_before(name);
        let asked = asked.at_model(name, ALWAYS, json!({ "end": "refused", "say": "" })).send();
        assert!(asked.error().contains("policy"), "{name}");
        assert_told(&asked, "rules do not allow");
    }
}

#[test]
fn a_limit_per_minute_goes_on_and_the_last_is_waited_for() {
    let world = world::chain();
    let limit = json!({ "fails": "rate_limit", "after_s": 2 });
    let quick = ask(&world, "limited").at_model("ai_run", ALWAYS, limit.clone()).send();
    let patient = ask(&world, "limited").after_all_before("huggingface");
    let patient = patient.at_model("huggingface", 1, limit).send();
    assert!(quick.answer().contains("scripted model"));
    assert_eq!(quick.attempts(), attempts(&[(0, "rate-limit"), (1, "ok")]));
    assert!(patient.answer().contains("scripted model"));
    let calls = patient.calls_of("huggingface");
    assert_eq!(calls.len(), 2);
    let at = |call: &Value| call["at_ms"].as_u64().unwrap();
    assert!(at(&calls[1]) - at(&calls[0]) >= 2000, "{calls:?}");
}

#[test]
fn what_does_not_fit_is_trimmed_and_then_given_to_a_larger_model() {
    let world = world::chain();
    let long = json!({ "fails": "too_long" });
    let once = ask(&world, "at length").at_model("ai_run", 1, long.clone()).send();
    let twice = ask(&world, "at length").at_model("ai_run", ALWAYS, long).send();
    assert!(once.answer().contains("scripted model"));
    assert_eq!(asked_of(&once), [("ai_run", 2)]);
    assert!(twice.answer().contains("scripted model"));
    assert_eq!(twice.attempts(), attempts(&[(0, "too-long"), (0, "too-long"), (1, "ok")]));
}

#[test]
fn a_wrong_key_and_a_vendor_that_fails_lead_to_the_next() {
    let world = world::chain();
    let key = ask(&world, "who?").after_all_before("openai");
    let key = key.at_model("openai", ALWAYS, json!({ "fails": "bad_key" })).send();
    let error = ask(&world, "who?").after_all_before("groq");
    let error = error.at_model("groq", ALWAYS, json!({ "fails": "error" })).send();
    assert!(key.answer().contains("scripted model"));
    assert_eq!(key.attempts(), attempts(&[(0, "busy"), (1, "config"), (2, "ok")]));
    assert!(error.answer().contains("scripted model"));
    // A passing failure is tried once more.
    assert_eq!(asked_of(&error)[4..], [("groq", 2), ("deepseek", 1)]);
}

#[test]
fn an_answer_that_breaks_off_is_never_shown_as_a_whole_one() {
    let world = world::chain();
    let cut = |name: &str, stream: Value| {
        let half = json!({ "say": "This half is nobody's answer. ".repeat(9), "stream": stream });
        ask(&world, "cut").after_all_before(name).at_model(name, 2, half).send()
    };
    // Without its last events, with a connection that breaks, and with an event that tells of a failure.
    let all = [
        ("openai", json!({ "ends_after": 4 })),
        ("anthropic", json!({ "breaks_after": 6 })),
        ("gemini", json!({ "ends_after": 2 })),
        ("groq", json!({ "fails_after": 3 })),
        ("huggingface", json!({ "breaks_after": 5 })),
    ];
    let all = all.map(|(name, stream)| (name, cut(name, stream)));
    for (name, asked) in &all {
        let answer = asked.answer();
        assert!(answer.contains("scripted model") && !answer.contains("half"), "{name}: {answer}");
        let calls = asked_of(asked);
        let place = calls.iter().position(|(asked, _)| asked == name).unwrap();
        let mut expected = vec![(*name, 2)];
        expected.extend(CHAIN.get(place + 1).map(|(next, _)| (*next, 1)));
        // Nobody is left after the last one, so it is asked again.
        let expected = if expected.len() == 1 { vec![(*name, 3)] } else { expected };
        assert_eq!(calls[place..], expected);
        let posts = asked.calls_of("execute_webhook");
        assert!(posts.iter().all(|post| !text(&post["body"], "content").contains("half")));
    }
}

#[test]
fn the_last_round_of_workers_ai_that_breaks_off_is_not_shown_either() {
    let world = world::chain();
    let call =
        json!({ "calls": [{ "name": "current_time", "arguments": { "time_zone": "UTC" } }] });
    let half =
        json!({ "say": "This half is nobody's answer. ".repeat(9), "stream": { "ends_after": 4 } });
    // A repeated call takes the tools away, and without tools a Llama may stream.
    let asked = ask(&world, "again").at_model("ai_run", 2, call).at_model("ai_run", 2, half).send();
    let answer = asked.answer();
    assert!(answer.contains("The tool says") && !answer.contains("half"), "{answer}");
    let streamed = |call: &Value| call["body"]["inputs"]["stream"] == true;
    let calls = asked.calls_of("ai_run");
    assert_eq!(calls.iter().map(streamed).collect::<Vec<_>>(), [false, false, true, true]);
    let outcomes = [(0, "ok"), (0, "ok"), (0, "truncated"), (0, "truncated"), (1, "ok")];
    assert_eq!(asked.attempts(), attempts(&outcomes));
}

#[test]
fn a_used_up_allowance_closes_the_vendor_for_long_once_two_jobs_say_so() {
    let world = world::chain_alone();
    let used_up = json!({ "fails": "quota" });
    let closes_at = || {
        let sql = "SELECT * FROM breakers WHERE scope GLOB 'model:*'";
        let rows = world.stack().query(sql, &[]).unwrap();
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(rows[0]["scope"], "model:workers-ai");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        (rows[0]["closes_at"].as_u64().unwrap(), now)
    };
    let refused = || {
        let asked = ask(&world, "expensively").at_model("ai_run", 1, used_up.clone()).send();
        assert!(asked.answer().contains("scripted model"));
        assert_eq!(asked.attempts(), attempts(&[(0, "quota"), (1, "ok")]));
    };
    let passes_over = || {
        let asked = ask(&world, "expensively").send();
        assert!(asked.answer().contains("scripted model"));
        assert_eq!(asked_of(&asked), [("openai", 1)]);
    };
    refused();
    let (until, now) = closes_at();
    assert!(until > now && until - now <= 60, "one job is believed for a minute: {until}");
    passes_over();
    // Waiting for the minute to end would take a minute.
    let ended = "UPDATE breakers SET closes_at = 1 WHERE scope = 'model:workers-ai'";
    world.stack().query(ended, &[]).unwrap();
    refused();
    let (until, now) = closes_at();
    assert!(until.is_multiple_of(86_400) && until > now && until - now <= 86_400, "{until}");
    passes_over();
}

#[test]
fn when_nobody_answers_the_first_cause_is_told() {
    let world = world::chain();
    let all = CHAIN.iter().fold(ask(&world, "anybody?"), |ask, (name, _)| {
        ask.at_model(name, ALWAYS, json!({ "fails": "bad_key" }))
    });
    let asked = all.send();
    assert_eq!(asked.error(), "workers-ai answered: config (code 10000)");
    assert_eq!(asked.attempts().len(), CHAIN.len());
    assert_told(&asked, "not set up correctly");
}
