//! Go's `cookie_test.go`, and what of `cookiejar` is not the crate `cookie_store`'s own.

use super::*;
use goroutines::http::cookie::{Cookie, SameSite};
use goroutines::http::{CookieJar, Mux, Request, Response};

fn pairs<'a>(cookies: impl Iterator<Item = Cookie<'a>>) -> Vec<String> {
    cookies.map(|cookie| cookie.to_string()).collect()
}

/// Go's `TestReadCookies`: all headers, in order; what is none is passed over, and the rest is taken.
#[test]
fn cookies_of_a_request() {
    let of = |values: &[&str]| {
        let values = values.iter();
        let request = values.fold(Request::new("GET", "/"), |request, value| {
            request.with_header("cookie", value)
        });
        pairs(request.cookies())
    };
    assert_eq!(of(&["a=v1", "c=v2"]), ["a=v1", "c=v2"]);
    assert_eq!(of(&["a=v1; c=v2"]), ["a=v1", "c=v2"]);
    assert_eq!(
        of(&["a=v1;c=v2;  d=\"x y\"; "]),
        ["a=v1", "c=v2", "d=\"x y\""]
    );
    assert_eq!(of(&["nothing; =v; b=2"]), ["b=2"]);
    assert_eq!(of(&[""]), [""; 0]);
    let request = Request::new("GET", "/").with_header("cookie", "a=1; b=2; b=3");
    assert_eq!(request.cookie("b").unwrap().value(), "2");
    assert!(request.cookie("c").is_none());
}

/// Go's `TestWriteSetCookies`, `TestCookieSanitizeValue`, `TestCookieSanitizePath`: nothing gets out of its place.
#[test]
fn cookies_cannot_smuggle() {
    let sets = |cookie: Cookie<'static>| {
        let answer = Response::new(()).with_cookie(cookie);
        answer.header("set-cookie").map(str::to_owned)
    };
    let value = |value: &'static str| sets(Cookie::new("c", value)).unwrap();
    assert_eq!(value("plain"), "c=plain");
    assert_eq!(value("foo; Domain=evil"), "c=\"foo Domain=evil\"");
    assert_eq!(value("a\r\nset-cookie: x=y"), "c=\"aset-cookie: x=y\"");
    assert_eq!(value("foo\"bar\\"), "c=foobar");
    assert_eq!(value("a,b"), "c=\"a,b\"");
    assert_eq!(value("\"quoted\""), "c=\"quoted\"");
    assert_eq!(value("\u{e9}x"), "c=x");
    for name in ["", "a b", "a;b", "a=b", "a\n", "\u{e9}"] {
        assert_eq!(sets(Cookie::new(name, "v")), None, "{name:?}");
    }
    let path = Cookie::build(("c", "v")).path("/a; Domain=evil\n").build();
    assert_eq!(sets(path).unwrap(), "c=v; Path=/a Domain=evil");
    let domain = Cookie::build(("c", "v")).domain("a; Secure").secure(true);
    assert_eq!(sets(domain.build()).unwrap(), "c=v; Secure");
    let full = Cookie::build(("c", "v"))
        .domain("go.dev")
        .same_site(SameSite::Strict);
    let answer = Response::new(()).with_cookie(full).with_cookie(("d", "w"));
    assert_eq!(
        pairs(answer.cookies()),
        ["c=v; SameSite=Strict; Domain=go.dev", "d=w"]
    );
}

/// Two cookies in one header; a request that is made so can be read so.
#[test]
fn cookies_of_a_client_s_request() {
    let running = Running::start(|r: &Request| r.header("cookie").map(str::to_owned));
    let request = Client::new().request("GET", running.url("/"));
    let request = request.cookie(("a", "1")).cookie(("b", "x; y"));
    assert_eq!(request.send().unwrap().text().unwrap(), "a=1; b=\"x y\"");
}

/// Go's `TestClientSendsCookieFromJar`, `TestJarCalls`, `TestRedirectCookiesJar`.
#[test]
fn the_jar_of_a_client() {
    let mut mux = Mux::new();
    let told = |r: &Request| r.header("cookie").unwrap_or("none").to_owned();
    mux.handle_func("/", told);
    mux.handle_func("/set/{name}/{value}", |r| {
        let pair = (
            r.path_value("name").to_owned(),
            r.path_value("value").to_owned(),
        );
        Response::redirect(302, "/told").with_cookie(Cookie::build(pair).path("/"))
    });
    mux.handle_func("/deep/set", |_| {
        Response::new("")
            .with_cookie(("deep", "1"))
            .with_cookie(Cookie::build(("other", "x")).domain("go.dev"))
    });
    mux.handle_func("/gone", |_| {
        Response::new("").with_cookie(Cookie::build(("a", "")).path("/").removal())
    });
    let running = Running::start(mux);
    let jar = CookieJar::new();
    let client = Client::builder().cookie_jar(&jar).build();
    let get = |path: &str| client.get(running.url(path)).unwrap().text().unwrap();
    assert_eq!(get("/"), "none");
    // What is set on the way to another page is sent to that already.
    assert_eq!(get("/set/a/1"), "a=1");
    assert_eq!(get("/set/b/2"), "a=1; b=2");
    assert_eq!(get("/deep/set"), "");
    assert_eq!(get("/"), "a=1; b=2");
    assert_eq!(get("/deep/x"), "deep=1; a=1; b=2");
    // Beside one of the request's own, which goes when it is set on the way.
    let own = |path: &str| {
        client
            .request("GET", running.url(path))
            .header("cookie", "b=own; c=3")
    };
    assert_eq!(
        own("/").send().unwrap().text().unwrap(),
        "b=own; c=3; a=1; b=2"
    );
    assert_eq!(
        own("/set/b/4").send().unwrap().text().unwrap(),
        "c=3; a=1; b=4"
    );
    assert_eq!(get("/gone"), "");
    assert_eq!(
        pairs(jar.cookies(running.url("/")).unwrap().into_iter()),
        ["b=4"]
    );
    // Not for another host.
    let elsewhere = running.url("/").replace("127.0.0.1", "localhost");
    assert_eq!(client.get(elsewhere).unwrap().text().unwrap(), "none");
    jar.set_cookies(running.url("/"), [Cookie::new("mine", "m")])
        .unwrap();
    assert_eq!(get("/"), "b=4; mine=m");
    jar.clear();
    assert_eq!(get("/"), "none");
    assert_eq!(
        jar.cookies("no url").unwrap_err().kind(),
        std::io::ErrorKind::InvalidInput
    );
}
