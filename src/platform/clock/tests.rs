//! Zones are named by the runtime, and timers end.

use core::pin::pin;

use futures::future::{Either, select};
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

fn host() -> Cloudflare {
    Cloudflare::new(js_sys::Object::new().unchecked_into(), None)
}

#[wasm_bindgen_test]
fn a_zone_has_its_offset_and_an_unknown_one_no_time() {
    let time = host().local_time("Asia/Tokyo").unwrap();
    assert!(time.ends_with("GMT+9"), "{time}");
    assert_eq!(host().local_time("Asia/Atlantis"), None);
    assert_eq!(host().local_time(""), None);
}

#[wasm_bindgen_test]
async fn a_sleep_takes_its_time() {
    let begin = host().now();
    host().sleep(Duration::from_millis(20)).await;
    // Timers may be a millisecond early.
    assert!(host().now().0 - begin.0 >= 19);
}

#[wasm_bindgen_test]
async fn the_shorter_of_two_sleeps_ends_first_and_the_other_one_is_cleared() {
    let (short, long) = (Duration::from_millis(1), Duration::from_hours(1));
    let host = host();
    let (short, long) = (pin!(host.sleep(short)), pin!(host.sleep(long)));
    assert!(matches!(select(long, short).await, Either::Right(_)));
}
