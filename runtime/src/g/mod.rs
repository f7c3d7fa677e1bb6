//! G: one goroutine, and everything else that can wait.
//!
//! * [`header`]: the [`G`](header::G) at the top of its own stack slot, and its life; its [`flag`]s, [`status`],
//!   [`wait_reason`].
//! * [`coro`]: its coroutine; the only place that names corosensei.
//! * [`gref`]: a pointer to one; [`me`]: the running one, and what only it touches.
//! * [`seed`]: one that has not begun, and has no stack yet; [`seedbed`]: where those lie; [`seedlist`], [`seedbooks`]: which
//!   are free.
//! * [`trim`]: giving back what it needed deep down its stack.
//! * [`unwind`]: what it knows of its panics.
//! * [`glimpse`]: looking at one from outside.
//! * [`waiter`]: a goroutine or a plain thread, as one pointer that can be parked and woken.

pub(crate) mod coro;
pub(crate) mod flag;
pub(crate) mod glimpse;
pub(crate) mod gref;
pub(crate) mod header;
pub(crate) mod me;
pub(crate) mod seed;
pub(crate) mod seedbed;
mod seedbooks;
mod seedlist;
pub(crate) mod status;
pub(crate) mod trim;
pub(crate) mod unwind;
pub(crate) mod wait_reason;
pub(crate) mod waiter;

pub(crate) use gref::GRef;
pub(crate) use header::{G, Watch};
pub(crate) use me::Me;
pub(crate) use status::Status;
pub(crate) use wait_reason::WaitReason;
pub(crate) use waiter::Waiter;
