//! A message that somebody asks about, and the form in which they ask.

use super::super::names::{clean, shows_nothing};
use super::is_snowflake;
use super::place::channel_id;
use super::wire::{Attachment, Embed, Field, Input, Interaction, Message, User};
use miyabi_core::question::Quote;

/// Most of a message that is read, in code points: longer than anything that a person writes, and it leaves a
/// model's smallest context room for question and answer.
const MAX_CHARS: usize = 6_000;

/// Most names of files that are read, as many as a message can have.
const MAX_FILES: usize = 10;

/// Longest name of a file that is read, in code points.
const MAX_FILE_CHARS: usize = 100;

/// What stands where a message goes on.
const CUT: &str = "\n[… the rest of this message was left out here because it is too long …]";

/// Beginning of what a form is given when it is opened.
const FORM: &str = "ask:";

/// Name of the field of the form.
pub const FIELD: &str = "question";

/// Returns what a form is given that asks about the message kept under this id.
pub fn form_id(id: &str) -> String {
    format!("{FORM}{id}")
}

/// Returns the id under which the message of a form is kept; `None` if it is no such form.
pub(super) fn form(custom_id: &str) -> Option<&str> {
    custom_id.strip_prefix(FORM).filter(|id| is_snowflake(id))
}

/// Returns what was written into a form.
pub(super) fn words(interaction: &Interaction<'_>) -> Option<String> {
    let rows = interaction.data.object()?.components.items().iter().filter_map(Field::object);
    let mut inputs = rows.flat_map(|row| {
        let inner = row.components.items().iter().filter_map(Field::object);
        row.component.object().into_iter().chain(inner)
    });
    let input: &Input<'_> = inputs.find(|input| input.custom_id.text() == Some(FIELD))?;
    input.value.text().map(ToOwned::to_owned)
}

/// Returns the message that a command of its menu is about; `None` if there is nothing to read in it.
///
/// # Source
/// Discord Docs/Application Commands, Message Commands, and Message Object, read 2026-11-29.
pub(super) fn quote(interaction: &Interaction<'_>) -> Option<Quote> {
    let data = interaction.data.object()?;
    let id = data.target_id.text().filter(|id| is_snowflake(id))?;
    let message = data.resolved.object()?.messages.object()?.get(id)?.object()?;
    let (mut parts, mut files) = (Vec::new(), Vec::new());
    read(&message.content, message.embeds.items(), &mut parts);
    name_files(message.attachments.items(), &mut files);
    let snapshots = message.message_snapshots.items().iter().filter_map(Field::object);
    for forwarded in snapshots.filter_map(|snapshot| snapshot.message.object()) {
        read(&forwarded.content, forwarded.embeds.items(), &mut parts);
        name_files(forwarded.attachments.items(), &mut files);
    }
    let text = cut(&parts.join("\n"));
    if shows_nothing(&text) && files.is_empty() {
        return None;
    }
    Some(Quote { link: link(interaction, id), author: author(message), text, files })
}

/// Reads the words of a message and of what is embedded in it.
fn read(content: &Field<'_>, embeds: &[Field<'_, Embed<'_>>], parts: &mut Vec<String>) {
    let mut add = |part: Option<&str>| {
        parts.extend(part.filter(|part| !part.is_empty()).map(ToOwned::to_owned));
    };
    add(content.text());
    for embed in embeds.iter().filter_map(Field::object) {
        add(embed.title.text());
        add(embed.description.text());
        for field in embed.fields.items().iter().filter_map(Field::object) {
            add(field.name.text());
            add(field.value.text());
        }
    }
}

fn name_files(attachments: &[Field<'_, Attachment<'_>>], files: &mut Vec<String>) {
    let names = attachments.iter().filter_map(Field::object).filter_map(|it| it.filename.text());
    let names = names.map(|name| name.chars().take(MAX_FILE_CHARS).collect());
    files.extend(names.take(MAX_FILES.saturating_sub(files.len())));
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => [text.get(..end).unwrap_or_default(), CUT].concat(),
        None => text.to_owned(),
    }
}

fn author(message: &Message<'_>) -> String {
    let user: Option<&User<'_>> = message.author.object();
    let names = user.map(|user| [user.global_name.text(), user.username.text()]);
    let mut names = names.into_iter().flatten().flatten().map(clean);
    names.find(|name| !name.is_empty()).unwrap_or_default()
}

/// Returns the address by which clients show a message.
fn link(interaction: &Interaction<'_>, id: &str) -> String {
    let server = interaction.server().unwrap_or("@me");
    channel_id(interaction)
        .map(|channel| format!("https://discord.com/channels/{server}/{channel}/{id}"))
        .unwrap_or_default()
}
