//! [`Origin`]: where a request has come from.

use crate::context::Context;
use crate::http::wire::Wire;
use hyper::body::{Bytes, Frame, Incoming};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// The connection that a request has come by, as the request sees it.
pub(in crate::http) trait Origin: Send + Sync {
    fn peer(&self) -> SocketAddr;

    /// The parent of the request's context.
    fn context(&self) -> &Context;

    /// Waits for the next part of the body; called by the handler, through the body.
    ///
    /// # Errors
    /// The outer one is the connection's, the inner one the body's.
    fn next_frame(&self, body: &mut Incoming) -> io::Result<Option<hyper::Result<Frame<Bytes>>>>;

    /// Ends a wait for the body that is under way. One that begins later may go on.
    fn end_wait(&self);

    /// The end of [`end_wait`](Self::end_wait): waits last as long as they must.
    fn allow_waits(&self);

    /// What a [`Watch`](super::watch::Watch) for the client's going looks at; `None`: that is noticed
    /// without one, and ends the parent of the context.
    fn wire(&self) -> Option<&Arc<Wire>>;
}
