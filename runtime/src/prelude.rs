//! What most programs use: `use goroutines::prelude::*;`.

pub use crate::chan::{Chan, Receiver, Sender};
pub use crate::context::Context;
#[doc(hidden)]
pub use crate::nothing::Nothing as _;
pub use crate::sync::WaitGroup;
pub use crate::{block_on, recover, scope, spawn};
pub use crate::{chan, context, net, runtime, sync, time};
pub use crate::{defer, go, goroutine, make, select};
