//! The idle Ms: they have no P, and sleep until somebody gives them one. The last to come goes first; the links are in
//! the Ms.

use super::m::M;
use std::sync::atomic::Ordering;

/// See the [module](self). Guarded by `SCHED.lock`.
pub(crate) struct IdleMs {
    first: Option<&'static M>,
}

impl IdleMs {
    pub(crate) const fn new() -> Self {
        IdleMs { first: None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// `m` must not be among them.
    pub(crate) fn put(&mut self, m: &'static M) {
        m.idle_link.store(self.first, Ordering::Relaxed);
        self.first = Some(m);
    }

    /// Takes the most recent; or, of the `look` right before it, the most recent that went to sleep on `cpu`, if it did not:
    /// where the thread that wakes it is about to leave that CPU, as with the [line](super::line::Line::pop).
    /// (`u32::MAX` is no CPU's number.)
    pub(crate) fn take(&mut self, cpu: u32, look: usize) -> Option<&'static M> {
        let first = self.first?;
        if let Some(m) = self.pass(first, cpu, look) {
            return Some(m);
        }
        self.first = next(first);
        Some(first)
    }

    /// Takes one of those behind `first`, if there is one that goes before it.
    fn pass(&mut self, first: &'static M, cpu: u32, look: usize) -> Option<&'static M> {
        let here = |m: &M| m.cpu.load(Ordering::Relaxed) == cpu;
        if cpu == u32::MAX || here(first) {
            return None;
        }
        let mut before = first;
        for _ in 0..look {
            let m = next(before)?;
            if here(m) {
                before.idle_link.store(next(m), Ordering::Relaxed);
                return Some(m);
            }
            before = m;
        }
        None
    }
}

fn next(m: &M) -> Option<&'static M> {
    m.idle_link.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::{IdleMs, M};
    use std::sync::atomic::Ordering::Relaxed;

    const ANY: u32 = u32::MAX;

    fn idle_on(cpus: &[u32]) -> (IdleMs, Vec<u64>) {
        let mut idle = IdleMs::new();
        let put = |cpu: &u32| {
            let m = M::new().m();
            m.cpu.store(*cpu, Relaxed);
            idle.put(m);
            m.id
        };
        let ids = cpus.iter().map(put).collect();
        (idle, ids)
    }

    fn take(idle: &mut IdleMs, cpu: u32, look: usize) -> Option<u64> {
        idle.take(cpu, look).map(|m| m.id)
    }

    #[test]
    fn the_last_to_come_goes_first() {
        let (mut idle, ids) = idle_on(&[0, 0, 1]);
        assert!(!idle.is_empty());
        for id in ids.iter().rev() {
            assert_eq!(take(&mut idle, ANY, 8), Some(*id));
        }
        assert_eq!(take(&mut idle, ANY, 8), None);
        assert!(idle.is_empty());
    }

    #[test]
    fn who_went_to_sleep_on_the_cpu_goes_first_if_he_is_near() {
        let (mut idle, ids) = idle_on(&[1, 1, 0, 0]);
        assert_eq!(take(&mut idle, 1, 1), Some(ids[3]), "the second is too far");
        assert_eq!(take(&mut idle, 1, 1), Some(ids[1]));
        assert_eq!(take(&mut idle, 1, 8), Some(ids[0]), "the end of the list");
        assert_eq!(take(&mut idle, 1, 8), Some(ids[2]), "there is no other");
        assert!(idle.is_empty());
    }
}
