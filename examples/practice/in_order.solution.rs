//! Ask every page at the same time; return the answers in the order of the pages.
//!
//! `ask(page)` takes its time. Give each goroutine an index and a place to write to.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::sync::Arc;

pub fn all(pages: Vec<String>, ask: fn(&str) -> String) -> Vec<String> {
    let answers = Arc::new(Mutex::new(vec![String::new(); pages.len()]));
    let wg = WaitGroup::new();
    for (i, page) in pages.into_iter().enumerate() {
        wg.add(1);
        go!([answers, wg], {
            defer!(wg.done());
            let answer = ask(&page);
            answers.lock()[i] = answer;
        });
    }
    wg.wait();
    answers.lock().clone()
}
