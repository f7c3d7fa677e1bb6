//! [`Proxies`]: by which proxy a host is asked, if by any.

use crate::http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use std::io;
use std::net::IpAddr;
use std::sync::OnceLock;

/// Which proxies a client uses.
#[derive(Clone, Debug, Default)]
pub(super) enum Proxies {
    /// Those of the environment.
    #[default]
    Environment,
    None,
    /// This one for everything.
    One(String),
}

impl Proxies {
    /// # Errors
    /// What is named is no address of a proxy: what was to go by one does not go past it.
    pub(super) fn find(&self, https: bool, host: &str, port: u16) -> io::Result<Option<Intercept>> {
        static ENVIRONMENT: OnceLock<Named> = OnceLock::new();
        let scheme = if https { "https" } else { "http" };
        let uri = format!("{scheme}://{host}:{port}/").parse::<Uri>();
        let uri = uri.map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
        match self {
            Proxies::None => Ok(None),
            // As Go: a proxy is never meant for the machine itself.
            Proxies::Environment if is_loopback(host) => Ok(None),
            Proxies::Environment => {
                let named = || of_environment(|name| std::env::var(name).ok());
                ENVIRONMENT.get_or_init(named).find(https, &uri)
            }
            Proxies::One(proxy) => {
                let found = Matcher::builder().all(&**proxy).build().intercept(&uri);
                found.map(Some).ok_or_else(malformed)
            }
        }
    }
}

/// It does not say what was named: there may be a password in it.
fn malformed() -> io::Error {
    let text = "http: malformed address of a proxy";
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// What variables name.
struct Named {
    matcher: Matcher,
    /// The proxy of `http` is malformed; that of `https`. The matcher has another in its place.
    malformed: [bool; 2],
    /// What is asked without a proxy by one port, of which hyper-util's matcher knows nothing.
    straight: Vec<(u16, Matcher)>,
}

impl Named {
    fn new(http: &str, https: &str, no: &str) -> Named {
        /// No request goes there: [`find`](Named::find) fails first.
        const STAND_IN: &str = "http://malformed.invalid";
        let matcher = |http: &str, https: &str, no: String| {
            let (http, https) = (http.to_owned(), https.to_owned());
            Matcher::builder().http(http).https(https).no(no).build()
        };
        let names_none = |named: &str| {
            !named.is_empty() && Proxies::One(named.to_owned()).find(false, "x", 80).is_err()
        };
        let malformed = [names_none(http), names_none(https)];
        let or_stand_in = |named, malformed| if malformed { STAND_IN } else { named };
        let (mut everywhere, mut straight) = (Vec::new(), Vec::new());
        for entry in no.split(',').map(str::trim) {
            // A star alone is for addresses too, where hyper-util knows it for names only.
            let entries = match entry {
                "*" => ["*", "0.0.0.0/0", "::/0"].map(str::to_owned).to_vec(),
                _ => vec![entry.strip_prefix('*').unwrap_or(entry).to_owned()],
            };
            match with_port(&entries[0]) {
                Some((host, port)) => {
                    straight.push((port, matcher(STAND_IN, STAND_IN, host.to_owned())));
                }
                None => everywhere.extend(entries),
            }
        }
        let (http, https) = (
            or_stand_in(http, malformed[0]),
            or_stand_in(https, malformed[1]),
        );
        Named {
            matcher: matcher(http, https, everywhere.join(",")),
            malformed,
            straight,
        }
    }

    fn find(&self, https: bool, uri: &Uri) -> io::Result<Option<Intercept>> {
        let mut straight = self.straight.iter();
        if straight.any(|(port, to)| uri.port_u16() == Some(*port) && to.intercept(uri).is_none()) {
            return Ok(None);
        }
        match self.matcher.intercept(uri) {
            Some(_) if self.malformed[usize::from(https)] => Err(malformed()),
            found => Ok(found),
        }
    }
}

/// Host and port of an entry that has both.
fn with_port(entry: &str) -> Option<(&str, u16)> {
    let (host, port) = entry.rsplit_once(':')?;
    // Else it is an address, of which the last part is no port.
    let has_port = !host.contains(':') || host.ends_with(']');
    let host = host.trim_start_matches('[').trim_end_matches(']');
    has_port.then_some((host, port.parse().ok()?))
}

/// The variables that Go's `ProxyFromEnvironment` looks at.
fn of_environment(var: impl Fn(&str) -> Option<String>) -> Named {
    let get = |names: [&str; 2]| {
        let mut all = names.into_iter().filter_map(&var);
        all.find(|value| !value.is_empty()).unwrap_or_default()
    };
    // In a CGI program this one comes from the client.
    let http = match var("REQUEST_METHOD") {
        Some(_) => String::new(),
        None => get(["HTTP_PROXY", "http_proxy"]),
    };
    let https = get(["HTTPS_PROXY", "https_proxy"]);
    Named::new(&http, &https, &get(["NO_PROXY", "no_proxy"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What does not name a proxy is an error of those requests that it is for, and of no others.
    #[test]
    fn malformed_variables() {
        let find = |named: &Named, https, host: &str| {
            let uri = format!("{}://{host}/", if https { "https" } else { "http" });
            let found = named.find(https, &uri.parse().unwrap());
            found.map(|proxy| proxy.map(|proxy| proxy.uri().to_string()))
        };
        let named = Named::new("htp://x", "http://good:1", "near.test");
        let e = find(&named, false, "far.test").unwrap_err();
        assert_eq!(e.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(find(&named, false, "near.test").unwrap(), None);
        let good = find(&named, true, "far.test").unwrap();
        assert_eq!(good.as_deref(), Some("http://good:1/"));
        let named = Named::new("", "::", "");
        assert_eq!(find(&named, false, "far.test").unwrap(), None);
        assert!(find(&named, true, "far.test").is_err());
    }

    /// Go's `TestProxyFromEnvironment`: which variables count, for what, and what is asked without a proxy.
    #[test]
    fn variables() {
        let find = |variables: &[(&str, &str)], url: &str| {
            let value = |name: &str| variables.iter().find(|(n, _)| *n == name);
            let named = of_environment(|name| value(name).map(|(_, value)| (*value).to_owned()));
            let found = named.find(url.starts_with("https:"), &url.parse().unwrap());
            found.unwrap().map(|proxy| proxy.uri().to_string())
        };
        for (variables, url, proxy) in [
            (
                &[("HTTP_PROXY", "http://a:1")][..],
                "http://x/",
                "http://a:1/",
            ),
            (&[("HTTP_PROXY", "a:1")], "http://x/", "http://a:1/"),
            (&[("http_proxy", "http://a:1")], "http://x/", "http://a:1/"),
            (
                &[("HTTP_PROXY", "a:1"), ("http_proxy", "b:1")],
                "http://x/",
                "http://a:1/",
            ),
            (
                &[("HTTP_PROXY", ""), ("http_proxy", "b:1")],
                "http://x/",
                "http://b:1/",
            ),
            (&[("HTTP_PROXY", "a:1")], "https://x/", ""),
            (&[("HTTPS_PROXY", "a:1")], "https://x/", "http://a:1/"),
            (&[("HTTPS_PROXY", "a:1")], "http://x/", ""),
            (
                &[("https_proxy", "socks5://a:1")],
                "https://x/",
                "socks5://a:1/",
            ),
            (
                &[("ALL_PROXY", "a:1"), ("all_proxy", "a:1")],
                "http://x/",
                "",
            ),
            (
                &[("ALL_PROXY", "a:1"), ("all_proxy", "a:1")],
                "https://x/",
                "",
            ),
            (
                &[("HTTP_PROXY", "a:1"), ("REQUEST_METHOD", "GET")],
                "http://x/",
                "",
            ),
            (
                &[("HTTPS_PROXY", "a:1"), ("REQUEST_METHOD", "GET")],
                "https://x/",
                "http://a:1/",
            ),
        ] {
            let found = find(variables, url).unwrap_or_default();
            assert_eq!(found, proxy, "{variables:?} {url}");
        }
        let without = "10.0.0.0/8, fd00::/8,192.168.1.1,foo.com,.bar.com,*.baz.com,port.com:81,1.2.3.4:81,[fc00::1]:81";
        for (url, straight) in [
            ("http://10.1.2.3:80/", true),
            ("http://11.1.2.3:80/", false),
            ("http://[fd00::7]:80/", true),
            ("http://[fe00::7]:80/", false),
            ("http://192.168.1.1:80/", true),
            ("http://192.168.1.2:80/", false),
            ("http://foo.com:80/", true),
            ("http://sub.foo.com:80/", true),
            ("http://notfoo.com:80/", false),
            ("http://sub.bar.com:80/", true),
            ("http://sub.baz.com:80/", true),
            ("http://notbaz.com:80/", false),
            ("http://port.com:81/", true),
            ("http://sub.port.com:81/", true),
            ("http://port.com:80/", false),
            ("http://1.2.3.4:81/", true),
            ("http://1.2.3.4:80/", false),
            ("http://[fc00::1]:81/", true),
            ("http://[fc00::1]:80/", false),
        ] {
            for no in ["NO_PROXY", "no_proxy"] {
                let found = find(&[("HTTP_PROXY", "a:1"), (no, without)], url);
                assert_eq!(found.is_none(), straight, "{url}");
            }
            let all = find(&[("HTTP_PROXY", "a:1"), ("NO_PROXY", "*")], url);
            assert_eq!(all, None);
        }
    }
}
