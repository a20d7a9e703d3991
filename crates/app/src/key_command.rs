//! The reply to a command about keys: somebody makes one, sees which they have, takes one back, wants a code by which to
//! sign in to the page or to link another account, or no account linked any more.
//!
//! The key is in the reply to its owner and nowhere else. It asks in its owner's name: what it costs is theirs,
//! so whoever may not ask is given none, which the caller sees to.

use miyabi_core::event::Event;
use miyabi_core::fault::{Fault, Notice};
use miyabi_core::i18n::keys::{self as words, Entry, Inquiry, Wish};
use miyabi_core::i18n::sentence;
use miyabi_core::key::{Access, MAX_NAME_CHARS, Scope, Scopes};
use miyabi_core::ports::{Clock, Log, Random, RateLimits, Sql};
use miyabi_core::transport::Transport;

use super::accounts;
use super::inquiry::{self, Inquirer};
use super::keys::{self, Created, NewKey, Principal};
use super::sign_in;

/// What a key may do whose owner says nothing about it. It makes no other key.
const USUAL_SCOPES: &str = "chat,memory,files,usage";

/// Name of a key without one.
const USUAL_NAME: &str = "key";

/// Returns the sentences that answer an inquiry at this origin; an apology if the database takes too long, or if the
/// person asks too much in a minute: an inquiry counts as a question does.
///
/// # Repeats
/// Counts again, and makes another key, or a code in place of the one before. After an apology there may be a key that nobody knows: it is in the
/// list, and can be taken back.
pub async fn reply(
    host: &(impl Sql + Random + Clock + Log + RateLimits),
    transport: &impl Transport,
    inquiry: &Inquiry,
    origin: &str,
) -> String {
    let Inquiry { owner, language, wish, .. } = inquiry;
    let scopes = match wish {
        Wish::Create { scopes, .. } => scopes.as_str(),
        Wish::List | Wish::Link | Wish::Unlink | Wish::Revoke { .. } => USUAL_SCOPES,
    };
    let scopes = if scopes.trim().is_empty() { USUAL_SCOPES } else { scopes };
    let Some(scopes) = Scopes::parse(scopes) else {
        return words::no_scope(*language, transport);
    };
    let needs = |scope| scopes.grant(scope, Access::Read);
    if needs(Scope::Admin) || (needs(Scope::Knowledge) && !inquiry.is_manager) {
        return words::not_yours(*language, transport);
    }
    let inquirer = Inquirer { person: owner, language: *language, statement: "api_keys::list" };
    let failed = |fault| Event::KeysFailed { fault };
    let work = fulfil(host, transport, inquiry, scopes, origin);
    match inquiry::look_up(host, inquirer, work, failed).await {
        Ok(text) => text,
        Err(words) => words.to_owned(),
    }
}

async fn fulfil(
    host: &(impl Sql + Random),
    transport: &impl Transport,
    inquiry: &Inquiry,
    scopes: Scopes,
    origin: &str,
) -> Result<String, Fault> {
    let Inquiry { owner, server, language, wish, .. } = inquiry;
    Ok(match wish {
        // Without an id of theirs, everybody whom the platform does not name would share their keys.
        _ if owner.is_empty() => sentence(Notice::TryAgain, *language).to_owned(),
        Wish::Create { name, .. } => {
            let workspace = server.clone().unwrap_or_default();
            let owner = owner.clone();
            let principal = Principal { owner, scopes, workspace, expires_at: None };
            let (name, scopes) = (clean(name), principal.scopes.clone());
            match keys::create(host, NewKey { principal, name }).await? {
                Created::Key(key, _) => words::created(key.reveal(), &scopes, *language, transport),
                Created::TooMany => words::too_many(*language, transport),
            }
        }
        Wish::Link => {
            let workspace = server.as_deref().unwrap_or_default();
            let code = sign_in::offer(host, owner, workspace).await?;
            words::code(&code.shown(), &format!("{origin}/"), *language, transport)
        }
        Wish::Unlink => accounts::taken_back(host, owner).await?.in_language(*language).to_owned(),
        Wish::List => {
            let listed = keys::list(host, owner).await?;
            let entries: Vec<Entry<'_>> = listed
                .iter()
                .map(|key| Entry {
                    id: &key.id,
                    name: &key.name,
                    tail: &key.tail,
                    scopes: &key.scopes,
                    last_used_at: key.last_used_at,
                })
                .collect();
            transport.truncate(&words::list(&entries, *language, transport), "")
        }
        Wish::Revoke { id } => {
            if keys::revoke(host, owner, id.trim()).await? {
                words::revoked(*language).to_owned()
            } else {
                words::unknown(*language, transport)
            }
        }
    })
}

/// A name is shown in lists, on one line.
fn clean(name: &str) -> String {
    let name = name.replace(char::is_control, " ");
    let name: String = name.trim().chars().take(MAX_NAME_CHARS).collect();
    if name.is_empty() { USUAL_NAME.to_owned() } else { name }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::testing::discord;
    use miyabi_core::code::Code;
    use miyabi_core::i18n::Language;
    use miyabi_core::key::ApiKey;
    use miyabi_core::ports::Limit;
    use miyabi_testing::{Fake, run};

    fn inquiry(wish: Wish) -> Inquiry {
        Inquiry {
            owner: "5".to_owned(),
            server: Some("8".to_owned()),
            is_manager: false,
            wish,
            language: Language::English,
        }
    }

    fn create(name: &str, scopes: &str) -> Wish {
        Wish::Create { name: name.to_owned(), scopes: scopes.to_owned() }
    }

    fn told(world: &Fake, inquiry: &Inquiry) -> String {
        run(reply(world, &discord(world), inquiry, "https://miyabi.example")).unwrap()
    }

    /// Returns whose the key in a reply is, and what it may do.
    fn principal(world: &Fake, told: &str) -> Principal {
        let key = told.split('`').find_map(ApiKey::parse).unwrap();
        run(keys::principal(world, &key)).unwrap().unwrap().unwrap()
    }

    #[test]
    fn a_key_is_made_listed_and_taken_back() {
        let world = Fake::new();
        let made = told(&world, &inquiry(create("lap\ntop ", "")));
        let scopes = Scopes::parse(USUAL_SCOPES).unwrap();
        let (owner, workspace) = ("5".to_owned(), "8".to_owned());
        let expected = Principal { owner, scopes, workspace, expires_at: None };
        assert_eq!(principal(&world, &made), expected);
        let list = told(&world, &inquiry(Wish::List));
        assert!(list.starts_with("**Your keys**\n- `"), "{list}");
        assert!(list.contains(" lap top (…") && list.contains(", used <t:"), "{list}");
        assert!(!list.contains("miyabi_"), "{list}");
        let id = list.split('`').nth(1).unwrap();
        let revoke = inquiry(Wish::Revoke { id: format!(" {id}") });
        let others = Inquiry { owner: "6".to_owned(), ..revoke.clone() };
        assert!(told(&world, &others).starts_with("You have no such key."));
        assert_eq!(told(&world, &revoke), words::revoked(Language::English));
        assert!(told(&world, &revoke).starts_with("You have no such key."));
        assert_eq!(told(&world, &inquiry(Wish::List)), "You have no keys.");
    }

    #[test]
    fn a_code_is_told_with_where_it_is_typed_and_signs_its_person_in_once() {
        let world = Fake::new();
        let link = inquiry(Wish::Link);
        let first = told(&world, &link);
        assert!(first.contains(" https://miyabi.example/ "), "{first}");
        let code = |told: &str| Code::parse(told.split('`').nth(1).unwrap()).unwrap();
        let second = told(&world, &link);
        let spend = |told: &str| run(sign_in::spend(&world, &code(told))).unwrap().unwrap();
        assert_eq!(spend(&first), None, "the newest counts");
        let key = spend(&second).unwrap();
        let principal = run(keys::principal(&world, &key)).unwrap().unwrap().unwrap();
        assert_eq!((principal.owner.as_str(), principal.workspace.as_str()), ("5", "8"));
        assert_eq!(spend(&second), None);
        let nobody = Inquiry { owner: String::new(), ..link };
        assert_eq!(told(&world, &nobody), sentence(Notice::TryAgain, Language::English));
    }

    #[test]
    fn every_account_that_is_linked_is_taken_back() {
        let world = Fake::new();
        let sql = "INSERT INTO accounts (account, person) VALUES ('telegram:5', '5'), ('telegram:6', '6')";
        world.db.execute(sql, []).unwrap();
        assert!(told(&world, &inquiry(Wish::Unlink)).contains("taken back"));
        assert!(told(&world, &inquiry(Wish::Unlink)).contains("linked to no other"));
        let sql = "SELECT count(*) FROM accounts WHERE person = '6'";
        assert_eq!(world.db.query_row(sql, [], |row| row.get(0)), Ok(1), "that of somebody else");
    }

    #[test]
    fn scopes_are_given_to_those_who_may_have_them() {
        let world = Fake::new();
        let member = inquiry(create("a", "chat:read, keys"));
        assert_eq!(principal(&world, &told(&world, &member)).scopes.list(), "chat:read,keys");
        for (scopes, begin) in [
            ("fly", "I do not know"),
            ("chat,,", "I do not know"),
            ("admin", "`knowledge` is for"),
            ("admin:read,chat", "`knowledge` is for"),
            ("knowledge", "`knowledge` is for"),
            ("knowledge:read", "`knowledge` is for"),
        ] {
            let before = world.round_trips.borrow().len();
            let told = told(&world, &inquiry(create("a", scopes)));
            assert!(told.starts_with(begin), "{scopes}: {told}");
            assert_eq!(world.round_trips.borrow().len(), before);
        }
        let manager = Inquiry { is_manager: true, ..inquiry(create("a", "knowledge")) };
        assert_eq!(principal(&world, &told(&world, &manager)).scopes.list(), "knowledge");
        let manager = Inquiry { is_manager: true, ..inquiry(create("a", "admin")) };
        assert!(told(&world, &manager).contains("whoever runs me"));
    }

    #[test]
    fn nobody_has_keys_who_is_not_named_and_the_most_are_twenty() {
        let world = Fake::new();
        let nobody = Inquiry { owner: String::new(), ..inquiry(create("a", "")) };
        assert_eq!(told(&world, &nobody), sentence(Notice::TryAgain, Language::English));
        assert_eq!(world.round_trips.borrow().as_slice(), []);
        for _ in 0..20 {
            assert!(told(&world, &inquiry(create("a", ""))).contains("miyabi_"));
        }
        assert!(told(&world, &inquiry(create("a", ""))).starts_with("You have 20 keys"));
        assert_eq!(told(&world, &inquiry(Wish::List)).lines().count(), 21);
    }

    #[test]
    fn a_crowd_and_a_database_that_is_away_give_a_plain_sentence() {
        let world = Fake::new();
        world.store_faults.borrow_mut().push("api_keys::list");
        let apology = sentence(Notice::TryAgain, Language::English);
        assert_eq!(told(&world, &inquiry(Wish::List)), apology);
        assert!(matches!(world.events.borrow().first(), Some(Event::KeysFailed { .. })));
        world.exhausted.borrow_mut().push((Limit::Asker, "5".to_owned()));
        let crowded = sentence(Notice::Crowded, Language::English);
        assert_eq!(told(&world, &inquiry(create("a", ""))), crowded);
        assert_eq!(world.round_trips.borrow().as_slice(), []);
    }
}
