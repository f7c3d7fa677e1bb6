//! Follows links from page to page, one goroutine for each, and fetches no page twice.
//!
//! Mirrors the exercise "Web Crawler" of "A Tour of Go", on a small web that the program serves
//! itself.

use goroutines::http::{self, Mux, Server};
use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::collections::HashSet;
use std::io;
use std::sync::Arc;

#[derive(Clone)]
struct Crawler {
    site: String,
    seen: Arc<Mutex<HashSet<String>>>,
    found: Sender<String>,
}

impl Crawler {
    /// Fetches `page` and, up to `depth` clicks away, what it links to.
    fn crawl(self, page: String, depth: u32) {
        if depth == 0 || !self.seen.lock().insert(page.clone()) {
            return;
        }
        match http::get(format!("{}{page}", self.site)).and_then(http::Response::text) {
            Err(err) => self.found.send(format!("{page}: {err}")),
            Ok(text) => {
                self.found.send(format!("{page}: links to {text:?}"));
                for link in text.split_whitespace() {
                    go!(self.clone().crawl(link.to_string(), depth - 1));
                }
            }
        }
    }
}

fn small_web() -> Server {
    let mut mux = Mux::new();
    mux.handle_func("GET /{$}", |_| "/pkg/ /cmd/");
    mux.handle_func("GET /pkg/{$}", |_| "/ /cmd/ /pkg/fmt/ /pkg/os/");
    mux.handle_func("GET /pkg/fmt/{$}", |_| "/ /pkg/");
    mux.handle_func("GET /pkg/os/{$}", |_| "/ /pkg/");
    mux.handle_func("GET /cmd/{$}", |_| "/");
    Server::new("127.0.0.1:0", mux)
}

#[goroutine]
fn main() -> io::Result<()> {
    let server = small_web();
    go!([server], { server.serve().unwrap() });

    let (found, pages) = chan::channel(0);
    let site = format!("http://{}", server.local_addr()?);
    let crawler = Crawler {
        site,
        seen: Arc::default(),
        found,
    };
    go!(crawler.crawl("/".to_string(), 4));
    for page in pages {
        println!("{page}"); // ends when the last crawler has ended
    }
    Ok(())
}
