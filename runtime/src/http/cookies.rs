//! Cookies: the feature `cookies`. Their syntax is the crate `cookie`'s, what a client keeps is `cookie_store`'s.

use super::response::header_value;
use super::{ClientRequest, HeaderMap, Request, Response};
use crate::sync::Mutex;
use cookie::Cookie;
use cookie_store::CookieStore;
use hyper::header::{COOKIE, HeaderName, HeaderValue, SET_COOKIE};
use std::cmp::Reverse;
use std::fmt;
use std::io;
use std::sync::Arc;
use url::Url;

impl Request {
    /// The cookies that the client has sent, as they came (Go's `Request.Cookies`). What cannot be one is
    /// passed over. For the feature `cookies`.
    ///
    /// ```
    /// let req = goroutines::http::Request::new("GET", "/").with_header("cookie", "a=1; b=2");
    /// let names: Vec<_> = req.cookies().map(|c| c.name().to_owned()).collect();
    /// assert_eq!(names, ["a", "b"]);
    /// assert_eq!(req.cookie("b").unwrap().value(), "2");
    /// ```
    pub fn cookies(&self) -> impl Iterator<Item = Cookie<'_>> {
        of_header(self.headers())
    }

    /// The first cookie of that name (Go's `Request.Cookie`). For the feature `cookies`.
    pub fn cookie(&self, name: &str) -> Option<Cookie<'_>> {
        self.cookies().find(|cookie| cookie.name() == name)
    }
}

impl Response {
    /// The same, and the client is asked to keep a cookie (Go's `http.SetCookie`). Bytes that no cookie may have
    /// are left out, and a cookie whose name is none altogether, as in Go. For the feature `cookies`.
    ///
    /// ```
    /// use goroutines::http::Response;
    /// use goroutines::http::cookie::{Cookie, SameSite};
    ///
    /// let session = Cookie::build(("session", "7f2a")).http_only(true).same_site(SameSite::Lax).path("/");
    /// let answer = Response::new("welcome").with_cookie(session);
    /// assert_eq!(
    ///     answer.header("set-cookie"),
    ///     Some("session=7f2a; HttpOnly; SameSite=Lax; Path=/")
    /// );
    /// ```
    #[must_use]
    pub fn with_cookie(mut self, cookie: impl Into<Cookie<'static>>) -> Response {
        if let Some(cookie) = clean(cookie.into()) {
            let value = header_value(&cookie.to_string());
            self.headers_mut().append(SET_COOKIE, value);
        }
        self
    }

    /// The cookies that a server wants to be kept (Go's `Response.Cookies`). What cannot be one is passed over.
    /// For the feature `cookies`.
    pub fn cookies(&self) -> impl Iterator<Item = Cookie<'_>> {
        set_by(self.headers())
    }
}

impl ClientRequest {
    /// Sends a cookie, besides those of the client's [`CookieJar`] (Go's `AddCookie`): name and value of it. Bytes
    /// that no cookie may have are left out. For the feature `cookies`.
    pub fn cookie(mut self, cookie: impl Into<Cookie<'static>>) -> ClientRequest {
        if let Some(cookie) = clean(cookie.into()) {
            add(self.headers_mut(), &cookie.stripped().to_string());
        }
        self
    }
}

/// The cookies that a [`Client`](super::Client) keeps (Go's `net/http/cookiejar`). Clones are the same jar. For the
/// feature `cookies`.
///
/// It keeps what a server sets for its own host or a domain that this belongs to, in memory, until it expires. As
/// Go's without a `PublicSuffixList` it does not know which domains belong to many: a server of `a.co.uk` can set a
/// cookie for all of `co.uk`. Do not ask servers that do not trust each other by one jar.
///
/// ```
/// use goroutines::http::cookie::Cookie;
/// use goroutines::http::{Client, CookieJar, Mux, Response, Server};
///
/// let mut mux = Mux::new();
/// mux.handle_func("/login", |_| Response::redirect(303, "/").with_cookie(("user", "gopher")));
/// mux.handle_func("/", |req| req.cookie("user").map(|user| user.value().to_owned()));
/// let server = Server::new("127.0.0.1:0", mux);
/// # let addr = server.local_addr()?;
/// # goroutines::go!([server], { server.serve().unwrap() });
///
/// let jar = CookieJar::new();
/// let client = Client::builder().cookie_jar(&jar).build();
/// assert_eq!(client.get(format!("http://{addr}/login"))?.text()?, "gopher");
/// assert_eq!(jar.cookies(format!("http://{addr}/"))?, [Cookie::new("user", "gopher")]);
/// # std::io::Result::Ok(())
/// ```
#[derive(Clone, Default)]
pub struct CookieJar(Arc<Mutex<CookieStore>>);

impl CookieJar {
    /// An empty one.
    pub fn new() -> CookieJar {
        CookieJar::default()
    }

    /// Names and values of what is sent to `url`, the longest paths first.
    ///
    /// # Errors
    /// `InvalidInput` if that is no URL.
    pub fn cookies(&self, url: impl AsRef<str>) -> io::Result<Vec<Cookie<'static>>> {
        Ok(self.of(&parse(url.as_ref())?))
    }

    /// Keeps cookies as if the server at `url` had set them; what it may not set is passed over.
    ///
    /// # Errors
    /// `InvalidInput` if that is no URL.
    pub fn set_cookies(
        &self,
        url: impl AsRef<str>,
        cookies: impl IntoIterator<Item = Cookie<'static>>,
    ) -> io::Result<()> {
        let url = parse(url.as_ref())?;
        // The iterator is the caller's.
        let cookies: Vec<_> = cookies.into_iter().collect();
        self.0
            .lock()
            .store_response_cookies(cookies.into_iter(), &url);
        Ok(())
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.0.lock().clear();
    }

    fn of(&self, url: &Url) -> Vec<Cookie<'static>> {
        let store = self.0.lock();
        let mut all = store.matches(url);
        all.sort_by_key(|cookie| (Reverse(cookie.path.len()), cookie.name().to_owned()));
        all.iter()
            .map(|cookie| Cookie::new(cookie.name().to_owned(), cookie.value().to_owned()))
            .collect()
    }

    /// The headers of a request to `url`, if there are cookies to add.
    pub(super) fn added_to(&self, headers: &HeaderMap, url: &Url) -> Option<HeaderMap> {
        let cookies = self.of(url);
        if cookies.is_empty() {
            return None;
        }
        let mut headers = headers.clone();
        for cookie in cookies {
            add(&mut headers, &cookie.to_string());
        }
        Some(headers)
    }

    /// Keeps what an answer from `url` sets. `asked` are the user's headers: of its cookies those go that are set, so that
    /// a request that is redirected does not send both.
    pub(super) fn take(&self, url: &Url, answer: &HeaderMap, asked: &mut HeaderMap) {
        let set: Vec<_> = set_by(answer).map(Cookie::into_owned).collect();
        if set.is_empty() {
            return;
        }
        let is_set = |cookie: &Cookie<'_>| set.iter().any(|other| other.name() == cookie.name());
        if of_header(asked).any(|cookie| is_set(&cookie)) {
            let rest: Vec<_> = of_header(asked)
                .filter(|cookie| !is_set(cookie))
                .map(|cookie| cookie.to_string())
                .collect();
            asked.remove(COOKIE);
            for cookie in rest {
                add(asked, &cookie);
            }
        }
        self.0.lock().store_response_cookies(set.into_iter(), url);
    }
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieJar").finish_non_exhaustive()
    }
}

fn parse(url: &str) -> io::Result<Url> {
    Url::parse(url)
        .map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, format!("http: {url:?}: {e}")))
}

/// What stands in a request's headers.
fn of_header(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    let all = headers.get_all(COOKIE).into_iter();
    all.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
}

/// What an answer's headers set.
fn set_by(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    let all = headers.get_all(SET_COOKIE).into_iter();
    all.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok())
        .filter_map(|text| Cookie::parse(text).ok())
}

/// Adds one to the header that has all of them.
fn add(headers: &mut HeaderMap, cookie: &str) {
    let all = match headers.get(COOKIE) {
        Some(before) => [before.as_bytes(), b"; ", cookie.as_bytes()].concat(),
        None => cookie.as_bytes().to_vec(),
    };
    if let Ok(all) = HeaderValue::from_bytes(&all) {
        headers.insert(COOKIE, all);
    }
}

/// Nothing in it ends its name, its value or an attribute, or the header (Go's `Cookie.String`). `None`: the name
/// is none.
fn clean(mut cookie: Cookie<'static>) -> Option<Cookie<'static>> {
    HeaderName::from_bytes(cookie.name().as_bytes()).ok()?;
    let is_plain = |c: char| (' '..='~').contains(&c) && c != ';';
    let is_value = |c: char| is_plain(c) && c != '"' && c != '\\';
    let of = |text: &str, may: &dyn Fn(char) -> bool| text.chars().filter(|&c| may(c)).collect();
    let quoted = cookie.value_trimmed();
    let mut value: String = of(quoted, &is_value);
    if quoted.len() != cookie.value().len() || value.contains([' ', ',']) {
        value = format!("\"{value}\"");
    }
    if value != cookie.value() {
        cookie.set_value(value);
    }
    if let Some(path) = cookie.path() {
        let path: String = of(path, &is_plain);
        cookie.set_path(path);
    }
    let is_host = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    if cookie
        .domain()
        .is_some_and(|domain| !domain.chars().all(is_host))
    {
        cookie.unset_domain();
    }
    Some(cookie)
}
