//! G: one goroutine, and everybody else who can wait.
//!
//! * [`header`]: the [`G`](header::G) at the top of its own stack slot, and its life.
//! * [`coro`]: its coroutine; the only place that names corosensei.
//! * [`glimpse`]: looking at one from outside.
//! * [`waiter`]: a goroutine or a plain thread, as one pointer that can be parked and woken.

pub(crate) mod coro;
pub(crate) mod glimpse;
pub(crate) mod header;
pub(crate) mod waiter;

pub(crate) use header::{G, GRef, Status, WaitReason};
pub(crate) use waiter::Waiter;
