//! Against a namespace of a few lines of JavaScript.

use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

#[wasm_bindgen(inline_js = "export function namespace() {
    const entries = new Map();
    return {
        async get(key) { return entries.get(key)?.value ?? null; },
        async put(key, value, options) { entries.set(key, { value, options }); },
        entries,
    };
}
export function first(namespace) {
    const [key, { options }] = [...namespace.entries][0];
    return `${key} ${JSON.stringify(options)}`;
}")]
extern "C" {
    fn namespace() -> JsValue;
    fn first(namespace: &JsValue) -> String;
}

#[wasm_bindgen_test]
async fn what_is_remembered_is_recalled_under_a_hashed_key() {
    let js = namespace();
    let namespace: &Namespace = js.unchecked_ref();
    assert_eq!(recall(namespace, "abc").await.unwrap().as_string(), None);
    remember(namespace, "abc", "{}", 60).await.unwrap();
    assert_eq!(recall(namespace, "abc").await.unwrap().as_string().as_deref(), Some("{}"));
    // SHA-256 of `abc`, FIPS 180-2, B.1.
    let key = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(first(&js), format!("{key} {{\"expirationTtl\":60}}"));
}

#[wasm_bindgen_test]
async fn a_namespace_that_is_not_there_is_an_error_and_no_panic() {
    let nothing: Namespace = JsValue::UNDEFINED.unchecked_into();
    assert!(recall(&nothing, "abc").await.is_err());
    assert!(remember(&nothing, "abc", "", 60).await.is_err());
}
