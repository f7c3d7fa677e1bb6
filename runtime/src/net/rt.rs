//! What `net` asks of the layers below, in one place.

pub(crate) use crate::netpoll::{Direction, PollDesc};
pub(crate) use crate::panic::before_block;
pub(crate) use crate::sched::blocking;
pub(crate) use crate::sched::boot::ensure as boot;
pub(crate) use crate::sched::{Clock, Looks, TimerNode, disarm, nanotime};
pub(crate) use crate::sched::{WaitReason, Waiter, park_owned};
pub(crate) use crate::sync::Mutex;
pub(crate) use crate::sys::clock::{NEAR, coarse_nanotime};
pub(crate) use crate::sys::spin::SpinMutex;
pub(crate) use crate::time::sleep;
