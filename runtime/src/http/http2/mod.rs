//! A server's connections that speak HTTP/2: the feature `http2`.
//!
//! | file | what |
//! | --- | --- |
//! | [`begin`] | is it HTTP/2 that a connection begins with? |
//! | [`serve`] | a connection's goroutine drives hyper, and starts two for each request |
//! | [`multi`] | what the connection's goroutines share |
//! | [`handle`] | one of these runs the handler |
//! | [`stream`] | what both share; the other drives hyper |
//! | [`sending`] | the body of an answer |
//! | [`progress`] | how far it has got |
//! | [`heads`] | notices a head that does not end |
//! | [`life`] | when a connection is to end |
//!
//! A handler may block as it likes, also the reader that it returns; the goroutine that drives hyper for
//! this request sees meanwhile that the client has given it up.

mod begin;
mod handle;
mod heads;
mod life;
mod multi;
mod progress;
mod sending;
mod serve;
mod stream;

#[cfg(feature = "tls")]
pub(super) use begin::offered;
pub(super) use begin::{Beginning, begins};
pub(super) use serve::serve;
