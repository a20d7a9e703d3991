//! A message that somebody asks about, and the form in which they ask.

use super::super::names::{clean, shows_nothing};
use super::is_snowflake;
use super::place::channel_id;
use super::wire::Interaction;
use miyabi_core::question::{Attachment, Quote};
use serde_json::Value;

/// Most of a message that is read, in code points: longer than anything that a person writes, and it leaves a
/// model's smallest context room for question and answer.
const MAX_CHARS: usize = 6_000;

/// Most names of files that are read, as many as a message can have.
const MAX_FILES: usize = 10;

/// Beginnings of the addresses of files. Any other is not requested, whoever wrote it.
///
/// # Source
/// Discord Docs/Reference, Signed Attachment CDN URLs, read 2026-11-29.
const FILES: [&str; 2] = ["https://cdn.discordapp.com/", "https://media.discordapp.net/"];

/// Longest name of a file that is read, in code points.
const MAX_FILE_CHARS: usize = 100;

/// What stands where a message goes on.
const CUT: &str = "\n[… the rest of this message was left out here because it is too long …]";

/// Name of the field of the form.
pub const FIELD: &str = "question";

/// Returns what was written into a form.
pub(super) fn words(interaction: &Interaction<'_>) -> Option<String> {
    field(interaction, FIELD)
}

/// Returns what was written into a field of a form.
pub(super) fn field(interaction: &Interaction<'_>, name: &str) -> Option<String> {
    let parts = interaction.data.object()?.components.items().iter();
    let mut inputs =
        parts.flat_map(|part| part.get("component").into_iter().chain(items(part, "components")));
    let input = inputs.find(|input| text(input, "custom_id") == Some(name))?;
    text(input, "value").map(ToOwned::to_owned)
}

/// Returns the message that a command of its menu is about; `None` if there is nothing to read in it.
///
/// # Source
/// Discord Docs/Application Commands, Message Commands, and Message Object, read 2026-11-29.
pub(super) fn quote(interaction: &Interaction<'_>) -> Option<Quote> {
    let data = interaction.data.object()?;
    let id = data.target_id.text().filter(|id| is_snowflake(id))?;
    let message = data.resolved.object()?.get("messages")?.get(id)?;
    let (mut parts, mut attachments) = (Vec::new(), Vec::new());
    read(message, &mut parts, &mut attachments);
    for forwarded in items(message, "message_snapshots").filter_map(|it| it.get("message")) {
        read(forwarded, &mut parts, &mut attachments);
    }
    let text = cut(&parts.join("\n"));
    if shows_nothing(&text) && attachments.is_empty() {
        return None;
    }
    let files = attachments.iter().map(|file: &Attachment| file.name.clone()).collect();
    let (link, author) = (link(interaction, id), author(message));
    Some(Quote { link, author, text, files, is_own: false, attachments })
}

/// Reads the words of a message and of what is embedded in it, and its files.
fn read<'v>(message: &'v Value, parts: &mut Vec<&'v str>, files: &mut Vec<Attachment>) {
    let mut add = |value: &'v Value, names: [&str; 2]| {
        let found = names.into_iter().filter_map(|name| text(value, name));
        parts.extend(found.filter(|part| !part.is_empty()));
    };
    add(message, ["content", ""]);
    for embed in items(message, "embeds") {
        add(embed, ["title", "description"]);
        for field in items(embed, "fields") {
            add(field, ["name", "value"]);
        }
    }
    let found = items(message, "attachments").filter_map(attachment);
    files.extend(found.take(MAX_FILES.saturating_sub(files.len())));
}

/// Reads what Discord says of a file; `None` if it has no name.
fn attachment(file: &Value) -> Option<Attachment> {
    let short = |name: &str| -> String {
        text(file, name).unwrap_or_default().chars().take(MAX_FILE_CHARS).collect()
    };
    let name = Some(short("filename")).filter(|name| !name.is_empty())?;
    let url = text(file, "url").filter(|url| FILES.iter().any(|files| url.starts_with(files)));
    Some(Attachment {
        name,
        url: url.unwrap_or_default().to_owned(),
        kind: short("content_type"),
        bytes: file.get("size").and_then(Value::as_u64).unwrap_or_default(),
        is_spoken: false,
    })
}

/// Returns the file that an option of a command stands for, if there is one.
///
/// # Source
/// Discord Docs/Application Commands, Application Command Option Type, read 2026-11-29.
pub(super) fn file(interaction: &Interaction<'_>, option: &str) -> Option<Attachment> {
    let id = interaction.option(option)?.text()?;
    let resolved = interaction.data.object()?.resolved.object()?;
    attachment(resolved.get("attachments")?.get(id)?)
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name).and_then(Value::as_str)
}

fn items<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => [text.get(..end).unwrap_or_default(), CUT].concat(),
        None => text.to_owned(),
    }
}

fn author(message: &Value) -> String {
    let user = message.get("author");
    let names = ["global_name", "username"].into_iter().filter_map(|name| text(user?, name));
    names.map(clean).find(|name| !name.is_empty()).unwrap_or_default()
}

/// Returns the address by which clients show a message.
pub(super) fn link(interaction: &Interaction<'_>, id: &str) -> String {
    let server = interaction.server().unwrap_or("@me");
    channel_id(interaction)
        .map(|channel| format!("https://discord.com/channels/{server}/{channel}/{id}"))
        .unwrap_or_default()
}
