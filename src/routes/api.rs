//! The HTTP API: `/api/…` and `/mcp`. Its description, `openapi.json`, is a static asset beside the chat page.
//!
//! Each request goes the same way, and each reply has a request id and, but for a file, `Cache-Control: no-store`:
//!
//! 1. its id is taken from `X-Request-Id`, or made;
//! 2. a key in the URL is refused, since URLs end up in logs;
//! 3. path and method are looked up in [`table`]: 404, 405, or 204 for `OPTIONS`;
//! 4. who sends it, and whether they may: [`credentials`], and [`visitors`] where nobody needs a key, 401 or 403;
//! 5. its body is read, if the route takes one: [`body`], 400, 413 or 415;
//! 6. the handler answers, with a reply or a [`Problem`];
//! 7. [`cors`] says which other origins may read that.
//!
//! A handler is a function over [`Api`], and over the [`Principal`] where the route asks for a scope.
//! Everything that it reads or writes is the principal's: `WHERE owner = ?1`.

mod body;
pub(crate) mod chat;
mod conversations;
mod cors;
pub(crate) mod credentials;
mod files;
mod keys;
mod limits;
mod mcp;
mod memory;
mod origin;
mod post;
mod session;
mod share;
mod socket;
pub(crate) mod submit;
mod table;
mod turn;
mod usage;
mod visitors;

use core::cell::Cell;

use serde::de::DeserializeOwned;

use miyabi_app::keys::Principal;
use miyabi_core::config::{Config, Settings};
use miyabi_core::event::Event;
use miyabi_core::http::{Incoming, Reply};
use miyabi_core::i18n::Language;
use miyabi_core::key::{self, Scope};
use miyabi_core::ports::{Host, Log, Random};
use miyabi_core::problem::Problem;

use self::table::{Found, Handler, Keyed, Public, Takes};

/// A request that a handler answers.
pub(super) struct Api<'a, H> {
    /// Ports.
    pub(super) host: &'a H,
    /// Settings.
    pub(super) settings: &'a Settings,
    /// What the path has in place of each `{name}`, in order.
    parameters: Vec<&'a str>,
    /// Body; empty where the route takes none.
    body: Vec<u8>,
    /// Query, without its question mark.
    query: &'a str,
    /// Scheme, host and port that the sender has called.
    pub(super) origin: &'a str,
    /// Types that the sender takes, as they say it; blank for any.
    pub(super) accept: String,
    /// What makes a repeat the same request, as its sender says it.
    pub(super) idempotency_key: Option<String>,
    /// Language of sentences for the sender.
    pub(super) language: Language,
}

impl<H> Api<'_, H> {
    /// Returns what the path has in place of its first `{name}`, its second, and so on from 0.
    pub(super) fn parameter(&self, index: usize) -> &str {
        self.parameters.get(index).copied().unwrap_or_default()
    }

    /// Returns a parameter of the query, decoded.
    pub(super) fn query_value(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }

    /// Returns the body, which has to be an object of exactly these fields.
    ///
    /// # Errors
    /// 400, with what is wrong and where.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        body::object(&self.body)
    }
}

/// Returns whether a path belongs to the API.
pub(super) fn is_path(path: &str) -> bool {
    path == "/api"
        || ["/api/", "/agents/", miyabi_core::share::PATH]
            .iter()
            .any(|prefix| path.starts_with(prefix))
        || path == "/mcp"
}

/// Replies to a request. Never fails: whatever is wrong is a problem with the request's id in it.
///
/// # Repeats
/// See each handler.
pub(super) async fn serve<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    request: &impl Incoming,
) -> Reply {
    let id = RequestId::of(host, request);
    let cookie = Cell::new(None);
    let replied = answer(host, config, request, &cookie).await;
    let mut reply = replied.unwrap_or_else(|problem| {
        log(host, config, &id, &problem);
        socket::refusal(request, &config.origins, &problem)
            .unwrap_or_else(|| Reply::problem(&problem, &id.text))
    });
    reply.headers.push(("x-request-id", id.text));
    if !reply.headers.iter().any(|(name, _)| *name == "cache-control") {
        reply.headers.push(("cache-control", "no-store".to_owned()));
    }
    reply.headers.extend(cookie.into_inner().map(|cookie| ("set-cookie", cookie)));
    reply.headers.push(("x-content-type-options", "nosniff".to_owned()));
    cors::share(&mut reply, request, &config.origins);
    reply
}

async fn answer<H: Host + Clone + 'static>(
    host: &H,
    config: &Config,
    request: &impl Incoming,
    cookie: &Cell<Option<String>>,
) -> Result<Reply, Problem> {
    credentials::refuse_in_url(request.query())?;
    let (route, parameters) = match table::find(request.method(), request.path()) {
        Found::Route(route, parameters) => (route, parameters),
        Found::Options(methods) => return Ok(cors::preflight(request, &methods)),
        Found::Methods(methods) => {
            let detail = format!("this path takes {methods}");
            return Err(Problem::new(405, "method_not_allowed", detail).header("allow", methods));
        }
        Found::Nothing => {
            let detail = "there is no such path; GET /openapi.json describes those that there are";
            return Err(Problem::new(404, "not_found", detail));
        }
    };
    let Ok(settings) = &config.settings else {
        let detail =
            "the operator has not set this up completely; GET /health says what is missing";
        return Err(Problem::new(503, "not_configured", detail));
    };
    if let Handler::Keyed(Keyed::Socket(wire), ..) = route.handler {
        let id = parameters.first().copied().unwrap_or_default();
        return socket::open(host, &config.origins, request, wire, id).await;
    }
    let header = |name| request.header(name).unwrap_or_default();
    let mut api = Api {
        host,
        settings,
        parameters,
        body: Vec::new(),
        query: request.query(),
        origin: request.origin(),
        accept: header("accept").to_ascii_lowercase(),
        idempotency_key: request.header("idempotency-key"),
        language: Language::of_header(&header("accept-language")),
    };
    let (handler, scope, access) = match route.handler {
        Handler::Keyed(handler, scope, access) => (handler, scope, access),
        Handler::Public(handler) => {
            return public(handler, &mut api, config, request, cookie).await;
        }
    };
    let principal = match person(host, config, request).await? {
        Some((principal, _)) => principal,
        None => visitor(&api, config, request, scope, cookie).await?,
    };
    credentials::demand(&principal, scope, access)?;
    api.body = match route.takes {
        Takes::Nothing | Takes::File => Vec::new(),
        Takes::Json => body::read(request).await?,
        Takes::MaybeJson => body::read_if_any(request).await?,
    };
    perform(handler, &api, &principal, config, request).await
}

/// One arm for each route that everybody may call.
async fn public<H: Host>(
    handler: Public,
    api: &mut Api<'_, H>,
    config: &Config,
    request: &impl Incoming,
    cookie: &Cell<Option<String>>,
) -> Result<Reply, Problem> {
    let origins = &config.origins;
    match handler {
        Public::Shared => share::show(api).await,
        Public::Session => {
            let person = person(api.host, config, request).await;
            session::show(api, origins, request, person, cookie)
        }
        Public::SignIn => {
            origin::check_own(request, origins)?;
            api.body = body::read(request).await?;
            session::sign_in(api, request, cookie).await
        }
        Public::SignOut => {
            origin::check_own(request, origins)?;
            let cookies = request.header("cookie").unwrap_or_default();
            session::sign_out(api, &cookies, cookie).await
        }
    }
}

/// Returns who sends a request, and a name for them: of their key, or of who has come through Access; `None` for
/// nobody.
///
/// A key in the header says it first. Else who has come through Access is whom that names, and nobody else.
async fn person(
    host: &impl Host,
    config: &Config,
    request: &impl Incoming,
) -> Result<Option<(Principal, String)>, Problem> {
    let team = config.settings.as_ref().ok().and_then(|it| it.access_team.as_ref());
    if let Some((team, assertion)) = team.and_then(|team| credentials::asserted(team, request)) {
        origin::check_own(request, &config.origins)?;
        return credentials::by_access(host, team, &assertion).await.map(Some);
    }
    let Some(sent) = credentials::sent(request, &config.origins)? else { return Ok(None) };
    credentials::whose(host, &sent).await.map(Some)
}

/// Returns the visitor who sends a request without a key, where nobody needs one.
async fn visitor<H: Host>(
    api: &Api<'_, H>,
    config: &Config,
    request: &impl Incoming,
    scope: Scope,
    cookie: &Cell<Option<String>>,
) -> Result<Principal, Problem> {
    match &api.settings.visitors {
        Some(visitors) if credentials::takes_cookies(request) => {
            let visitor =
                visitors::visitor(api.host, visitors, request, &config.origins, scope).await?;
            cookie.set(visitor.cookie);
            Ok(visitor.principal)
        }
        _ => Err(credentials::missing()),
    }
}

/// One arm for each route that asks for a key.
async fn perform<H: Host + Clone + 'static>(
    handler: Keyed,
    api: &Api<'_, H>,
    principal: &Principal,
    config: &Config,
    request: &impl Incoming,
) -> Result<Reply, Problem> {
    match handler {
        Keyed::ListKeys => keys::list(api, principal).await,
        Keyed::CreateKey => keys::create(api, principal).await,
        Keyed::RevokeKey => keys::revoke(api, principal).await,
        Keyed::Usage => usage::show(api, principal).await,
        Keyed::Ask => limits::tell(api.settings, chat::ask(api, principal).await),
        Keyed::Resume => chat::resume(api, principal).await,
        Keyed::Stop => chat::stop(api, principal).await,
        Keyed::ListConversations => conversations::list(api, principal).await,
        Keyed::ReadConversation => conversations::read(api, principal).await,
        Keyed::ReadTurn => turn::read(api, principal).await,
        Keyed::RenameConversation => conversations::rename(api, principal).await,
        Keyed::DeleteConversation => conversations::delete(api, principal).await,
        Keyed::ExportConversation => conversations::export(api, principal).await,
        Keyed::Share => share::share(api, principal).await,
        Keyed::Unshare => share::unshare(api, principal).await,
        Keyed::AgentMessages => conversations::agent_messages(api, principal).await,
        Keyed::Mcp => {
            mcp::check_origin(request, &config.origins)?;
            mcp::serve(api, principal, request).await
        }
        // It went another way before.
        Keyed::Socket(_) => Err(socket::no_upgrade()),
        Keyed::SendFile => {
            limits::tell_files(api.settings, files::send(api, principal, request).await)
        }
        Keyed::ReadFile => files::read(api, principal, request).await,
        Keyed::DeleteFile => files::delete(api, principal).await,
        Keyed::ListMemory => memory::list(api, principal).await,
        Keyed::SwitchMemory => memory::switch(api, principal).await,
        Keyed::ForgetFact => memory::forget(api, principal).await,
        Keyed::ForgetAll => memory::forget_all(api, principal).await,
    }
}

fn log(host: &impl Log, config: &Config, id: &RequestId, problem: &Problem) {
    if let Some(fault) = &problem.fault {
        // What a sender chose may be anything, also what no log may have.
        let request = id.is_ours.then(|| id.text.clone());
        host.log(&Event::RequestFailed { request, fault: fault.as_ref().clone() });
        return;
    }
    host.log(&Event::RequestRejected { status: problem.status, reason: problem.code });
    if let (503, Err(error)) = (problem.status, &config.settings) {
        host.log(&Event::Misconfigured { message: error.to_string() });
    }
}

/// By what a request and its reply are found again.
struct RequestId {
    text: String,
    /// Whether it was made here.
    is_ours: bool,
}

impl RequestId {
    /// Longest id of a sender that is taken, in bytes.
    const MAX_BYTES: usize = 128;

    /// Takes the sender's id if it may stand in a header, and is no key that went the wrong way.
    fn of(host: &impl Random, request: &impl Incoming) -> Self {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/+=".contains(&byte);
        let theirs = request.header("x-request-id").filter(|id| {
            (1..=Self::MAX_BYTES).contains(&id.len()) && id.bytes().all(is_plain) && !key::is_in(id)
        });
        if let Some(text) = theirs {
            return Self { text, is_ours: false };
        }
        // Where there are no random numbers, the id says so by its zeros.
        let random: [u8; 16] = host.random().unwrap_or_default();
        Self { text: hex::encode(random), is_ours: true }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod tests;
