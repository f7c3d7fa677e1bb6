//! A goroutine's birth.

use super::body::body;
use super::origin;
use crate::g::header::Closure;
use crate::g::{G, GRef, Status, flag, seed};
use crate::sched::state::m::current_g;
use crate::sched::state::p::{OwnP, P};
use crate::sched::state::runnable::Runnable;
use crate::sched::state::sched::SCHED;
use crate::sched::state::{beside, homes, hooks, lineage, section, slots, tracing};
use crate::sched::wake::idle;
use crate::stack::arena::{self, CLASSES, SlotId};
use crate::switch;
use std::panic::Location;
use std::sync::atomic::Ordering;

/// What a goroutine may be given besides its closure.
pub(crate) struct Options {
    /// The size of its stack; `None`: an ordinary one, with as much room as there is.
    pub(crate) class: Option<u8>,
    pub(crate) flags: u16,
    pub(crate) name: Option<String>,
    /// The origin it is for, if a plain thread starts it; else the same as its parent's.
    pub(crate) origin: u32,
}

impl Options {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Options {
            class: None,
            flags: 0,
            name: None,
            origin: 0,
        }
    }

    /// Nothing is asked for.
    #[inline(always)]
    fn is_plain(&self) -> bool {
        self.class.is_none() && self.flags == 0 && self.name.is_none()
    }
}

/// Starts a goroutine that runs `f`; it is the next to run on this P. Go's `newproc`.
#[inline]
pub(crate) fn spawn<F: FnOnce() + 'static>(
    f: F,
    mut options: Options,
    at: &'static Location<'static>,
) -> u64 {
    let size = |options: &Options| {
        let asked = options.class.map(arena::size_of_class);
        asked.unwrap_or_else(slots::dense_size)
    };
    // A large closure needs a large stack: calling it moves it once or twice.
    if size_of::<F>() > size(&options) / 16 {
        let class = arena::class_for(16 * size_of::<F>());
        options.class = class.or(Some(CLASSES as u8 - 1));
    }
    if size_of::<F>() > size(&options) / 4 || align_of::<F>() > 4096 {
        return spawn_inline(Box::new(f), options, at);
    }
    spawn_inline(f, options, at)
}

#[inline]
fn spawn_inline<F: FnOnce() + 'static>(
    f: F,
    options: Options,
    at: &'static Location<'static>,
) -> u64 {
    let (parent, family, origin, inherited) = match current_g() {
        Some(g) => (
            g.id.load(Ordering::Relaxed),
            g.has(flag::FAMILY),
            g.origin.load(Ordering::Relaxed),
            lineage::of_children(g),
        ),
        None => {
            let origin = match options.origin {
                0 if options.flags & flag::SYSTEM == 0 => origin::of_thread(),
                origin => origin,
            };
            (0, hooks::of_some_thread(), origin, None)
        }
    };
    let section = section::enter();
    let p = section.as_ref().and_then(|s| s.p());
    let flags = switch::flags_at_birth(options.flags);
    let id = number(p.as_ref(), options.flags);
    // One that nothing sets apart from others need not have a stack yet.
    let plain = options.is_plain() && !family && inherited.is_none() && flags & flag::STAYS == 0;
    let (slot, seed) = match &p {
        Some(p) if plain => match slots::take_ordinary_slot_at_hand(p) {
            None if seed::Owned::fits::<F>() => (None, p.seeds().take()),
            slot => (slot, None),
        },
        _ => (None, None),
    };
    // SAFETY: the closure fits into the seed, and `entry` is for an `F`. Or the slot is just taken: the closure lies
    // between the header and the stack's start, aligned, the stack below it, and nothing has run there yet. No other
    // thread knows of the goroutine.
    let mut new = unsafe {
        Runnable::new(match seed {
            Some(seed) => seed.plant(id, entry::<F>, f),
            None => {
                let (slot, class) = slot.unwrap_or_else(|| take_slot(p.as_ref(), options.class));
                let g = GRef::init(slot, class);
                g.id.store(id, Ordering::Relaxed);
                let top = g.as_ptr() as usize;
                let at = (top - size_of::<F>()) & !(align_of::<F>().max(16) - 1);
                let (entry, at) = (entry::<F> as _, at as *mut u8);
                at.cast::<F>().write(f);
                let limit = arena::slot_base(slot);
                g.start(Closure { entry, at }, limit, move || body(g));
                g
            }
        })
    };
    let g = new.g();
    g.flags.store(flags, Ordering::Relaxed);
    if flags & (flag::STAYS | flag::PINNED | flag::SYSTEM) == flag::STAYS {
        homes::settle(g);
    }
    g.parent.store(parent, Ordering::Relaxed);
    g.origin.store(origin, Ordering::Relaxed);
    g.set_created_at(at);
    if let Some(name) = options.name {
        g.set_flag(flag::NAMED, true);
        beside::set(id, |b| &mut b.name, Some(name));
    }
    if let Some(inherited) = inherited {
        lineage::inherit(g, inherited);
    }
    g.set_status(Status::Runnable);
    if tracing::on() {
        tracing::readied(g, true);
    }
    if family {
        let Some(left) = (hooks::get().inherit)(new) else {
            return id;
        };
        new = left;
    }
    match p {
        Some(p) => idle::put_next(&p, new),
        None => idle::put_global(new),
    }
    id
}

/// Reads the closure out of the slot and runs it.
///
/// # Safety
/// `closure` holds an `F` that no other code will read.
unsafe fn entry<F: FnOnce()>(closure: *mut u8) {
    // SAFETY: forwarded.
    let f = unsafe { closure.cast::<F>().read() };
    f();
}

/// A new goroutine's id; it is counted, unless it is the runtime's own.
#[inline]
fn number(p: Option<&OwnP<'_>>, flags: u16) -> u64 {
    let counted = flags & flag::SYSTEM == 0;
    match p {
        Some(p) => {
            if counted {
                p.count_made();
            }
            p.next_goid()
        }
        None => {
            if counted {
                SCHED.count_made();
            }
            P::next_goid_without()
        }
    }
}

#[inline]
fn take_slot(p: Option<&OwnP<'_>>, class: Option<u8>) -> (SlotId, u8) {
    match class {
        Some(class) => (slots::take_slot(p, class), class),
        None => slots::take_ordinary_slot(p),
    }
}

const _: () = assert!(size_of::<G>() < 512);
