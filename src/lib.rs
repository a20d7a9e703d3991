//! Miyabi.
