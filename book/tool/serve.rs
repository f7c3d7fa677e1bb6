//! A small static server for reading the book while writing it: builds again when a source is newer
//! than the site. Not for the open internet.

use crate::{repo, site};
use mdbook_driver::errors::{Error, Result};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

/// The folders whose files make the book.
const SOURCES: [&str; 4] = ["book", "examples", "tests/ui", "benches/results"];

/// Builds the book and serves it until the process is stopped.
pub(crate) fn serve(address: &str) -> Result<()> {
    let site = Site {
        dir: site::build()?.dir,
        built: Mutex::new(SystemTime::now()),
    };
    let listener = TcpListener::bind(address)
        .map_err(|e| Error::msg(format!("cannot listen on {address}: {e}")))?;
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
}

impl Site {
    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let request = lines.next().transpose()?.unwrap_or_default();
        while lines
            .next()
            .transpose()?
            .is_some_and(|header| !header.is_empty())
        {}
        let target = request.split(' ').nth(1).unwrap_or("/");
        let path = file_of(target);
        if path
            .as_ref()
            .is_some_and(|p| kind(p).starts_with("text/html"))
        {
            self.refresh();
        }
        let found = path.and_then(|p| Some((kind(&p), std::fs::read(self.dir.join(p)).ok()?)));
        let (status, kind, body) = match found {
            Some((kind, body)) => ("200 OK", kind, body),
            None => ("404 Not Found", "text/plain", b"not found\n".to_vec()),
        };
        write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\
             cache-control: no-cache\r\nconnection: close\r\n\r\n",
            body.len()
        )?;
        stream.write_all(&body)
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
