//! A limit refuses only when it says so.

use js_sys::Function;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::platform::env::Cloudflare;
use miyabi_core::ports::{Limit, RateLimits};

/// An environment whose two limits are made by `asker` and `server`.
fn host(asker: &str, server: &str) -> Cloudflare {
    let body = format!("return {{ miyabi_asker_limit: {asker}, miyabi_server_limit: {server} }}");
    let env = Function::new_no_args(&body).call0(&JsValue::NULL).unwrap();
    Cloudflare::new(env.unchecked_into(), None)
}

#[wasm_bindgen_test]
async fn each_limit_counts_its_own_keys() {
    let two = "{
        counts: {},
        async limit({ key }) {
            this.counts[key] = (this.counts[key] ?? 0) + 1;
            return { success: this.counts[key] <= 2 };
        },
    }";
    let host = host(two, two);
    for _ in 0..2 {
        assert_eq!(host.refusal(Some("mio"), Some("club")).await, None);
    }
    assert_eq!(host.refusal(Some("mio"), Some("club")).await, Some(Limit::Asker));
    assert_eq!(host.refusal(Some("alex"), Some("club")).await, Some(Limit::Server));
    assert_eq!(host.refusal(Some("alex"), None).await, None);
    assert_eq!(host.refusal(None, Some("mio")).await, None);
    assert_eq!(host.refusal(None, None).await, None);
}

#[wasm_bindgen_test]
async fn a_limit_that_is_missing_or_broken_allows() {
    let throws = "{ limit() { throw new Error('gone') } }";
    for binding in [
        "undefined",
        "null",
        throws,
        "{ async limit() { throw 1 } }",
        "{ async limit() {} }",
        "{ limit: async () => ({ success: 'no' }) }",
    ] {
        let refuses = "{ limit: async () => ({ success: false }) }";
        assert_eq!(host(binding, binding).refusal(Some("1"), Some("2")).await, None, "{binding}");
        let next = host(binding, refuses).refusal(Some("1"), Some("2")).await;
        assert_eq!(next, Some(Limit::Server), "{binding}");
    }
}
