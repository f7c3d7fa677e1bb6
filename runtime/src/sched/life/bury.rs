//! A goroutine's burial, after it has left its stack for good.

use crate::g::{GRef, Status, flag};
use crate::sched::state::hooks::{self, Left};
use crate::sched::state::sched::SCHED;
use crate::sched::state::section::Section;
use crate::sched::state::{beside, homes, lineage, slots};
use crate::stack::arena::SlotId;
use std::sync::atomic::Ordering;

/// Buries a goroutine, on the M's own stack. `false`: its thread ends with it.
///
/// # Safety
/// It has left its stack for good, just now, and here.
pub(crate) unsafe fn bury(m: &Section, g: GRef) -> bool {
    g.set_status(Status::Dead);
    let (locked, _left) = if g.has(flag::NAMED | flag::COLD | flag::LABELLED | flag::ANCESTRY) {
        tidy(g)
    } else {
        (false, None)
    };
    let counted = !g.has(flag::SYSTEM);
    let (slot, class): (SlotId, u8) = (g.slot(), g.class());
    let p = m.p();
    match &p {
        Some(p) => {
            if counted {
                p.count_ended();
            }
        }
        None => {
            if counted {
                SCHED.count_ended();
            }
        }
    }
    // SAFETY: it has left its stack, and no other goroutine has the slot, which is its own, before it is given back.
    unsafe {
        g.trim();
        slots::give_slot(p.as_ref(), class, slot);
    }
    !locked
}

/// Clears what most goroutines never use. Returns whether it was locked to its thread, and what tells the
/// watchers of its end: drop that once the goroutine is not counted any more.
#[cold]
#[inline(never)]
fn tidy(g: GRef) -> (bool, Option<Left>) {
    if g.has(flag::NAMED) {
        beside::set(g.id.load(Ordering::Relaxed), |b| &mut b.name, None);
    }
    lineage::forget(g);
    homes::leave(g);
    let locked = g.lock_count() > 0;
    let left = g.has(flag::FAMILY).then(|| (hooks::get().leave)(g));
    // SAFETY: it has ended, and is ours; what was borrowed of it lay on its stack.
    unsafe { g.clear_cold() };
    (locked, left)
}
