//! A channel's webhook is found or made once, and one that is gone is left alone.

use futures::future::join;

use super::*;
use miyabi_core::http::{HttpError, Request, Response};
use miyabi_core::ids::Millis;
use miyabi_core::ports::{Clock, Http, Log, Rows};
use miyabi_testing::{Fake, run, settings};

const CONFIGURED: &str = "1200000000000000001";

/// The world, as jobs see it that run at the same time: each effect is another's turn first.
struct Turns(Fake);

/// Lets the others go on.
async fn turn() {
    let mut is_over = false;
    core::future::poll_fn(|_| {
        if core::mem::replace(&mut is_over, true) {
            core::task::Poll::Ready(())
        } else {
            core::task::Poll::Pending
        }
    })
    .await;
}

impl Clock for Turns {
    fn now(&self) -> Millis {
        self.0.now()
    }

    async fn sleep(&self, duration: Duration) {
        // Long enough for all that another job does without a sleep.
        for _ in 0..20 {
            turn().await;
        }
        self.0.sleep(duration).await;
    }

    fn local_time(&self, time_zone: &str) -> Option<String> {
        self.0.local_time(time_zone)
    }
}

impl Http for Turns {
    async fn send(&self, request: &Request) -> Result<Response, HttpError> {
        turn().await;
        self.0.send(request).await
    }
}

impl Sql for Turns {
    async fn query(&self, statement: Statement) -> Result<Rows, Fault> {
        turn().await;
        self.0.query(statement).await
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, Fault> {
        turn().await;
        self.0.batch(statements).await
    }
}

impl Log for Turns {
    fn log(&self, event: &Event) {
        self.0.log(event);
    }
}

/// Runs jobs that take turns to their end.
fn run_turns<T>(jobs: impl Future<Output = T>) -> T {
    let mut jobs = core::pin::pin!(jobs);
    let mut context = core::task::Context::from_waker(core::task::Waker::noop());
    for _ in 0..1000 {
        if let core::task::Poll::Ready(value) = jobs.as_mut().poll(&mut context) {
            return value;
        }
    }
    panic!("the jobs wait for each other")
}

fn obtained(world: &Fake, channel: &str) -> Option<Hook> {
    run(async {
        let discord = &settings().discord;
        let known = known(world, discord, channel).await?;
        obtain(world, discord, channel, known).await
    })
    .unwrap()
    .unwrap()
}

fn known_of(world: &Fake, channel: &str) -> Known {
    run(known(world, &settings().discord, channel)).unwrap().unwrap()
}

fn forgotten(world: &Fake, id: &str) {
    run(forget(world, id)).unwrap().unwrap();
}

fn calls(world: &Fake) -> usize {
    world.discord.borrow_mut().requests.drain(..).count()
}

#[test]
fn a_webhook_is_made_once_and_remembered() {
    let world = Fake::new();
    let hook = obtained(&world, "7").unwrap();
    let made = world.discord.borrow().hooks.clone();
    let [made] = made.as_slice() else { panic!("{made:?}") };
    let url = format!("https://discord.test/api/v10/webhooks/{}/{}", made.id, made.token);
    assert_eq!((hook.id.as_str(), hook.url.reveal()), (made.id.as_str(), url.as_str()));
    assert_eq!(calls(&world), 2);
    assert_eq!(obtained(&world, "7"), Some(hook.clone()));
    let known = Known { own: Some(hook.id), configured: Configured::Possible };
    assert_eq!(known_of(&world, "7"), known);
    assert_eq!(calls(&world), 1, "the list has its token");
}

#[test]
fn a_webhook_of_the_application_that_is_there_is_taken() {
    let world = Fake::new();
    world.discord.borrow_mut().add_hook("8");
    let there = world.discord.borrow_mut().add_hook("7");
    assert_eq!(obtained(&world, "7").map(|hook| hook.id), Some(there.id));
    assert_eq!(world.discord.borrow().hooks.len(), 2);
}

#[test]
fn each_channel_has_its_own() {
    let world = Fake::new();
    let (one, other) = (obtained(&world, "7"), obtained(&world, "8"));
    assert!(one.is_some() && other.is_some() && one != other);
    assert_eq!(known_of(&world, "7").own, one.map(|hook| hook.id));
    assert_eq!(known_of(&world, "8").own, other.map(|hook| hook.id));
    assert_eq!(known_of(&world, "9"), Known::default());
}

#[test]
fn two_jobs_at_once_make_one_webhook() {
    for head_start in 0..8 {
        let world = Turns(Fake::new());
        let discord = &settings().discord;
        let late = async {
            for _ in 0..head_start {
                turn().await;
            }
            obtain(&world, discord, "7", Known::default()).await
        };
        let both = join(obtain(&world, discord, "7", Known::default()), late);
        let (one, other) = run_turns(both);
        assert!(one == other && matches!(one, Ok(Some(_))), "{head_start}: {one:?} {other:?}");
        assert_eq!(world.0.discord.borrow().hooks.len(), 1, "{head_start}");
    }
}

#[test]
fn a_job_that_dies_while_it_makes_the_webhook_holds_nobody_up_for_long() {
    // Effects: reserve, list, remember or create, remember.
    for effect in 0..4 {
        for side in [miyabi_testing::Side::Before, miyabi_testing::Side::After] {
            let world = Fake::new();
            world.crash_at(effect, side);
            assert_eq!(
                run(obtain(&world, &settings().discord, "7", Known::default())),
                None,
                "{effect} {side:?}"
            );
            world.restart();
            let hook = obtained(&world, "7");
            assert!(hook.is_some(), "{effect} {side:?}");
            assert_eq!(world.discord.borrow().hooks.len(), 1, "{effect} {side:?}");
            let waited: Duration = world.slept.borrow().iter().sum();
            assert!(waited <= Duration::from_secs(24), "{effect} {side:?}: {waited:?}");
        }
    }
}

#[test]
fn what_discord_refuses_is_none_at_any_time() {
    for is_reserved in [false, true] {
        let world = Fake::new();
        world.discord.borrow_mut().manages_webhooks = false;
        if is_reserved {
            // Another job died while it made one.
            assert!(run(reserve(&world, "7")).unwrap().unwrap());
        }
        assert_eq!(obtained(&world, "7"), None, "{is_reserved}");
    }
}

#[test]
fn one_job_at_a_time_makes_a_channels_webhook() {
    let world = Fake::new();
    let reserved = |channel| run(reserve(&world, channel)).unwrap().unwrap();
    assert!(reserved("7"));
    assert!(!reserved("7"));
    assert!(reserved("8"));
    world.db.execute("UPDATE breakers SET closes_at = unixepoch()", []).unwrap();
    assert!(reserved("7"));
    assert!(!reserved("7"));
}

#[test]
fn a_webhook_that_is_gone_is_never_taken_again() {
    let world = Fake::new();
    let first = obtained(&world, "7").unwrap();
    // Discord's list may still have it.
    forgotten(&world, &first.id);
    assert_eq!(known_of(&world, "7"), Known::default());
    let second = obtained(&world, "7").unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(known_of(&world, "7").own, Some(second.id));
}

#[test]
fn no_token_is_in_the_database() {
    let world = Fake::new();
    let hook = obtained(&world, "7").unwrap();
    let (_, token) = hook.url.reveal().rsplit_once('/').unwrap();
    let rows =
        "SELECT group_concat(id || channel || coalesce(gone_at, '') || seen_at) FROM webhooks";
    let rows: String = world.db.query_row(rows, [], |row| row.get(0)).unwrap();
    assert!(rows.contains(&hook.id) && !rows.contains(token), "{rows}");
}

#[test]
fn a_webhook_that_is_not_listed_any_more_is_replaced() {
    let world = Fake::new();
    let first = obtained(&world, "7").unwrap();
    world.discord.borrow_mut().hooks[0].channel = "8".to_owned();
    let second = obtained(&world, "7").unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!(known_of(&world, "7").own, Some(second.id));
    assert_eq!(obtained(&world, "8"), Some(first), "it is found where it went");
}

#[test]
fn the_configured_webhook_is_remembered_as_gone_in_every_channel_for_an_hour() {
    let world = Fake::new();
    forgotten(&world, CONFIGURED);
    forgotten(&world, CONFIGURED);
    for channel in ["7", "1200000000000000002", ""] {
        let gone = Known { own: None, configured: Configured::Gone };
        assert_eq!(known_of(&world, channel), gone, "{channel}");
    }
    let own = obtained(&world, "7").map(|hook| hook.id);
    assert_eq!(known_of(&world, "7"), Known { own, configured: Configured::Gone });
    let earlier = "UPDATE webhooks SET gone_at = gone_at - 3601 WHERE gone_at IS NOT NULL";
    world.db.execute(earlier, []).unwrap();
    assert_eq!(known_of(&world, "7").configured, Configured::Possible);
    forgotten(&world, CONFIGURED);
    assert_eq!(known_of(&world, "7").configured, Configured::Gone);
}

#[test]
fn what_was_said_of_a_webhook_before_it_was_gone_does_not_bring_it_back() {
    let world = Fake::new();
    let configured = Hook::configured(&settings().discord).id;
    forgotten(&world, &configured);
    let gone = Known { own: None, configured: Configured::Gone };
    // A statement that its caller gave up, and that takes effect only now.
    run(moved(&world, &configured, "8")).unwrap().unwrap();
    assert_eq!(known_of(&world, "7"), gone);
    // An hour later it is asked about again, and what Discord says then counts.
    let earlier = "UPDATE webhooks SET gone_at = gone_at - 3600 WHERE gone_at IS NOT NULL";
    world.db.execute(earlier, []).unwrap();
    run(moved(&world, &configured, "8")).unwrap().unwrap();
    let elsewhere = Known { own: None, configured: Configured::Elsewhere };
    assert_eq!(known_of(&world, "7"), elsewhere);
}

#[test]
fn the_configured_webhook_is_not_asked_about_in_a_channel_that_it_does_not_serve_for_an_hour() {
    let world = Fake::new();
    run(moved(&world, CONFIGURED, "8")).unwrap().unwrap();
    assert_eq!(known_of(&world, "7").configured, Configured::Elsewhere);
    assert_eq!(known_of(&world, "8"), Known::default());
    let earlier = "UPDATE webhooks SET seen_at = seen_at - 3601";
    world.db.execute(earlier, []).unwrap();
    assert_eq!(known_of(&world, "7"), Known::default());
    forgotten(&world, CONFIGURED);
    assert_eq!(known_of(&world, "8").configured, Configured::Gone);
    // It is asked about again after an hour, and serves again.
    world.db.execute("UPDATE webhooks SET gone_at = gone_at - 3601", []).unwrap();
    run(moved(&world, CONFIGURED, "8")).unwrap().unwrap();
    assert_eq!(known_of(&world, "8"), Known::default());
}

#[test]
fn a_webhooks_secret_is_not_shown() {
    let world = Fake::new();
    let hook = obtained(&world, "7").unwrap();
    forgotten(&world, &hook.id);
    let shown = format!("{hook:?} {:?} {:?}", hook.in_thread(None), world.events.borrow());
    assert!(!shown.contains("own-token"), "{shown}");
    let gone = Event::SenderGone { sender: hook.id };
    assert_eq!(*world.events.borrow(), [gone]);
}
