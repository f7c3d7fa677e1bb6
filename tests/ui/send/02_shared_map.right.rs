// A `Mutex` around the map lets one goroutine in at a time.
use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::collections::HashMap;

fn count(words: &Mutex<HashMap<String, u32>>, word: &str) {
    *words.lock().entry(word.to_string()).or_default() += 1;
}

#[goroutine]
fn main() {
    let words = Mutex::new(HashMap::new());
    scope(|s| {
        go!(in s, count(&words, "go"));
        go!(in s, count(&words, "rust"));
    });
    assert_eq!(words.lock().len(), 2);
}
