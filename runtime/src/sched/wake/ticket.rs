//! Waking by ticket: for wakers that may come late.
//!
//! A channel's waker has the exclusive right to wake, because it took the waiter out of a queue. A
//! timer, a `Waker` or a cancellation has not: the goroutine may have been woken by another waker, or
//! have ended, and its slot may serve another one. Such wakers hold a [`Ticket`], which names one wait
//! (see [`SlotWord`](crate::stack::word::SlotWord)); once that wait is over it does nothing, for ever.

use super::park::{park_owned, ready_g};
use crate::g::waiter::ThreadParker;
use crate::g::{GRef, WaitReason};
use crate::sched::state::m::current_g;
use crate::stack::arena;
use crate::stack::word::{Ended, THREAD_IDS};

pub(crate) use crate::stack::word::Ticket;
use std::marker::PhantomData;

/// A wait of the caller's, which has a ticket.
pub(crate) struct TicketedWait {
    ticket: Ticket,
    /// It is about the goroutine or thread that opened it.
    stays: PhantomData<*const ()>,
}

impl TicketedWait {
    /// Opens a wait for the caller; every older ticket of the caller is dead from now on. The runtime has been
    /// booted.
    pub(crate) fn new() -> TicketedWait {
        let ticket = match current_g() {
            Some(g) => g.word().open(g.slot()),
            None => {
                let t = ThreadParker::current();
                t.word().open(t.id())
            }
        };
        let stays = PhantomData;
        TicketedWait { ticket, stays }
    }

    /// Its ticket, for the waker that is to end it.
    pub(crate) fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// Blocks until [`ready_ticket`] has been called for the ticket, before or after this call. If the caller has
    /// opened another wait since, it does not block.
    pub(crate) fn park(self, reason: WaitReason) {
        let t = self.ticket;
        debug_assert_eq!(
            t.id(),
            current_g().map_or_else(|| ThreadParker::current().id(), |g| g.slot()),
            "the wait of another"
        );
        park_owned(reason, move || arena::word(t.id()).park(t));
    }
}

/// Ends the wait `t`, now or later; `true` for the one call that did. Safe at any time, from any
/// thread.
pub(crate) fn ready_ticket(t: Ticket) -> bool {
    match arena::word(t.id()).end(t) {
        Ended::TooLate => false,
        Ended::BeforePark => true,
        Ended::Parked => {
            if t.id() < THREAD_IDS {
                ThreadParker::by_id(t.id()).wake();
            } else {
                let (slot, class) =
                    arena::slot_at(arena::slot_base(t.id())).expect("a parked goroutine's slot");
                // SAFETY: we have ended its wait, alone: the CAS above.
                unsafe { ready_g(GRef::of_slot(slot, class)) };
            }
            true
        }
    }
}
