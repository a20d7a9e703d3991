//! Presses of the button that has an answer written once more: each is a question of its own, of whoever presses.

use core::cell::Cell;
use std::rc::Rc;

use miyabi_core::i18n::buttons::{Button, Press};
use miyabi_core::ids::{JobId, Millis, Secret};
use miyabi_core::question::Question;

use super::{Ask, People, Venue, unreachable_id};
use crate::base::hooks::{Presser, Wish};
use crate::base::ids::snowflake;
use crate::services::discord::Opening;
use crate::services::model::Said;

/// Id of somebody who has asked nothing and moderates nothing.
pub const STRANGER: &str = "9999";

impl People {
    /// Draws what becomes of an answer on Discord: it is wanted once more, or what it reminds of is taken back.
    pub(super) fn draw_wishes(&self, index: usize, asked_ms: u64) {
        let (rng, plan) = (&self.shared.rng, &self.shared.plan);
        if !self.asks.borrow().get(index).is_some_and(Ask::is_on_discord) {
            return;
        }
        if plan.people.regenerates > 0 {
            self.draw_presses(index, asked_ms);
        }
        if plan.people.withdraws > 0 && rng.chance(plan.people.withdraws) {
            self.wish_at(index, Wish::Withdraw, asked_ms + rng.within(5_000..=480_000));
        }
    }

    pub(super) fn wish_at(&self, index: usize, wish: Wish, at_ms: u64) {
        let shared = Rc::clone(&self.shared);
        self.shared.executor.at(at_ms, move || {
            if let Some(hooks) = shared.hooks() {
                hooks.wish(index, wish);
            }
        });
    }

    /// Draws who presses the button below the answer to a question, and when: often twice, also at once.
    fn draw_presses(&self, index: usize, asked_ms: u64) {
        let (rng, plan) = (&self.shared.rng, &self.shared.plan);
        if !rng.chance(plan.people.regenerates) {
            return;
        }
        let mut at_ms = asked_ms + rng.within(5_000..=240_000);
        for _ in 0..rng.within(1..=3) {
            let presser = match rng.below(8) {
                0 => Presser::Stranger,
                1..=3 => Presser::Moderator,
                _ => Presser::Asker,
            };
            self.wish_at(index, Wish::Regenerate(presser), at_ms);
            self.latest_ms.set(self.latest_ms.get().max(at_ms));
            at_ms += if rng.chance(500) { rng.below(4_000) } else { rng.within(4_000..=90_000) };
        }
    }

    /// Somebody presses the button, if it is there: returns the number of the press among the questions, and what
    /// the program gets of it.
    pub fn press(&self, of: usize, presser: Presser) -> Option<(usize, Press)> {
        let shared = &self.shared;
        let (original, venue) = {
            let asks = self.asks.borrow();
            let ask = asks.get(of)?;
            (ask.question.clone(), ask.venue)
        };
        let message = {
            let discord = self.platforms.discord.state();
            let mut messages = discord.messages.iter();
            messages.find(|it| it.buttons_of.as_deref() == Some(original.id.as_str()))?.id
        };
        let (now_ms, index) = (shared.executor.now(), self.asks.borrow().len());
        let id = snowflake(now_ms, u64::try_from(index).unwrap_or(0) + 1).to_string();
        let mut asker = original.asker.clone();
        match presser {
            Presser::Asker => {}
            // One for each question, so that nobody asks too much.
            Presser::Moderator => asker.id = format!("70{of}"),
            Presser::Stranger => STRANGER.clone_into(&mut asker.id),
        }
        let channel = venue.channel().unwrap_or(1);
        let conversation =
            original.conversation.as_ref().map(|_| format!("discord:{channel}:{}", asker.id));
        let question = Question {
            id: JobId::parse(&id).unwrap_or_else(|| unreachable_id(&id)),
            token: Secret::new(venue.token(index)),
            text: String::new(),
            asker,
            conversation,
            asked: Millis(now_ms),
            ..original.clone()
        };
        let press = Press {
            button: Button::Regenerate,
            job: original.id,
            question: question.clone(),
            is_moderator: presser == Presser::Moderator,
            message: message.to_string(),
            link: String::new(),
        };
        self.begin_press(
            of,
            Ask {
                id,
                question: Question { text: original.text, ..question },
                asked_ms: now_ms,
                venue,
                twin_of: None,
                again_of: Some(of),
                is_accepted: Cell::new(false),
            },
        );
        Some((index, press))
    }

    /// A press is a question from now on.
    fn begin_press(&self, of: usize, ask: Ask) {
        let index = self.asks.borrow().len();
        if let Venue::Discord(spot) = ask.venue {
            let token = ask.question.token.reveal();
            let opening = Opening { token, asked_ms: ask.asked_ms, spot, is_refused: false };
            self.platforms.discord.open(index, opening);
        }
        self.model.expect(Said {
            asked_ms: ask.asked_ms,
            conversation: ask.question.conversation.clone(),
            again_of: Some(of),
            ..Said::default()
        });
        let mut record = self.shared.record.borrow_mut();
        record.counts.asked += 1;
        record.presses.push((of, index));
        drop(record);
        self.asks.borrow_mut().push(ask);
    }
}
