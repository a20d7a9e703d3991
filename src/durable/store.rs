//! [`Store`] over the SQL storage of a Durable Object, by externs of our own.
//!
//! The crate's `SqlCursor` is imported without `catch`, so an exception of the runtime would unwind through
//! wasm; and it has no `transactionSync`.

use core::cell::Cell;

use js_sys::Array;
use wasm_bindgen::prelude::*;

use crate::platform::d1::to_js;
use crate::workflow::js;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ports::{Rows, Statement, Store};

#[wasm_bindgen]
extern "C" {
    type Storage;
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &Storage,
        work: &mut dyn FnMut() -> Result<JsValue, JsValue>,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, getter)]
    fn sql(this: &Storage) -> Result<SqlStorage, JsValue>;

    type SqlStorage;
    #[wasm_bindgen(method, catch, variadic)]
    fn exec(this: &SqlStorage, sql: &str, values: &Array) -> Result<SqlCursor, JsValue>;

    type SqlCursor;
    #[wasm_bindgen(method, catch, js_name = toArray)]
    fn to_array(this: &SqlCursor) -> Result<JsValue, JsValue>;
}

/// The database of one object.
#[derive(Debug)]
pub struct ObjectStore(JsValue);

impl ObjectStore {
    /// Returns the database of `ctx.storage`.
    pub fn new(storage: &worker::Storage) -> Self {
        Self(storage.as_raw().into())
    }

    fn storage(&self) -> &Storage {
        self.0.unchecked_ref()
    }
}

impl Store for ObjectStore {
    fn execute(&self, statement: &Statement) -> Result<Rows, Fault> {
        let run = || {
            let values: Array = statement.values.iter().map(to_js).collect();
            // The cursor is read to its end at once: it is no snapshot.
            js::from_js(&self.storage().sql()?.exec(statement.sql, &values)?.to_array()?)
        };
        let fault =
            |_quotes_values: JsValue| StoreError::Failed { statement: statement.name }.into();
        run().map_err(fault)
    }

    fn transaction<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        let work = Cell::new(Some(work));
        let mut outcome = None;
        let committed = self.storage().transaction_sync(&mut || {
            let done = work.take().map(|work| work());
            let is_done = matches!(done, Some(Ok(_)));
            outcome = done;
            // What is thrown takes everything back.
            if is_done { Ok(JsValue::UNDEFINED) } else { Err(JsValue::NULL) }
        });
        match (outcome, committed) {
            (Some(Err(fault)), _) => Err(fault),
            (Some(Ok(value)), Ok(_)) => Ok(value),
            (None, _) | (Some(Ok(_)), Err(_)) => {
                Err(StoreError::Failed { statement: "transaction" }.into())
            }
        }
    }
}
