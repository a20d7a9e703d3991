#!/bin/sh
# Compiles the Worker and connects it with JavaScript, in build/.
set -e
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-../../target}
cargo build --release --target wasm32-unknown-unknown -p workflow-example
cargo run --quiet -p bindgen --bin bindgen -- --target web --no-typescript --omit-default-module-path \
  --out-dir build "$target/wasm32-unknown-unknown/release/workflow_example.wasm"
