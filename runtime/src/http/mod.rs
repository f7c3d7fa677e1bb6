//! HTTP/1.1: a server whose handlers are plain functions, and a client (Go's package `net/http`).
//!
//! A [`Server`] runs one goroutine per connection, on [hyper](https://docs.rs/hyper); a handler takes
//! a [`&Request`](Request), may block as it likes, and returns whatever turns into a [`Response`].
//! [`Mux`] chooses a handler by Go 1.22's patterns. A [`Client`] follows redirects, keeps connections
//! and, by the feature `tls`, encrypts; it is hyper too.
//!
//! ```
//! use goroutines::go;
//! use goroutines::http::{self, Mux, Server};
//!
//! let mut mux = Mux::new();
//! mux.handle_func("GET /hello/{name}", |req| format!("Hello, {}!", req.path_value("name")));
//!
//! let server = Server::new("127.0.0.1:0", mux);
//! let addr = server.local_addr()?;
//! go!([server], { server.serve().unwrap() });
//!
//! let text = http::get(format!("http://{addr}/hello/Gopher"))?.text()?;
//! assert_eq!(text, "Hello, Gopher!");
//!
//! server.shutdown(&goroutines::context::background())?;
//! # std::io::Result::Ok(())
//! ```
//!
//! The feature `http` of this crate turns it on.

mod asked;
mod body;
mod came;
mod client;
mod conn;
#[cfg(feature = "cookies")]
mod cookies;
#[cfg(feature = "tls")]
mod encrypted;
mod error;
mod files;
mod form;
mod framing;
mod handler;
#[cfg(feature = "http2")]
mod http2;
#[cfg(feature = "json")]
mod json;
mod line;
pub mod middleware;
#[cfg(feature = "multipart")]
mod multipart;
mod mux;
mod path;
mod pattern;
mod phase;
mod pump;
mod refuse;
mod request;
mod response;
#[cfg(feature = "tls")]
mod secure;
mod serve;
mod server;
mod shared;
mod socket;
mod state;
mod timeout;
mod together;
mod trailers;
mod upgraded;
mod wait;
mod way;
mod wire;

pub use body::Body;
pub use client::{Client, ClientBuilder, ClientRequest, get, head, post};
#[cfg(feature = "cookies")]
pub use cookie;
#[cfg(feature = "cookies")]
pub use cookies::CookieJar;
pub use error::{Error, Result};
pub use files::{FileServer, serve_file};
pub use form::Form;
pub use handler::{AbortHandler, Handler, redirect_handler};
pub use hyper::header;
pub use hyper::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version};
#[cfg(feature = "multipart")]
pub use multipart::{Multipart, Part};
pub use mux::Mux;
pub use request::{Request, RequestBody};
pub use response::Response;
pub use server::Server;
pub use state::StateMux;
pub use timeout::TimeoutHandler;
pub use upgraded::Upgraded;

#[cfg(feature = "anyhow")]
impl From<anyhow::Error> for Response {
    fn from(e: anyhow::Error) -> Response {
        Error::from(e).into()
    }
}
