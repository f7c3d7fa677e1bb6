//! [`Mux`]: from a request to its handler (Go's `http.ServeMux`).

use super::path::{clean_path, percent_decode};
use super::pattern::{Pattern, Segment};
use super::{Handler, Request, Response, StatusCode, refuse};
use std::collections::{BTreeSet, HashMap};
use std::fmt;

/// Chooses a handler by the request's method, host and path (Go's `http.ServeMux`, with the patterns
/// of Go 1.22).
///
/// A pattern is `[METHOD ][HOST]/PATH`:
///
/// | pattern | matches |
/// | --- | --- |
/// | `/index.html` | this path |
/// | `GET /static/` | `GET` and `HEAD` of all paths below |
/// | `/{$}` | `/` alone |
/// | `/b/{bucket}/o/{name...}` | `/b/x/o/y/z`: [`path_value`](Request::path_value) gives `x` and `y/z` |
/// | `example.com/` | all paths on this host |
///
/// If several match, the most specific wins, in whatever order they were added; if neither of two is
/// more specific, the second is refused with a panic. If nothing matches: 404. If only the method
/// does not: 405. A path that is not clean (`/a/../b`), and one without the slash of a pattern below
/// it, is sent on with 307.
///
/// ```
/// use goroutines::http::{Handler, Mux, Request};
///
/// let mut mux = Mux::new();
/// mux.handle_func("GET /users/{id}", |req| format!("user {}", req.path_value("id")));
/// mux.handle_func("/", |_| "all the rest");
///
/// let ask = |method, path| mux.serve_http(&Request::new(method, path)).text().unwrap();
/// assert_eq!(ask("GET", "/users/7"), "user 7");
/// assert_eq!(ask("POST", "/users/7"), "all the rest");
/// ```
#[derive(Default)]
pub struct Mux {
    /// By host; empty: any.
    hosts: HashMap<String, Methods>,
    patterns: Vec<Pattern>,
}

/// By method; empty: any.
type Methods = HashMap<String, Node>;

/// What may follow at one place of a path.
#[derive(Default)]
struct Node {
    literal: HashMap<String, Node>,
    one: Option<Box<Node>>,
    rest: Option<Box<Route>>,
    here: Option<Box<Route>>,
}

struct Route {
    pattern: Pattern,
    handler: Box<dyn Handler>,
}

impl Mux {
    /// A mux without patterns.
    pub fn new() -> Mux {
        Mux::default()
    }

    /// Adds a handler for a pattern (Go's `Handle`).
    ///
    /// # Panics
    /// If the pattern is malformed (`http: parsing "PATTERN": ..`) or conflicts with one that is
    /// there (`http: pattern "PATTERN" conflicts with pattern "OTHER"`).
    pub fn handle(&mut self, pattern: &str, handler: impl Handler) {
        let parsed =
            Pattern::parse(pattern).unwrap_or_else(|e| panic!("http: parsing {pattern:?}: {e}"));
        if let Some(other) = self.patterns.iter().find(|p| parsed.conflicts_with(p)) {
            panic!(
                "http: pattern {pattern:?} conflicts with pattern {:?}",
                other.to_string()
            );
        }
        self.patterns.push(parsed.clone());
        let methods = self.hosts.entry(parsed.host.clone()).or_default();
        let mut node = methods.entry(parsed.method.clone()).or_default();
        let segments = parsed.segments.clone();
        let route = Some(Box::new(Route {
            pattern: parsed,
            handler: Box::new(handler),
        }));
        for segment in segments {
            node = match segment {
                Segment::Literal(text) => node.literal.entry(text).or_default(),
                Segment::One(_) => node.one.get_or_insert_default(),
                Segment::Rest(_) => {
                    node.rest = route;
                    return;
                }
            };
        }
        node.here = route;
    }

    /// [`handle`](Self::handle) for a function; the type of its argument need not be written.
    ///
    /// # Panics
    /// As [`handle`](Self::handle).
    pub fn handle_func<R: Into<Response>>(
        &mut self,
        pattern: &str,
        f: impl Fn(&Request) -> R + Send + Sync + 'static,
    ) {
        self.handle(pattern, f);
    }

    /// The handler for a request, and the values of the pattern's names.
    fn find(&self, method: &str, host: &str, path: &str) -> Option<(&Route, Vec<String>)> {
        [host, ""].iter().find_map(|h| {
            let methods = self.hosts.get(*h)?;
            let get = (method == "HEAD").then_some("GET");
            [Some(method), get, Some("")]
                .into_iter()
                .flatten()
                .find_map(|m| methods.get(m)?.find(path, &mut Vec::new()))
        })
    }

    /// What answers a request.
    fn route(&self, req: &Request) -> Choice<'_> {
        let method = req.method().as_str();
        let host = host_without_port(req.host());
        let path = req.path();
        if path == "*" {
            return Choice::Star;
        }
        let clean = match method {
            "CONNECT" => path.into(),
            _ => clean_path(path),
        };
        let found = self.find(method, host, &clean);
        let exact = found.as_ref().is_some_and(|(r, _)| r.is_exact(&clean));
        if !exact && !clean.is_empty() && !clean.ends_with('/') {
            let below = format!("{clean}/");
            let better = self.find(method, host, &below);
            if better.is_some_and(|(r, _)| r.is_exact(&below)) {
                return Choice::Redirect(below);
            }
        }
        if clean != path {
            return Choice::Redirect(clean.into_owned());
        }
        match found {
            Some((route, values)) => Choice::Route(route, values),
            None => Choice::None(self.methods_for(host, &clean)),
        }
    }

    /// The methods that a path is there for.
    fn methods_for(&self, host: &str, path: &str) -> BTreeSet<&str> {
        let mut all = BTreeSet::new();
        for methods in [host, ""].iter().filter_map(|h| self.hosts.get(*h)) {
            for (method, node) in methods {
                if node.find(path, &mut Vec::new()).is_some() {
                    all.insert(method.as_str());
                    if method == "GET" {
                        all.insert("HEAD");
                    }
                }
            }
        }
        all
    }
}

enum Choice<'a> {
    Route(&'a Route, Vec<String>),
    Redirect(String),
    /// No handler, except for these methods.
    None(BTreeSet<&'a str>),
    /// `OPTIONS *` asks for the server itself; nothing else may.
    Star,
}

impl Handler for Mux {
    fn serve_http(&self, req: &Request) -> Response {
        match self.route(req) {
            Choice::Route(route, values) => {
                if !values.is_empty() {
                    let names = route.pattern.names().map(str::to_owned);
                    req.add_path_values(names.zip(values).collect());
                }
                route.handler.serve_http(req)
            }
            Choice::Redirect(path) => {
                let url = match req.uri().query() {
                    Some(query) => format!("{path}?{query}"),
                    None => path,
                };
                Response::redirect(StatusCode::TEMPORARY_REDIRECT, url)
            }
            Choice::Star if req.method() == "OPTIONS" => Response::default(),
            Choice::Star => refuse::last_in_http1(StatusCode::BAD_REQUEST.into(), req.version()),
            Choice::None(methods) if methods.is_empty() => {
                Response::error(StatusCode::NOT_FOUND, "404 page not found")
            }
            Choice::None(methods) => {
                let allowed: Vec<_> = methods.into_iter().collect();
                Response::from(StatusCode::METHOD_NOT_ALLOWED)
                    .with_header("allow", allowed.join(", "))
            }
        }
    }
}

impl Node {
    /// Goes down along `path`: a literal before a wildcard before all the rest, and back if that
    /// leads nowhere.
    fn find<'a>(
        &'a self,
        path: &str,
        values: &mut Vec<String>,
    ) -> Option<(&'a Route, Vec<String>)> {
        if path.is_empty() {
            return self.here.as_deref().map(|r| (r, values.clone()));
        }
        let (segment, rest) = first_segment(path);
        if let Some(found) = self
            .literal
            .get(&segment)
            .and_then(|n| n.find(rest, values))
        {
            return Some(found);
        }
        // A wildcard takes no empty end.
        if segment != "/"
            && let Some(one) = &self.one
        {
            values.push(segment);
            let found = one.find(rest, values);
            values.pop();
            if found.is_some() {
                return found;
            }
        }
        let route = self.rest.as_deref()?;
        let mut values = values.clone();
        if route.pattern.segments.last() != Some(&Segment::Rest(String::new())) {
            values.push(percent_decode(&path[1..]));
        }
        Some((route, values))
    }
}

impl Route {
    /// Does it match `path` itself, and not only as one of the paths below it?
    fn is_exact(&self, path: &str) -> bool {
        !self.pattern.takes_rest()
            || path.ends_with('/')
                && self.pattern.segments.len() == path.bytes().filter(|&b| b == b'/').count()
    }
}

/// The first segment of a path that begins with a slash, decoded, and what follows; the end after
/// a slash is a segment `/`.
fn first_segment(path: &str) -> (String, &str) {
    if path == "/" {
        return ("/".into(), "");
    }
    let path = &path[1..];
    let end = path.find('/').unwrap_or(path.len());
    (percent_decode(&path[..end]), &path[end..])
}

fn host_without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => {
            name.trim_start_matches('[').trim_end_matches(']')
        }
        _ => host,
    }
}

impl fmt::Debug for Mux {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.patterns.iter().map(ToString::to_string))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mux(patterns: &[&'static str]) -> Mux {
        let mut mux = Mux::new();
        for p in patterns {
            let p = *p;
            mux.handle_func(p, move |req| {
                let names: Vec<_> = Pattern::parse(p)
                    .unwrap()
                    .names()
                    .map(|n| format!("{n}={}", req.path_value(n)))
                    .collect();
                format!("{p} {}", names.join(" ")).trim_end().to_string()
            });
        }
        mux
    }

    fn ask(mux: &Mux, method: &str, uri: &str) -> (u16, String) {
        let response = mux.serve_http(&Request::new(method, uri));
        let status = response.status().as_u16();
        let told = response
            .header("location")
            .or(response.header("allow"))
            .map(str::to_owned);
        (status, told.unwrap_or_else(|| response.text().unwrap()))
    }

    /// From Go's `TestRoutingNodeMatch`.
    #[test]
    fn the_most_specific_wins() {
        let m = mux(&[
            "/a",
            "/a/b",
            "/a/{x}",
            "/g/h/i",
            "/g/{x}/j",
            "/a/b/{x...}",
            "/a/b/{y}",
            "/a/b/{$}",
        ]);
        for (path, want) in [
            ("/a", "/a"),
            ("/a/b", "/a/b"),
            ("/a/c", "/a/{x} x=c"),
            ("/a/b/", "/a/b/{$}"),
            ("/a/b/c", "/a/b/{y} y=c"),
            ("/a/b/c/d", "/a/b/{x...} x=c/d"),
            ("/g/h/i", "/g/h/i"),
            ("/g/h/j", "/g/{x}/j x=h"),
            ("/a/%62", "/a/b"),
            ("/a/x%2Fy", "/a/{x} x=x/y"),
        ] {
            assert_eq!(ask(&m, "GET", path), (200, want.to_string()), "{path}");
        }
        assert_eq!(ask(&m, "GET", "/b").0, 404);
        assert_eq!(ask(&m, "GET", "/g/h/k").0, 404);
    }

    #[test]
    fn methods_and_hosts() {
        let m = mux(&[
            "GET /item/",
            "POST /item/{u}",
            "HEAD /head",
            "GET h.com/",
            "/",
            "PUT /only",
        ]);
        assert_eq!(ask(&m, "GET", "/item/jba").1, "GET /item/");
        assert_eq!(ask(&m, "HEAD", "/item/jba").1, "GET /item/");
        assert_eq!(ask(&m, "POST", "/item/jba").1, "POST /item/{u} u=jba");
        assert_eq!(ask(&m, "POST", "/item/a/b").1, "/");
        assert_eq!(ask(&m, "GET", "http://h.com/x").1, "GET h.com/");
        assert_eq!(ask(&m, "GET", "http://h.com:8080/x").1, "GET h.com/");
        let m = mux(&["GET /a", "POST /a"]);
        assert_eq!(ask(&m, "DELETE", "/a"), (405, "GET, HEAD, POST".into()));
    }

    #[test]
    fn redirects() {
        let m = mux(&["/dir/", "/file", "/x/{y}/sub/"]);
        assert_eq!(ask(&m, "GET", "/dir"), (307, "/dir/".into()));
        assert_eq!(ask(&m, "GET", "/dir?q=1"), (307, "/dir/?q=1".into()));
        assert_eq!(ask(&m, "GET", "/a/../file"), (307, "/file".into()));
        assert_eq!(ask(&m, "GET", "//dir/./x"), (307, "/dir/x".into()));
        assert_eq!(ask(&m, "GET", "/x/w/sub"), (307, "/x/w/sub/".into()));
        assert_eq!(ask(&m, "GET", "/file/").0, 404);
        assert_eq!(ask(&m, "OPTIONS", "*"), (200, String::new()));
        assert_eq!(ask(&m, "GET", "*").0, 400);
    }

    #[test]
    #[should_panic(expected = "http: pattern \"/{x}/b\" conflicts with pattern \"/a/{y}\"")]
    fn conflicts() {
        mux(&["/a/{y}", "/{x}/b"]);
    }

    #[test]
    fn muxes_nest() {
        let mut inner = Mux::new();
        inner.handle_func("/{x}/in/{y}", |req| {
            let [x, y, z] = ["x", "y", "z"].map(|n| req.path_value(n));
            format!("{x} {y} {z}")
        });
        let mut outer = Mux::new();
        outer.handle("/{z}/{x}/", inner);
        assert_eq!(ask(&outer, "GET", "/1/in/3").1, "1 3 1");
    }

    #[test]
    fn cleaning() {
        for (path, want) in [
            ("/", "/"),
            ("//a", "/a"),
            ("/a/", "/a/"),
            ("/a/./b", "/a/b"),
            ("/a/..", "/"),
            ("/a/b/..", "/a"),
            ("/../x", "/x"),
        ] {
            assert_eq!(clean_path(path), want);
        }
    }
}
