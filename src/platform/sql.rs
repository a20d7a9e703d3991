//! [`Sql`] over D1.

use serde_json::Value;
use wasm_bindgen::prelude::*;

use super::host::Cloudflare;
use super::js;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::json;
use miyabi_core::json::{Field, into_object};
use miyabi_core::ports::{Rows, Sql, SqlValue, Statement};

#[wasm_bindgen(module = "/src/platform/bridge.js")]
extern "C" {
    fn query(database: &JsValue, sql: &JsValue, values: &str) -> JsValue;
    fn batch(database: &JsValue, statements: &str) -> JsValue;
}

impl Sql for Cloudflare {
    async fn query(&self, statement: Statement) -> Result<Rows, Fault> {
        let name = statement.name;
        run(&self.binding("miyabi_db"), &statement)
            .await
            // The database's own message may quote a value, so only the statement's name goes on.
            .ok_or_else(|| StoreError::Failed { statement: name }.into())
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, Fault> {
        let name = statements.last().map_or("batch", |last| last.name);
        run_batch(&self.binding("miyabi_db"), &statements)
            .await
            .ok_or_else(|| StoreError::Failed { statement: name }.into())
    }
}

async fn run_batch(database: &JsValue, statements: &[Statement]) -> Option<Vec<Rows>> {
    let texts = statements.iter().map(|statement| {
        let values: Vec<_> = statement.values.iter().map(to_field).collect();
        let sql = json::to_text(&Value::from(statement.sql));
        ["[", &sql, ",", &json::list(&values), "]"].concat()
    });
    let list = format!("[{}]", texts.collect::<Vec<_>>().join(","));
    let rows = js::settle(batch(database, &list)).await.ok()?.as_string()?;
    let Value::Array(all) = json::parse(&rows)? else { return None };
    let read = |rows| match rows {
        Value::Array(rows) => rows.into_iter().map(into_object).collect::<Option<Rows>>(),
        _ => None,
    };
    all.into_iter().map(read).collect()
}

async fn run(database: &JsValue, statement: &Statement) -> Option<Rows> {
    let values: Vec<_> = statement.values.iter().map(to_field).collect();
    let rows = query(database, &js::constant(statement.sql), &json::list(&values));
    let Value::Array(rows) = json::parse(&js::settle(rows).await.ok()?.as_string()?)? else {
        return None;
    };
    rows.into_iter().map(into_object).collect()
}

fn to_field(value: &SqlValue) -> Field<'_> {
    match value {
        SqlValue::Null => Field::Null,
        SqlValue::Integer(number) => Field::Number(*number),
        SqlValue::Text(text) => Field::Text(text),
    }
}
