//! Inputs that nobody has thought of, the same in each run.

use serde_json::{Value, json};

/// A fixed sequence of numbers.
///
/// # Source
/// Marsaglia, Xorshift RNGs, 2003.
pub struct Numbers(u64);

impl Numbers {
    /// Returns the sequence that begins with a number, not 0.
    pub fn new(seed: u64) -> Self {
        assert_ne!(seed, 0, "the sequence would be all zeros");
        Self(seed)
    }

    /// Returns the next number below another one.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    /// Returns so many pieces, at random.
    pub fn text(&mut self, pieces: &[&str], count: usize) -> String {
        (0..count).map(|_| pieces[self.below(pieces.len())]).collect()
    }
}

/// Returns how many inputs a test tries: as many as it says, or `MIYABI_FUZZ`.
pub fn rounds(usual: usize) -> usize {
    let asked = std::env::var("MIYABI_FUZZ").ok();
    asked.map_or(usual, |rounds| rounds.parse().expect("MIYABI_FUZZ is a number"))
}

/// Puts something else in the place of a part of a value, anywhere in it, or takes it away.
pub fn mutate(value: &mut Value, numbers: &mut Numbers) {
    match value {
        Value::Object(fields) if !fields.is_empty() && numbers.below(4) > 0 => {
            let key = fields.keys().nth(numbers.below(fields.len())).unwrap().clone();
            if numbers.below(8) == 0 {
                fields.remove(&key);
            } else {
                mutate(fields.get_mut(&key).unwrap(), numbers);
            }
        }
        Value::Array(items) if !items.is_empty() && numbers.below(4) > 0 => {
            let nth = numbers.below(items.len());
            mutate(&mut items[nth], numbers);
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => {
            let strange = [
                Value::Null,
                json!(true),
                json!(-1),
                json!(1.5),
                json!(u64::MAX),
                json!(i64::MIN),
                json!(""),
                json!("@MiyabiBot"),
                json!("👩‍💻"),
                json!([]),
                json!({}),
                json!([{}]),
            ];
            *value = strange[numbers.below(strange.len())].clone();
        }
    }
}
