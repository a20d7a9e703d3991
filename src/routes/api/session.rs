//! Signing in to the chat page: `GET`, `POST` and `DELETE /api/session`, and whose a request with its cookie is.
//!
//! Who has signed in has a key in a cookie, which no script of the page reads. So whoever they are, what they may
//! do, and that it is taken back, is as for any key.
//!
//! | effect | when | why repeating it is safe |
//! | --- | --- | --- |
//! | the cookie is set | a good key was sent | it is the same one again |
//! | a code is spent for a key of this browser, which goes into the cookie | a good code was sent | see [`mod@sign_in`]: the second time there is none, and the reply says so; where the first reply was lost, `/link` makes another |
//! | the key of this browser is deleted, or of all | signing out | gone is gone |
//! | the cookie is taken away | then, with that of a visitor; and with a key that counts no more | gone is gone |
//!
//! Only a page of this origin may do either, and only its requests are those of the cookie: see
//! [`origin::check_own`].

use core::cell::Cell;

use serde::Serialize;
use serde_json::{Map, Value};

use miyabi_app::access;
use miyabi_app::keys::Principal;
use miyabi_app::sign_in::{self, Browsers};
use miyabi_app::visitors::is_refused;
use miyabi_channels::web::parse::owner_mark;
use miyabi_core::code::Code;
use miyabi_core::config::Settings;
use miyabi_core::config::models::Model;
use miyabi_core::http::{Incoming, Reply};
use miyabi_core::key::{Access, ApiKey, Scope};
use miyabi_core::ports::{Clock, Random, RateLimits, Sql};
use miyabi_core::problem::Problem;
use miyabi_core::session::{self, KEY_COOKIE};

use super::limits::no_code;
use super::visitors::{self, OVER};
use super::{Api, credentials, origin};

/// Who sends a request, and what the page offers them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Session<'a> {
    who: &'a str,
    owner: Option<String>,
    name: Option<&'a str>,
    scopes: Vec<&'a str>,
    sign_in: &'a [&'a str],
    is_anonymous: bool,
    is_sharing: bool,
    is_memory: bool,
    is_files: bool,
    suggestions: &'a [String],
    models: Vec<&'a str>,
    version: &'a str,
}

/// Says who sends a request, and what there is for them. A cookie that counts no more is taken away, and its
/// sender is nobody.
///
/// # Errors
/// 401 for a header without a good key, 401 or 403 for a page of another origin, or a failure of the database.
///
/// # Repeats
/// Makes no visitor.
pub(super) fn show<H: Clock>(
    api: &Api<'_, H>,
    origins: &[String],
    request: &impl Incoming,
    person: Result<Option<(Principal, String)>, Problem>,
    cookie: &Cell<Option<String>>,
) -> Result<Reply, Problem> {
    match person {
        Ok(Some((principal, name))) => {
            return Ok(tell_person(api.settings, &principal, &name));
        }
        Ok(None) => {}
        Err(problem) => forget(problem, cookie)?,
    }
    let visitors = api.settings.visitors.as_ref();
    match visitors.map(|visitors| visitors::known(api.host, visitors, request)) {
        Some(Ok(Some(visitor))) => {
            origin::check_own(request, origins)?;
            let owner = visitor.owner();
            return Ok(tell(api.settings, "visitor", Some(&owner), None, visitors::SCOPES));
        }
        None | Some(Ok(None)) => {}
        Some(Err(problem)) => forget(problem, cookie)?,
    }
    Ok(tell(api.settings, "nobody", None, None, ""))
}

/// Signs somebody in: the key that they send, or that their code is spent for, goes into the cookie.
///
/// # Errors
/// 400, 401 for what is no key or code or not any more, 429 for an address that tries too many codes, or a
/// failure of the database.
///
/// # Repeats
/// See the table of this module.
pub(super) async fn sign_in<H: Sql + Random + Clock + RateLimits>(
    api: &Api<'_, H>,
    request: &impl Incoming,
    cookie: &Cell<Option<String>>,
) -> Result<Reply, Problem> {
    let body: Value = api.json()?;
    let field = |name| body.get(name).and_then(Value::as_str);
    let sent = match (body.as_object().map_or(0, Map::len), field("code"), field("key")) {
        (1, None, Some(key)) => credentials::parse(key)?,
        (1, Some(code), None) => {
            // Nobody goes through codes until one fits, and a visitor is not counted for it.
            let tries = ["code:", &visitors::network(request)].concat();
            if is_refused(api.host, &tries).await {
                return Err(no_code());
            }
            let key = match Code::parse(code) {
                Some(code) => sign_in::spend(api.host, &code).await?,
                None => None,
            };
            credentials::parse(key.ok_or_else(invalid_code)?.reveal())?
        }
        _ => return Err(Problem::wrong("#", "is not an object with a `code` or a `key` alone")),
    };
    let (principal, name) = credentials::whose(api.host, &sent).await?;
    cookie.set(Some(session::key_cookie(&sent.key)));
    Ok(tell_person(api.settings, &principal, &name))
}

/// What was spent, is over or was never made is one answer.
fn invalid_code() -> Problem {
    let detail = "this is no code, or not any more; /link makes another";
    Problem::new(401, "invalid_code", detail).header("www-authenticate", "Bearer")
}

/// Signs out: a key that a code was spent for is deleted, with `?everywhere=true` in every browser of its person;
/// one that a person has made is forgotten by this browser, and goes on to count elsewhere. So is the visitor that
/// this browser was before, or is.
///
/// # Errors
/// A failure of the database.
///
/// # Repeats
/// See the table of this module.
pub(super) async fn sign_out<H: Sql>(
    api: &Api<'_, H>,
    cookies: &str,
    cookie: &Cell<Option<String>>,
) -> Result<Reply, Problem> {
    let browsers = match api.query_value("everywhere").as_deref() {
        None | Some("false") => Browsers::This,
        Some("true") => Browsers::All,
        Some(_) => {
            let detail = "`everywhere` is `true` or `false`";
            return Err(Problem::new(400, "invalid_query", detail));
        }
    };
    let key = session::in_header(cookies, KEY_COOKIE).and_then(ApiKey::parse);
    if let Some(key) = key {
        sign_in::sign_out(api.host, &key.hash(), browsers).await?;
    }
    // Whoever sits here next is not who was here before anybody signed in.
    cookie.set(Some(session::removal(session::COOKIE)));
    Ok(Reply::empty(204).header("set-cookie", session::removal(KEY_COOKIE)))
}

/// Has a cookie that counts no more taken away; any other problem stays one.
fn forget(problem: Problem, cookie: &Cell<Option<String>>) -> Result<(), Problem> {
    if problem.code != OVER {
        return Err(problem);
    }
    let removal = problem.headers.into_iter().find(|(name, _)| *name == "set-cookie");
    cookie.set(removal.map(|(_, value)| value));
    Ok(())
}

fn tell_person(settings: &Settings, principal: &Principal, name: &str) -> Reply {
    tell(settings, "person", Some(&principal.owner), Some(name), &principal.scopes.list())
}

/// Models are named to whoever may ask.
fn tell(
    settings: &Settings,
    who: &str,
    owner: Option<&str>,
    name: Option<&str>,
    scopes: &str,
) -> Reply {
    let is_anonymous = settings.visitors.is_some();
    let may_ask = !scopes.is_empty() || is_anonymous;
    let models: &[Model] = if may_ask { &settings.models } else { &[] };
    let session = Session {
        who,
        owner: owner.map(owner_mark),
        name,
        scopes: scopes.split_terminator(',').collect(),
        // Who has come through Access signs in and out there.
        sign_in: if owner.is_some_and(access::is_owner) { &["access"] } else { &["code", "key"] },
        is_anonymous,
        is_sharing: settings.is_sharing,
        is_memory: settings.is_remembering,
        is_files: settings.files_quota.is_some()
            && scopes.split(',').any(|scope| scope == Scope::Files.named(Access::Write)),
        suggestions: &settings.suggestions,
        models: models.iter().map(|model| model.id.as_str()).collect(),
        version: env!("CARGO_PKG_VERSION"),
    };
    Reply::json(200, &session)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
