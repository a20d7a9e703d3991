//! Calls the program's own code when a service says that it is time.

use std::rc::Rc;

use miyabi_app::accept::{Accepted, accept};
use miyabi_app::buttons::{self, Pressed};
use miyabi_app::chat::{self, Speaker};
use miyabi_app::consumers::{self, StartJob, Verdict};
use miyabi_app::conversation::Submission;
use miyabi_app::{JobContext, consent, privacy, status, watchdog, workflow};
use miyabi_channels::whatsapp::kept::{self, Known};
use miyabi_channels::whatsapp::parse::Status;
use miyabi_channels::whatsapp::place::Place;
use miyabi_channels::{discord, web};
use miyabi_core::i18n::buttons::Press;
use miyabi_core::i18n::consent::{Decided, Decision};
use miyabi_core::i18n::privacy as privacy_words;
use miyabi_core::i18n::reminders::CANCELLED;
use miyabi_core::i18n::sentence;
use miyabi_core::i18n::status::Inquiry;
use miyabi_core::ids::Millis;
use miyabi_core::job::from_params;
use miyabi_core::ports::{Clock as _, SqlValue, Stop};
use miyabi_core::question::Question;
use miyabi_core::transport::Transports as _;
use serde_json::Value;

use crate::base::actor::{Actor, Role};
use crate::base::hooks::{self, Delivery, Hooks, Presser, Wish};
use crate::base::ids;
use crate::services::cron::MINUTE_MS;
use crate::services::people::STRANGER;
use crate::services::plain::Plain;
use crate::services::steps::Journal;
use crate::world::{Sim, World};

/// Work in `wait_until` is ended so long after the reply, in milliseconds.
pub(crate) const WAIT_UNTIL_MS: u64 = 30_000;

impl World {
    /// Returns a new run of the program, for a question if it is about one.
    fn new_run(&self, role: Role, name: String, ask: Option<usize>) -> Option<Sim> {
        let (now_ms, skew_ms) = (self.shared.executor.now(), self.shared.skew_ms());
        Some(Sim::new(&self.this()?, Actor::new(role, name, ask, now_ms, skew_ms)))
    }
}

/// Returns where a question on the web is asked.
fn place(question: &Question) -> chat::Place {
    chat::Place {
        owner: question.asker.id.clone(),
        id: question.place.clone(),
        name: question.conversation.clone().unwrap_or_default(),
    }
}

/// Returns the name of a conversation by its person and its id in that person's list.
fn object_name(owner: &str, id: &str) -> String {
    id.strip_prefix("discord.").map_or_else(
        || web::conversation_name(owner, id),
        |channel| format!("discord:{channel}:{owner}"),
    )
}

/// Notes that a message of WhatsApp came, as its route does, and returns whether it was dealt with before. What cannot be
/// noted is not dealt with.
async fn is_done(sim: &Sim, question: &Question) -> bool {
    let Some(place) =
        Place::of(question).filter(|_| question.platform == miyabi_channels::whatsapp::PLATFORM)
    else {
        return false;
    };
    let known = kept::note(sim, &Plain::number(), &place).await;
    sim.run.note("noted", || format!("{known:?}"));
    known.is_err() || known == Ok(Known::Done)
}

/// A question arrives from the web.
fn submit(sim: &Sim, index: usize, question: Question) {
    let inner = sim.clone();
    sim.run.spawn(async move {
        let submission = Submission {
            message: Some(format!("m{index}")),
            ..Submission::new(question.id.as_str().to_owned(), question.text.clone(), inner.now())
        };
        let place = place(&question);
        let speaker = Speaker::of(web::PLATFORM, &place, question.language);
        let asked =
            chat::ask(&inner, &web::transport::Web, &place, (submission, &[]), speaker).await;
        inner.run.note("reply", || format!("{asked:?}"));
        let refusal = asked.err().map(|_refusal| "refused");
        inner.world.people.reply(index, refusal);
        end_later(&inner);
    });
}

/// Ends what a request has still under way, as long after its reply as the runtime does.
fn end_later(sim: &Sim) {
    let (shared, actor) = (Rc::clone(&sim.run.shared), Rc::clone(&sim.run.actor));
    let executor = &sim.run.shared.executor;
    executor.at(executor.now() + WAIT_UNTIL_MS, move || shared.stop(&actor));
}

/// A person has everything deleted, and is told of it or not.
async fn erase(sim: &Sim, question: &Question) {
    let record = &sim.run.shared.record;
    let until = Millis(sim.run.shared.executor.now());
    let person = question.asker.id.clone();
    record.borrow_mut().erased.insert(person.clone(), (until.0, false));
    let wish = privacy_words::Wish::Erase(until);
    let inquiry = privacy_words::Inquiry { person, language: question.language, wish };
    let erased = privacy::look(sim, object_name, &inquiry).await;
    sim.run.note("erase", || format!("{erased:?}"));
    if erased.is_ok() {
        record.borrow_mut().erased.insert(inquiry.person, (until.0, true));
    }
    end_later(sim);
}

/// A person takes back what a question has had them reminded of.
async fn withdraw(sim: &Sim, question: &Question) {
    let Some(transport) = sim.transport(&question.platform) else { return };
    let sql = "SELECT id FROM reminders WHERE job = ?1 LIMIT 1";
    let job = SqlValue::Text(question.id.as_str().to_owned());
    let rows = sim.world.store.database.query(sql, &[job]).unwrap_or_default();
    let Some(id) = rows.first().and_then(|row| row.get("id")?.as_str()) else { return };
    let inquiry = Inquiry {
        asker: question.asker.id.clone(),
        cancels: true,
        reminder: Some(id.to_owned()),
        language: question.language,
    };
    let words = status::reply(sim, &transport, &inquiry).await;
    if words == CANCELLED.in_language(question.language) {
        sim.run.shared.record.borrow_mut().withdrawn.insert(id.to_owned());
    }
    sim.run.note("withdraw", || words);
    end_later(sim);
}

/// A button below an answer is pressed, as the Worker takes it.
async fn press(sim: &Sim, index: usize, press: Press) {
    let Some(transport) = sim.transport(discord::PLATFORM) else { return };
    let told = match buttons::press(sim, &transport, press).await {
        Pressed::Ask(question) => {
            let language = question.language;
            match buttons::ask(sim, &transport, &sim.world.settings, *question).await {
                Accepted::Deferred => None,
                Accepted::Refused(notice) => Some(sentence(notice, language)),
            }
        }
        Pressed::Told(_) | Pressed::OpenForm(_) => Some("told"),
    };
    sim.run.note("reply", || format!("{told:?}"));
    sim.world.people.reply(index, told);
    end_later(sim);
}

impl World {
    /// Somebody wants an answer once more, and Discord delivers that, at times twice.
    fn regenerate(&self, of: usize, presser: Presser) {
        let Some((index, press)) = self.people.press(of, presser) else { return };
        self.shared.note("discord", "pressed", || format!("answer {of} by {presser:?}: {index}"));
        let (shared, Some(world)) = (&self.shared, self.this()) else { return };
        let is_twice = shared.rng.chance(shared.plan.people.doubles);
        for _ in 0..=u8::from(is_twice) {
            let (world, press) = (Rc::clone(&world), press.clone());
            let at_ms = shared.executor.now() + shared.rng.within(20..=2_500);
            shared.executor.at(at_ms, move || {
                let name = format!("press {index}");
                let Some(sim) = world.new_run(Role::Request, name, Some(index)) else { return };
                let inner = sim.clone();
                sim.run.spawn(async move { self::press(&inner, index, press).await });
            });
        }
    }
}

impl Hooks for World {
    fn accept(&self, index: usize) {
        let Some(question) = self.people.question(index) else { return };
        let Some(sim) = self.new_run(Role::Request, format!("ask {index}"), Some(index)) else {
            return;
        };
        sim.run.note("deliver", || {
            let id = question.id.as_str();
            let venue = self.people.asks().get(index).map(|ask| ask.venue);
            format!("{id} at {venue:?}")
        });
        if question.platform == web::PLATFORM {
            return submit(&sim, index, question);
        }
        let Some(transport) = sim.transport(&question.platform) else { return };
        let inner = sim.clone();
        sim.run.spawn(async move {
            let language = question.language;
            if is_done(&inner, &question).await {
                return;
            }
            let words = match accept(&inner, &transport, question).await {
                Accepted::Deferred => None,
                Accepted::Refused(notice) => Some(sentence(notice, language)),
            };
            inner.run.note("reply", || format!("{words:?}"));
            inner.world.people.reply(index, words);
            end_later(&inner);
        });
    }

    fn wish(&self, index: usize, wish: Wish) {
        if let Wish::Regenerate(presser) = wish {
            return self.regenerate(index, presser);
        }
        let Some(question) = self.people.question(index) else { return };
        let Some(sim) = self.new_run(Role::Request, format!("{wish:?} {index}"), Some(index))
        else {
            return;
        };
        let inner = sim.clone();
        sim.run.spawn(async move {
            let place = place(&question);
            let record = &inner.run.shared.record;
            match wish {
                Wish::Stop => {
                    let stopped = chat::stop(&inner, &place, question.id.as_str()).await;
                    let is_stopped = matches!(&stopped, Ok(Some(turn)) if turn.state == "stopped");
                    inner.run.note("stop", || format!("{stopped:?}"));
                    if is_stopped {
                        record.borrow_mut().stopped.insert(index);
                    }
                }
                Wish::Delete => {
                    record.borrow_mut().deleted.entry(place.name.clone()).or_insert(false);
                    let deleted = chat::delete(&inner, &place).await;
                    inner.run.note("delete", || format!("{deleted:?}"));
                    if deleted == Ok(true) {
                        record.borrow_mut().deleted.insert(place.name, true);
                    }
                }
                Wish::Decide(hooks::Press { approves, is_stranger, generation, ordinal }) => {
                    let person = if is_stranger { STRANGER } else { &question.asker.id };
                    if approves && !is_stranger {
                        record.borrow_mut().allowed.insert(index);
                    }
                    let decision = if approves { Decision::Approve } else { Decision::Deny };
                    let decided = Decided {
                        decision,
                        job: question.id.clone(),
                        generation,
                        ordinal,
                        person: person.to_owned(),
                        server: None,
                        language: question.language,
                    };
                    let pressed = consent::decide(&inner, decided).await;
                    inner.run.note("decide", || format!("{pressed:?}"));
                    end_later(&inner);
                }
                Wish::Erase => erase(&inner, &question).await,
                // That is a question of its own.
                Wish::Regenerate(_) => {}
                Wish::Withdraw => withdraw(&inner, &question).await,
                Wish::Cancel => {
                    let Some(transport) = inner.transport(&question.platform) else { return };
                    let (asker, language) = (question.asker.id.clone(), question.language);
                    let inquiry = Inquiry { asker, cancels: true, reminder: None, language };
                    let words = status::reply(&inner, &transport, &inquiry).await;
                    inner.run.note("cancel", || words);
                }
            }
        });
    }

    fn run_instance(&self, name: &str, params: &Value, number: u32) {
        let Some(job) = from_params(params) else {
            self.shared.note(name, "unreadable", String::new);
            self.engine.end(name);
            return;
        };
        let ask = ids::number(job.id().as_str());
        let short = format!("{}.{number}", ids::short_name(name));
        let role = Role::Generation { instance: name.to_owned() };
        let Some(sim) = self.new_run(role, short, ask) else { return };
        sim.run.note("run", || format!("instance {name}"));
        let Some(transport) = sim.of(&job.question) else { return };
        let steps = Journal::new(&sim.run, &self.engine, name);
        let (inner, name) = (sim.clone(), name.to_owned());
        sim.run.spawn(async move {
            let world = &inner.world;
            let outcome = Box::pin(workflow::run(JobContext {
                host: &inner,
                steps: &steps,
                transport: &transport,
                settings: &world.settings,
                job: &job,
            }))
            .await;
            inner.run.note("end", || format!("{outcome:?}"));
            // Of two steps side by side one may crash the run at the very moment at which the other ends it.
            if inner.run.actor.has_crashed.get() {
                return;
            }
            match outcome {
                Ok(()) | Err(Stop::Failed(_)) => world.engine.end(&name),
                Err(Stop::Aborted) => world.engine.died(&name),
            }
        });
    }

    fn consume(&self, Delivery { message, body, is_dead }: Delivery) {
        let name = format!("{} {message}", if is_dead { "dead_letter" } else { "consume" });
        let ask = from_params(&body).and_then(|job| ids::number(job.id().as_str()));
        let Some(sim) = self.new_run(Role::Consumer { message }, name, ask) else { return };
        let inner = sim.clone();
        sim.run.spawn(async move {
            let verdict = if is_dead {
                consumers::dead::<StartJob>(&inner, &inner, &body).await
            } else {
                consumers::run::<StartJob>(&inner, &inner, &body).await
            };
            inner.run.note("verdict", || format!("{verdict:?}"));
            match verdict {
                Verdict::Ack => inner.world.queue.settle(message),
                Verdict::Retry => inner.world.queue.again(message),
            }
        });
        self.queue.limit(&sim.run.actor);
    }

    fn sweep(&self) {
        let name = format!("cron {}", self.shared.since_ms() / MINUTE_MS);
        let Some(sim) = self.new_run(Role::Cron, name, None) else { return };
        let inner = sim.clone();
        sim.run.spawn(async move {
            watchdog::sweep(&inner, &inner, &inner.world.settings).await;
            privacy::sweep(&inner, object_name).await;
            inner.run.actor.has_ended.set(true);
        });
        self.shared.record.borrow_mut().rounds.push(Rc::clone(&sim.run.actor));
    }

    fn told_of(&self, message: &str, tag: &str, tries: u64) {
        let Some(sim) = self.new_run(Role::Request, format!("status {message}"), None) else {
            return;
        };
        let (status, inner) = (
            Status { message: message.to_owned(), tag: tag.to_owned(), failed: None },
            sim.clone(),
        );
        sim.run.spawn(async move {
            let noted = kept::note_statuses(&inner, core::slice::from_ref(&status)).await;
            inner.run.note("status", || format!("{noted:?}"));
        });
        // Whoever does not hear of it tries again, and what was taken is looked up without the program.
        let (world, status) = (self.this(), (message.to_owned(), tag.to_owned()));
        let at_ms = self.shared.executor.now() + WAIT_UNTIL_MS;
        self.shared.executor.at(at_ms, move || {
            let Some(world) = world else { return };
            let sql = "SELECT 1 FROM whatsapp_statuses WHERE id = ?1";
            let id = SqlValue::Text(status.0.clone());
            let is_taken =
                world.store.database.query(sql, &[id]).is_ok_and(|rows| !rows.is_empty());
            if !is_taken {
                world.plain.tell_again(&status.0, &status.1, tries);
            }
        });
    }

    fn may_crash(&self, actor: &Actor) -> bool {
        match &actor.role {
            Role::Generation { instance } => self.engine.may_crash(instance),
            Role::Request | Role::Consumer { .. } | Role::Cron => true,
        }
    }

    fn crashed(&self, actor: &Rc<Actor>) {
        match &actor.role {
            Role::Generation { instance } => self.engine.died(instance),
            Role::Consumer { message } => self.queue.again(*message),
            Role::Request | Role::Cron => {}
        }
    }
}
