#![doc = include_str!("README.md")]
//!
//! # The files, in the order of a goroutine's life
//!
//! [`boot`] · [`spawn`] · [`run`] · [`find`] · [`park`] · [`ticket`] · [`idle`] · [`template`] · [`section`] ·
//! [`timers`] · [`syscall`] · [`preempt`] · [`pause`] · [`pause_word`] · [`line`] · [`sysmon`] · [`template`] ·
//! [`procs`] · [`threads`] · [`grow`] ·
//! [`contend`] · [`family`] · [`bubble`] · [`origin`] · [`panic`](crate::panic) · [`dump`] · `view` · [`deadlock`] · [`fatal`] · [`quit`].

pub(crate) mod abandon;
pub(crate) mod boot;
pub(crate) mod bubble;
pub(crate) mod cgroup;
pub(crate) mod contend;
pub(crate) mod deadlock;
pub(crate) mod dump;
pub(crate) mod family;
pub(crate) mod fatal;
pub(crate) mod find;
pub(crate) mod freeze;
pub(crate) mod global;
pub(crate) mod godebug;
pub(crate) mod grow;
pub(crate) mod idle;
pub(crate) mod lent;
pub(crate) mod line;
pub(crate) mod lineage;
pub(crate) mod m;
pub(crate) mod origin;
pub(crate) mod p;
pub(crate) mod park;
pub(crate) mod parked;
pub(crate) mod pause;
pub(crate) mod pause_word;
pub(crate) mod preempt;
pub(crate) mod procs;
pub(crate) mod quit;
pub(crate) mod run;
pub(crate) mod section;
pub(crate) mod sigpipe;
pub(crate) mod spawn;
pub(crate) mod syscall;
pub(crate) mod sysmon;
pub(crate) mod template;
pub(crate) mod threads;
pub(crate) mod ticket;
pub(crate) mod timers;
pub(crate) mod tracing;
#[cfg(feature = "http")]
pub(crate) mod view;
