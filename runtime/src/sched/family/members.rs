//! Families: goroutines that a test watches, together with everything that they start.
//!
//! A goroutine (or a plain thread) *enters* a family; what it starts from then on, and what those start,
//! are the family's **members** until they end. A family may lie in another one: its members are also
//! the outer one's. It may have a [`Bubble`], the fake time of `testing::synctest`.
//!
//! What it costs goroutines that are in none: `park`, `ready`, `spawn` and the end of a goroutine test
//! one bit of `g.flags`, which lies in a cache line that each of them uses anyway. Everything else, this
//! file included, runs only for a goroutine with that bit.
//!
//! Invariant: the goroutine's header holds its family, exactly if [`flag::FAMILY`] is set; the goroutine
//! itself sets both, or its parent before it first runs; and they change when it is buried.

use super::bubble::{Bubble, exist};
use crate::g::{GRef, Watch, flag};
use crate::sched::state::hooks::{self, Left};
use crate::sched::state::m::current_g;
use crate::sched::state::runnable::Runnable;
use crate::sys::mutex::{Guard, Mutex};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// See the [module](self).
pub(crate) struct Family {
    outer: Option<Arc<Family>>,
    bubble: Option<Arc<Bubble>>,
    members: Mutex<BTreeMap<u64, GRef>>,
}

thread_local! {
    /// The family that a plain thread has entered; the code that entered it puts the old one back. It has no
    /// destructor, so it also works while the thread ends.
    static OF_THREAD: RefCell<ManuallyDrop<Option<Arc<Family>>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
}

impl Family {
    /// A family inside the caller's; `bubble` if it is to have one of its own.
    pub(crate) fn new(bubble: Option<Arc<Bubble>>) -> Arc<Family> {
        let outer = current();
        let bubble = bubble.or_else(|| outer.as_ref()?.bubble.clone());
        Arc::new(Family {
            outer,
            bubble,
            members: Mutex::default(),
        })
    }

    /// Its goroutines by id, oldest first. Each may end at any moment.
    pub(crate) fn members(&self) -> Vec<(u64, GRef)> {
        let members = self.lock();
        members.iter().map(|(&id, &g)| (id, g)).collect()
    }

    fn lock(&self) -> Guard<'_, BTreeMap<u64, GRef>> {
        self.members.lock()
    }

    /// The family and those around it.
    fn and_outer(&self) -> impl Iterator<Item = &Family> {
        std::iter::successors(Some(self), |f| f.outer.as_deref())
    }
}

/// The caller's family.
pub(crate) fn current() -> Option<Arc<Family>> {
    match current_g() {
        Some(g) => of(g),
        None => of_thread(),
    }
}

/// The bubble that the caller is in.
#[inline]
pub(crate) fn bubble() -> Option<Arc<Bubble>> {
    let g = current_g().filter(|g| g.has(flag::FAMILY))?;
    bubble_of(g)
}

/// The bubble of a goroutine.
pub(crate) fn bubble_of(g: GRef) -> Option<Arc<Bubble>> {
    of(g)?.bubble.clone()
}

fn family_of(watch: Watch) -> Arc<Family> {
    watch.downcast().expect("only this module stores one")
}

#[cold]
fn of(g: GRef) -> Option<Arc<Family>> {
    g.family().map(family_of)
}

fn of_thread() -> Option<Arc<Family>> {
    if !hooks::of_some_thread() {
        return None;
    }
    OF_THREAD.with_borrow(|family| (**family).clone())
}

/// Makes `family` the caller's and returns the one before.
fn replace(family: Option<Arc<Family>>) -> Option<Arc<Family>> {
    match current_g() {
        Some(g) => replace_of(g, family),
        None => {
            hooks::thread_enters();
            ManuallyDrop::into_inner(OF_THREAD.replace(ManuallyDrop::new(family)))
        }
    }
}

fn replace_of(g: GRef, family: Option<Arc<Family>>) -> Option<Arc<Family>> {
    g.set_family(family.map(|family| family as Watch))
        .map(family_of)
}

/// While it lives, what the caller starts belongs to a family.
pub(crate) struct Entered {
    before: Option<Arc<Family>>,
    /// It is about the goroutine or thread that made it.
    stays: PhantomData<*const ()>,
}

/// Enters `family`.
pub(crate) fn enter(family: Arc<Family>) -> Entered {
    Entered {
        before: replace(Some(family)),
        stays: PhantomData,
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        drop(replace(self.before.take()));
    }
}

/// A goroutine with a family, or a plain thread, is about to queue `child`, which is new. `None`: the bubble has taken
/// it.
#[cold]
#[inline(never)]
pub(super) fn inherit(child: Runnable) -> Option<Runnable> {
    if child.has(flag::SYSTEM) {
        return Some(child);
    }
    let Some(family) = current() else {
        return Some(child);
    };
    let id = child.id.load(Ordering::Relaxed);
    for family in family.and_outer() {
        family.lock().insert(id, child.g());
    }
    let bubble = family.bubble.clone();
    replace_of(child.g(), Some(family));
    match bubble {
        Some(bubble) => bubble.joined(child, id),
        None => Some(child),
    }
}

/// `g` has ended and left its stack: takes it out of its family. Its slot may be used again as soon as
/// what is returned is dropped, and not before; dropping it may wake others.
#[cold]
#[inline(never)]
pub(super) fn leave(g: GRef) -> Left {
    let family = replace_of(g, None);
    let id = g.id.load(Ordering::Relaxed);
    let mut was_member = false;
    for family in family.iter().flat_map(|f| f.and_outer()) {
        was_member |= family.lock().remove(&id).is_some();
    }
    let bubble = family.and_then(|f| f.bubble.clone()).filter(|_| was_member);
    Left(bubble.map(|bubble| Box::new(move || bubble.left(id)) as Box<dyn FnOnce()>))
}

/// The id of the caller's bubble; 0 = it is in none.
#[inline(always)]
pub(crate) fn current_id() -> u32 {
    #[cold]
    #[inline(never)]
    fn look() -> u32 {
        bubble().map_or(0, |b| b.id)
    }
    if exist() { look() } else { 0 }
}
