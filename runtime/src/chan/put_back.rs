//! How values are lent to futures, taken from them again, put back and received; see `lent.rs`.

use super::hchan::{Attempt, Locked};
use super::lent::Head;
use super::waitq::{Outcome, Stays, Taken, WakeList};
use std::ptr;
use std::time::Instant;

/// Where a value that was put back has gone.
#[must_use]
pub(super) enum PutBackTo {
    /// No receiver will ever come: the value is the caller's to drop.
    Nobody,
    /// To this one, which is to be woken.
    Receiver(Taken),
    /// A timer's, which is due again, or whose value is stale: there is nothing to be dropped.
    Timer,
    /// It waits in its node, which is the queue's from now on.
    Queue,
}

impl Locked<'_> {
    /// Hands the value at `elem` to a future, whose receive was just taken out of the queue.
    ///
    /// # Safety
    /// `elem` holds a value of the element type, `size` is its size.
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn lend(self, receiver: Taken, elem: *const u8, size: usize) -> Attempt {
        // SAFETY: the caller's promise; the receiver has room for an element.
        unsafe { ptr::copy_nonoverlapping(elem, receiver.elem(), size) };
        self.serve(&receiver);
        Attempt::Lent(receiver)
    }

    /// The receiver, just taken out of the queue, has its value: for good, or lent, if it is a future.
    pub(super) fn serve(self, receiver: &Taken) {
        receiver.set_outcome(Outcome::Done);
        if let Some(head) = Head::of(receiver.place()) {
            // Receivers leave their queue in the order in which they are served.
            self.lent().insert(head, self.recvq().left());
        }
    }

    /// The end of a receive on this channel that is not queued any more: its value, if it is `Done`, is its owner's.
    pub(super) fn take_lent(self, head: Stays<Head>) -> Outcome {
        self.lent().remove(head);
        head.sudog.outcome()
    }

    /// On a closed channel: moves the oldest lent value to `elem` and returns its stamp, if there is one.
    ///
    /// # Safety
    /// `elem` has room for an element.
    unsafe fn rob(self, elem: *mut u8) -> Option<u64> {
        let head = self.lent().pop()?;
        // SAFETY: a listed node has a value.
        unsafe { ptr::copy_nonoverlapping(head.sudog.elem(), elem, self.size) };
        head.sudog.set_outcome(Outcome::Closed);
        Some(head.stamp.get())
    }

    /// The same for the next receiver that waits, which `takes` one. `None`: nothing is lent, or none waits.
    fn rob_for_next(self, takes: impl FnOnce(&Taken) -> bool) -> Option<(Taken, Option<u64>)> {
        if self.lent().is_empty() {
            return None;
        }
        let receiver = self.recvq().dequeue()?;
        // SAFETY: a receiver of this channel has room for an element.
        let stamp = takes(&receiver).then(|| unsafe { self.rob(receiver.elem()) });
        Some((receiver, stamp.flatten()))
    }

    /// A receive on a closed channel without values.
    ///
    /// # Safety
    /// As [`try_recv`](Self::try_recv).
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn recv_at_the_end(self, elem: *mut u8) -> Attempt {
        // SAFETY: forwarded.
        match unsafe { self.rob(elem) } {
            Some(_) => Attempt::Done,
            None => Attempt::Closed,
        }
    }

    /// On a channel that closes: receivers that wait get what is lent. First in the order in which they wait, each
    /// from a future that was lent it before; then receivers that keep what they get, from the futures among the
    /// first: a future may still put it back, and a receiver that was told of the end would not look again.
    pub(super) fn rob_for_waiting(self) -> WakeList {
        let mut served = WakeList::EMPTY;
        // One that is a future is lent it in turn: in the end, so that it is not robbed itself.
        while let Some((receiver, stamp)) = self.rob_for_next(|_| true) {
            receiver.set_outcome(Outcome::Done);
            if let (Some(head), Some(stamp)) = (Head::of(receiver.place()), stamp) {
                head.stamp.set(stamp);
            }
            served.push(receiver);
        }
        served.each(|receiver| {
            if let Some(head) = Head::of(receiver) {
                self.lent().insert(head, head.stamp.get());
            }
        });
        while let Some((receiver, stamp)) = self.rob_for_next(|r| r.task().is_none()) {
            receiver.set_outcome(match stamp {
                Some(_) => Outcome::Done,
                None => Outcome::Closed,
            });
            served.push(receiver);
        }
        served
    }

    /// Puts back the value of `head`, whose future is gone. `None`: this channel has lent it none, and it is to be
    /// freed.
    pub(super) fn put_back(self, head: Stays<Head>) -> Option<PutBackTo> {
        if !self.lent().remove(head) {
            return None;
        }
        let (stamp, elem) = (head.stamp.get(), head.sudog.elem());
        if self.is_abandoned() {
            return Some(PutBackTo::Nobody);
        }
        if let Some(timer) = self.timer() {
            // SAFETY: it has a value, and a timer's are `Instant`s.
            let tick = unsafe { elem.cast::<Instant>().read() };
            if !timer.timed().put_back(self, tick) {
                return Some(PutBackTo::Timer);
            }
        }
        if let Some(receiver) = self.recvq().dequeue() {
            // SAFETY: from one that has a value to one that has room for it.
            unsafe { ptr::copy_nonoverlapping(elem, receiver.elem(), self.size) };
            receiver.set_outcome(Outcome::Done);
            if let Some(other) = Head::of(receiver.place()) {
                self.lent().insert(other, stamp);
            }
            return Some(PutBackTo::Receiver(receiver));
        }
        if self.timer().is_some() {
            return Some(PutBackTo::Timer);
        }
        let earlier = |other| Head::of(other).is_some_and(|other| other.stamp.get() < stamp);
        self.sendq().insert_put_back(Head::place(head), earlier);
        self.count_sent();
        Some(PutBackTo::Queue)
    }

    /// Receives the first of the values that were put back.
    ///
    /// # Safety
    /// As [`try_recv`](Self::try_recv); there is one.
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn recv_put_back(self, elem: *mut u8, size: usize) -> Attempt {
        // They stand first, and are no select's, so there is one.
        let sg = self.sendq().dequeue().expect("there is one");
        // SAFETY: it has a value; the rest is forwarded.
        unsafe { ptr::copy_nonoverlapping(sg.elem(), elem, size) };
        self.count_received();
        // A live sender waits only if the channel was full: then there is room in the ring now, unless more was
        // put back than fits.
        let sender = self.move_sender_up();
        let head = Head::of(sg.place()).expect("a future's");
        Attempt::TookBack(head, sender)
    }

    /// Takes all that was put back out of the queue, in which no live sender waits any more.
    pub(super) fn take_put_back(self) -> PutBack {
        let mut all = PutBack(None);
        while let Some(sg) = self.sendq().dequeue() {
            let head = Head::of(sg.place()).expect("a future's");
            head.next.set(all.0.replace(head));
        }
        all
    }
}

/// Values that were put back and that no goroutine will receive: each is dropped with this, also if a drop panics.
/// They use the link of lent nodes, since they are not lent any more; not the link of nodes to wake, since they may
/// still be in such a list.
pub(super) struct PutBack(Option<Stays<Head>>);

impl Drop for PutBack {
    fn drop(&mut self) {
        while let Some(head) = self.0 {
            self.0 = head.next.get();
            // SAFETY: it was in the queue, and nothing is locked.
            unsafe { (head.let_go)(head.as_non_null(), true) };
        }
    }
}
