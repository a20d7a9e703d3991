//! A message appears once, wherever anybody could have known: which second message has an excuse?

use std::collections::BTreeMap;

use crate::discord::Original;
use crate::discord::places;
use crate::marks::Mark;
use crate::people::Ask;
use crate::record::{Invariant, Post, Record};
use crate::world::{USUAL_MS, World};

/// Judges one question's messages.
pub fn judge(world: &World, record: &mut Record, index: usize, ask: &Ask) {
    let mut by_mark: BTreeMap<Mark, Vec<usize>> = BTreeMap::new();
    for post in visible(world, index, ask) {
        let marks = record.posts.get(post).map(|post| post.marks.clone()).unwrap_or_default();
        for mark in marks.into_iter().filter(|mark| mark.ask() == index) {
            by_mark.entry(mark).or_default().push(post);
        }
    }
    for (mark, mut posts) in by_mark {
        posts.sort_unstable();
        for pair in posts.windows(2) {
            let [first, second] = pair else { continue };
            let (Some(first), Some(second)) = (record.posts.get(*first), record.posts.get(*second))
            else {
                continue;
            };
            if is_excused(world, record, index, (first, second)) {
                record.counts.doubled += 1;
            } else {
                let apart_s = second.sent_ms.saturating_sub(first.sent_ms) / 1000;
                let what = format!(
                    "{mark:?} is there twice: by {} and {apart_s} s later by {}",
                    first.who, second.who
                );
                record.violate(Invariant::Once, what);
            }
        }
    }
}

/// Returns the numbers of the posts that somebody sees.
fn visible(world: &World, index: usize, ask: &Ask) -> Vec<usize> {
    let discord = world.discord.borrow();
    let channel = places::channel(ask.spot);
    let here = discord.messages.iter().filter(|message| Some(message.channel) == channel);
    let mut posts: Vec<usize> = here.filter_map(|message| message.post).collect();
    if let Some(reply) = discord.replies.get(index) {
        if let Original::Text(private) = &reply.original {
            posts.extend(private.post);
        }
        posts.extend(reply.dismissed.iter().filter_map(|private| private.post));
        posts.extend(reply.follow_ups.iter().filter_map(|private| private.post));
    }
    posts
}

/// Returns whether nobody could have known of the first when the second was sent: the channel cannot
/// be read, a look at it failed, or it appeared only after a look.
fn is_excused(
    world: &World,
    record: &Record,
    index: usize,
    (first, second): (&Post, &Post),
) -> bool {
    let discord = world.discord.borrow();
    let Some(channel) = first.channel else {
        // Nobody can see what was dismissed, nor, once there is nothing to edit, what came below it.
        let original = discord.replies.get(index).map(|reply| &reply.original);
        return original == Some(&Original::Dismissed);
    };
    let place = discord.channels.get(&channel);
    let root = place.and_then(|place| place.parent).and_then(|root| discord.channels.get(&root));
    let is_readable = |place: &places::Channel| place.is_readable;
    if !place.is_some_and(is_readable) || !root.is_none_or(is_readable) {
        return true;
    }
    let hides_content = !place.is_some_and(|place| place.shows_content);
    if hides_content && discord.webhooks.values().any(|hook| hook.is_gone) {
        // Only the webhook itself could have read it.
        return true;
    }
    let landed_ms = first.landed_ms.unwrap_or(first.sent_ms);
    let is_late = landed_ms.saturating_sub(first.sent_ms) > 2 * USUAL_MS;
    record.looks.iter().any(|look| {
        let is_ours = look.channel == channel && look.ask.is_none_or(|ask| ask == index);
        let is_between = (first.sent_ms..=second.sent_ms).contains(&look.began_ms);
        let saw_it = match look.read_ms {
            None => false,
            Some(read_ms) => read_ms >= landed_ms || !is_late,
        };
        is_ours && is_between && !saw_it
    })
}
