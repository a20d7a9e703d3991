//! The binding gets plain objects, streams are read piece by piece, and of an error the code is left.

use core::cell::RefCell;

use js_sys::Function;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;

/// Returns a binding whose `run(model, inputs, options)` has this body.
fn binding(body: &str) -> AiBinding {
    let text = format!(
        "const bytes = (text) => new TextEncoder().encode(text);
         const stream = (start) => new ReadableStream({{ start }});
         return {{ async run(model, inputs, options) {{ {body} }} }}"
    );
    Function::new_no_args(&text).call0(&JsValue::NULL).unwrap().unchecked_into()
}

/// Returns the result, or the error's code, and the pieces.
async fn run(body: &str) -> (Result<Value, u32>, Vec<String>) {
    let pieces = RefCell::new(Vec::new());
    let take = |piece: &[u8]| pieces.borrow_mut().push(String::from_utf8_lossy(piece).into_owned());
    let inputs = json!({ "messages": [{ "role": "user", "content": "雅" }] });
    let options = json!({ "gateway": { "id": "g" }, "rejectIfBusy": true });
    let said = call(&binding(body), "@cf/a/b", &inputs, &options, &take).await;
    let said = said.map_err(|error| workers_ai::error_code(&js::message(&error)));
    (said, pieces.into_inner())
}

#[wasm_bindgen_test]
async fn inputs_and_options_arrive_as_plain_objects() {
    let (said, pieces) = run("return { response: JSON.stringify([model, inputs, options]) }").await;
    let expected = r#"["@cf/a/b",{"messages":[{"content":"雅","role":"user"}]},{"gateway":{"id":"g"},"rejectIfBusy":true}]"#;
    assert_eq!(said, Ok(json!({ "response": expected })));
    assert!(pieces.is_empty());
}

#[wasm_bindgen_test]
async fn a_stream_is_seen_piece_by_piece_and_returned_whole() {
    let start = "(to) => { to.enqueue(bytes('data: 1\\n')); to.enqueue(bytes('\\n')); to.close() }";
    for body in [format!("return stream({start})"), format!("return new Response(stream({start}))")]
    {
        let (said, pieces) = run(&body).await;
        assert_eq!(said, Ok("data: 1\n\n".into()));
        assert_eq!(pieces, ["data: 1\n", "\n"]);
    }
}

#[wasm_bindgen_test]
async fn json_is_read_although_it_came_as_a_stream() {
    let (said, _) =
        run("return stream((to) => { to.enqueue(bytes('{\"response\":1}')); to.close() })").await;
    assert_eq!(said, Ok(json!({ "response": 1 })));
}

#[wasm_bindgen_test]
async fn half_a_character_loses_nothing_but_itself() {
    for body in [
        "return { response: 'a \\ud83c b' }",
        "return stream((to) => { to.enqueue(bytes('{\"response\":\"a \\\\ud83c b\"}')); to.close() })",
    ] {
        let text = run(body).await.0.unwrap()["response"].as_str().unwrap().to_owned();
        assert!(text.starts_with("a ") && text.ends_with(" b"), "{body}: {text:?}");
    }
}

#[wasm_bindgen_test]
async fn of_an_error_the_code_is_left_and_of_a_broken_stream_what_came() {
    let (said, _) = run("throw new Error('3040: Capacity temporarily exceeded')").await;
    assert_eq!(said, Err(3040));
    let start =
        "(to) => { to.enqueue(bytes('data: 1\\n')) }, pull: (to) => to.error(new Error('5007: x'))";
    let (said, pieces) = run(&format!("return new ReadableStream({{ start: {start} }})")).await;
    assert_eq!(said, Err(0));
    assert_eq!(pieces, ["data: 1\n"]);
}
