//! [`Watched`]: the one P that another P watches, to see whether it gets on.
//!
//! (README.md, "A P that stands".)

use std::cell::Cell;

/// Another P by its number, and how many goroutines it had run at the last look.
#[derive(Default)]
pub(crate) struct Watched {
    id: Cell<u32>,
    switches: Cell<u32>,
}

impl Watched {
    /// A look of the P `me`, one of `n`. `Some`: that P has run none since the last look. Else the next one is
    /// watched from now on; it is the same if there are two.
    pub(crate) fn look(&self, me: u32, n: u32, switches: impl Fn(u32) -> u32) -> Option<u32> {
        if n < 2 {
            return None;
        }
        let id = self.id.get();
        if id != me && switches(id) == self.switches.get() {
            return Some(id);
        }
        let mut next = (id + 1) % n;
        if next == me {
            next = (next + 1) % n;
        }
        self.id.set(next);
        self.switches.set(switches(next));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_gets_on_does_not_stand() {
        let watched = Watched::default();
        assert_eq!(watched.look(0, 1, |_| 7), None);
        for runs in 10..20 {
            assert_eq!(watched.look(0, 2, |_| runs), None);
        }
        assert_eq!(watched.look(0, 2, |_| 19), Some(1));
        // As long as it stands.
        assert_eq!(watched.look(0, 2, |_| 19), Some(1));
        assert_eq!(watched.look(0, 2, |_| 20), None);
        assert_eq!(watched.look(0, 2, |_| 20), Some(1));
    }

    #[test]
    fn all_others_are_watched_in_turn() {
        let watched = Watched::default();
        let looked = Cell::new(100);
        let mut order = Vec::new();
        for _ in 0..7 {
            looked.set(looked.get() + 1);
            assert_eq!(watched.look(2, 4, |id| id + looked.get()), None);
            order.push(watched.id.get());
        }
        assert_eq!(order, [1, 3, 0, 1, 3, 0, 1]);
        // Now neither gets on: the one that is watched is told.
        assert_eq!(watched.look(2, 4, |id| id + looked.get()), Some(1));
    }
}
