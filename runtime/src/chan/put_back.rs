//! How values are lent to futures, robbed of them, put back and received again; see `lent.rs`.

use super::hchan::{Attempt, RawChan};
use super::lent::Head;
use super::rt::Task;
use super::waitq::{Outcome, Sudog, WakeList};
use std::ptr::{self, NonNull};
use std::time::Instant;

/// Where a value went that was put back.
#[must_use]
pub(super) enum PutBackTo {
    /// No receiver will ever come: the value is the caller's to drop.
    Nobody,
    /// To this one, who is to be woken.
    Receiver(*mut Sudog),
    /// A timer's, which is due again, or whose value is stale: there is nothing to be dropped.
    Timer,
    /// It waits in its node, which is the queue's from now on.
    Queue,
}

impl RawChan {
    /// Hands the value at `elem` to a future, whose receive was just taken out of the queue.
    ///
    /// # Safety
    /// The lock is held; `elem` holds a value of the element type, `size` is its size; `task` is the receiver's.
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn lend(&self, task: NonNull<Task>, elem: *const u8, size: usize) -> Attempt {
        let head = task.cast::<Head>().as_ptr();
        // SAFETY: the caller's promise; the receiver has room for an element.
        unsafe {
            ptr::copy_nonoverlapping(elem, (*head).sudog.elem, size);
            self.note_lent(task);
            Attempt::Lent(&raw mut (*head).sudog)
        }
    }

    /// The value that a future was just handed, in its place already, is lent.
    ///
    /// # Safety
    /// As [`lend`](Self::lend).
    pub(super) unsafe fn note_lent(&self, task: NonNull<Task>) {
        let head = task.cast::<Head>().as_ptr();
        // SAFETY: the caller's promise. Receivers leave their queue in the order in which they are served.
        unsafe {
            (*head).sudog.outcome = Outcome::Done;
            self.lent.insert(head, self.recvq().left());
        }
    }

    /// The end of a receive that is not queued any more: its value, if it is `Done`, is the caller's.
    ///
    /// # Safety
    /// The lock is held; `head` is the caller's receive on this channel, and was served.
    pub(super) unsafe fn take_lent(&self, head: *mut Head) -> Outcome {
        // SAFETY: the caller's promise.
        unsafe {
            if (*head).lent {
                self.lent.remove(head);
            }
            (*head).sudog.outcome
        }
    }

    /// On a closed channel: moves the oldest lent value to `elem`. Its stamp, if there is one.
    ///
    /// # Safety
    /// The lock is held; `elem` has room for an element.
    unsafe fn rob(&self, elem: *mut u8) -> Option<u64> {
        let head = self.lent.first();
        if head.is_null() {
            return None;
        }
        // SAFETY: a listed node is valid, and has a value.
        unsafe {
            self.lent.remove(head);
            ptr::copy_nonoverlapping((*head).sudog.elem, elem, self.size);
            (*head).sudog.outcome = Outcome::Closed;
            Some((*head).stamp)
        }
    }

    /// A receive on a closed channel without values.
    ///
    /// # Safety
    /// As [`recv_locked`](Self::recv_locked).
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn recv_at_the_end(&self, elem: *mut u8) -> Attempt {
        // SAFETY: forwarded.
        match unsafe { self.rob(elem) } {
            Some(_) => Attempt::Done,
            None => Attempt::Closed,
        }
    }

    /// On a channel that closes: receivers that wait get what is lent, in front of `rest`.
    ///
    /// # Safety
    /// The lock is held.
    pub(super) unsafe fn rob_for_waiting(&self, mut rest: WakeList) -> WakeList {
        let old = rest.first();
        // SAFETY: a dequeued receiver is ours until it is woken, and has room for an element. One that is a
        // future is lent it in turn: in the end, so that it is not robbed itself.
        unsafe {
            while !self.lent.is_empty()
                && let Some(receiver) = self.recvq().dequeue()
            {
                let stamp = self.rob((*receiver).elem).expect("not empty");
                (*receiver).outcome = Outcome::Done;
                if let Some(head) = Head::of(receiver) {
                    (*head).stamp = stamp;
                }
                rest.push(receiver);
            }
            rest.each_before(old, |receiver| {
                if let Some(head) = Head::of(receiver) {
                    self.lent.insert(head, (*head).stamp);
                }
            });
        }
        rest
    }

    /// Puts back the value of `head`, whose future is gone. `None`: it has none, and is to be freed.
    ///
    /// # Safety
    /// The lock is held. `head` is a receive on this channel that was served; it stays valid until the queue has
    /// let go of it.
    pub(super) unsafe fn put_back(&self, head: *mut Head) -> Option<PutBackTo> {
        // SAFETY: the caller's promise. A dequeued receiver is ours until it is woken.
        unsafe {
            if !(*head).lent {
                return None;
            }
            self.lent.remove(head);
            let (stamp, elem) = ((*head).stamp, (*head).sudog.elem);
            if self.is_abandoned() {
                return Some(PutBackTo::Nobody);
            }
            if let Some(timer) = self.timer()
                && !timer.timed().put_back(elem.cast::<Instant>().read())
            {
                return Some(PutBackTo::Timer);
            }
            if let Some(receiver) = self.recvq().dequeue() {
                ptr::copy_nonoverlapping(elem, (*receiver).elem, self.size);
                (*receiver).outcome = Outcome::Done;
                if let Some(other) = Head::of(receiver) {
                    self.lent.insert(other, stamp);
                }
                return Some(PutBackTo::Receiver(receiver));
            }
            if self.timer().is_some() {
                return Some(PutBackTo::Timer);
            }
            (*head).sudog.put_back = true;
            let earlier = |other| Head::of(other).is_some_and(|other| (*other).stamp < stamp);
            self.sendq()
                .insert_put_back(&raw mut (*head).sudog, earlier);
            self.count_sent();
        }
        Some(PutBackTo::Queue)
    }

    /// Receives the first of the values that were put back.
    ///
    /// # Safety
    /// As [`recv_locked`](Self::recv_locked); there is one.
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn recv_put_back(&self, elem: *mut u8, size: usize) -> Attempt {
        // SAFETY: the lock is held; they stand first. They are no select's, so there is one. A live sender waits
        // only if the channel was full: then there is room in the ring now, unless more was put back than
        // fits.
        unsafe {
            let sg = self.sendq().dequeue().expect("there is one");
            ptr::copy_nonoverlapping((*sg).elem, elem, size);
            self.count_received();
            let sender = self.move_sender_up(size);
            let head = Head::of(sg).expect("a future's");
            Attempt::TookBack(NonNull::new_unchecked(head), sender)
        }
    }

    /// Takes all that was put back out of the queue.
    ///
    /// # Safety
    /// The lock is held, or the caller has the channel to itself; no live sender waits any more.
    pub(super) unsafe fn take_put_back(&self) -> PutBack {
        let mut all = PutBack(ptr::null_mut());
        // SAFETY: forwarded; what was dequeued is ours, and all of it is of futures.
        unsafe {
            while let Some(sg) = self.sendq().dequeue() {
                let head = Head::of(sg).expect("a future's");
                (*head).next = all.0;
                all.0 = head;
            }
        }
        all
    }
}

/// Values that were put back and that nobody will receive: dropped with this, each, also if a drop panics.
/// Linked as lent nodes are, which these are no more; not as those are that are to be woken, which they may be still.
pub(super) struct PutBack(*mut Head);

impl Drop for PutBack {
    fn drop(&mut self) {
        // SAFETY: ours, and nothing is locked.
        unsafe {
            while let Some(head) = NonNull::new(self.0) {
                self.0 = (*head.as_ptr()).next;
                ((*head.as_ptr()).let_go)(head, true);
            }
        }
    }
}
