//! A service, step 3: what it knows is in a database, which one goroutine owns.
//!
//! Mirrors `database/sql` with one connection, in Go's manner: do not share memory, ask its owner
//! over a channel.

use goroutines::http::{self, Client, Mux, Request, Response, Server, StatusCode};
use goroutines::prelude::*;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::path::Path;
use std::{env, fs, io, process};

// ANCHOR: store
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
// ANCHOR_END: store

#[derive(Deserialize)]
struct Order {
    url: String,
}

// ANCHOR: queries
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
// ANCHOR_END: queries

struct Service {
    store: Store,
    queue: Sender<i64>,
}

// ANCHOR: service
impl Service {
    fn create(&self, req: &Request) -> http::Result<(StatusCode, Response)> {
        let order: Order = req.body_limit(4096).json()?;
        let check = self.store.add(order.url)?; // an error of the database: 500, and a line in the log
        let (queue, id) = (&self.queue, check.id);
        select! {
            queue <- id => Ok((StatusCode::ACCEPTED, Response::json(&check))),
            default => {
                self.store.remove(id)?;
                Ok((StatusCode::SERVICE_UNAVAILABLE, "try later".into()))
            },
        }
    }

    fn show(&self, req: &Request) -> http::Result<Option<Response>> {
        let Ok(id) = req.path_value("id").parse() else {
            return Ok(None);
        };
        Ok(self.store.get(id)?.map(|check| Response::json(&check)))
    }
}

/// A worker. It gets the store and not the service, whose `queue` would keep it waiting for ever.
fn work(store: &Store, orders: Receiver<i64>) -> rusqlite::Result<()> {
    for id in orders {
        if let Some(check) = store.get(id)? {
            store.finish(id, fetch(&check.url))?;
        }
    }
    Ok(())
}
// ANCHOR_END: service

fn fetch(url: &str) -> String {
    match http::get(url) {
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

#[goroutine]
fn main() -> Result<(), Box<dyn Error>> {
    let file = env::temp_dir().join(format!("checks-{}.sqlite", process::id()));
    let site = site()?;

    // ANCHOR: main
    let store = Store::open(&file)?;
    let (queue, orders) = chan::channel(8);
    let workers = WaitGroup::new();
    for _ in 0..2 {
        let (store, orders) = (store.clone(), orders.clone());
        workers.go(move || work(&store, orders).expect("the database works"));
    }
    let server = Server::new("127.0.0.1:0", routes(Service { store, queue }));
    // ANCHOR_END: main
    let address = server.local_addr()?;
    go!([server], { server.serve().unwrap() });

    let client = Client::new();
    let checks = format!("http://{address}/checks");
    for page in ["news", "nothing"] {
        let order = format!(r#"{{"url": "{site}/{page}"}}"#);
        let answer = client.post(&checks, "application/json", order)?;
        println!("{page}: {}", answer.status());
    }

    // ANCHOR: end
    server.shutdown(&context::background())?;
    drop(server); // the service goes, and with it the queue's last sender:
    workers.wait(); // the workers finish what is queued
    // ANCHOR_END: end

    let store = Store::open(&file)?; // as another process would, later
    for id in 1..=2 {
        let check = store.get(id)?.expect("it was kept");
        let page = check.url.trim_start_matches(&site);
        println!("{id} {page}: {}", check.answer.expect("it is finished"));
    }
    fs::remove_file(&file)?;
    Ok(())
}

/// A site with one page.
fn site() -> io::Result<String> {
    let mut mux = Mux::new();
    mux.handle_func("/news", |_| "news");
    let server = Server::new("127.0.0.1:0", mux);
    let site = format!("http://{}", server.local_addr()?);
    go!({ server.serve().unwrap() });
    Ok(site)
}
