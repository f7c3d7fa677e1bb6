//! The checks of `crawler`.

use crate::kit::{Check, bubble, check, equal};
use crate::yours::crawl;
use goroutines::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static RUNNING: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn links(page: &str) -> Vec<String> {
    MOST.fetch_max(RUNNING.fetch_add(1, Relaxed) + 1, Relaxed);
    time::sleep(time::SECOND);
    RUNNING.fetch_sub(1, Relaxed);
    let links: &[&str] = match page {
        "/" => &["/a", "/b", "/c", "/d"],
        "/a" | "/b" => &["/e"],
        "/e" => &["/"],
        _ => &[],
    };
    links.iter().map(|link| link.to_string()).collect()
}

fn small(page: &str) -> Vec<String> {
    if page == "/" {
        vec!["/a".to_string(), "/b".to_string()]
    } else {
        Vec::new()
    }
}

pub fn checks() -> Vec<Check> {
    vec![
        check("three pages without a ring", || {
            equal(
                crawl("/", 1, small),
                ["/", "/a", "/b"].map(String::from).to_vec(),
            )
        }),
        check("six pages with a ring, each once", || {
            bubble(|| {
                let all = ["/", "/a", "/b", "/c", "/d", "/e"]
                    .map(String::from)
                    .to_vec();
                equal(crawl("/", 2, links), all)
            })
        }),
        check("two at a time, and no fewer", || {
            bubble(|| {
                MOST.store(0, Relaxed);
                let start = time::now();
                crawl("/", 2, links);
                equal(
                    (MOST.load(Relaxed), time::since(start)),
                    (2, 4 * time::SECOND),
                )
            })
        }),
    ]
}
