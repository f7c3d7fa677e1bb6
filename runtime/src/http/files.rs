//! [`FileServer`]: a folder's files.

use super::path::{clean_path, percent_decode};
use super::{Body, Handler, Method, Request, Response, StatusCode};
use crate::sched::blocking;
use std::fs::{File, Metadata};
use std::io::{self, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Answers with the files of a folder (Go's `http.FileServer`): `index.html` for a folder, parts of a
/// file (`Range`), and 304 for what the client has already. A folder without `index.html` is 404: it is
/// not listed. Links are followed.
///
/// ```
/// use goroutines::http::{FileServer, Handler, Mux, Request};
///
/// let dir = std::env::temp_dir().join(format!("goroutines-files-{}", std::process::id()));
/// std::fs::create_dir_all(&dir)?;
/// std::fs::write(dir.join("hello.txt"), "hello")?;
///
/// let mut mux = Mux::new();
/// mux.handle("GET /static/", FileServer::new(&dir).strip_prefix("/static"));
/// let answer = mux.serve_http(&Request::new("GET", "/static/hello.txt"));
/// assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
/// assert_eq!(answer.text()?, "hello");
/// # std::fs::remove_dir_all(&dir)?;
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Debug)]
pub struct FileServer {
    root: PathBuf,
    prefix: String,
}

impl FileServer {
    /// Serves what lies in `root`.
    pub fn new(root: impl Into<PathBuf>) -> FileServer {
        FileServer {
            root: root.into(),
            prefix: String::new(),
        }
    }

    /// Takes this off the path that is asked for (Go's `http.StripPrefix`); what does not begin with it
    /// is 404.
    #[must_use]
    pub fn strip_prefix(mut self, prefix: impl Into<String>) -> FileServer {
        self.prefix = prefix.into();
        self
    }

    /// The file that a path stands for, if it may stand for one.
    fn find(&self, path: &str) -> Option<PathBuf> {
        let relative = percent_decode(path);
        if relative.contains('\0') {
            return None;
        }
        let relative = Path::new(relative.trim_start_matches('/'));
        let plain = |c: Component<'_>| matches!(c, Component::Normal(_));
        relative
            .components()
            .all(plain)
            .then(|| self.root.join(relative))
    }
}

impl Handler for FileServer {
    fn serve_http(&self, req: &Request) -> Response {
        if req.method() != Method::GET && req.method() != Method::HEAD {
            return Response::from(StatusCode::METHOD_NOT_ALLOWED)
                .with_header("allow", "GET, HEAD");
        }
        let Some(path) = req.path().strip_prefix(&*self.prefix) else {
            return StatusCode::NOT_FOUND.into();
        };
        let clean = clean_path(path);
        let Some(file) = self.find(&clean) else {
            return StatusCode::NOT_FOUND.into();
        };
        if clean.ends_with("/index.html") {
            return move_to(req, "./");
        }
        let is_dir = blocking(|| std::fs::metadata(&file)).is_ok_and(|m| m.is_dir());
        match (is_dir, clean.ends_with('/')) {
            (true, false) => {
                let last = clean.rsplit('/').next().unwrap_or_default();
                move_to(req, &format!("{last}/"))
            }
            (true, true) => serve_file(req, file.join("index.html")),
            (false, true) => StatusCode::NOT_FOUND.into(),
            (false, false) => serve_file(req, file),
        }
    }
}

fn move_to(req: &Request, to: &str) -> Response {
    let query = req.uri().query().map_or(String::new(), |q| format!("?{q}"));
    Response::redirect(StatusCode::MOVED_PERMANENTLY, format!("{to}{query}"))
}

/// Answers with one file (Go's `http.ServeFile`): a part of it if the request wants that, 304 if the
/// client has it already. The type follows from the name's ending.
pub fn serve_file(req: &Request, path: impl AsRef<Path>) -> Response {
    let path = path.as_ref();
    answer(req, path).unwrap_or_else(|e| match e.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => StatusCode::NOT_FOUND.into(),
        io::ErrorKind::PermissionDenied => StatusCode::FORBIDDEN.into(),
        _ => e.into(),
    })
}

fn answer(req: &Request, path: &Path) -> io::Result<Response> {
    let (mut file, meta) = blocking(|| {
        let file = File::open(path)?;
        let meta = file.metadata()?;
        Ok::<_, io::Error>((file, meta))
    })?;
    if !meta.is_file() {
        return Ok(StatusCode::NOT_FOUND.into());
    }
    let tag = tag_of(&meta);
    let modified = meta.modified().ok();
    let mut answer = Response::default()
        .with_header("accept-ranges", "bytes")
        .with_header("etag", &tag);
    if let Some(modified) = modified {
        answer = answer.with_header("last-modified", httpdate::fmt_http_date(modified));
    }
    if is_known(req, &tag, modified) {
        return Ok(answer.with_status(StatusCode::NOT_MODIFIED));
    }
    let len = meta.len();
    let wanted = match req.header("if-range") {
        Some(known) if known != tag => None,
        _ => req.header("range"),
    };
    answer = answer.with_header("content-type", type_of(path));
    let (begin, end) = match wanted.map(|range| part(range, len)) {
        None | Some(Wanted::All) => (0, len),
        Some(Wanted::Part(begin, end)) => {
            let range = format!("bytes {begin}-{}/{len}", end - 1);
            answer = answer
                .with_status(StatusCode::PARTIAL_CONTENT)
                .with_header("content-range", range);
            (begin, end)
        }
        Some(Wanted::Nothing) => {
            return Ok(Response::from(StatusCode::RANGE_NOT_SATISFIABLE)
                .with_header("content-range", format!("bytes */{len}")));
        }
    };
    file.seek(SeekFrom::Start(begin))?;
    answer.replace_body(Body::sized_reader(file, end - begin));
    Ok(answer)
}

/// Changes when the file does.
fn tag_of(meta: &Metadata) -> String {
    let since = |t: SystemTime| t.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let nanos = meta.modified().map(since).unwrap_or_default().as_nanos();
    format!("\"{nanos:x}-{:x}\"", meta.len())
}

/// Does the client have it?
fn is_known(req: &Request, tag: &str, modified: Option<SystemTime>) -> bool {
    if let Some(tags) = req.header("if-none-match") {
        let same = |known: &str| known == "*" || known.trim_start_matches("W/") == tag;
        return tags.split(',').map(str::trim).any(same);
    }
    let since = req
        .header("if-modified-since")
        .and_then(|d| httpdate::parse_http_date(d).ok());
    // A date has whole seconds.
    matches!((since, modified), (Some(since), Some(modified)) if modified < since + Duration::from_secs(1))
}

enum Wanted {
    All,
    Part(u64, u64),
    Nothing,
}

/// Which part of `len` bytes a `Range` wants. Several parts at once are answered by everything.
fn part(range: &str, len: u64) -> Wanted {
    let Some((from, to)) = range
        .strip_prefix("bytes=")
        .and_then(|r| r.trim().split_once('-'))
    else {
        return Wanted::All;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (number(from), number(to)) {
        (Some(from), _) if from >= len => Wanted::Nothing,
        (Some(from), Some(to)) if from <= to => Wanted::Part(from, to.min(len - 1) + 1),
        (Some(from), None) if to.trim().is_empty() => Wanted::Part(from, len),
        (None, Some(0)) => Wanted::Nothing,
        (None, Some(last)) if from.is_empty() && len > 0 => {
            Wanted::Part(len.saturating_sub(last), len)
        }
        _ => Wanted::All,
    }
}

fn type_of(path: &Path) -> &'static str {
    const TYPES: &[(&str, &str)] = &[
        ("css", "text/css; charset=utf-8"),
        ("csv", "text/csv; charset=utf-8"),
        ("gif", "image/gif"),
        ("htm", "text/html; charset=utf-8"),
        ("html", "text/html; charset=utf-8"),
        ("ico", "image/x-icon"),
        ("jpeg", "image/jpeg"),
        ("jpg", "image/jpeg"),
        ("js", "text/javascript; charset=utf-8"),
        ("json", "application/json"),
        ("md", "text/markdown; charset=utf-8"),
        ("mjs", "text/javascript; charset=utf-8"),
        ("mp3", "audio/mpeg"),
        ("mp4", "video/mp4"),
        ("pdf", "application/pdf"),
        ("png", "image/png"),
        ("svg", "image/svg+xml"),
        ("txt", "text/plain; charset=utf-8"),
        ("wasm", "application/wasm"),
        ("webp", "image/webp"),
        ("woff2", "font/woff2"),
        ("xml", "text/xml; charset=utf-8"),
        ("zip", "application/zip"),
    ];
    let ending = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let found = TYPES.iter().find(|(known, _)| *known == ending);
    found.map_or("application/octet-stream", |(_, kind)| kind)
}
