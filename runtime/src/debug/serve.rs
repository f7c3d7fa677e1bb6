//! [`serve`]: a page about the running program (Go's `net/http/pprof`, `expvar`).
//!
//! Plain HTML without a script; the browser asks again every two seconds.

use crate::go;
use crate::http::{Mux, Request, Response, Server};
use crate::runtime::{self, Metrics, metrics};
use crate::sched::view;
use crate::{select, time, trace};
use std::fmt::{self, Write};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Serves a live page about this process at `addr`, in goroutines of its own, and returns the server,
/// which goes on until it is closed. Go: `import _ "net/http/pprof"` and `http.ListenAndServe`.
///
/// | path | what |
/// | --- | --- |
/// | `/` | goroutines (counted by what they do and where they were made), threads, processors, queues |
/// | `/goroutines` | every goroutine, as [`runtime::stack_all`] tells it |
/// | `/metrics` | the figures of [`runtime::metrics`], as Prometheus reads them |
/// | `/debug/pprof/goroutine` | every goroutine's stack, for `go tool pprof URL` (with the feature `pprof`); with `?debug=2` as text |
/// | `/trace?seconds=5` | an [execution trace](crate::trace) of the next seconds (1 to 60), which [Perfetto](https://ui.perfetto.dev) opens |
///
/// Every client that can reach the address sees where the program's code lies and what it waits for, and
/// can slow it down by tracing: use `127.0.0.1`, not an address of the network.
///
/// The feature `http` of this crate turns it on.
///
/// # Errors
/// If it cannot listen on `addr`.
///
/// ```
/// use goroutines::{debug, http};
///
/// let server = debug::serve("127.0.0.1:0")?;
/// let page = http::get(format!("http://{}/", server.local_addr()?))?.text()?;
/// assert!(page.contains("goroutine"));
/// server.close()?;
/// # std::io::Result::Ok(())
/// ```
pub fn serve(addr: impl fmt::Display) -> io::Result<Server> {
    // A trace may take a minute before its answer begins.
    let server = Server::new(addr, mux()).write_timeout(Duration::from_secs(120));
    server.local_addr()?;
    go!([server], {
        if let Err(e) = server.serve() {
            eprintln!("goroutines: debug::serve: {e}");
        }
    });
    Ok(server)
}

/// What [`serve`] serves, for a server of your own.
///
/// ```
/// use goroutines::debug;
/// use goroutines::http::{Handler, Request};
///
/// let metrics = debug::mux().serve_http(&Request::new("GET", "/metrics"));
/// assert!(metrics.text()?.contains("\nsched_gomaxprocs_threads "));
/// # std::io::Result::Ok(())
/// ```
#[must_use]
pub fn mux() -> Mux {
    let mut mux = Mux::new();
    mux.handle_func("GET /{$}", |_| Response::typed("text/html", page()));
    mux.handle_func("GET /goroutines", |_| {
        Response::typed("text/plain", runtime::stack_all())
    });
    mux.handle_func("GET /metrics", |_| {
        Response::typed("text/plain; version=0.0.4", exposition(&metrics()))
    });
    #[cfg(feature = "pprof")]
    mux.handle_func("GET /debug/pprof/goroutine", |req: &Request| {
        if req.query("debug").is_some_and(|level| level != "0") {
            return Response::typed("text/plain", runtime::stack_all());
        }
        Response::new(super::pprof::goroutines())
            .with_header("content-type", "application/octet-stream")
            .with_header("content-disposition", "attachment; filename=\"goroutine\"")
    });
    mux.handle_func("GET /trace", record);
    mux
}

const STYLE: &str = "body{font:14px/1.4 system-ui,sans-serif;margin:2em;max-width:70em}\
    table{border-collapse:collapse;margin:.5em 0 1.5em}td,th{padding:.15em .8em;text-align:left;\
    border-bottom:1px solid #ddd}td.n{text-align:right}h2{font-size:1.1em;margin:1em 0 0}\
    code{font-size:.95em}@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}\
    a{color:#8bf}td,th{border-color:#444}}";

fn page() -> String {
    let m = metrics();
    let mut out = String::new();
    let _ = write!(
        out,
        "<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=refresh content=2>\
         <title>goroutines</title><style>{STYLE}</style><h1>{} goroutines</h1>\
         <p>{} created, GOMAXPROCS {}, {} threads. <a href=goroutines>all goroutines</a> \
         <a href=metrics>metrics</a> trace of the next <a href='trace?seconds=1'>second</a> \
         <a href='trace?seconds=5'>5 seconds</a></p>",
        m.goroutines, m.goroutines_created, m.gomaxprocs, m.threads
    );
    goroutines(&mut out);
    processors(&mut out);
    threads(&mut out);
    out.push_str("</html>\n");
    out
}

fn goroutines(out: &mut String) {
    out.push_str(
        "<h2>Goroutines</h2><table><tr><th>how many<th>doing<th>created at<th>longest<th>among them",
    );
    for g in view::groups() {
        let place = g.created_at.map_or("main".to_owned(), |at| {
            format!("{}:{}", at.file(), at.line())
        });
        let names = g.examples.iter().map(|(id, name)| match name {
            Some(name) => format!("{id} {name:?}"),
            None => id.to_string(),
        });
        let names: Vec<String> = names.collect();
        let _ = write!(
            out,
            "<tr><td class=n>{}<td>{}<td><code>{}</code><td class=n>{}<td>{}",
            g.count,
            g.doing,
            Escaped(&place),
            seconds(g.longest),
            Escaped(&names.join(", "))
        );
    }
    out.push_str("</table>");
}

fn processors(out: &mut String) {
    out.push_str("<h2>Processors (P) and queues</h2><table><tr><th>P<th>thread<th>queue<th>timers<th>switches");
    for p in view::ps() {
        let _ = write!(
            out,
            "<tr><td>P{}<td>{}<td class=n>{}<td class=n>{}<td class=n>{}",
            p.id,
            p.m.map_or("idle".to_owned(), |m| format!("M{m}")),
            p.queue,
            p.timers,
            p.switches
        );
    }
    out.push_str("</table><table>");
    for (name, n) in view::totals() {
        let _ = write!(out, "<tr><td>{name}<td class=n>{n}");
    }
    out.push_str("</table>");
}

fn threads(out: &mut String) {
    out.push_str(
        "<h2>Threads (M)</h2><table><tr><th>M<th>kernel's number<th>P<th>goroutine<th>doing",
    );
    for m in view::ms() {
        let _ = write!(
            out,
            "<tr><td>M{}<td class=n>{}<td>{}<td class=n>{}<td>{}",
            m.id,
            m.tid,
            m.p.map_or(String::new(), |p| format!("P{p}")),
            m.g.map_or(String::new(), |g| g.to_string()),
            m.doing
        );
    }
    out.push_str("</table>");
}

/// A wait of `ns`, once it is worth telling.
fn seconds(ns: i64) -> String {
    match ns / 1_000_000_000 {
        ..1 => String::new(),
        s @ 1..120 => format!("{s} s"),
        s => format!("{} min", s / 60),
    }
}

/// Go's names, with what Prometheus does not allow replaced.
fn exposition(m: &Metrics) -> String {
    let figures = [
        ("sched_gomaxprocs_threads", "gauge", m.gomaxprocs as u64),
        ("sched_goroutines_goroutines", "gauge", m.goroutines),
        ("sched_goroutines_runnable_goroutines", "gauge", m.runnable),
        ("sched_goroutines_running_goroutines", "gauge", m.running),
        ("sched_goroutines_waiting_goroutines", "gauge", m.waiting),
        (
            "sched_goroutines_not_in_go_goroutines",
            "gauge",
            m.not_in_go,
        ),
        (
            "sched_goroutines_created_goroutines",
            "counter",
            m.goroutines_created,
        ),
        (
            "sched_goroutines_abandoned_goroutines",
            "counter",
            m.abandoned,
        ),
        ("sched_threads_total_threads", "gauge", m.threads as u64),
        ("sched_threads_hogs_threads", "gauge", m.hogs as u64),
        (
            "sched_mutex_wait_nanoseconds_total",
            "counter",
            m.mutex_wait.as_nanos() as u64,
        ),
    ];
    let mut out = String::new();
    for (name, kind, value) in figures {
        let _ = writeln!(out, "# TYPE {name} {kind}\n{name} {value}");
    }
    out
}

/// A trace in memory.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl io::Write for Memory {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `GET /trace?seconds=5`.
fn record(req: &Request) -> Response {
    let seconds = match req.query("seconds").map(|s| s.parse()) {
        None => 1,
        Some(Ok(s @ 1..=60)) => s,
        Some(_) => return Response::error(400, "seconds: a number from 1 to 60"),
    };
    let memory = Memory::default();
    if let Err(e) = trace::start(memory.clone()) {
        return Response::error(409, e.to_string());
    }
    select! {
        <-time::after(Duration::from_secs(seconds)) => {}
        <-req.context().done() => {} // the client does not want it any more
    }
    trace::stop();
    let bytes = std::mem::take(&mut *memory.0.lock().unwrap_or_else(PoisonError::into_inner));
    Response::new(bytes)
        .with_header("content-type", "application/json")
        .with_header("content-disposition", "attachment; filename=\"trace.json\"")
}

/// Text, escaped for HTML.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}
