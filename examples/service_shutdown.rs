//! A service, step 5: told to stop, it answers who is there and finishes what it has begun.
//!
//! The rest it keeps for its next start.
//!
//! Mirrors `signal.NotifyContext` and `server.Shutdown` of Go services. The signal is a real one,
//! which the program sends to itself.

use goroutines::context::Context;
use goroutines::http::{self, Client, Mux, Request, Response, Server, StatusCode};
use goroutines::prelude::*;
use goroutines::signal;
use goroutines::sync::Mutex;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::error::Error;
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

    // ANCHOR: unfinished
    fn unfinished(&self) -> rusqlite::Result<Vec<i64>> {
        self.call(|db| {
            let mut rows = db.prepare("select id from checks where answer is null order by id")?;
            rows.query_map([], |row| row.get(0))?.collect()
        })
    }
    // ANCHOR_END: unfinished

    fn remove(&self, id: i64) -> rusqlite::Result<usize> {
        self.call(move |db| db.execute("delete from checks where id = ?1", [id]))
    }

    fn finish(&self, id: i64, answer: String) -> rusqlite::Result<usize> {
        self.call(move |db| db.execute("update checks set answer = ?2 where id = ?1", (id, answer)))
    }
}

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

struct Service {
    store: Store,
    busy: Arc<Busy>,
    queue: Sender<i64>,
    stop: Context,
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

    /// `GET /checks/{id}`; with `?wait` the answer comes when the check is finished.
    fn show(&self, req: &Request) -> http::Result<Option<Response>> {
        let Ok(id) = req.path_value("id").parse() else {
            return Ok(None);
        };
        // ANCHOR: wait
        if req.query("wait").is_some()
            && let Some(done) = self.busy.done(id)
        {
            let ctx = req.context(); // ends when the client goes away
            select! {
                <-done => {},
                <-ctx.done() => {},
                <-self.stop.done() => {}, // when the service stops, nobody waits: `null`
                <-time::after(10 * time::SECOND) => {},
            }
        }
        // ANCHOR_END: wait
        Ok(self.store.get(id)?.map(|check| Response::json(&check)))
    }
}

// ANCHOR: work
/// A worker: until it is told to stop. What is queued then is left to the next start.
fn work(stop: &Context, store: &Store, busy: &Busy, orders: Receiver<i64>) -> rusqlite::Result<()> {
    let client = Client::new();
    loop {
        let id = select! {
            biased; // if both are there: stop
            <-stop.done() => return Ok(()),
            Some(id) = <-orders else return Ok(()) => id,
        };
        if let Some(check) = store.get(id)? {
            // What is begun is finished: its context is not the one that says stop.
            store.finish(id, fetch(&context::background(), &client, &check.url))?;
        }
        busy.end(id);
    }
}
// ANCHOR_END: work

/// Asks a page, which has a minute for the answer.
fn fetch(ctx: &Context, client: &Client, url: &str) -> String {
    let (ctx, cancel) = context::with_timeout(ctx, time::MINUTE);
    defer!(cancel());
    match client.request("GET", url).context(&ctx).send() {
        Ok(answer) => answer.status().to_string(),
        Err(err) => err.to_string(),
    }
}

fn routes(service: Service) -> impl http::Handler {
    let mut mux = Mux::with(service);
    mux.handle_func("POST /checks", Service::create);
    mux.handle_func("GET /checks/{id}", Service::show);
    mux
}

// ANCHOR: run
/// The service from its start to its end, which `ctx` tells it; `started` gets its address.
fn run(ctx: &Context, file: &Path, started: Sender<String>) -> Result<(), Box<dyn Error>> {
    let store = Store::open(file)?;
    let busy = Arc::new(Busy::default());
    let (queue, orders) = chan::channel(8);

    let left = store.unfinished()?;
    println!("service: {} left from before", left.len());
    for id in &left {
        busy.begin(*id);
    }
    go!([queue], {
        for id in left {
            queue.send(id); // waits while the queue is full
        }
    });
    let worker = spawn({
        let (stop, store, busy) = (ctx.clone(), store.clone(), busy.clone());
        move || work(&stop, &store, &busy, orders)
    });

    let stop = ctx.clone();
    let service = Service {
        store,
        busy,
        queue,
        stop,
    };
    let server = Server::new("127.0.0.1:0", routes(service));
    started.send(format!("http://{}/checks", server.local_addr()?));
    go!([server], { server.serve().unwrap() });

    ctx.done().recv();
    println!("service: told to stop");
    let (limit, cancel) = context::with_timeout(&context::background(), 5 * time::SECOND);
    defer!(cancel());
    server.shutdown(&limit)?; // no new clients; those that are there get their answers
    worker.join().expect("no panic")?; // what is begun is finished
    println!("service: ended");
    Ok(())
}
// ANCHOR_END: run

/// Starts the service, and says where it is and how to wait for its end.
fn start(ctx: &Context, file: &Path) -> (String, Receiver<()>) {
    let (started, address) = chan::channel(1);
    let (ended, end) = chan::channel(1);
    let file = file.to_path_buf();
    go!([ctx], {
        run(&ctx, &file, started).expect("the service runs");
        ended.send(());
    });
    (address.recv().expect("it has started"), end)
}

#[goroutine]
fn main() -> Result<(), Box<dyn Error>> {
    let file = env::temp_dir().join(format!("checks-{}.sqlite", process::id()));
    let (site, begun, gate) = site()?;
    let client = Client::new();

    let (ctx, stop) = signal::notify_context(&context::background(), &[signal::SIGTERM]);
    let (checks, ended) = start(&ctx, &file);
    for page in ["slow", "news", "news"] {
        let order = format!(r#"{{"url": "{site}/{page}"}}"#);
        client.post(&checks, "application/json", order)?;
    }
    begun.recv(); // the only worker is busy with the slow page
    signal::raise(signal::SIGTERM)?;
    ctx.done().recv();
    gate.close(); // now the page answers
    ended.recv();
    stop();

    let (ctx, stop) = signal::notify_context(&context::background(), &[signal::SIGTERM]);
    let (checks, ended) = start(&ctx, &file);
    for id in 1..=3 {
        let answer = client.get(format!("{checks}/{id}?wait"))?;
        println!("{}", answer.text()?.replace(&site, "http://site"));
    }
    signal::raise(signal::SIGTERM)?;
    ended.recv();
    stop();
    fs::remove_file(&file)?;
    Ok(())
}

/// A site with two pages. The slow one says when it is asked, and answers when the gate is closed.
fn site() -> io::Result<(String, Receiver<()>, Chan<()>)> {
    let (asked, begun) = chan::channel(1);
    let gate = make!(chan());
    let closed = gate.receiver();
    let mut mux = Mux::new();
    mux.handle_func("/news", |_| "news");
    mux.handle_func("/slow", move |_| {
        asked.send(());
        closed.recv();
        "at last"
    });
    let server = Server::new("127.0.0.1:0", mux);
    let site = format!("http://{}", server.local_addr()?);
    go!({ server.serve().unwrap() });
    Ok((site, begun, gate))
}
