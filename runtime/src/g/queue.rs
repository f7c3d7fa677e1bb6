//! A list of goroutines through their `link` fields: the global queue, and batches on their way.

use super::header::GRef;

/// First in, first out. A G is on at most one list; being on it is being owned by its holder.
#[derive(Default)]
pub(crate) struct GQueue {
    head: Option<GRef>,
    tail: Option<GRef>,
    len: usize,
}

impl GQueue {
    pub(crate) const fn new() -> Self {
        Self {
            head: None,
            tail: None,
            len: 0,
        }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    /// Adds at the tail.
    #[inline]
    pub(crate) fn push(&mut self, g: GRef) {
        g.link.set(None);
        match self.tail {
            Some(t) => t.link.set(Some(g)),
            None => self.head = Some(g),
        }
        self.tail = Some(g);
        self.len += 1;
    }

    /// Takes from the head.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<GRef> {
        let g = self.head?;
        self.head = g.link.take();
        if self.head.is_none() {
            self.tail = None;
        }
        self.len -= 1;
        Some(g)
    }

    /// Moves everything from `other` to our tail.
    #[inline]
    pub(crate) fn append(&mut self, other: &mut GQueue) {
        let Some(first) = other.head.take() else {
            return;
        };
        match self.tail {
            Some(t) => t.link.set(Some(first)),
            None => self.head = Some(first),
        }
        self.tail = other.tail.take();
        self.len += std::mem::take(&mut other.len);
    }
}
