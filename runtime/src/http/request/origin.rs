//! [`Origin`]: where a request has come from.

use crate::context::Context;
use crate::http::wire::Wire;
use std::io;
use std::sync::Arc;
use std::task::Waker;

/// The connection that a request has come by, as the request sees it.
pub(in crate::http) trait Origin: Send + Sync {
    fn wire(&self) -> &Arc<Wire>;

    /// The parent of the request's context.
    fn context(&self) -> &Context;

    fn waker(&self) -> &Waker;

    /// Lets more of the request's body come in: called by the handler, through the body. Waits
    /// first, if the last poll brought nothing.
    fn read_more(&self, wait: bool) -> io::Result<()>;
}
