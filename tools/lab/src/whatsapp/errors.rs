//! Refusals of the Graph API: a status, and `{"error": {"message", "type", "code", …}}`.
//!
//! Codes and statuses are those of developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes. Where the lab is
//! stricter than Meta, the details begin with `lab:`.

use serde_json::{Value, json};

use crate::http::{Content, Reply};

/// A code, its status, and its title.
type Known = (u32, u16, &'static str);

/// The codes that the lab has.
const CODES: [Known; 22] = [
    (1, 400, "An unknown error occurred"),
    (2, 503, "Service temporarily unavailable"),
    (4, 429, "Application request limit reached"),
    (10, 403, "Application does not have permission for this action"),
    (100, 400, "Invalid parameter"),
    (190, 401, "Invalid OAuth access token"),
    (200, 403, "Permissions error"),
    (2200, 400, "Callback verification failed with the following errors"),
    (2500, 400, "Unknown path components"),
    (130_429, 429, "Rate limit hit"),
    (131_000, 500, "Something went wrong"),
    (131_008, 400, "Required parameter is missing"),
    (131_009, 400, "Parameter value is not valid"),
    (131_016, 503, "Service unavailable"),
    (131_026, 400, "Message undeliverable"),
    (131_042, 402, "Business eligibility payment issue"),
    (131_047, 400, "Re-engagement message"),
    (131_051, 400, "Unsupported message type"),
    (131_053, 400, "Media upload error"),
    (131_056, 429, "(Business Account, Consumer Account) pair rate limit hit"),
    (132_000, 400, "Number of parameters does not match the expected number of params"),
    (132_001, 404, "Template name does not exist in the translation"),
];

/// Those of templates that are rarer.
const RARE: [Known; 3] = [
    (132_005, 400, "Translated text too long"),
    (132_015, 400, "Template is paused"),
    (132_018, 400, "There is an issue with the parameters in your template"),
];

fn known(code: u32) -> Known {
    let all = CODES.iter().chain(&RARE);
    all.copied().find(|(known, ..)| *known == code).unwrap_or((code, 400, "Error"))
}

/// The body of a refusal.
pub(super) fn body(code: u32, details: &str) -> Value {
    let (_, _, title) = known(code);
    let mut error = json!({
        "message": format!("(#{code}) {title}"), "type": "OAuthException", "code": code,
        "fbtrace_id": format!("ALab{code:07}"),
    });
    if !details.is_empty() {
        error["error_data"] = json!({ "messaging_product": "whatsapp", "details": details });
    }
    if [2, 131_000, 131_016].contains(&code) {
        error["is_transient"] = json!(true);
    }
    json!({ "error": error })
}

/// An error as statuses have it.
pub(super) fn of_status(code: u32, details: &str) -> Value {
    let (_, _, title) = known(code);
    json!({
        "code": code, "title": title, "message": title, "error_data": { "details": details },
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    })
}

/// A refusal that a correct client may get.
pub(super) fn refuse(code: u32, details: &str) -> Reply {
    Reply::json(known(code).1, body(code, details))
}

/// A refusal because of a mistake in the request.
pub(super) fn mistake(code: u32, details: &str) -> Reply {
    refuse(code, details).violation(format!("whatsapp: {code}: {details}"))
}

/// What Meta would take, ignore or repair without saying so.
pub(super) fn stricter(what: &str) -> Reply {
    mistake(100, &format!("lab: {what}"))
}

/// There is nothing of that id.
pub(super) fn no_object(id: &str) -> Reply {
    let details = format!(
        "Unsupported request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does \
         not support this operation"
    );
    let mut reply = mistake(100, &details);
    if let Content::Json(body) = &mut reply.body {
        body["error"]["message"] = json!(details);
        body["error"]["error_subcode"] = json!(33);
    }
    reply
}

/// A success without more to say.
pub(super) fn success() -> Reply {
    Reply::json(200, json!({ "success": true }))
}
