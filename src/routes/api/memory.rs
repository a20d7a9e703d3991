//! What is remembered of the principal: `GET`, `PATCH` and `DELETE /api/memory`, `DELETE /api/memory/{id}`.

use serde::Deserialize;
use serde_json::{Value, json};

use miyabi_app::facts::Listing;
use miyabi_app::keys::Principal;
use miyabi_app::memory::owner;
use miyabi_core::http::Reply;
use miyabi_core::ports::{Clock, Conversations};
use miyabi_core::problem::Problem;
use miyabi_core::time::to_iso;

use super::Api;

/// Body of `PATCH /api/memory`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Switch {
    is_on: bool,
}

/// Lists the principal's facts, oldest first. They all fit on one page, so this is the export too.
///
/// # Errors
/// A failure of the store.
///
/// # Repeats
/// Reads only.
pub(super) async fn list<H: Conversations + Clock>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    Ok(Reply::json(200, &listed(&owner::list(api.host, &principal.owner).await?)))
}

/// Has the principal's facts used, or left alone.
///
/// # Errors
/// 400, or a failure of the store.
///
/// # Repeats
/// It is so already.
pub(super) async fn switch<H: Conversations + Clock>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let Switch { is_on } = api.json()?;
    Ok(Reply::json(200, &listed(&owner::switch(api.host, &principal.owner, is_on).await?)))
}

/// Forgets one fact.
///
/// # Errors
/// 404, or a failure of the store.
///
/// # Repeats
/// The second time there is none.
pub(super) async fn forget<H: Conversations + Clock>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    let unknown = || Problem::new(404, "not_found", "nothing of this id is remembered of you");
    let id = api.parameter(0).parse().map_err(|_no_number| unknown())?;
    let forgotten = owner::forget(api.host, &principal.owner, id).await?;
    if forgotten.facts == 0 { Err(unknown()) } else { Ok(Reply::empty(204)) }
}

/// Forgets every fact.
///
/// # Errors
/// A failure of the store.
///
/// # Repeats
/// Gone is gone.
pub(super) async fn forget_all<H: Conversations + Clock>(
    api: &Api<'_, H>,
    principal: &Principal,
) -> Result<Reply, Problem> {
    owner::forget_all(api.host, &principal.owner).await?;
    Ok(Reply::empty(204))
}

fn listed(listing: &Listing) -> Value {
    let facts = listing.facts.iter().map(|fact| {
        json!({
            "id": fact.id.to_string(),
            "text": fact.text,
            "source": fact.source,
            "at": to_iso(fact.at.0 / 1000),
        })
    });
    json!({ "facts": facts.collect::<Vec<_>>(), "isOn": listing.is_on, "cursor": null })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::super::tests::{key, refusal, reply, with};
    use super::*;
    use miyabi_app::conversation::{self, Command, Live};
    use miyabi_app::facts::{Place, Recall, Request, object};
    use miyabi_testing::{Fake, run};

    fn world() -> Fake {
        let world = Fake::new();
        world.converse.set(Some(|store, now, command| {
            conversation::handle(store, &Live::default(), now, command)
        }));
        world
    }

    fn remembers(world: &Fake, owner: &str, text: &str) {
        let recall = Request::Recall(Recall {
            turn: format!("turn of {text}"),
            text: format!("Remember that {text}."),
            asked: world.now(),
            place: Place::of(None),
            conversation: format!("web:c1:{owner}"),
            budget_tokens: 500,
        });
        let command = serde_json::to_string(&Command::Facts(recall)).unwrap();
        run(world.converse(&object(owner).unwrap(), &command)).unwrap().unwrap();
    }

    fn texts(world: &Fake, arrival: &miyabi_testing::Arrival) -> Vec<(String, String)> {
        let body: Value = serde_json::from_str(&reply(world, arrival).body).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let facts = body["facts"].as_array().unwrap().iter();
        facts.map(|fact| (text(&fact["id"]), text(&fact["text"]))).collect()
    }

    #[test]
    fn what_is_remembered_of_a_person_is_theirs_to_read_and_to_forget() {
        let world = world();
        let (mio, rin) = (key(&world, "mio", "memory"), key(&world, "rin", "memory"));
        remembers(&world, "mio", "my cat is called Tama");
        remembers(&world, "mio", "my train leaves at 8:15");
        let list = with(&mio, "GET", "/api/memory");
        let facts = texts(&world, &list);
        assert_eq!(facts.len(), 2, "{facts:?}");
        assert_eq!(texts(&world, &with(&rin, "GET", "/api/memory")), []);
        let path = format!("/api/memory/{}", facts[0].0);
        let foreign = refusal(&world, &with(&rin, "DELETE", &path));
        assert_eq!(foreign, (404, "not_found".to_owned()));
        assert_eq!(reply(&world, &with(&mio, "DELETE", &path)).status, 204);
        assert_eq!(refusal(&world, &with(&mio, "DELETE", &path)).0, 404);
        assert_eq!(texts(&world, &list), facts[1..]);
        assert_eq!(reply(&world, &with(&mio, "DELETE", "/api/memory")).status, 204);
        assert_eq!(texts(&world, &list), []);
    }

    #[test]
    fn who_may_only_read_forgets_nothing_and_memory_is_switched_off() {
        let world = world();
        let (reader, mio) = (key(&world, "mio", "memory:read"), key(&world, "mio", "memory"));
        let refused = refusal(&world, &with(&reader, "DELETE", "/api/memory"));
        assert_eq!(refused, (403, "insufficient_scope".to_owned()));
        let switch = with(&mio, "PATCH", "/api/memory").header("content-type", "application/json");
        let off = reply(&world, &switch.body("{\"isOn\":false}"));
        assert!(off.body.contains("\"isOn\":false"), "{}", off.body);
        let read = reply(&world, &with(&reader, "GET", "/api/memory"));
        assert!(read.body.contains("\"isOn\":false"), "{}", read.body);
    }
}
