//! What most programs use: `use goroutines::prelude::*;`.

pub use crate::chan::{Chan, Receiver, Sender};
pub use crate::context::Context;
pub use crate::sync::WaitGroup;
pub use crate::{chan, context, runtime, sync, time};
pub use crate::{defer, go, goroutine, make, select};
pub use crate::{recover, scope, spawn};
