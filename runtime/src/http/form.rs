//! [`Form`]: names and values, from a query or a body.

use super::Request;
use super::path::percent_decode;
use hyper::http::Method;
use std::io;

/// Names and values, as a form sends them (Go's `url.Values`): in the order they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

/// How large a form may be unless told otherwise; as in Go.
const FORM_LIMIT: u64 = 10 << 20;

impl Form {
    /// Takes `a=1&b=x+y%21` apart.
    pub fn parse(text: &str) -> Form {
        Form(pairs(text).collect())
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).next()
    }

    /// All values of `name`.
    pub fn get_all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// All names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }
}

/// What stands in a query or a form.
pub(super) fn pairs(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    let decode = |s: &str| percent_decode(&s.replace('+', " "));
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(move |pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
}

impl Request {
    /// The names and values of a form that was sent, and after them those of the query (Go's
    /// `ParseForm`). Only a body of type `application/x-www-form-urlencoded` that comes by POST, PUT or
    /// PATCH is read.
    ///
    /// # Errors
    /// Those of [`bytes`](Self::bytes); the limit is 10 MiB here unless set.
    ///
    /// # Suspends
    /// Until all of the body is there.
    ///
    /// ```
    /// use goroutines::http::Request;
    ///
    /// let req = Request::new("POST", "/?page=2")
    ///     .with_header("content-type", "application/x-www-form-urlencoded")
    ///     .with_body("name=J%C3%B6rg&tag=a&tag=b+c");
    /// let form = req.form()?;
    /// assert_eq!(form.get("name"), Some("Jörg"));
    /// assert_eq!(form.get_all("tag").collect::<Vec<_>>(), ["a", "b c"]);
    /// assert_eq!(form.get("page"), Some("2"));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn form(&self) -> io::Result<Form> {
        const FORM: &str = "application/x-www-form-urlencoded";
        let kind = self.header("content-type").unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim();
        let sends = [Method::POST, Method::PUT, Method::PATCH].contains(self.method());
        let mut form = Form::default();
        if sends && kind.eq_ignore_ascii_case(FORM) {
            let bytes = self.bytes_within(FORM_LIMIT)?;
            form.0.extend(pairs(&String::from_utf8_lossy(&bytes)));
        }
        form.0.extend(self.query_pairs());
        Ok(form)
    }
}
