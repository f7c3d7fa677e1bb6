//! Flags of a G, changed by its owner only.

/// Locked to its thread from start to end (`Builder::pinned`).
pub(crate) const PINNED: u16 = 1;
/// A runtime helper: not counted, not shown.
pub(crate) const SYSTEM: u16 = 2;
/// Ends the process when it returns: the main goroutine.
pub(crate) const MAIN: u16 = 4;
/// Has a name (in `sched::state::beside`).
pub(crate) const NAMED: u16 = 16;
/// Its current park keeps the thread (it is panicking).
pub(crate) const KEEPS_THREAD: u16 = 8;
/// The cold part is in use.
pub(crate) const COLD: u16 = 32;
/// Belongs to a family: a test watches it.
pub(crate) const FAMILY: u16 = 64;
/// Waits durably, and is counted so in its bubble.
pub(crate) const DURABLE: u16 = 128;
/// In a bracketed blocking call (`sched::state::bracket`).
pub(crate) const SYSCALL: u16 = 256;
/// Has labels (in `sched::state::lineage`).
pub(crate) const LABELLED: u16 = 512;
/// Its ancestors are known (in `sched::state::lineage`).
pub(crate) const ANCESTRY: u16 = 1024;
/// Never leaves the thread that it was given (`sched::state::home`).
pub(crate) const STAYS: u16 = 16384;
/// The first of its program, or of a plain thread's call: `main`, a test, `run`.
pub(crate) const FIRST: u16 = 8192;
/// Hooks run around its suspensions (`switch`).
pub(crate) const HOOKED: u16 = 2048;
/// What is bound to its thread is looked for before each suspension (`threadcheck`).
pub(crate) const CHECKED: u16 = 32768;
/// They have taken its state off the thread.
pub(crate) const AWAY: u16 = 4096;
