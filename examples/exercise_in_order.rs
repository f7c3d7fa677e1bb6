//! Exercise of the chapter "WaitGroup": results in the order of the requests.
//!
//! Mirrors the Go idiom of a slice with one place for each goroutine, here behind a mutex.

use goroutines::prelude::*;
use goroutines::sync::Mutex;
use std::sync::Arc;

/// Stands for a request whose answer takes its time: the first one longest.
fn status_of(url: &str, place: usize) -> String {
    time::sleep((3 - place as u32) * 100 * time::MILLISECOND);
    format!("200 OK  {url}")
}

#[goroutine]
fn main() {
    let urls = ["/index", "/about", "/contact"];
    let statuses = Arc::new(Mutex::new(vec![String::new(); urls.len()]));
    let wg = WaitGroup::new();
    for (i, url) in urls.into_iter().enumerate() {
        wg.add(1);
        go!([statuses, wg], {
            defer!(wg.done());
            let status = status_of(url, i);
            println!("arrived: {url}");
            statuses.lock()[i] = status;
        });
    }
    wg.wait();
    for status in statuses.lock().iter() {
        println!("{status}");
    }
}
