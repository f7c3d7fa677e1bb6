//! A list of free slots.

use super::arena::word;
use super::class::SlotId;

/// A list of free slots of one class, linked through their words.
#[derive(Clone, Copy, Default)]
pub(super) struct Magazine {
    head: u32,
    pub(super) len: u32,
}

impl Magazine {
    /// The slot that the second `pop` from now returns, if there is one.
    #[inline(always)]
    pub(super) fn peek(&self) -> Option<SlotId> {
        (self.len > 1).then(|| word(self.head).link())
    }

    #[inline(always)]
    pub(super) fn push(&mut self, id: SlotId) {
        word(id).set_free(self.head);
        self.head = id;
        self.len += 1;
    }

    #[inline(always)]
    pub(super) fn pop(&mut self) -> SlotId {
        let id = self.head;
        self.head = word(id).link();
        self.len -= 1;
        id
    }
}
