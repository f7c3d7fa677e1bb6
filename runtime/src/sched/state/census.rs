//! Can any goroutine run again? What the scheduler's own numbers say, read in an order that proves it.
//!
//! (`tests/models/loom` compiles this file against numbers of its own. README.md, "Deadlock", has the proof.)

/// The numbers. Each is read in order with the changes of the others, where nothing else is said.
pub(crate) trait Numbers {
    /// Ps that have been put away.
    fn ps_away(&self) -> usize;
    /// Ps on the idle list.
    fn ps_idle(&self) -> usize;
    /// Ps that were ever made. Read after the idle ones: it need only count those that were idle by then.
    fn ps_made(&self) -> usize;
    /// Is anything queued, in line, kept back, or to come: a timer, the network?
    fn anything_to_come(&self) -> bool;
    /// Ms that sleep, but not on the idle list: bound to a goroutine, or in the poller.
    fn ms_resting(&self) -> usize;
    /// Ms on the idle list.
    fn ms_idle(&self) -> usize;
    /// Threads of Ms.
    fn threads(&self) -> usize;
    /// How often a goroutine was run, in all.
    fn switches(&self) -> u64;
}

/// Do all goroutines sleep? Running a goroutine takes a P, and a P is on neither list from the moment at which
/// a thread takes it for an M until that M gives it up: so first the Ps, then what could wake one of them, then
/// the Ms, one of which may run a goroutine without a P.
pub(crate) fn everybody_sleeps(n: &impl Numbers) -> bool {
    all_ps_rest(n) && !n.anything_to_come() && n.ms_resting() + n.ms_idle() == n.threads()
}

/// Is every P that was ever made on the idle list or put away? One that is neither belongs to an M, or is on
/// its way to one that was woken and has not run yet: also beyond GOMAXPROCS, while it retires.
fn all_ps_rest(n: &impl Numbers) -> bool {
    let away = n.ps_away();
    n.ps_idle() + away >= n.ps_made()
}

/// One look of two: the number by which the second tells whether a goroutine has run in between. `None`: not all
/// sleep.
pub(crate) fn look(n: &impl Numbers) -> Option<u64> {
    let before = n.switches();
    everybody_sleeps(n).then_some(before)
}
