//! A service, step 4: every wait has an end, for a page that is slow and for a client that has left.
//!
//! Mirrors `context.WithTimeout`, `http.NewRequestWithContext` and `r.Context()` of Go.

use goroutines::context::Context;
use goroutines::http::{self, Client, Mux, Request, Response, Server, StatusCode};
use goroutines::net::TcpStream;
use goroutines::prelude::*;
use goroutines::sync::Mutex;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::{env, fs, io, process};

/// Something to be done with the database.
type Job = Box<dyn FnOnce(&Connection) + Send>;

/// A handle to the goroutine that owns the database.
#[derive(Clone)]
struct Store(Sender<Job>);

impl Store {
    fn open(file: &Path) -> rusqlite::Result<Store> {
        let db = Connection::open(file)?;
        db.execute_batch(
            "create table if not exists checks (id integer primary key, url text not null, answer text)",
        )?;
        let (store, jobs) = chan::channel::<Job>(16);
        go!({
            for job in jobs {
                job(&db);
            }
        }); // when the last handle is gone, the loop ends and closes the database
        Ok(Store(store))
    }

    /// Runs `f` there, and waits for what it gives.
    fn call<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> rusqlite::Result<T> {
        let (reply, result) = chan::channel(1);
        self.0.send(Box::new(move |db| reply.send(f(db))));
        result.recv().expect("the owner answers every job")
    }
}

#[derive(Deserialize)]
struct Order {
    url: String,
}

#[derive(Serialize)]
struct Check {
    id: i64,
    url: String,
    answer: Option<String>,
}

impl Store {
    fn add(&self, url: String) -> rusqlite::Result<Check> {
        self.call(|db| {
            db.execute("insert into checks (url) values (?1)", [&url])?;
            let id = db.last_insert_rowid();
            Ok(Check {
                id,
                url,
                answer: None,
            })
        })
    }

    fn get(&self, id: i64) -> rusqlite::Result<Option<Check>> {
        self.call(move |db| {
            let sql = "select id, url, answer from checks where id = ?1";
            db.query_row(sql, [id], |row| {
                Ok(Check {
                    id: row.get(0)?,
                    url: row.get(1)?,
                    answer: row.get(2)?,
                })
            })
            .optional()
        })
    }

    fn remove(&self, id: i64) -> rusqlite::Result<usize> {
        self.call(move |db| db.execute("delete from checks where id = ?1", [id]))
    }

    fn finish(&self, id: i64, answer: String) -> rusqlite::Result<usize> {
        self.call(move |db| db.execute("update checks set answer = ?2 where id = ?1", (id, answer)))
    }
}

// ANCHOR: busy
/// The checks that are not finished, each with a channel that is closed when it is.
#[derive(Default)]
struct Busy(Mutex<HashMap<i64, Chan<()>>>);

impl Busy {
    fn begin(&self, id: i64) {
        self.0.lock().insert(id, make!(chan()));
    }

    /// A channel that ends with the check; `None` if it is finished.
    fn done(&self, id: i64) -> Option<Receiver<()>> {
        self.0.lock().get(&id).map(Chan::receiver)
    }

    fn end(&self, id: i64) {
        if let Some(done) = self.0.lock().remove(&id) {
            done.close();
        }
    }
}
// ANCHOR_END: busy

struct Service {
    store: Store,
    busy: Arc<Busy>,
    queue: Sender<i64>,
    left: Sender<i64>,
}

impl Service {
    fn create(&self, req: &Request) -> http::Result<(StatusCode, Response)> {
        let order: Order = req.body_limit(4096).json()?;
        let check = self.store.add(order.url)?;
        self.busy.begin(check.id);
        let (queue, id) = (&self.queue, check.id);
        select! {
            queue <- id => Ok((StatusCode::ACCEPTED, Response::json(&check))),
            default => {
                self.busy.end(id);
                self.store.remove(id)?;
                Ok((StatusCode::SERVICE_UNAVAILABLE, "try later".into()))
            },
        }
    }

    // ANCHOR: show
    /// `GET /checks/{id}`; with `?wait` the answer comes when the check is finished.
    fn show(&self, req: &Request) -> http::Result<Option<Response>> {
        let Ok(id) = req.path_value("id").parse() else {
            return Ok(None);
        };
        if req.query("wait").is_some()
            && let Some(done) = self.busy.done(id)
        {
            let ctx = req.context(); // ends when the client goes away
            select! {
                <-done => {},
                <-ctx.done() => self.left.send(id), // so that `main` can tell you
                <-time::after(10 * time::SECOND) => {}, // then the answer is `null`
            }
        }
        Ok(self.store.get(id)?.map(|check| Response::json(&check)))
    }
    // ANCHOR_END: show
}

// ANCHOR: work
fn work(ctx: &Context, store: &Store, busy: &Busy, orders: Receiver<i64>) -> rusqlite::Result<()> {
    let client = Client::new();
    for id in orders {
        if let Some(check) = store.get(id)? {
            store.finish(id, fetch(ctx, &client, &check.url))?;
        }
        busy.end(id);
    }
    Ok(())
}

/// Asks a page, which has a second for the answer.
fn fetch(ctx: &Context, client: &Client, url: &str) -> String {
    let (ctx, cancel) = context::with_timeout(ctx, time::SECOND);
    defer!(cancel());
    match client.request("GET", url).context(&ctx).send() {
        Ok(answer) => answer.status().to_string(),
        Err(err) => err.to_string(),
    }
}
// ANCHOR_END: work

fn routes(service: Service) -> impl http::Handler {
    let mut mux = Mux::with(service);
    mux.handle_func("POST /checks", Service::create);
    mux.handle_func("GET /checks/{id}", Service::show);
    mux
}

#[goroutine]
fn main() -> Result<(), Box<dyn Error>> {
    let file = env::temp_dir().join(format!("checks-{}.sqlite", process::id()));
    let site = site()?;
    let store = Store::open(&file)?;
    let busy = Arc::new(Busy::default());
    let (queue, orders) = chan::channel(8);
    let (left, leavers) = chan::channel(8);
    let service = Service {
        store: store.clone(),
        busy: busy.clone(),
        queue,
        left,
    };
    let server = Server::new("127.0.0.1:0", routes(service));
    let address = server.local_addr()?;
    go!([server], { server.serve().unwrap() });

    let client = Client::new();
    let checks = format!("http://{address}/checks");
    for page in ["slow", "news"] {
        let order = format!(r#"{{"url": "{site}/{page}"}}"#);
        client.post(&checks, "application/json", order)?;
    }
    let mut hasty = TcpStream::connect(address)?;
    hasty.write_all(b"GET /checks/2?wait HTTP/1.1\r\nHost: here\r\n\r\n")?;
    drop(hasty); // it does not wait for the answer
    println!("a client has left check {}", leavers.recv().unwrap());

    go!({ work(&context::background(), &store, &busy, orders).expect("the database works") });
    for id in 1..=2 {
        let answer = client.get(format!("{checks}/{id}?wait"))?;
        println!("{}", answer.text()?.replace(&site, "http://site"));
    }
    server.shutdown(&context::background())?;
    fs::remove_file(&file)?;
    Ok(())
}

/// A site with two pages, of which one is slow.
fn site() -> io::Result<String> {
    let mut mux = Mux::new();
    mux.handle_func("/news", |_| "news");
    mux.handle_func("/slow", |req| {
        req.context().done().recv(); // until the client has left
        "at last"
    });
    let server = Server::new("127.0.0.1:0", mux);
    let site = format!("http://{}", server.local_addr()?);
    go!({ server.serve().unwrap() });
    Ok(site)
}
