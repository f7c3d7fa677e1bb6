//! A small static server for reading the book while writing it: builds again when a source is newer
//! than the site, and runs the programs that are sent from its pages. Not for the open internet.

use crate::runner::{MOST_SOURCE, Runner};
use crate::{repo, site};
use mdbook_driver::errors::{Error, Result};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

/// The folders whose files make the book.
const SOURCES: [&str; 4] = ["book", "examples", "tests/ui", "benches/results"];

/// Of a longer request the rest is not read.
const MOST_REQUEST: u64 = MOST_SOURCE as u64 + 16 * 1024;

/// Builds the book and serves it until the process is stopped.
pub(crate) fn serve(address: &str) -> Result<()> {
    let listener = TcpListener::bind(address)
        .map_err(|e| Error::msg(format!("cannot listen on {address}: {e}")))?;
    let site = Site {
        dir: site::build()?.dir,
        built: Mutex::new(SystemTime::now()),
        runner: Runner::new(listener.local_addr()?)?,
    };
    println!("serving the book at http://{address}/");
    std::thread::scope(|scope| {
        for stream in listener.incoming().flatten() {
            // A reader who goes away early is no error of ours.
            scope.spawn(|| _ = site.answer(stream));
        }
    });
    Ok(())
}

struct Site {
    dir: PathBuf,
    built: Mutex<SystemTime>,
    /// Runs what the pages send; only for this machine.
    runner: Option<Runner>,
}

/// What the server wants to know of a request.
#[derive(Default)]
struct Request {
    post: bool,
    target: String,
    host: String,
    token: String,
    body: String,
}

impl Request {
    fn read(stream: &TcpStream) -> std::io::Result<Request> {
        let mut reader = BufReader::new(stream.take(MOST_REQUEST));
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split(' ');
        let mut request = Request {
            post: words.next() == Some("POST"),
            target: words.next().unwrap_or("/").to_string(),
            ..Request::default()
        };
        let mut length = 0;
        loop {
            line.clear();
            if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            match (name.to_ascii_lowercase().as_str(), value.trim()) {
                ("host", value) => request.host = value.to_string(),
                ("x-token", value) => request.token = value.to_string(),
                ("content-length", value) => length = value.parse().unwrap_or(usize::MAX),
                _ => {}
            }
        }
        if length <= MOST_SOURCE {
            reader
                .take(length as u64)
                .read_to_string(&mut request.body)?;
        }
        Ok(request)
    }
}

impl Site {
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let request = Request::read(&stream)?;
        if request.post {
            let (status, body) = self.run(&request);
            return send(&mut stream, status, "application/json", body.as_bytes());
        }
        let path = file_of(&request.target);
        if path
            .as_ref()
            .is_some_and(|p| kind(p).starts_with("text/html"))
        {
            self.refresh();
        }
        let found = path.and_then(|p| Some((kind(&p), self.content(&p)?)));
        let (status, kind, body) = match found {
            Some((kind, body)) => ("200 OK", kind, body),
            None => ("404 Not Found", "text/plain", b"not found\n".to_vec()),
        };
        send(&mut stream, status, kind, &body)
    }

    /// The file `path` of the site; a page gets what its buttons need.
    fn content(&self, path: &Path) -> Option<Vec<u8>> {
        if path == Path::new("run.js") && self.runner.is_some() {
            return std::fs::read(repo::book().join("theme/run.js")).ok();
        }
        let bytes = std::fs::read(self.dir.join(path)).ok()?;
        match &self.runner {
            Some(runner) if kind(path).starts_with("text/html") => {
                let page = String::from_utf8(bytes).ok()?;
                Some(runner.equip(&page, "/").into_bytes())
            }
            _ => Some(bytes),
        }
    }

    /// Runs the program of a request: the status, and what came of it.
    fn run(&self, request: &Request) -> (&'static str, String) {
        match &self.runner {
            Some(runner) if runner.admits(&request.host, &request.token) => {
                if request.body.is_empty() {
                    return (
                        "413 Content Too Large",
                        "nothing, or too much, to run\n".into(),
                    );
                }
                match runner.run(&request.body) {
                    Ok(answer) => ("200 OK", answer.to_string()),
                    Err(error) => ("500 Internal Server Error", format!("{error:#}\n")),
                }
            }
            _ => (
                "403 Forbidden",
                "only for pages of this book, on this machine\n".into(),
            ),
        }
    }

    /// Builds again if a source changed; a mistake in it is printed and the old pages stay.
    fn refresh(&self) {
        let mut built = self.built.lock().unwrap_or_else(|e| e.into_inner());
        let changed = SOURCES.iter().flat_map(|dir| repo::files(dir)).any(|file| {
            let time = std::fs::metadata(repo::root().join(file)).and_then(|m| m.modified());
            time.is_ok_and(|time| time > *built)
        });
        if changed {
            *built = SystemTime::now();
            match site::build() {
                Ok(_) => println!("built again"),
                Err(error) => eprintln!("error: {error:#}"),
            }
        }
    }
}

fn send(stream: &mut TcpStream, status: &str, kind: &str, body: &[u8]) -> std::io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\
         cache-control: no-cache\r\nconnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)
}

/// The file of the site that a request asks for; `None` if it would lead out of it.
fn file_of(target: &str) -> Option<PathBuf> {
    let path = target.split(['?', '#']).next()?.trim_start_matches('/');
    let path = if path.is_empty() || path.ends_with('/') {
        format!("{path}index.html")
    } else {
        path.into()
    };
    let inside = path
        .split('/')
        .all(|part| !part.is_empty() && part != ".." && !part.contains('\\'));
    inside.then(|| PathBuf::from(path))
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|e| e.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::file_of;
    use std::path::PathBuf;

    #[test]
    fn a_request_never_leads_out_of_the_site() {
        assert_eq!(file_of("/"), Some(PathBuf::from("index.html")));
        assert_eq!(file_of("/a/b.html?x=1"), Some(PathBuf::from("a/b.html")));
        assert_eq!(file_of("/../secret"), None);
        assert_eq!(file_of("//etc/passwd"), Some(PathBuf::from("etc/passwd")));
        assert_eq!(file_of("/a//b"), None);
    }
}
