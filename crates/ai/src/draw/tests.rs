//! What comes of an attempt to draw.

use core::cell::RefCell;
use core::future::{pending, ready};
use core::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::script::block_on;
use miyabi_core::ids::Millis;

/// A model that draws, and a clock at which no time passes.
struct Painter(RefCell<Vec<Result<Value, u32>>>);

impl Ai for Painter {
    async fn run(
        &self,
        _model: &str,
        _inputs: &Value,
        _options: &Value,
        _pieces: &dyn Fn(&[u8]),
    ) -> Result<Value, u32> {
        self.0.borrow_mut().remove(0)
    }
}

impl Clock for Painter {
    fn now(&self) -> Millis {
        Millis(0)
    }

    async fn sleep(&self, _duration: Duration) {
        pending::<()>().await;
    }

    fn local_time(&self, _time_zone: &str) -> Option<String> {
        None
    }
}

const FLUX: &str = "@cf/black-forest-labs/flux-1-schnell";

fn try_to_draw(model: &str, replies: &[Result<Value, u32>]) -> Drawn {
    let host = Painter(RefCell::new(replies.to_vec()));
    block_on(draw(&host, &Model::by_binding(model), "a cat", pending()))
}

#[test]
fn a_jpeg_or_png_is_an_image_and_nothing_else_is() {
    for (bytes, name) in [
        (b"\xff\xd8\xff\xe0 jpeg".as_slice(), Some("image.jpg")),
        (b"\x89PNG\r\n\x1a\n", Some("image.png")),
        (b"<html>", None),
        (b"", None),
    ] {
        let reply = || Ok(json!({ "image": STANDARD.encode(bytes) }));
        let drawn = try_to_draw(FLUX, &[reply(), reply()]);
        assert_eq!(drawn.class, name.is_none().then_some(Class::Transient));
        assert_eq!(drawn.into_drawing("a cat").map(|it| it.name), name);
    }
}

#[test]
fn an_image_that_no_step_can_keep_is_none() {
    let large = [b"\xff\xd8\xff".as_slice(), &vec![7; 750_000]].concat();
    // The painter has no second one.
    let drawn = try_to_draw(FLUX, &[Ok(json!({ "image": STANDARD.encode(&large) }))]);
    assert_eq!(drawn.class, Some(Class::Truncated));
    let Cost { nano, pricing } = drawn.attempt(&Model::by_binding(FLUX)).cost;
    assert_eq!((nano, pricing), (633_600, Pricing::Estimated), "it was drawn");
    let fits = [b"\xff\xd8\xff".as_slice(), &vec![7; 749_000]].concat();
    let drawn = try_to_draw(FLUX, &[Ok(json!({ "image": STANDARD.encode(fits) }))]);
    assert!(serde_json::to_string(&drawn).unwrap().len() < 1024 * 1024);
}

#[test]
fn a_failure_has_its_class_and_costs_nothing() {
    for (code, class) in [
        (3030, Class::Policy),
        (8007, Class::Policy),
        (3036, Class::Quota),
        (3040, Class::Busy),
        (5007, Class::Config),
        (0, Class::Transient),
    ] {
        let drawn = try_to_draw(FLUX, &[Err(code), Err(code)]);
        assert_eq!(
            (drawn.class, drawn.attempt(&Model::by_binding(FLUX)).cost.nano),
            (Some(class), 0),
            "{code}"
        );
        let stored = serde_json::to_string(&drawn).unwrap();
        assert_eq!(serde_json::from_str::<Drawn>(&stored).unwrap(), drawn);
    }
    for odd in [json!("\u{89}PNG"), json!({ "response": "no" }), json!({ "image": 7 })] {
        let drawn = try_to_draw(FLUX, &[Ok(odd.clone()), Ok(odd)]);
        assert_eq!(drawn.class, Some(Class::Transient));
    }
}

#[test]
fn an_image_has_its_price_where_there_is_one() {
    let reply = || Ok(json!({ "image": "/9j/4AAQSkZJRg==" }));
    for (model, nano, pricing) in
        [(FLUX, 633_600, Pricing::Table), ("@cf/leonardo/lucid-origin", 0, Pricing::Unpriced)]
    {
        let drawn = try_to_draw(model, &[reply()]);
        let attempt = drawn.attempt(&Model::by_binding(model));
        assert_eq!(attempt.cost, Cost { nano, pricing });
        assert_eq!(attempt.outcome, AttemptOutcome::Ok);
    }
}

#[test]
fn what_nobody_wants_any_more_counts_as_paid() {
    struct Slow(Painter);
    impl Ai for Slow {
        async fn run(
            &self,
            _model: &str,
            _inputs: &Value,
            _options: &Value,
            _pieces: &dyn Fn(&[u8]),
        ) -> Result<Value, u32> {
            pending().await
        }
    }
    impl Clock for Slow {
        fn now(&self) -> Millis {
            self.0.now()
        }
        async fn sleep(&self, duration: Duration) {
            self.0.sleep(duration).await;
        }
        fn local_time(&self, _time_zone: &str) -> Option<String> {
            None
        }
    }
    let host = Slow(Painter(RefCell::default()));
    let drawn = block_on(draw(&host, &Model::by_binding(FLUX), "a cat", ready(())));
    assert_eq!((drawn.class, &drawn.image), (None, &None));
    let attempt = drawn.attempt(&Model::by_binding(FLUX));
    assert_eq!(attempt.outcome, AttemptOutcome::Failed(Class::Truncated));
    assert_eq!(attempt.cost, Cost { nano: 633_600, pricing: Pricing::Estimated });
}
