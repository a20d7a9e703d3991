//! Files that stand beside a message: each is uploaded, and then shared in a message of its own, above the words.
//!
//! Slack takes no metadata for it, and does not tell its time. So the name of the file has a mark in it, which the look
//! for a message finds too: a file that is there is not sent again, and the words come last, since they are what is looked
//! for. Where Slack takes no files, their text is posted instead.

use core::cell::RefCell;
use core::time::Duration;
use std::rc::Rc;

use serde_json::Value;

use super::{MAX_TEXT, Slack};
use crate::digest::digest;
use crate::slack::Ports;
use crate::slack::call::{call, is_at, json_request, reading};
use crate::slack::files::HOST;
use crate::slack::methods::{Call as _, CompleteUpload, Content, PostMessage};
use crate::slack::place::Place;
use crate::slack::text::quiet;
use miyabi_core::http::{Body, Method, Request};
use miyabi_core::question::Question;
use miyabi_core::text::{LengthUnit, first_chars, split_message};
use miyabi_core::transport::{Message, RateLimitBudget, SendError};

/// Longest wait for an upload.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Name of the file with an answer that takes too many messages.
const FILE_NAME: &str = "answer.md";

/// Longest description of an image, in code points: how long it may be Slack does not say.
const MAX_ALT: usize = 1_000;

/// Name of the method that tells where a file is uploaded.
const GET_UPLOAD: &str = "files.getUploadURLExternal";

/// What stands beside messages, as far as this run knows: names with marks, and the ids by which they are removed.
#[derive(Debug, Clone, Default)]
pub(super) struct Shared(Rc<RefCell<Vec<(String, String)>>>);

impl Shared {
    /// Notes the files of messages that were read.
    pub(super) fn note_files(&self, messages: &[Value]) {
        let files = messages.iter().filter_map(|it| it.get("files")?.as_array()).flatten();
        for file in files {
            let text = |field| file.get(field).and_then(Value::as_str);
            if let (Some(name), Some(id)) = (text("name"), text("id")) {
                self.note(name.to_owned(), id.to_owned());
            }
        }
    }

    fn note(&self, name: String, id: String) {
        self.0.borrow_mut().push((name, id));
    }

    fn find(&self, name: &str) -> Option<String> {
        self.0.borrow().iter().find(|(known, _)| known == name).map(|(_, id)| id.clone())
    }
}

/// A file to be shared.
struct File<'a> {
    name: &'a str,
    bytes: &'a [u8],
    /// What it says, if it is text.
    text: Option<&'a str>,
    /// What it shows, if it is an image.
    alt: &'a str,
}

fn files_of<'a>(message: &Message<'a>) -> Vec<File<'a>> {
    let of_text =
        |name, text: &'a str| File { name, bytes: text.as_bytes(), text: Some(text), alt: "" };
    let image = message.image.map(|it| File {
        name: it.name,
        bytes: &it.bytes,
        text: None,
        alt: &it.prompt,
    });
    let listings = message.listings.iter().map(|it| of_text(it.name.as_str(), it.text.as_str()));
    image
        .into_iter()
        .chain(message.file.map(|text| of_text(FILE_NAME, text)))
        .chain(listings)
        .collect()
}

impl<H: Ports> Slack<H> {
    /// Shares the files of a message, and returns what they are removed by.
    ///
    /// # Repeats
    /// What is known to be there is not shared again.
    pub(super) async fn share_files(
        &self,
        question: &Question,
        place: &Place,
        message: &Message<'_>,
        budget: &mut RateLimitBudget,
    ) -> Result<Vec<String>, SendError> {
        let mut ids = Vec::new();
        for file in files_of(message) {
            let mark = digest(&[question.id.as_str(), " ", message.content].concat());
            let name = [mark.get(..8).unwrap_or_default(), "-", file.name].concat();
            if let Some(id) = self.shared.find(&name) {
                ids.push(id);
                continue;
            }
            match self.share(place, &name, &file, budget).await {
                Ok(id) => {
                    self.shared.note(name, id.clone());
                    ids.push(id);
                }
                Err(SendError::Refused { .. }) => {
                    if let Some(text) = file.text {
                        ids.extend(self.spell_out(question, place, (&name, text), budget).await?);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(ids)
    }

    /// Uploads a file and shares it, and returns its id.
    async fn share(
        &self,
        place: &Place,
        name: &str,
        file: &File<'_>,
        budget: &mut RateLimitBudget,
    ) -> Result<String, SendError> {
        let length = file.bytes.len().to_string();
        let mut arguments = vec![("filename", name), ("length", &length)];
        if !file.alt.is_empty() {
            arguments.push(("alt_txt", first_chars(file.alt, MAX_ALT)));
        }
        let scope = super::scope(place);
        let promise = reading(&self.settings, GET_UPLOAD, &arguments);
        let promised = call(&self.host, &scope, GET_UPLOAD, &promise, budget).await?;
        let text = |field| promised.get(field).and_then(Value::as_str).unwrap_or_default();
        self.upload(text("upload_url"), file.bytes).await?;
        let share = CompleteUpload::of(place, text("file_id"), file.name);
        let request = json_request(&self.settings, &share);
        call(&self.host, &scope, CompleteUpload::METHOD, &request, budget).await?;
        Ok(text("file_id").to_owned())
    }

    /// Sends the bytes of a file. The address is the secret.
    pub(super) async fn upload(&self, url: &str, bytes: &[u8]) -> Result<(), SendError> {
        let operation = "upload";
        if !is_at(url, HOST, &self.settings) {
            return Err(SendError::Refused { operation, status: 0, code: 400 });
        }
        let request = Request::new(Method::Post, url.to_owned(), TIMEOUT);
        let mut request = request.header("content-type", "application/octet-stream".to_owned());
        request.body = Some(Body::Bytes(bytes.to_owned()));
        // Nobody sees what is uploaded and not shared.
        match self.host.send(&request).await.map(|response| response.status) {
            Ok(200) => Ok(()),
            Ok(status) => Err(SendError::Deferred { operation, status, code: status.into() }),
            Err(source) => Err(SendError::NoResponse { operation, source }),
        }
    }

    /// Posts the text of a file that Slack does not take, and returns the times of its messages.
    async fn spell_out(
        &self,
        question: &Question,
        place: &Place,
        (name, text): (&str, &str),
        budget: &mut RateLimitBudget,
    ) -> Result<Vec<String>, SendError> {
        let is_code = !name.ends_with(FILE_NAME);
        let text = if is_code { ["```\n", text, "```"].concat() } else { text.to_owned() };
        let mut times = Vec::new();
        for (nth, words) in
            split_message(&quiet(&text), MAX_TEXT, LengthUnit::CodePoints).iter().enumerate()
        {
            let name = format!("{name} {nth}");
            let ts = if let Some(ts) = self.shared.find(&name) {
                ts
            } else {
                let content = Content::of(&question.id, words, Vec::new());
                let ts = self.post(place, content, budget).await?;
                self.shared.note(name, ts.clone());
                ts
            };
            times.push(ts);
        }
        Ok(times)
    }

    /// Posts a message, and returns its time.
    pub(super) async fn post(
        &self,
        place: &Place,
        content: Content,
        budget: &mut RateLimitBudget,
    ) -> Result<String, SendError> {
        let request = json_request(&self.settings, &PostMessage::of(place, content));
        let scope = super::scope(place);
        let sent = call(&self.host, &scope, PostMessage::METHOD, &request, budget).await?;
        Ok(sent.get("ts").and_then(Value::as_str).unwrap_or_default().to_owned())
    }
}
