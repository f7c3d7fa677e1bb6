//! The line: Ms whose goroutines have used up a time slice and wait for their next turn where they are,
//! on their threads. First in, first out, except for some places; the links are in the Ms, so that joining
//! allocates nothing.

use super::left::Left;
use super::m::M;
use std::sync::atomic::Ordering;

/// See the [module](self). Guarded by `SCHED.lock`.
pub(crate) struct Line {
    head: Option<&'static M>,
    tail: Option<&'static M>,
    len: usize,
}

/// No M gets further ahead of those that it passes than this many places, over all turns together.
const AHEAD: i32 = 8;

impl Line {
    pub(crate) const fn new() -> Self {
        Line {
            head: None,
            tail: None,
            len: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// When the first got in line; `i64::MAX` if the line is empty.
    pub(crate) fn head_since(&self) -> i64 {
        self.head
            .map_or(i64::MAX, |m| m.line_since.load(Ordering::Relaxed))
    }

    /// `m` must not be in line.
    pub(crate) fn push(&mut self, m: &'static M, now: i64) {
        m.line_since.store(now, Ordering::Relaxed);
        m.line_link.store(None, Ordering::Relaxed);
        match self.tail {
            Some(last) => last.line_link.store(Some(m), Ordering::Relaxed),
            None => self.head = Some(m),
        }
        self.tail = Some(m);
        self.len += 1;
    }

    /// Takes the first; or, of those right behind it, the first that has run on `cpu`, if the first has not.
    ///
    /// The M that takes it wakes it, and then sleeps itself, on `cpu`. While all CPUs are busy the kernel lets a thread
    /// go on where it ran before. If that is another CPU, two share that one, and this one is idle until the kernel
    /// notices, some milliseconds later. (`u32::MAX` is no CPU's number.)
    ///
    /// Not the M that has just given up the P that is to be had: it did stand on that CPU.
    pub(crate) fn pop(&mut self, left: Left, look: usize) -> Option<&'static M> {
        let passing = self.pass(left, look);
        if passing.is_some() {
            return passing;
        }
        let head = self.head?;
        self.head = head.line_link.load(Ordering::Relaxed);
        if self.head.is_none() {
            self.tail = None;
        }
        self.len -= 1;
        Some(head)
    }

    /// Takes one that goes before the first, if there is one that may.
    fn pass(&mut self, Left { cpu, by }: Left, look: usize) -> Option<&'static M> {
        let here = |m: &M| m.cpu.load(Ordering::Relaxed) == cpu;
        let passed = |m: &M| m.passed.load(Ordering::Relaxed);
        let head = self.head?;
        if cpu == u32::MAX || here(head) {
            return None;
        }
        let (mut before, mut least) = (head, passed(head));
        for n in 1..=look as i32 {
            let m = before.line_link.load(Ordering::Relaxed)?;
            if here(m) && m.id != by && passed(m) + n <= least + AHEAD {
                m.passed.store(passed(m) + n, Ordering::Relaxed);
                let mut left = Some(head);
                while let Some(x) = left.filter(|x| !std::ptr::eq(*x, m)) {
                    x.passed.store(passed(x) - 1, Ordering::Relaxed);
                    left = x.line_link.load(Ordering::Relaxed);
                }
                self.unlink(before, m);
                return Some(m);
            }
            least = least.min(passed(m));
            before = m;
        }
        None
    }

    /// `m` comes after `before`.
    fn unlink(&mut self, before: &'static M, m: &'static M) {
        let after = m.line_link.load(Ordering::Relaxed);
        before.line_link.store(after, Ordering::Relaxed);
        if after.is_none() {
            self.tail = Some(before);
        }
        self.len -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{Left, Line, M};
    use std::sync::atomic::Ordering::Relaxed;

    const ANY: Left = Left::UNKNOWN;

    #[test]
    fn first_in_first_out() {
        let ms = [M::new().m(), M::new().m(), M::new().m()];
        let mut line = Line::new();
        assert!(line.pop(ANY, 2).is_none());
        for round in 0..3 {
            for m in ms {
                line.push(m, round + m.id as i64);
            }
            assert_eq!(
                (line.len(), line.head_since()),
                (3, round + ms[0].id as i64)
            );
            for m in ms {
                assert_eq!(line.pop(ANY, 2).map(|m| m.id), Some(m.id));
            }
            assert_eq!((line.len(), line.head_since()), (0, i64::MAX));
        }
    }

    /// A line of those that have run on `cpus`.
    fn line_of(cpus: &[u32]) -> (Line, Vec<&'static M>) {
        let mut line = Line::new();
        let ms: Vec<_> = cpus.iter().map(|_| M::new().m()).collect();
        for (m, cpu) in ms.iter().zip(cpus) {
            m.cpu.store(*cpu, Relaxed);
            line.push(m, 0);
        }
        (line, ms)
    }

    fn pop(line: &mut Line, cpu: u32, look: usize) -> Option<u64> {
        line.pop(Left::now(cpu), look).map(|m| m.id)
    }

    #[test]
    fn who_has_run_on_the_cpu_goes_first_if_he_is_near() {
        let (mut line, ms) = line_of(&[0, 0, 1, 1]);
        let id = |n: usize| Some(ms[n].id);
        assert_eq!(pop(&mut line, 1, 1), id(0), "the third is too far away");
        assert_eq!(pop(&mut line, 1, 2), id(2));
        assert_eq!(
            (ms[2].passed.load(Relaxed), ms[1].passed.load(Relaxed)),
            (1, -1)
        );
        assert_eq!(
            pop(&mut line, 1, 2),
            id(3),
            "the last, so that the end moves"
        );
        line.push(ms[0], 0);
        assert_eq!(pop(&mut line, 2, 2), id(1), "nobody has run there");
        assert_eq!(pop(&mut line, 2, 2), id(0));
        assert_eq!((line.len(), line.head_since()), (0, i64::MAX));
        assert_eq!(pop(&mut line, 2, 2), None);
    }

    /// It has just given up the P that is to be had.
    #[test]
    fn nobody_gets_back_what_he_has_given_up() {
        let (mut line, ms) = line_of(&[1]);
        let giver = M::new().m();
        giver.cpu.store(0, Relaxed);
        line.push(giver, 0);
        let left = Left::by(giver.id, 0);
        assert_eq!(line.pop(left, 8).map(|m| m.id), Some(ms[0].id));
        line.push(ms[0], 0);
        assert_eq!(line.pop(left, 8).map(|m| m.id), Some(giver.id));
    }

    /// One CPU has one goroutine too many: the others do not leave it behind.
    #[test]
    fn nobody_gets_ahead_by_more_than_a_few_places() {
        let (mut line, ms) = line_of(&[1, 0, 0, 0, 0]);
        let mut turns = [0i32; 5];
        for _ in 0..1000 {
            let m = line.pop(Left::now(0), 8).expect("five are there");
            // The M that is taken runs where it ran before.
            turns[ms.iter().position(|x| std::ptr::eq(*x, m)).unwrap()] += 1;
            line.push(m, 0);
        }
        let (most, least) = (turns.iter().max().unwrap(), turns.iter().min().unwrap());
        // A place each in a turn, at least.
        assert!(most - least <= 9, "{turns:?}");
    }
}
