//! Does a limit refuse only when it says so?

use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::cloudflare::host::Cloudflare;
use crate::host::{Limit, Limits};

/// An environment whose two limits are made by `asker` and `server`.
fn host(asker: &str, server: &str) -> Cloudflare {
    let body = format!("return {{ miyabi_asker_limit: {asker}, miyabi_server_limit: {server} }}");
    let env = Function::new_no_args(&body).call0(&JsValue::NULL).unwrap();
    Cloudflare::new(env, None)
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
        assert!(host.allows(Limit::Asker, "mio").await);
    }
    assert!(!host.allows(Limit::Asker, "mio").await);
    assert!(host.allows(Limit::Asker, "alex").await);
    assert!(host.allows(Limit::Server, "mio").await);
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
        assert!(host(binding, binding).allows(Limit::Asker, "1").await, "{binding}");
        assert!(host(binding, binding).allows(Limit::Server, "1").await, "{binding}");
    }
}
