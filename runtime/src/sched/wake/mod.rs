//! Waiting, waking, and giving way.

pub(crate) mod abandon;
pub(crate) mod asleep;
pub(crate) mod contend;
pub(crate) mod idle;
pub(crate) mod kept_back;
pub(crate) mod line;
pub(crate) mod os_thread;
pub(crate) mod park;
pub(crate) mod parked;
pub(crate) mod preempt;
pub(crate) mod procs;
pub(crate) mod sleep;
pub(crate) mod syscall;
pub(crate) mod ticket;
pub(crate) mod timers;
pub(crate) mod yield_now;
