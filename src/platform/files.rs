//! [`Files`] over R2.
//!
//! Not `worker::Bucket`: what it makes of options, of which none are needed here, took 8 kB of the upload.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::ReadableStream;
use worker::worker_sys::{R2Bucket, R2ObjectBody};

use super::env::Cloudflare;
use crate::workflow::js::settle;
use miyabi_core::fault::{Fault, StoreError};
use miyabi_core::ports::Files;

/// Name of the bucket's binding.
const BINDING: &str = "miyabi_files";

impl Files for Cloudflare {
    async fn write_file(&self, key: &str, bytes: &[u8]) -> Result<(), Fault> {
        let bytes = Uint8Array::from(bytes).into();
        let put = |bucket: R2Bucket| bucket.put(key.to_owned(), bytes, JsValue::UNDEFINED);
        self.call("files::write", put).await.map(drop)
    }

    async fn read_file(&self, key: &str) -> Result<Option<Vec<u8>>, Fault> {
        let Some(object) = self.object(key).await? else { return Ok(None) };
        let bytes = object.array_buffer().map_err(|_error| failed("files::read"))?;
        let bytes = settle(bytes.into()).await.map_err(|_error| failed("files::read"))?;
        Ok(Some(Uint8Array::new(&bytes).to_vec()))
    }

    async fn delete_files(&self, keys: Vec<String>) -> Result<(), Fault> {
        let keys = keys.iter().map(Into::into).collect();
        let delete = |bucket: R2Bucket| bucket.delete_multiple(keys);
        self.call("files::delete", delete).await.map(drop)
    }
}

impl Cloudflare {
    /// Returns a file as it comes; `None` if there is none under this key.
    ///
    /// # Errors
    /// A store fault; worth a retry.
    pub(super) async fn file_stream(&self, key: &str) -> Result<Option<ReadableStream>, Fault> {
        let Some(object) = self.object(key).await? else { return Ok(None) };
        object.body().map(Some).map_err(|_error| failed("files::read"))
    }

    async fn object(&self, key: &str) -> Result<Option<R2ObjectBody>, Fault> {
        let get = |bucket: R2Bucket| bucket.get(key.to_owned(), JsValue::UNDEFINED);
        let object = self.call("files::read", get).await?;
        Ok((!object.is_null()).then(|| object.unchecked_into()))
    }

    async fn call(
        &self,
        statement: &'static str,
        call: impl FnOnce(R2Bucket) -> Result<Promise, JsValue>,
    ) -> Result<JsValue, Fault> {
        // What the bucket says is left out, as with the database: it may quote names.
        let bucket = self.binding(BINDING).ok_or_else(|| failed(statement))?;
        let promise = call(bucket).map_err(|_error| failed(statement))?;
        settle(promise.into()).await.map_err(|_error| failed(statement))
    }
}

fn failed(statement: &'static str) -> Fault {
    StoreError::Failed { statement }.into()
}
