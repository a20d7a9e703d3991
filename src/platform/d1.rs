//! [`Sql`] over D1.

use serde_json::{Map, Value};
use wasm_bindgen::prelude::*;
use worker::worker_sys::D1Database as RawDatabase;
use worker::{D1Database, D1PreparedStatement, D1Result};

use super::env::Cloudflare;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ports::{Rows, Sql, SqlValue, Statement};

/// Name of the database's binding.
const BINDING: &str = "miyabi_db";

impl Sql for Cloudflare {
    async fn query(&self, statement: Statement) -> Result<Rows, Fault> {
        let name = statement.name;
        let rows = async { rows(&prepare(&self.database()?, &statement)?.all().await?) };
        rows.await.map_err(|error| fault(&error, name))
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, Fault> {
        // A batch fails as a whole; the last statement names it.
        let name = statements.last().map_or("batch", |last| last.name);
        let rows = async {
            let database = self.database()?;
            let prepare = |statement| prepare(&database, statement);
            let prepared = statements.iter().map(prepare).collect::<worker::Result<_>>()?;
            let results = D1Database::from(database.clone()).batch(prepared).await?;
            results.iter().map(rows).collect::<worker::Result<_>>()
        };
        rows.await.map_err(|error| fault(&error, name))
    }
}

impl Cloudflare {
    /// Not `worker::D1Database`, whose `prepare` panics where the binding's throws.
    fn database(&self) -> worker::Result<RawDatabase> {
        self.binding(BINDING).ok_or_else(|| worker::Error::BindingError(BINDING.to_owned()))
    }
}

fn prepare(database: &RawDatabase, statement: &Statement) -> worker::Result<D1PreparedStatement> {
    let values: Vec<_> = statement.values.iter().map(to_js).collect();
    D1PreparedStatement::from(database.prepare(statement.sql)?).bind(&values)
}

fn rows(result: &D1Result) -> worker::Result<Rows> {
    result.results::<Map<String, Value>>()
}

/// Returns a value as databases of the platform take it. Not `D1Type`, whose integers have 32 bits.
pub fn to_js(value: &SqlValue) -> JsValue {
    match value {
        SqlValue::Null => JsValue::NULL,
        #[expect(
            clippy::as_conversions,
            clippy::cast_precision_loss,
            reason = "exact between -2^53 and 2^53, which is what a statement may hold"
        )]
        SqlValue::Integer(number) => JsValue::from_f64(*number as f64),
        SqlValue::Text(text) => JsValue::from_str(text),
    }
}

/// The database's own message may quote a value, so only the statement's name goes on.
fn fault(_error: &worker::Error, statement: &'static str) -> Fault {
    StoreError::Failed { statement }.into()
}

#[cfg(test)]
mod tests;
