//! Visit every page that can be reached from `start`, each once, at most `most` at a time.
//!
//! `links(page)` takes a second and gives the pages it links to. Return all pages, sorted.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::collections::BTreeSet;
use std::sync::Arc;

pub type Links = fn(&str) -> Vec<String>;

#[derive(Clone)]
struct Crawler {
    links: Links,
    seen: Arc<Mutex<BTreeSet<String>>>,
    permits: Chan<()>,
    wg: WaitGroup,
}

impl Crawler {
    /// Visits `page` in a goroutine of its own, unless somebody has.
    fn visit(&self, page: String) {
        if !self.seen.lock().insert(page.clone()) {
            return;
        }
        let this = self.clone();
        self.wg.go(move || {
            this.permits.send(());
            let links = (this.links)(&page);
            this.permits.recv();
            for link in links {
                this.visit(link);
            }
        });
    }
}

pub fn crawl(start: &str, most: usize, links: Links) -> Vec<String> {
    let crawler = Crawler {
        links,
        seen: Arc::default(),
        permits: make!(chan(), most),
        wg: WaitGroup::new(),
    };
    crawler.visit(start.to_string());
    crawler.wg.wait();
    let seen = crawler.seen.lock();
    seen.iter().cloned().collect()
}
