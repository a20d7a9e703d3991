//! Messages as Discord's users see them: whose they are, what they may, and that a lost one is found.

use serde_json::{Value, json};

use super::*;
use crate::discord::place::Rights;
use miyabi_core::ports::Sql as _;
use miyabi_testing::{Fake, question, response, run, settings};

/// Where nothing is shared.
const PRIVATE: Route = Route::Private;

fn transport(world: &Fake) -> Discord<Fake> {
    Discord::new(world.clone(), settings().discord)
}

/// Returns the route of a question, which is shared.
fn route(world: &Fake, question: &Question) -> Route {
    let route = run(transport(world).route(question)).unwrap().unwrap();
    assert_ne!(route, PRIVATE);
    route
}

fn send(world: &Fake, question: &Question, message: &Message<'_>) -> Result<String, SendError> {
    let route = route(world, question);
    let mut budget = RateLimitBudget::new(Duration::from_secs(55));
    run(transport(world).send(question, &route, message, &mut budget)).unwrap()
}

fn by(author: Author, content: &str) -> Message<'_> {
    Message { author, ..Message::text(content) }
}

/// The body of the last request.
fn last_body(world: &Fake) -> Value {
    let requests = &world.discord.borrow().requests;
    serde_json::from_str(requests.last().unwrap().text().unwrap()).unwrap()
}

#[test]
fn a_question_has_the_handle_in_its_name_and_an_answer_the_assistants() {
    let world = Fake::new();
    send(&world, &question("hi"), &by(Author::Asker, "hi")).unwrap();
    assert_eq!(last_body(&world)["username"], "みお (@mio_art)");
    send(&world, &question("hi"), &by(Author::Assistant, "ho")).unwrap();
    assert_eq!(last_body(&world)["username"], "Miyabi");
    assert!(last_body(&world).get("avatar_url").is_none());
}

#[test]
fn a_name_that_discord_refuses_after_all_leaves_the_askers_id() {
    let world = Fake::new();
    let errors = json!({ "username": { "_errors": [{ "code": "USERNAME_INVALID_CONTAINS" }] } });
    let refusal = response(400, &json!({ "message": "no", "code": 50035, "errors": errors }));
    world.discord.borrow_mut().refuse("POST", "/hook-token", refusal);
    send(&world, &question("hi"), &by(Author::Asker, "hi")).unwrap();
    assert_eq!(last_body(&world)["username"], "Someone (80351110224678912)");
}

#[test]
fn no_link_has_a_preview_which_discord_would_request() {
    let world = Fake::new();
    for author in [Author::Asker, Author::Assistant] {
        send(&world, &question("hi"), &by(author, "https://example.com")).unwrap();
        assert_eq!(last_body(&world)["flags"], 4, "{author:?}");
    }
}

#[test]
fn an_answer_shows_where_its_links_lead_whatever_kaomoji_stand_around_them() {
    let discord = transport_of_nothing();
    let render = |text| discord.render(Author::Assistant, text).concat();
    for text in [
        "[docs](https://evil.example/x)",
        "(*´ω`*) [docs](https://evil.example/x) (*´ω`*)",
        "¯\\_(ツ)_/¯ [docs](https://evil.example/a_(b)) (T_T)",
    ] {
        let shown = render(text);
        assert!(shown.contains(") (evil.example)"), "{shown}");
    }
    assert_eq!(render("`[docs](https://evil.example/x)`"), "`[docs](https://evil.example/x)`");
    let asked = "[docs](https://evil.example/x)";
    assert_eq!(discord.render(Author::Asker, asked), [asked]);
}

#[test]
fn control_characters_are_not_sent() {
    let discord = transport(&Fake::new());
    for author in [Author::Asker, Author::Assistant] {
        let rendered = discord.render(author, "a\u{0}b\u{1b}[31m\r\nc\td\u{7f}\u{9b}e");
        assert_eq!(rendered, ["ab[31m\nc\tde"]);
        assert!(discord.render(author, "\u{0}\u{7}").is_empty());
    }
}

fn transport_of_nothing() -> Discord<Fake> {
    Discord::new(Fake::new(), settings().discord)
}

/// Posts a message, lets Discord store it as `stored`, and returns how many are found.
fn found(sent: &Message<'_>, stored: &str, author: &str) -> usize {
    let world = Fake::new();
    let asked = question("hi");
    send(&world, &asked, sent).unwrap();
    let mut found = 0;
    for shows_content in [true, false] {
        let mut discord = world.discord.borrow_mut();
        discord.shows_content = shows_content;
        discord.channel[0].content = stored.to_owned();
        discord.channel[0].author = author.to_owned();
        drop(discord);
        let search = run(transport(&world).find(&asked, sent)).unwrap().unwrap();
        assert!(search.is_complete);
        found = search.candidates.len();
    }
    found
}

#[test]
fn a_lost_post_is_found_however_discord_has_rewritten_it() {
    for (sent, stored) in [
        ("hi", "hi"),
        ("  hi  ", "hi"),
        ("one <:wave:123> two", "one :wave: two"),
        ("<a:party_blob:1>", ":party_blob:"),
        ("cafe\u{301} か\u{3099}", "café が"),
        ("a\u{200b}b", "ab"),
        ("see https://example.com/x", "see <https://example.com/x>"),
    ] {
        for (author, name) in [(Author::Assistant, "Miyabi"), (Author::Asker, "みお (@mio_art)")]
        {
            assert_eq!(found(&by(author, sent), stored, name), 1, "{sent}");
        }
    }
}

#[test]
fn a_post_of_another_author_or_text_is_not_taken_for_a_lost_one() {
    for (author, stored, name) in [
        (Author::Assistant, "hi", "みお (@mio_art)"),
        (Author::Assistant, "Hi", "Miyabi"),
        (Author::Asker, "hi", "Miyabi"),
        (Author::Asker, "hi", "みお (@mio)"),
        (Author::Asker, "hi hi", "みお (@mio_art)"),
    ] {
        assert_eq!(found(&by(author, "hi"), stored, name), 0, "{stored} {name}");
    }
}

#[test]
fn an_own_webhook_is_listed_once_in_a_run_and_again_in_the_next() {
    let world = Fake::new();
    let id = Some("7".to_owned());
    let place = Place::Channel { id, parent: None, rights: Rights::ALL }.to_text();
    let asked = Question { place, ..question("hi") };
    let mut budget = RateLimitBudget::new(Duration::from_secs(55));
    let discord = transport(&world);
    let route = run(discord.route(&asked)).unwrap().unwrap();
    let lists = || {
        let requests = &world.discord.borrow().requests;
        let is_list = |request: &&miyabi_core::http::Request| {
            request.method.name() == "GET" && request.url.ends_with("/channels/7/webhooks")
        };
        requests.iter().filter(is_list).count()
    };
    assert_eq!(lists(), 1);
    for content in ["a", "b"] {
        let message = by(Author::Assistant, content);
        run(discord.send(&asked, &route, &message, &mut budget)).unwrap().unwrap();
        // Longer than what the database said is believed.
        world.now.set(world.now.get() + 60_000);
    }
    assert_eq!(lists(), 1);
    let message = by(Author::Assistant, "c");
    run(transport(&world).send(&asked, &route, &message, &mut budget)).unwrap().unwrap();
    assert_eq!(lists(), 2);
    assert_eq!(world.discord.borrow().channel.len(), 3);
    assert_eq!(world.discord.borrow().hooks.len(), 1);
}

#[test]
fn a_block_in_front_of_discord_is_no_refusal_wherever_it_strikes() {
    let block = || response(403, &json!({ "message": "internal network error", "code": 40333 }));
    for (method, url) in [
        ("GET", "/hook-token"),
        ("POST", "/hook-token"),
        ("PATCH", "@original"),
        ("DELETE", "@original"),
    ] {
        let world = Fake::new();
        let asked = question("hi");
        let way = route(&world, &asked);
        world.discord.borrow_mut().refuse(method, url, block());
        let discord = transport(&world);
        let mut budget = RateLimitBudget::new(Duration::from_secs(55));
        let message = by(Author::Assistant, "hi");
        let error = match (method, url) {
            ("GET", _) => run(discord.route(&asked)).unwrap().unwrap_err().cause.to_string(),
            ("POST", _) => run(discord.send(&asked, &way, &message, &mut budget))
                .unwrap()
                .unwrap_err()
                .to_string(),
            ("PATCH", _) => run(discord.edit(&asked, &message)).unwrap().unwrap_err().to_string(),
            _ => run(discord.remove(&asked)).unwrap().unwrap_err().to_string(),
        };
        assert!(error.contains("was refused for now with status `403` (code 40333)"), "{error}");
        // The same call works afterwards, and by the operator's webhook.
        assert_eq!(route(&world, &asked), way);
        run(discord.send(&asked, &way, &message, &mut budget)).unwrap().unwrap();
        run(discord.edit(&asked, &message)).unwrap().unwrap();
        run(discord.remove(&asked)).unwrap().unwrap();
        assert_eq!(world.discord.borrow().hooks, []);
    }
}

/// How many requests went to the configured webhook.
fn calls_of_the_configured(world: &Fake) -> usize {
    let requests = &world.discord.borrow().requests;
    requests.iter().filter(|request| request.url.contains("/hook-token")).count()
}

#[test]
fn a_webhook_that_a_failed_attempt_found_gone_is_not_called_by_the_next_one() {
    let world = Fake::new();
    let asked = question("hi");
    let discord = transport(&world);
    // As `claim` reads it: nothing is known yet, and the webhook may serve.
    let rows = run(world.query(discord.lookup(&asked).unwrap())).unwrap().unwrap();
    discord.looked_up(&asked, &rows);
    let gone = response(404, &json!({ "message": "Unknown Webhook", "code": 10015 }));
    world.discord.borrow_mut().refuse("GET", "/hook-token", gone);
    // It is found out and written down that it is gone, and then the attempt fails.
    let away = response(503, &json!({ "message": "unavailable", "code": 0 }));
    world.discord.borrow_mut().refuse("GET", "/channels/", away);
    run(discord.route(&asked)).unwrap().unwrap_err();
    assert_eq!(calls_of_the_configured(&world), 1);
    // The next attempt is within the time in which what was read is believed.
    let route = run(discord.route(&asked)).unwrap().unwrap();
    assert_ne!(route, PRIVATE);
    assert_eq!(calls_of_the_configured(&world), 1);
}
