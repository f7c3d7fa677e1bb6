//! The line: Ms whose goroutines have used up a time slice and wait for their next turn where they are,
//! on their threads. First in, first out; links in the Ms, so that joining allocates nothing.

use super::m::M;
use std::sync::atomic::Ordering;

/// See the [module](self). Guarded by `SCHED.lock`.
pub(crate) struct Line {
    head: Option<&'static M>,
    tail: Option<&'static M>,
    len: usize,
}

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

    /// When the first got in line; `i64::MAX` if there is nobody.
    pub(crate) fn head_since(&self) -> i64 {
        self.head
            .map_or(i64::MAX, |m| m.line_since.load(Ordering::Relaxed))
    }

    /// `m` must not be in line.
    pub(crate) fn push(&mut self, m: &'static M) {
        m.line_link.store(None, Ordering::Relaxed);
        match self.tail {
            Some(last) => last.line_link.store(Some(m), Ordering::Relaxed),
            None => self.head = Some(m),
        }
        self.tail = Some(m);
        self.len += 1;
    }

    pub(crate) fn pop(&mut self) -> Option<&'static M> {
        let m = self.head?;
        self.head = m.line_link.load(Ordering::Relaxed);
        if self.head.is_none() {
            self.tail = None;
        }
        self.len -= 1;
        Some(m)
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, M};

    #[test]
    fn first_in_first_out() {
        let ms = [M::new(), M::new(), M::new()];
        let mut line = Line::new();
        assert!(line.pop().is_none());
        for round in 0..3 {
            for m in ms {
                m.line_since
                    .store(round + m.id as i64, std::sync::atomic::Ordering::Relaxed);
                line.push(m);
            }
            assert_eq!(
                (line.len(), line.head_since()),
                (3, round + ms[0].id as i64)
            );
            for m in ms {
                assert_eq!(line.pop().map(|m| m.id), Some(m.id));
            }
            assert_eq!((line.len(), line.head_since()), (0, i64::MAX));
        }
    }
}
