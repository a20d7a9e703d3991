//! The methods that are called with JSON, and what each is told.
//!
//! # Source
//! docs.slack.dev, reference of the methods and of Block Kit, May 2026.

use serde::Serialize;

use super::buttons::Element;
use super::place::Place;
use super::text::{block, mrkdwn, preview};
use crate::digest::digest;
use miyabi_core::ids::JobId;

/// A call of a method.
pub trait Call: Serialize {
    /// Name of the method.
    const METHOD: &'static str;
}

/// Who the bot is.
#[derive(Debug, Serialize)]
pub struct AuthTest {}

impl Call for AuthTest {
    const METHOD: &'static str = "auth.test";
}

/// A part of a message.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block {
    /// Markdown, as models write it.
    Markdown { text: String },
    /// Buttons.
    Actions { elements: Vec<Element> },
}

/// Returns the blocks of a text in Markdown.
pub(super) fn blocks(markdown: &str, buttons: Vec<Element>) -> Vec<Block> {
    let mut blocks = vec![Block::Markdown { text: block(markdown) }];
    if !buttons.is_empty() {
        blocks.push(Block::Actions { elements: buttons });
    }
    blocks
}

/// What a message of ours carries that nobody sees, by which it is found again.
#[derive(Debug, Serialize)]
pub(super) struct Metadata {
    event_type: &'static str,
    event_payload: Payload,
}

#[derive(Debug, Serialize)]
struct Payload {
    job: String,
    content: String,
    /// What stands beside it: ids of files, and times of messages.
    #[serde(skip_serializing_if = "String::is_empty")]
    beside: String,
}

/// What stands between the ids of what is removed together.
pub(super) const BESIDE: &str = "+";

/// Name of what messages carry.
pub(super) const EVENT_TYPE: &str = "miyabi_message";

impl Metadata {
    fn of(job: &JobId, content: &str) -> Self {
        let (job, content, beside) = (job.to_string(), digest(content), String::new());
        let event_payload = Payload { job, content, beside };
        Self { event_type: EVENT_TYPE, event_payload }
    }
}

/// A message that everybody in its place sees.
#[derive(Debug, Serialize)]
pub struct PostMessage<'a> {
    channel: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_ts: Option<&'a str>,
    #[serde(flatten)]
    content: Content,
    /// Slack would request each address that a page has told the model to write.
    unfurl_links: bool,
    unfurl_media: bool,
}

impl Call for PostMessage<'_> {
    const METHOD: &'static str = "chat.postMessage";
}

impl<'a> PostMessage<'a> {
    /// Returns a message in a place.
    pub(super) fn of(place: &'a Place, content: Content) -> Self {
        let (channel, thread_ts) = (&place.channel, place.thread.as_deref());
        Self { channel, thread_ts, content, unfurl_links: false, unfurl_media: false }
    }
}

/// What a message says.
#[derive(Debug, Serialize)]
pub struct Content {
    /// What a notification says of it.
    text: String,
    blocks: Vec<Block>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Metadata>,
}

impl Content {
    /// Returns what a message of a job says. `words` are Markdown.
    pub(super) fn of(job: &JobId, words: &str, buttons: Vec<Element>) -> Self {
        let metadata = Some(Metadata::of(job, words));
        Self { text: preview(words), blocks: blocks(words, buttons), metadata }
    }

    /// Returns what a message with a question says, which somebody has written into a form.
    pub(super) fn asked(job: &JobId, name: &str, words: &str) -> Self {
        let mut quoted = String::new();
        if !name.is_empty() {
            quoted = ["**", &name.replace('*', ""), "**\n"].concat();
        }
        for line in words.lines() {
            quoted = [&quoted, "> ", line, "\n"].concat();
        }
        Self { metadata: Some(Metadata::of(job, words)), ..Self::told(&quoted) }
    }

    /// Has it say what stands beside the message, so that both are removed together.
    pub(super) fn beside(mut self, ids: &[String]) -> Self {
        if let Some(metadata) = &mut self.metadata {
            metadata.event_payload.beside = ids.join(BESIDE);
        }
        self
    }

    /// Returns what is told in passing. `words` are Markdown.
    pub(super) fn told(words: &str) -> Self {
        Self { text: preview(words), blocks: blocks(words, Vec::new()), metadata: None }
    }
}

/// A message that one person sees, until they look away.
#[derive(Debug, Serialize)]
pub struct PostEphemeral<'a> {
    channel: &'a str,
    user: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_ts: Option<&'a str>,
    #[serde(flatten)]
    content: Content,
}

impl Call for PostEphemeral<'_> {
    const METHOD: &'static str = "chat.postEphemeral";
}

impl<'a> PostEphemeral<'a> {
    /// Returns words in Markdown for the person of a place alone. In a thread that nobody has replied in yet Slack shows
    /// nobody such a message: without `is_in_thread` it stands in the channel.
    pub fn of(
        Place { channel, thread, user, .. }: &'a Place,
        words: &str,
        is_in_thread: bool,
    ) -> Self {
        let thread_ts = thread.as_deref().filter(|_| is_in_thread);
        Self { channel, user, thread_ts, content: Content::told(words) }
    }
}

/// That a message says something else.
#[derive(Debug, Serialize)]
pub(super) struct Update<'a> {
    channel: &'a str,
    ts: &'a str,
    #[serde(flatten)]
    content: Content,
}

impl Call for Update<'_> {
    const METHOD: &'static str = "chat.update";
}

impl<'a> Update<'a> {
    pub(super) fn of(channel: &'a str, ts: &'a str, content: Content) -> Self {
        Self { channel, ts, content }
    }
}

/// That a message goes.
#[derive(Debug, Serialize)]
pub(super) struct Delete<'a> {
    pub(super) channel: &'a str,
    pub(super) ts: &'a str,
}

impl Call for Delete<'_> {
    const METHOD: &'static str = "chat.delete";
}

/// What a message grows by. Text comes as one too: a message that has begun with one kind of argument grows by no
/// other.
///
/// # Source
/// docs.slack.dev/reference/methods/chat.appendStream, May 2026; NousResearch/hermes-agent#104173.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Chunk<'a> {
    /// Words.
    MarkdownText { text: &'a str },
    /// Tools that run, or have run.
    TaskUpdate { id: &'a str, title: &'a str, status: &'static str },
}

/// A message that grows, and its beginning.
#[derive(Debug, Serialize)]
pub(super) struct StartStream<'a> {
    pub(super) channel: &'a str,
    pub(super) thread_ts: &'a str,
    pub(super) recipient_user_id: &'a str,
    pub(super) recipient_team_id: &'a str,
    pub(super) chunks: [Chunk<'a>; 1],
}

impl Call for StartStream<'_> {
    const METHOD: &'static str = "chat.startStream";
}

/// More of a message that grows.
#[derive(Debug, Serialize)]
pub(super) struct AppendStream<'a> {
    pub(super) channel: &'a str,
    pub(super) ts: &'a str,
    pub(super) chunks: [Chunk<'a>; 1],
}

impl Call for AppendStream<'_> {
    const METHOD: &'static str = "chat.appendStream";
}

/// That a message grows no more.
#[derive(Debug, Serialize)]
pub(super) struct StopStream<'a> {
    pub(super) channel: &'a str,
    pub(super) ts: &'a str,
}

impl Call for StopStream<'_> {
    const METHOD: &'static str = "chat.stopStream";
}

/// That a file which was uploaded is shared.
#[derive(Debug, Serialize)]
pub(super) struct CompleteUpload<'a> {
    files: [Uploaded<'a>; 1],
    channel_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thread_ts: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Uploaded<'a> {
    id: &'a str,
    title: &'a str,
}

impl Call for CompleteUpload<'_> {
    const METHOD: &'static str = "files.completeUploadExternal";
}

impl<'a> CompleteUpload<'a> {
    pub(super) fn of(place: &'a Place, id: &'a str, title: &'a str) -> Self {
        let (channel_id, thread_ts) = (&place.channel, place.thread.as_deref());
        Self { files: [Uploaded { id, title }], channel_id, thread_ts }
    }
}

/// That a file goes, and the message that shares it.
#[derive(Debug, Serialize)]
pub(super) struct DeleteFile<'a> {
    pub(super) file: &'a str,
}

impl Call for DeleteFile<'_> {
    const METHOD: &'static str = "files.delete";
}

/// What stands below a thread while an answer is being written. It goes when a message comes, or after two minutes.
#[derive(Debug, Serialize)]
pub struct SetStatus<'a> {
    channel_id: &'a str,
    thread_ts: &'a str,
    status: &'a str,
}

impl Call for SetStatus<'_> {
    const METHOD: &'static str = "assistant.threads.setStatus";
}

impl<'a> SetStatus<'a> {
    /// Returns the status of a place; `None` where there is no thread.
    pub fn of(place: &'a Place, status: &'a str) -> Option<Self> {
        Some(Self { channel_id: &place.channel, thread_ts: place.thread.as_deref()?, status })
    }
}

/// What a person may ask at once, where they write to the app alone.
#[derive(Debug, Serialize)]
pub struct SetPrompts<'a> {
    channel_id: &'a str,
    prompts: Vec<Prompt<'a>>,
}

#[derive(Debug, Serialize)]
struct Prompt<'a> {
    title: &'a str,
    message: &'a str,
}

impl Call for SetPrompts<'_> {
    const METHOD: &'static str = "assistant.threads.setSuggestedPrompts";
}

impl<'a> SetPrompts<'a> {
    /// Returns the first of these texts, as many as Slack takes. An app that is an agent names no thread.
    ///
    /// # Source
    /// docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts, 2026.
    pub fn of(Place { channel, .. }: &'a Place, texts: &'a [String]) -> Self {
        let prompt = |text: &'a String| Prompt { title: text, message: text };
        Self { channel_id: channel, prompts: texts.iter().take(4).map(prompt).collect() }
    }
}

/// What the home of the app shows one person.
#[derive(Debug, Serialize)]
pub struct PublishView<'a> {
    user_id: &'a str,
    view: View,
}

#[derive(Debug, Serialize)]
struct View {
    #[serde(rename = "type")]
    kind: &'static str,
    blocks: Vec<Section>,
}

/// A paragraph in Slack's own marks: a home reads no Markdown.
#[derive(Debug, Serialize)]
struct Section {
    #[serde(rename = "type")]
    kind: &'static str,
    text: Mrkdwn,
}

#[derive(Debug, Serialize)]
struct Mrkdwn {
    #[serde(rename = "type")]
    kind: &'static str,
    text: String,
}

impl Call for PublishView<'_> {
    const METHOD: &'static str = "views.publish";
}

impl<'a> PublishView<'a> {
    /// Returns the home of the person of a place: each line a paragraph. `words` are Markdown of the program's own.
    pub fn of(Place { user, .. }: &'a Place, words: &str) -> Self {
        let section = |line: &str| Section {
            kind: "section",
            text: Mrkdwn { kind: "mrkdwn", text: mrkdwn(line) },
        };
        let blocks = words.lines().filter(|line| !line.is_empty()).map(section).collect();
        Self { user_id: user, view: View { kind: "home", blocks } }
    }
}
