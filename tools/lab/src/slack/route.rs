//! The emulated methods of the Web API, and the paths that name them.

/// One operation, with what its path says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Call(Method),
    /// A method that the lab does not have.
    Unknown(String),
    /// Takes the bytes of a file; with the key in the upload's address.
    Upload(String),
    /// Returns the bytes of a file; with the path of its address.
    Download(String),
    /// Takes a message for an interaction; with the key in its `response_url`.
    Respond(String),
}

macro_rules! methods {
    ($($variant:ident $name:literal $operation:literal $reads:ident,)*) => {
        /// A method.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Method { $($variant,)* }

        /// Every method with its name, its operation, and what it reads.
        const METHODS: &[(Method, &str, &str, Reads)] =
            &[$((Method::$variant, $name, $operation, Reads::$reads),)*];
    };
}

/// What a method reads its arguments from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    /// JSON or a form.
    Json,
    /// A form or the query, as those that read; JSON they ignore.
    Form,
}

methods! {
    AuthTest "auth.test" "slack_auth_test" Json,
    PostMessage "chat.postMessage" "slack_post_message" Json,
    PostEphemeral "chat.postEphemeral" "slack_post_ephemeral" Json,
    Update "chat.update" "slack_update" Json,
    Delete "chat.delete" "slack_delete" Json,
    StartStream "chat.startStream" "slack_start_stream" Json,
    AppendStream "chat.appendStream" "slack_append_stream" Json,
    StopStream "chat.stopStream" "slack_stop_stream" Json,
    SetStatus "assistant.threads.setStatus" "slack_set_status" Json,
    SetPrompts "assistant.threads.setSuggestedPrompts" "slack_set_prompts" Json,
    UserInfo "users.info" "slack_user_info" Form,
    ChannelInfo "conversations.info" "slack_channel_info" Form,
    Replies "conversations.replies" "slack_replies" Form,
    History "conversations.history" "slack_history" Form,
    PublishView "views.publish" "slack_publish_view" Json,
    OpenView "views.open" "slack_open_view" Json,
    DeleteFile "files.delete" "slack_delete_file" Json,
    GetUpload "files.getUploadURLExternal" "slack_get_upload" Form,
    CompleteUpload "files.completeUploadExternal" "slack_complete_upload" Json,
}

/// Operations that are no methods.
const UPLOAD: &str = "slack_upload";
const DOWNLOAD: &str = "slack_download";
const RESPOND: &str = "slack_respond";
const UNKNOWN: &str = "slack_unknown";

/// Names of the operations, for fault rules.
pub(crate) fn operations() -> impl Iterator<Item = &'static str> {
    let others = [UPLOAD, DOWNLOAD, RESPOND, UNKNOWN];
    METHODS.iter().map(|(_, _, operation, _)| *operation).chain(others)
}

impl Method {
    /// Its name in the Web API.
    pub(crate) fn name(self) -> &'static str {
        self.row().0
    }

    /// What it reads its arguments from.
    pub(super) fn reads(self) -> Reads {
        self.row().2
    }

    fn row(self) -> (&'static str, &'static str, Reads) {
        let row = METHODS.iter().find(|(method, ..)| *method == self);
        row.map_or((UNKNOWN, UNKNOWN, Reads::Json), |(_, name, operation, reads)| {
            (name, operation, *reads)
        })
    }
}

impl Route {
    /// Name used by fault rules and in the record.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::Call(method) => method.row().1,
            Self::Unknown(_) => UNKNOWN,
            Self::Upload(_) => UPLOAD,
            Self::Download(_) => DOWNLOAD,
            Self::Respond(_) => RESPOND,
        }
    }
}

/// Finds the operation of a request: `/slack/api/{method}`, or one of the addresses that the lab gives out.
pub(crate) fn find(method: &str, segments: &[&str]) -> Option<Route> {
    match (method, segments) {
        ("GET" | "POST", ["slack", "api", name]) => {
            let known = METHODS.iter().find(|(_, known, ..)| known == name);
            let unknown = || Route::Unknown((*name).to_owned());
            Some(known.map_or_else(unknown, |(method, ..)| Route::Call(*method)))
        }
        ("POST", ["slack", "upload", key]) => Some(Route::Upload((*key).to_owned())),
        ("GET", ["slack", "files", path @ ..]) => Some(Route::Download(path.join("/"))),
        ("POST", ["slack", "hooks", key]) => Some(Route::Respond((*key).to_owned())),
        _ => None,
    }
}
