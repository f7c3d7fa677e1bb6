// Go dies at run time: "fatal error: concurrent map writes". Here it does not compile.
use goroutines::prelude::*;
use std::collections::HashMap;

fn count(words: &mut HashMap<String, u32>, word: &str) {
    *words.entry(word.to_string()).or_default() += 1;
}

#[goroutine]
fn main() {
    let mut words = HashMap::new();
    scope(|s| {
        go!(in s, count(&mut words, "go"));
        go!(in s, count(&mut words, "rust"));
    });
}
