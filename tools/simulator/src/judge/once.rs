//! Judges that a message appears once on Discord, unless nobody could know that it was there.

use std::collections::BTreeMap;

use super::exceptions;
use crate::base::marks::Mark;
use crate::base::record::{Invariant, Post, Record};
use crate::base::shared::{START_MS, USUAL_MS};
use crate::services::discord::{Original, places};
use crate::services::people::{Ask, group};
use crate::world::World;

/// Judges the messages of a question, and of those that ask the same.
pub fn judge(world: &World, record: &mut Record, index: usize, asks: &[Ask]) {
    let group = group(asks, index);
    if asks.get(index).is_some_and(|ask| ask.venue.is_plain()) {
        return;
    }
    if group.first() != Some(&index) {
        return;
    }
    let mut by_mark: BTreeMap<Mark, Vec<usize>> = BTreeMap::new();
    for post in visible(world, record, &group, asks) {
        let marks = record.posts.get(post).map(|post| post.marks.clone()).unwrap_or_default();
        for mark in marks {
            by_mark.entry(mark).or_default().push(post);
        }
    }
    for (mark, mut posts) in by_mark {
        posts.sort_unstable();
        let excepted = excepted(world, record, &group, &posts);
        let doubled = excepted.min(posts.len().saturating_sub(group.len()));
        record.counts.doubled += u64::try_from(doubled).unwrap_or(0);
        if posts.len() > group.len() + excepted {
            let who: Vec<String> = posts.iter().filter_map(|post| shown(record, *post)).collect();
            let what = format!("{mark:?} is there {} times: {}", posts.len(), who.join(", "));
            record.violate(Invariant::Once, what);
        }
        if matches!(mark, Mark::Answer { .. }) && group.len() > 1 {
            enough(world, record, (mark, posts.len()), &group, asks);
        }
    }
}

/// Of those who asked the same, each has an answer of their own.
fn enough(
    world: &World,
    record: &mut Record,
    (mark, copies): (Mark, usize),
    group: &[usize],
    asks: &[Ask],
) {
    let jobs = group.iter().filter_map(|index| asks.get(*index));
    let completed = jobs.filter(|ask| record.status(&ask.id) == Some("COMPLETED")).count();
    // Without the ledger's word nobody can tell whose of two equal messages it is.
    let is_unsure = group.iter().any(|index| {
        record.unsure.contains(index) || exceptions::is_dismissed_while_streaming(world, *index)
    });
    // A file holds all of it.
    let copies = copies + group.iter().filter(|index| has_file(world, **index)).count();
    if copies < completed && !is_unsure {
        let what = format!("{mark:?} is there {copies} times, for {completed} who asked the same");
        record.violate(Invariant::Whole, what);
    }
}

fn has_file(world: &World, index: usize) -> bool {
    let discord = world.discord.state();
    discord.replies.get(&index).is_some_and(|reply| {
        let original = match &reply.original {
            Original::Text(private) => Some(private),
            Original::Nothing | Original::Thinking | Original::Removed | Original::Dismissed => {
                reply.dismissed.as_ref()
            }
        };
        original.into_iter().chain(&reply.follow_ups).any(|private| !private.file.is_empty())
    })
}

pub(super) fn shown(record: &Record, post: usize) -> Option<String> {
    let post = record.posts.get(post)?;
    let place = post.channel.map_or("in private".to_owned(), |channel| channel.to_string());
    let since_s = post.sent_ms.saturating_sub(START_MS) / 1000;
    Some(format!("by {} {place} at {:02}:{:02}", post.sender.name, since_s / 60, since_s % 60))
}

/// Returns the numbers of the posts that somebody sees.
fn visible(world: &World, record: &Record, group: &[usize], asks: &[Ask]) -> Vec<usize> {
    let discord = world.discord.state();
    let is_ours = |post: &usize| {
        let ask = record.posts.get(*post).and_then(|post| post.ask);
        ask.is_some_and(|ask| group.contains(&ask))
    };
    let mut posts: Vec<usize> =
        discord.messages.iter().filter_map(|message| message.post).filter(is_ours).collect();
    for index in group.iter().filter(|index| **index < asks.len()) {
        let Some(reply) = discord.replies.get(index) else { continue };
        if let Original::Text(private) = &reply.original
            && !private.is_streaming()
        {
            posts.extend(private.post);
        }
        posts.extend(reply.dismissed.iter().filter_map(|private| private.post));
        posts.extend(reply.follow_ups.iter().filter_map(|private| private.post));
    }
    posts
}

/// Returns how many of the messages have an exception for a later one.
pub(super) fn excepted(world: &World, record: &Record, group: &[usize], posts: &[usize]) -> usize {
    let later = posts.iter().enumerate().filter_map(|(at, number)| {
        let post = record.posts.get(*number)?;
        let mut before = posts.get(..at)?.iter().filter_map(|number| record.posts.get(*number));
        before.find(|first| is_excepted(world, record, group, (first, post)))
    });
    later.count()
}

/// Returns whether nobody could have known of the first when the second was sent: the channel cannot
/// be read, a look at it failed, or it appeared only after a look.
fn is_excepted(
    world: &World,
    record: &Record,
    group: &[usize],
    (first, second): (&Post, &Post),
) -> bool {
    let discord = world.discord.state();
    let Some(channel) = first.channel else {
        // Nobody can see what was dismissed, nor, once there is nothing to edit, what came below it.
        let reply = first.ask.and_then(|ask| discord.replies.get(&ask));
        return reply.is_some_and(|reply| reply.original == Original::Dismissed);
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
        let is_ours = look.channel == channel && look.ask.is_none_or(|ask| group.contains(&ask));
        let is_between = (first.sent_ms..=second.sent_ms).contains(&look.began_ms);
        let saw_it = match look.read_ms {
            None => false,
            Some(read_ms) => read_ms >= landed_ms || !is_late,
        };
        is_ours && is_between && !saw_it
    })
}
