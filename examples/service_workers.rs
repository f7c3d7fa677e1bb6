//! A service, step 2: workers do the work, and a full queue refuses more.
//!
//! Mirrors the Go habit of a buffered channel of jobs, workers that range over it, and `select` with
//! `default` to refuse.

use goroutines::http::{self, Client, Mux, Request, Response, Server, StatusCode};
use goroutines::prelude::*;
use goroutines::sync::Mutex;
use serde::{Deserialize, Serialize};
use std::io;
use std::sync::Arc;

#[derive(Deserialize)]
struct Order {
    url: String,
}

#[derive(Clone, Serialize)]
struct Check {
    id: usize,
    url: String,
    answer: Option<String>,
}

// ANCHOR: service
struct Service {
    checks: Mutex<Vec<Check>>,
    queue: Sender<usize>,
}

impl Service {
    /// `POST /checks`: queues an order, or refuses it when the queue is full.
    fn create(&self, req: &Request) -> http::Result<(StatusCode, Response)> {
        let order: Order = req.body_limit(4096).json()?;
        let mut checks = self.checks.lock();
        let id = checks.len() + 1;
        let queue = &self.queue;
        select! {
            queue <- id => {},
            default => return Ok((StatusCode::SERVICE_UNAVAILABLE, "try later".into())),
        }
        let check = Check {
            id,
            url: order.url,
            answer: None,
        };
        checks.push(check.clone());
        Ok((StatusCode::ACCEPTED, Response::json(&check)))
    }

    /// One worker: takes the next order, and asks the page.
    fn work(&self, queue: Receiver<usize>) {
        for id in queue {
            let url = self.checks.lock()[id - 1].url.clone();
            let answer = fetch(&url); // takes its time; the lock is free
            self.checks.lock()[id - 1].answer = Some(answer);
        }
    }
}

fn fetch(url: &str) -> String {
    match http::get(url) {
        Ok(answer) => answer.status().to_string(),
        Err(err) => err.to_string(),
    }
}

/// Starts the service with two workers and room for two orders that wait.
fn start() -> Arc<Service> {
    let (queue, orders) = chan::channel(2);
    let checks = Mutex::default();
    let service = Arc::new(Service { checks, queue });
    for _ in 0..2 {
        go!([service, orders], { service.work(orders) });
    }
    service
}
// ANCHOR_END: service

impl Service {
    fn show(&self, req: &Request) -> Option<Response> {
        let id: usize = req.path_value("id").parse().ok()?;
        let checks = self.checks.lock();
        checks.get(id.checked_sub(1)?).map(Response::json)
    }
}

fn routes(service: Arc<Service>) -> impl http::Handler {
    let mut mux = Mux::with(service);
    mux.handle_func("POST /checks", Service::create);
    mux.handle_func("GET /checks/{id}", Service::show);
    mux
}

#[goroutine]
fn main() -> io::Result<()> {
    let (site, begun, gate) = slow_site()?;
    let server = Server::new("127.0.0.1:0", routes(start()));
    let address = server.local_addr()?;
    go!([server], { server.serve().unwrap() });

    let client = Client::new();
    let checks = format!("http://{address}/checks");
    let order = || -> io::Result<()> {
        let body = format!(r#"{{"url": "{site}"}}"#);
        println!(
            "order: {}",
            client.post(&checks, "application/json", body)?.status()
        );
        Ok(())
    };
    for _ in 0..2 {
        order()?;
        begun.recv(); // a worker has it
    }
    for _ in 0..3 {
        order()?; // two have room in the queue
    }
    gate.close();
    for id in 1..=4 {
        while client
            .get(format!("{checks}/{id}"))?
            .text()?
            .contains("null")
        {
            time::sleep(time::MILLISECOND); // asking again and again is not nice: step 4 has better
        }
    }
    println!(
        "{}",
        client
            .get(format!("{checks}/4"))?
            .text()?
            .replace(&site, "http://site/")
    );
    server.shutdown(&context::background())
}

/// A site whose only page says when it is asked, and answers when the gate is closed.
fn slow_site() -> io::Result<(String, Receiver<()>, Chan<()>)> {
    let (asked, begun) = chan::channel(10);
    let gate = make!(chan());
    let closed = gate.receiver();
    let server = Server::new("127.0.0.1:0", move |_: &Request| {
        asked.send(());
        closed.recv();
        "news"
    });
    let site = format!("http://{}/", server.local_addr()?);
    go!({ server.serve().unwrap() });
    Ok((site, begun, gate))
}
