//! What was put is read back, under hashed keys; the namespace is a few lines of JavaScript.

use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

#[wasm_bindgen(inline_js = "export function namespace() {
    const entries = new Map();
    return {
        async get(key) {
            const value = entries.get(key)?.value;
            return value === undefined ? null : new TextDecoder().decode(value);
        },
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
    let namespace = namespace();
    let env = js_sys::Object::new();
    js_sys::Reflect::set(&env, &BINDING.into(), &namespace).unwrap();
    let host = Cloudflare::new(env.unchecked_into(), None);
    assert_eq!(host.recall("abc").await, None);
    host.remember("abc", "{}", 60).await;
    assert_eq!(host.recall("abc").await.as_deref(), Some("{}"));
    // SHA-256 of `abc`, FIPS 180-2, B.1.
    let key = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(first(&namespace), format!("{key} {{\"expirationTtl\":60}}"));
}

#[wasm_bindgen_test]
async fn a_namespace_that_is_not_there_remembers_nothing() {
    let host = Cloudflare::new(js_sys::Object::new().unchecked_into(), None);
    host.remember("abc", "", 60).await;
    assert_eq!(host.recall("abc").await, None);
}
