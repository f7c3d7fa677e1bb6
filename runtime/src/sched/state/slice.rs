//! How long a goroutine may run while others wait.

pub(crate) use super::hog::SLICE;
use super::m::M;
use super::sched::SCHED;

/// Where many wait in line for their turn, slices are shorter, so that a round takes no longer than this
/// per P, ..
const ROUND: i64 = 200 * MS;
/// .. but not shorter than this: a turn costs about 20 us.
const LEAST: i64 = 5 * MS / 2;
const MS: i64 = 1_000_000;

/// When sysmon looks at a slice in line at the latest. If it is to end before that, a handler that gives it calls sysmon. (An
/// M out of work does not: what is too much is taken off the next slices.)
pub(crate) const LOOK: i64 = 2 * MS;

/// What each of those in line is to have of the CPU in a turn.
pub(crate) fn in_line() -> i64 {
    let waiting = SCHED.in_line() as i64;
    let procs = SCHED.procs() as i64;
    (ROUND * procs / (waiting + procs)).clamp(LEAST, SLICE)
}

/// How long the goroutine on `m` may run in this turn. One that had more than its share in the turns before, since it
/// was stopped late, has less now, and the other way round.
pub(crate) fn of(m: &M) -> i64 {
    if !SCHED.has_line() || !m.hog.is_hog() {
        return SLICE;
    }
    let share = in_line();
    (share - m.hog.overdrawn()).clamp(share / 4, 2 * share)
}
