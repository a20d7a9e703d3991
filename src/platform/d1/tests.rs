//! Statements reach the database with their values, and rows come back unchanged; the database is a few
//! lines of JavaScript.

use js_sys::Function;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use super::*;
use crate::workflow::js;

/// A database that returns each statement with its values as its row, and notes its batches. `prepare`
/// throws for `refused`, running does for `fails`.
const DATABASE: &str = "
    const prepare = (sql) => {
        if (sql === 'refused') throw new Error('a secret value');
        let values = [];
        return {
            sql,
            bind(...all) { values = all; return this },
            async all() {
                if (sql === 'fails') throw new Error('D1_ERROR: a secret value');
                const types = values.map((value) => typeof value).join();
                return { success: true, results: [{ sql, first: values[0] ?? null, types }] };
            },
        };
    };
    const batches = [];
    const batch = async (all) => {
        batches.push(all.length);
        return Promise.all(all.map((statement) => statement.all()));
    };
    return { batches, miyabi_db: { prepare, batch } }";

fn host() -> (Cloudflare, JsValue) {
    let env = Function::new_no_args(DATABASE).call0(&JsValue::NULL).unwrap();
    (Cloudflare::new(env.clone().unchecked_into(), None), env)
}

fn statement(sql: &'static str, values: Vec<SqlValue>) -> Statement {
    Statement { name: "test.statement", sql, values }
}

#[wasm_bindgen_test]
async fn values_arrive_as_they_are_and_large_integers_are_exact() {
    let (host, _) = host();
    for (value, expected, kind) in [
        (SqlValue::Null, json!(null), "object"),
        (SqlValue::Integer(0), json!(0), "number"),
        (SqlValue::Integer(1_730_014_552_832), json!(1_730_014_552_832_i64), "number"),
        (SqlValue::Integer(-9_007_199_254_740_991), json!(-9_007_199_254_740_991_i64), "number"),
        (SqlValue::Text("雅 '\"".to_owned()), json!("雅 '\""), "string"),
    ] {
        let rows = host.query(statement("SELECT ?1", vec![value])).await.unwrap();
        let expected = json!([{ "sql": "SELECT ?1", "first": expected, "types": kind }]);
        assert_eq!(serde_json::to_value(rows).unwrap(), expected);
    }
}

#[wasm_bindgen_test]
async fn a_batch_is_one_call_and_has_the_rows_of_each_statement() {
    let (host, env) = host();
    let statements = vec![
        statement("INSERT", vec![SqlValue::Integer(1)]),
        statement("SELECT", vec![SqlValue::Integer(2)]),
    ];
    let rows = host.batch(statements).await.unwrap();
    let sql: Vec<_> = rows.iter().map(|rows| rows[0]["sql"].as_str().unwrap()).collect();
    assert_eq!(sql, ["INSERT", "SELECT"]);
    let batches: Vec<u32> = js::from_js(&js::property(&env, "batches")).unwrap();
    assert_eq!(batches, [2]);
}

#[wasm_bindgen_test]
async fn what_fails_is_named_after_its_statement_and_quotes_nothing() {
    let (host, _) = host();
    let failed = |statement| Fault::from(StoreError::Failed { statement });
    for sql in ["refused", "fails"] {
        let error = host.query(statement(sql, Vec::new())).await.unwrap_err();
        assert_eq!(error, failed("test.statement"), "{sql}");
        let error = host.batch(vec![statement(sql, Vec::new())]).await.unwrap_err();
        assert_eq!(error, failed("test.statement"), "{sql}");
        let first = Statement { name: "test.first", ..statement("SELECT", Vec::new()) };
        let two = vec![first, statement(sql, Vec::new())];
        assert_eq!(
            host.batch(two).await.unwrap_err(),
            failed("test.statement"),
            "the last names it"
        );
    }
    let unbound = Cloudflare::new(js_sys::Object::new().unchecked_into(), None);
    let error = unbound.query(statement("SELECT", Vec::new())).await.unwrap_err();
    assert_eq!(error, failed("test.statement"));
}
