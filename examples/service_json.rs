//! A service, step 1: it takes orders as JSON, keeps them, and shows them.
//!
//! Mirrors a Go service: a struct with handlers as methods, `http.ServeMux`, `encoding/json`.

use goroutines::http::{self, Client, Mux, Request, Response, Server, StatusCode};
use goroutines::prelude::*;
use goroutines::sync::Mutex;
use serde::{Deserialize, Serialize};
use std::io;

// ANCHOR: service
/// What a client sends.
#[derive(Deserialize)]
struct Order {
    url: String,
}

/// What it gets.
#[derive(Clone, Serialize)]
struct Check {
    id: usize,
    url: String,
    answer: Option<String>,
}

#[derive(Default)]
struct Service {
    checks: Mutex<Vec<Check>>,
}

impl Service {
    /// `POST /checks`: keeps an order.
    fn create(&self, req: &Request) -> http::Result<(StatusCode, Response)> {
        let order: Order = req.body_limit(4096).json()?; // malformed: 400; too long: 413
        let mut checks = self.checks.lock();
        let check = Check {
            id: checks.len() + 1,
            url: order.url,
            answer: None,
        };
        checks.push(check.clone());
        Ok((StatusCode::CREATED, Response::json(&check)))
    }

    /// `GET /checks/{id}`: shows one. `None` is the answer 404.
    fn show(&self, req: &Request) -> Option<Response> {
        let id: usize = req.path_value("id").parse().ok()?;
        let checks = self.checks.lock();
        checks.get(id.checked_sub(1)?).map(Response::json)
    }
}

fn routes() -> impl http::Handler {
    let mut mux = Mux::with(Service::default());
    mux.handle_func("POST /checks", Service::create);
    mux.handle_func("GET /checks/{id}", Service::show);
    mux
}
// ANCHOR_END: service

#[goroutine]
fn main() -> io::Result<()> {
    let server = Server::new("127.0.0.1:0", routes());
    let address = server.local_addr()?;
    go!([server], { server.serve().unwrap() });

    let client = Client::new();
    let ask = |method, path, body: &'static str| -> io::Result<()> {
        let request = client.request(method, format!("http://{address}{path}"));
        let answer = request.body(body).send()?;
        let status = answer.status();
        println!(
            "{method} {path}: {status}\n    {}",
            answer.text()?.trim_end()
        );
        Ok(())
    };
    ask("POST", "/checks", r#"{"url": "http://example.org/"}"#)?;
    ask("GET", "/checks/1", "")?;
    ask("GET", "/checks/2", "")?;
    ask("POST", "/checks", r#"{"url": 5}"#)?;
    server.shutdown(&context::background())
}
