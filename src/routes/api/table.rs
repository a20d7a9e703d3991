//! The table of routes: path and method, what handles them, and what a key needs for it.
//!
//! A test holds it equal to `openapi.json`.

use miyabi_channels::web::socket::Wire;
use miyabi_core::key::{Access, Scope};

/// A route.
#[derive(Debug)]
pub(super) struct Route {
    /// Method.
    pub(super) method: &'static str,
    /// Path, with `{name}` in place of a segment that varies.
    pub(super) path: &'static str,
    /// What handles it.
    pub(super) handler: Handler,
    /// What body it takes.
    pub(super) takes: Takes,
}

/// What body a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// None; one that is sent is not read.
    Nothing,
    /// A JSON object.
    Json,
    /// A JSON object, or none, which is as an empty object.
    MaybeJson,
    /// A file, or a form with one.
    File,
}

/// What handles a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handler {
    /// For everybody.
    Public(Public),
    /// For who has a key with this scope.
    Keyed(Keyed, Scope, Access),
}

/// What everybody may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Public {
    /// What somebody has shared, by its link.
    Shared,
    /// Who sends the request, and what the chat page offers them.
    Session,
    /// A key, for a cookie.
    SignIn,
    /// The cookie given back.
    SignOut,
}

/// What asks for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyed {
    /// The principal's keys.
    ListKeys,
    /// Another key for the principal.
    CreateKey,
    /// One of the principal's keys taken back.
    RevokeKey,
    /// What the principal has used.
    Usage,
    /// A question.
    Ask,
    /// The turn that runs.
    Resume,
    /// A turn that its person wants no more of.
    Stop,
    /// The principal's conversations.
    ListConversations,
    /// One conversation, with its messages.
    ReadConversation,
    /// Another title for one.
    RenameConversation,
    /// How one of its turns was answered.
    ReadTurn,
    /// One, gone for good.
    DeleteConversation,
    /// One, as a file.
    ExportConversation,
    /// A link to one.
    Share,
    /// The link to one, taken back.
    Unshare,
    /// A message of a client of MCP.
    Mcp,
    /// A socket on one.
    Socket(Wire),
    /// The messages of one, as cloudflare/agents reads them.
    AgentMessages,
    /// A file, to be kept for a question.
    SendFile,
    /// A file.
    ReadFile,
    /// One, gone for good.
    DeleteFile,
    /// What is remembered of the principal.
    ListMemory,
    /// Whether that is used.
    SwitchMemory,
    /// One fact, forgotten.
    ForgetFact,
    /// All of it, forgotten.
    ForgetAll,
}

/// All routes. `HEAD` is taken wherever `GET` is, and `OPTIONS` everywhere.
pub(super) static ROUTES: [Route; 30] = [
    get("/api/session", Handler::Public(Public::Session)),
    post("/api/session", Handler::Public(Public::SignIn)),
    delete("/api/session", Handler::Public(Public::SignOut)),
    get("/api/keys", Handler::Keyed(Keyed::ListKeys, Scope::Keys, Access::Read)),
    post("/api/keys", Handler::Keyed(Keyed::CreateKey, Scope::Keys, Access::Write)),
    delete("/api/keys/{id}", Handler::Keyed(Keyed::RevokeKey, Scope::Keys, Access::Write)),
    get("/api/usage", Handler::Keyed(Keyed::Usage, Scope::Usage, Access::Read)),
    post("/api/chat", Handler::Keyed(Keyed::Ask, Scope::Chat, Access::Write)),
    post("/mcp", Handler::Keyed(Keyed::Mcp, Scope::Chat, Access::Read)),
    get("/api/chat/{id}/stream", Handler::Keyed(Keyed::Resume, Scope::Chat, Access::Read)),
    post("/api/chat/{id}/stop", Handler::Keyed(Keyed::Stop, Scope::Chat, Access::Write)),
    get("/api/conversations", Handler::Keyed(Keyed::ListConversations, Scope::Chat, Access::Read)),
    get(
        "/api/conversations/{id}",
        Handler::Keyed(Keyed::ReadConversation, Scope::Chat, Access::Read),
    ),
    get(
        "/api/conversations/{id}/turns/{turn}",
        Handler::Keyed(Keyed::ReadTurn, Scope::Chat, Access::Read),
    ),
    patch(
        "/api/conversations/{id}",
        Handler::Keyed(Keyed::RenameConversation, Scope::Chat, Access::Write),
    ),
    delete(
        "/api/conversations/{id}",
        Handler::Keyed(Keyed::DeleteConversation, Scope::Chat, Access::Write),
    ),
    get(
        "/api/conversations/{id}/export",
        Handler::Keyed(Keyed::ExportConversation, Scope::Chat, Access::Read),
    ),
    Route {
        takes: Takes::MaybeJson,
        ..post(
            "/api/conversations/{id}/share",
            Handler::Keyed(Keyed::Share, Scope::Chat, Access::Write),
        )
    },
    delete(
        "/api/conversations/{id}/share",
        Handler::Keyed(Keyed::Unshare, Scope::Chat, Access::Write),
    ),
    get("/share/{token}", Handler::Public(Public::Shared)),
    get(
        "/api/conversations/{id}/socket",
        Handler::Keyed(Keyed::Socket(Wire::Own), Scope::Chat, Access::Read),
    ),
    get(
        "/agents/conversation/{id}",
        Handler::Keyed(Keyed::Socket(Wire::Agents), Scope::Chat, Access::Read),
    ),
    get(
        "/agents/conversation/{id}/get-messages",
        Handler::Keyed(Keyed::AgentMessages, Scope::Chat, Access::Read),
    ),
    Route {
        takes: Takes::File,
        ..post("/api/files", Handler::Keyed(Keyed::SendFile, Scope::Files, Access::Write))
    },
    get("/api/files/{id}", Handler::Keyed(Keyed::ReadFile, Scope::Files, Access::Read)),
    delete("/api/files/{id}", Handler::Keyed(Keyed::DeleteFile, Scope::Files, Access::Write)),
    get("/api/memory", Handler::Keyed(Keyed::ListMemory, Scope::Memory, Access::Read)),
    patch("/api/memory", Handler::Keyed(Keyed::SwitchMemory, Scope::Memory, Access::Write)),
    delete("/api/memory", Handler::Keyed(Keyed::ForgetAll, Scope::Memory, Access::Write)),
    delete("/api/memory/{id}", Handler::Keyed(Keyed::ForgetFact, Scope::Memory, Access::Write)),
];

const fn get(path: &'static str, handler: Handler) -> Route {
    Route { method: "GET", path, handler, takes: Takes::Nothing }
}

const fn post(path: &'static str, handler: Handler) -> Route {
    Route { method: "POST", path, handler, takes: Takes::Json }
}

const fn patch(path: &'static str, handler: Handler) -> Route {
    Route { method: "PATCH", path, handler, takes: Takes::Json }
}

const fn delete(path: &'static str, handler: Handler) -> Route {
    Route { method: "DELETE", path, handler, takes: Takes::Nothing }
}

/// What the table has for a method and path.
#[derive(Debug)]
pub(super) enum Found<'p> {
    /// A route, and what the path has in place of each `{name}`.
    Route(&'static Route, Vec<&'p str>),
    /// The path is there for these methods, and was asked which.
    Options(String),
    /// The path is there for these methods only.
    Methods(String),
    /// No such path.
    Nothing,
}

/// Looks a request up.
pub(super) fn find<'p>(method: &str, path: &'p str) -> Found<'p> {
    let sought = if method == "HEAD" { "GET" } else { method };
    let mut methods = Vec::new();
    for route in &ROUTES {
        let Some(parameters) = parameters(route.path, path) else { continue };
        if route.method == sought {
            return Found::Route(route, parameters);
        }
        methods.push(route.method);
        if route.method == "GET" {
            methods.push("HEAD");
        }
    }
    if methods.is_empty() {
        return Found::Nothing;
    }
    methods.push("OPTIONS");
    let methods = methods.join(", ");
    if method == "OPTIONS" { Found::Options(methods) } else { Found::Methods(methods) }
}

/// Returns what a path has in place of each `{name}`, if it is like the route's.
fn parameters<'p>(route: &str, path: &'p str) -> Option<Vec<&'p str>> {
    let (mut route, mut path) = (route.split('/'), path.split('/'));
    let mut parameters = Vec::new();
    loop {
        match (route.next(), path.next()) {
            (None, None) => return Some(parameters),
            (Some(name), Some(segment)) if name.starts_with('{') && !segment.is_empty() => {
                parameters.push(segment);
            }
            (Some(name), Some(segment)) if name == segment => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> String {
        match find(method, path) {
            Found::Route(route, parameters) => format!("{} {parameters:?}", route.path),
            Found::Options(methods) => format!("options {methods}"),
            Found::Methods(methods) => format!("only {methods}"),
            Found::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn a_request_is_found_by_method_and_path() {
        for (method, path, expected) in [
            ("GET", "/api/keys", "/api/keys []"),
            ("HEAD", "/api/keys", "/api/keys []"),
            ("DELETE", "/api/keys/k1", "/api/keys/{id} [\"k1\"]"),
            ("PUT", "/api/keys", "only GET, HEAD, POST, OPTIONS"),
            ("get", "/api/keys", "only GET, HEAD, POST, OPTIONS"),
            ("GET", "/api/keys/k1", "only DELETE, OPTIONS"),
            ("OPTIONS", "/api/keys/k1", "options DELETE, OPTIONS"),
            ("GET", "/api/keys/", "nothing"),
            ("GET", "/api/keys/k1/x", "nothing"),
            ("GET", "/api//keys", "nothing"),
            ("GET", "/api", "nothing"),
            ("OPTIONS", "/api/nothing", "nothing"),
        ] {
            assert_eq!(found(method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn no_two_routes_take_the_same_request() {
        for route in &ROUTES {
            let found = find(route.method, route.path);
            let Found::Route(found, _) = found else { panic!("{found:?}") };
            assert!(core::ptr::eq(found, route), "{found:?} {route:?}");
        }
    }
}
