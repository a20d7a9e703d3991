//! [`Sql`] over D1.

use js_sys::Array;
use serde_json::Value;
use wasm_bindgen::prelude::*;

use super::host::Cloudflare;
use super::js;
use crate::fault::{Fault, StoreError};
use crate::host::{Rows, Sql, SqlValue, Statement};
use crate::json::into_object;

#[wasm_bindgen]
extern "C" {
    /// A database's binding.
    type Database;
    #[wasm_bindgen(method, catch)]
    fn prepare(this: &Database, sql: &JsValue) -> Result<Prepared, JsValue>;

    type Prepared;
    #[wasm_bindgen(method, catch, variadic)]
    fn bind(this: &Prepared, values: &Array) -> Result<Prepared, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn all(this: &Prepared) -> Result<JsValue, JsValue>;
}

impl Sql for Cloudflare {
    async fn query(&self, statement: Statement) -> Result<Rows, Fault> {
        let name = statement.name;
        run(self.binding("miyabi_db").unchecked_into(), statement)
            .await
            // The database's own message may quote a value, so only the statement's name goes on.
            .map_err(|_message| StoreError::Failed { statement: name }.into())
    }
}

async fn run(database: Database, statement: Statement) -> Result<Rows, JsValue> {
    let values: Array = statement.values.into_iter().map(to_js).collect();
    let result = database.prepare(&js::constant(statement.sql))?.bind(&values)?.all()?;
    let result = js::settle(result).await?;
    let Value::Array(rows) = js::from_js(&js::property(&result, "results"))? else {
        return Err(JsValue::from("no rows"));
    };
    let rows: Option<Rows> = rows.into_iter().map(into_object).collect();
    rows.ok_or_else(|| JsValue::from("a row that is no object"))
}

fn to_js(value: SqlValue) -> JsValue {
    match value {
        SqlValue::Null => JsValue::NULL,
        #[expect(
            clippy::as_conversions,
            clippy::cast_precision_loss,
            reason = "integers are within 2^53 by the contract of `SqlValue`"
        )]
        SqlValue::Integer(number) => JsValue::from_f64(number as f64),
        SqlValue::Text(text) => JsValue::from_str(&text),
    }
}
