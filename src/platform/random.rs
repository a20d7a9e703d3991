//! [`Random`]: the runtime's `crypto.getRandomValues`, for which `worker` has no type.

use wasm_bindgen::prelude::*;

use super::env::Cloudflare;
use super::signature::crypto;
use miyabi_core::fault::{EngineError, Fault};
use miyabi_core::ports::Random;

impl Random for Cloudflare {
    fn random<const N: usize>(&self) -> Result<[u8; N], Fault> {
        random().map_err(|_error| EngineError::Random.into())
    }
}

fn random<const N: usize>() -> Result<[u8; N], JsValue> {
    let mut bytes = [0; N];
    crypto()?.get_random_values_with_u8_array(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn random_bytes_are_other_ones_each_time() {
        let drawn: [[u8; 20]; 3] = core::array::from_fn(|_| random().unwrap());
        assert_ne!(drawn[0], drawn[1]);
        assert_ne!(drawn[1], drawn[2]);
        assert!(drawn.iter().all(|bytes| *bytes != [0; 20]));
    }
}
