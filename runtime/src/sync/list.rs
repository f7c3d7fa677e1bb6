//! A queue whose members can leave from anywhere in constant time.
//!
//! A doubly linked list in a vector: `links[key]` is a member or free; free ones form a list of their
//! own through `next`. Ends are marked by `NIL`.

#![forbid(unsafe_code)]

const NIL: u32 = u32::MAX;

pub(super) struct List<T> {
    links: Vec<Link<T>>,
    front: u32,
    back: u32,
    free: u32,
    /// Raised by every push, so that the key of a member that has left never means another.
    pushes: u64,
}

struct Link<T> {
    value: Option<T>,
    push: u64,
    prev: u32,
    next: u32,
}

/// Names a member.
#[derive(Clone, Copy)]
pub(super) struct Key {
    at: u32,
    push: u64,
}

impl<T> List<T> {
    pub(super) const fn new() -> Self {
        List {
            links: Vec::new(),
            front: NIL,
            back: NIL,
            free: NIL,
            pushes: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.front == NIL
    }

    pub(super) fn front(&self) -> Option<&T> {
        self.links.get(self.front as usize)?.value.as_ref()
    }

    pub(super) fn push_back(&mut self, value: T) -> Key {
        self.pushes += 1;
        let link = Link {
            value: Some(value),
            push: self.pushes,
            prev: self.back,
            next: NIL,
        };
        let at = if self.free == NIL {
            self.links.push(link);
            (self.links.len() - 1) as u32
        } else {
            let at = self.free;
            self.free = self.links[at as usize].next;
            self.links[at as usize] = link;
            at
        };
        match self.back {
            NIL => self.front = at,
            back => self.links[back as usize].next = at,
        }
        self.back = at;
        Key {
            at,
            push: self.pushes,
        }
    }

    pub(super) fn pop_front(&mut self) -> Option<T> {
        let push = self.links.get(self.front as usize)?.push;
        self.remove(Key {
            at: self.front,
            push,
        })
    }

    /// Takes a member out; `None` if it has left.
    pub(super) fn remove(&mut self, key: Key) -> Option<T> {
        let link = &mut self.links[key.at as usize];
        if link.push != key.push {
            return None;
        }
        let value = link.value.take()?;
        let (prev, next) = (link.prev, link.next);
        link.next = self.free;
        self.free = key.at;
        match prev {
            NIL => self.front = next,
            prev => self.links[prev as usize].next = next,
        }
        match next {
            NIL => self.back = prev,
            next => self.links[next as usize].prev = prev,
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_leave_from_anywhere() {
        let mut list = List::new();
        let keys: Vec<_> = (0..5).map(|i| list.push_back(i)).collect();
        assert_eq!(list.remove(keys[2]), Some(2));
        assert_eq!(list.remove(keys[2]), None);
        assert_eq!(list.remove(keys[0]), Some(0));
        assert_eq!(list.remove(keys[4]), Some(4));
        assert_eq!(list.front(), Some(&1));
        // The freed places are used again, and old keys mean no member.
        for i in 5..9 {
            list.push_back(i);
        }
        assert_eq!(list.links.len(), 6);
        assert!(keys[..1].iter().all(|k| list.remove(*k).is_none()));
        let rest: Vec<_> = std::iter::from_fn(|| list.pop_front()).collect();
        assert_eq!(rest, [1, 3, 5, 6, 7, 8]);
        assert!(list.is_empty() && list.front().is_none());
    }
}
