//! The header of a goroutine, at the top of its own slot.
//!
//! ```text
//!  slot top ── colour: 0..15 times 64 bytes, from the slot's number, so that the hot lines of
//!              different goroutines fall into different cache sets
//!              G          this header
//!              closure    until the goroutine starts
//!              stack      grows down
//!              guard
//!  slot base
//! ```
//!
//! Life: [`Status::Idle`] (slot free) → `Runnable` ⇄ `Running` → `Waiting` → `Runnable` .. → `Dead`.
//! **Who owns a G** is not in the status, which only serves dumps: a runnable G belongs to the queue
//! or variable that holds it, a running one to the M that runs it, a waiting one to whoever may wake
//! it (the lock of the channel whose queue holds its waiter, or the one CAS on its slot word).
//! Only the owner touches the fields that are not atomic.

use super::coro::Coro;
use crate::stack::arena::{self, SlotId};
use crate::stack::guard;
use crate::stack::word::{SlotWord, THREAD_IDS};
use crate::sys::mem;
use crate::sys::walk::Saved;
use std::any::{Any, TypeId};
use std::cell::{Cell, UnsafeCell};
use std::ops::Deref;
use std::panic::Location;
use std::ptr::{self, NonNull};
use std::sync::Weak;
use std::sync::atomic::{
    AtomicI64, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};

/// What a goroutine is doing; for dumps and metrics, never for decisions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Status {
    Idle,
    Runnable,
    Running,
    Syscall,
    Waiting,
    Dead,
}

impl Status {
    fn from_u8(v: u8) -> Status {
        match v {
            1 => Status::Runnable,
            2 => Status::Running,
            3 => Status::Syscall,
            4 => Status::Waiting,
            5 => Status::Dead,
            _ => Status::Idle,
        }
    }
}

macro_rules! wait_reasons {
    ($($name:ident = $text:literal,)*) => {
        /// Why somebody waits; dumps print Go's words for it.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        #[allow(missing_docs)]
        pub(crate) enum WaitReason { $($name,)* }

        impl WaitReason {
            const ALL: &[WaitReason] = &[$(WaitReason::$name,)*];

            /// Go's words (`waitReasonStrings`).
            pub(crate) fn text(self) -> &'static str {
                match self { $(WaitReason::$name => $text,)* }
            }
        }
    };
}

wait_reasons! {
    None = "waiting",
    ChanReceive = "chan receive",
    ChanSend = "chan send",
    ChanReceiveNil = "chan receive (nil chan)",
    ChanSendNil = "chan send (nil chan)",
    Select = "select",
    SelectNoCases = "select (no cases)",
    Sleep = "sleep",
    IoWait = "IO wait",
    Semacquire = "semacquire",
    SyncMutexLock = "sync.Mutex.Lock",
    SyncRwMutexRLock = "sync.RWMutex.RLock",
    SyncRwMutexLock = "sync.RWMutex.Lock",
    SyncWaitGroupWait = "sync.WaitGroup.Wait",
    SyncCondWait = "sync.Cond.Wait",
    Join = "join",
    BlockOn = "future",
    PanicWait = "panicwait",
    // Inside a bubble of `testing::synctest`, where nothing outside can end the wait.
    ChanReceiveDurable = "chan receive (durable)",
    ChanSendDurable = "chan send (durable)",
    SelectDurable = "select (durable)",
    WaitGroupDurable = "sync.WaitGroup.Wait (durable)",
    JoinDurable = "join (durable)",
    SynctestWait = "synctest.Wait",
    SynctestRun = "synctest.Run",
}

impl WaitReason {
    /// Does a goroutine of a bubble that waits so wait *durably*: until another one of the bubble, or
    /// the bubble's clock, ends it? (Go's `isIdleInSynctest`.)
    pub(crate) fn is_durable(self) -> bool {
        use WaitReason::*;
        matches!(
            self,
            ChanReceiveNil
                | ChanSendNil
                | SelectNoCases
                | Sleep
                | SyncCondWait
                | ChanReceiveDurable
                | ChanSendDurable
                | SelectDurable
                | WaitGroupDurable
                | JoinDurable
                | SynctestWait
        )
    }

    /// Does it wait for a lock?
    pub(crate) fn is_lock(self) -> bool {
        use WaitReason::*;
        matches!(self, SyncMutexLock | SyncRwMutexRLock | SyncRwMutexLock)
    }

    /// The same wait, for something that belongs to the goroutine's bubble.
    pub(crate) fn durable(self) -> WaitReason {
        use WaitReason::*;
        match self {
            ChanReceive => ChanReceiveDurable,
            ChanSend => ChanSendDurable,
            Select => SelectDurable,
            SyncWaitGroupWait => WaitGroupDurable,
            Join => JoinDurable,
            other => other,
        }
    }
}

/// What an unwinding goroutine has to remember. Boxed: most never need it.
#[derive(Default)]
pub(crate) struct Unwind {
    /// What the panic hook saw, oldest first.
    pub(crate) panics: Vec<PanicRecord>,
    /// Deferred bodies that run because of a panic, one inside the other.
    pub(crate) bodies: u32,
    /// A panic raised in a deferred body while unwinding, caught there; it replaces the first.
    pub(crate) replaced_by: Option<Replacement>,
    /// The goroutine is ending by `goexit` (or abandonment); swallowing the unwind does not stop it.
    pub(crate) ending: bool,
    /// From a panic until it is recovered or the goroutine has ended.
    pub(crate) unwinding: Option<Unwinding>,
}

/// A panic in the place of another.
pub(crate) struct Replacement {
    pub(crate) payload: Box<dyn Any + Send>,
    /// Panics raised after its deferred body began have this serial number, or a higher one.
    pub(crate) began: u64,
    /// [`Unwind::bodies`] when the body began.
    pub(crate) depth: u32,
}

/// Which panic it is, as its payload tells without the user's help.
#[derive(PartialEq, Eq)]
pub(crate) enum PanicValue {
    /// A string, or a value of a basic type.
    Text(String),
    /// A boxed error, by its address.
    Error(usize),
    Other(TypeId),
}

/// A goroutine that unwinds, counted (Go's `runningPanicDefers`).
pub(crate) struct Unwinding(());

static UNWINDING: AtomicU32 = AtomicU32::new(0);

impl Unwinding {
    pub(crate) fn new() -> Self {
        UNWINDING.fetch_add(1, Ordering::SeqCst);
        Unwinding(())
    }

    /// Is any goroutine unwinding?
    pub(crate) fn any() -> bool {
        UNWINDING.load(Ordering::SeqCst) != 0
    }
}

impl Drop for Unwinding {
    fn drop(&mut self) {
        UNWINDING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// One panic as the hook saw it.
pub(crate) struct PanicRecord {
    pub(crate) serial: u64,
    pub(crate) value: PanicValue,
    /// What an error said when it was asked. `Err`: it panicked.
    pub(crate) said: Option<Result<String, String>>,
    /// [`Unwind::bodies`] when it was raised.
    pub(crate) depth: u32,
    /// Raised in a deferred body while the one before unwound, or while that one was held: Go prints
    /// them together.
    pub(crate) linked: bool,
    /// It was recovered; whether the `Panic` that stands for it still lives.
    pub(crate) recovered: Option<Weak<()>>,
    pub(crate) repanicked: bool,
    /// Where; not symbolised before it is printed.
    pub(crate) backtrace: std::backtrace::Backtrace,
}

impl PanicRecord {
    /// As Go prints it.
    pub(crate) fn text(&self) -> &str {
        match (&self.value, &self.said) {
            (PanicValue::Text(text), _) => text,
            (_, Some(Ok(text) | Err(text))) => text,
            (PanicValue::Error(_), None) => "Box<dyn Error + Send + Sync>",
            (PanicValue::Other(_), None) => "Box<dyn Any>",
        }
    }

    /// Does a `Panic` stand for it?
    pub(crate) fn is_held(&self) -> bool {
        self.recovered
            .as_ref()
            .is_some_and(|w| w.strong_count() > 0)
    }
}

/// A goroutine. See the [module](self).
///
/// Two cache lines are all that a short life touches: making one, running it, burying it.
#[repr(C, align(64))]
pub(crate) struct G {
    /// Where the stack must grow: the M's `stackguard` while this goroutine runs. Always about the
    /// *current* segment.
    pub(crate) stackguard: Cell<usize>,
    /// The coroutine.
    pub(crate) coro: Coro,
    /// The id of the goroutine that made it.
    pub(crate) parent: AtomicU64,
    // ---- second line
    /// Before it has begun: what runs the closure, an `unsafe fn(*mut u8)`. Afterwards: where it left its stack
    /// when it parked last, a `*const Saved` in the frame that it left.
    entry: AtomicUsize,
    pub(crate) closure: Cell<*mut u8>,
    pub(crate) id: AtomicU64,
    pub(super) created_at: AtomicPtr<Location<'static>>,
    /// The M that alone may run this G, as an opaque pointer; null = any.
    pub(crate) locked_m: AtomicPtr<()>,
    /// When it began to wait, by sysmon's coarse clock; 0 = unknown.
    pub(crate) wait_since: AtomicI64,
    pub(super) slot: AtomicU32,
    status: AtomicU8,
    reason: AtomicU8,
    /// The size class of the slot.
    pub(super) class: AtomicU8,
    pub(crate) flags: AtomicU16,
    /// Whom it was started for (`sched::origin`); 0 = nobody.
    pub(crate) origin: AtomicU32,
    // ---- seldom used
    cold: Cold,
}

/// What most goroutines never use. All zero unless [`flag::COLD`] is set, also while the slot is free:
/// so a new goroutine need not touch it.
#[derive(Default)]
#[repr(align(64))]
pub(crate) struct Cold {
    /// How often `lock_os_thread` was called.
    pub(crate) lock_count: AtomicU32,
    /// Open `NoSuspend` scopes.
    pub(crate) no_suspend: Cell<u32>,
    /// Size of the current segment; 0 = the first, the slot itself.
    pub(crate) segment_size: Cell<usize>,
    /// Bytes of stack in the segments before the current one.
    pub(crate) stack_bytes: Cell<usize>,
    /// A free segment of a grown stack, kept for the next time.
    pub(crate) kept: Cell<*mut ()>,
    pub(crate) unwind: UnsafeCell<Option<Box<Unwind>>>,
    /// Values of `goroutine_local!`.
    pub(crate) locals: UnsafeCell<Option<Box<dyn Any + Send>>>,
    /// The family that it belongs to (`sched::family`), as an opaque pointer; null = none.
    pub(crate) family: AtomicPtr<()>,
}

// (A coroutine that tells the sanitizer of its switches is larger.)
#[cfg(not(goroutines_asan))]
const _: () = assert!(std::mem::offset_of!(G, entry) == 64 && std::mem::offset_of!(G, cold) == 128);

/// Flags of a G, changed by its owner only.
pub(crate) mod flag {
    /// Locked to its thread from start to end (`Builder::pinned`).
    pub(crate) const PINNED: u16 = 1;
    /// A runtime helper: not counted, not shown.
    pub(crate) const SYSTEM: u16 = 2;
    /// Ends the process when it returns: the main goroutine.
    pub(crate) const MAIN: u16 = 4;
    /// Has a name (in `sched::spawn::names`).
    pub(crate) const NAMED: u16 = 16;
    /// Its current park keeps the thread (it is panicking).
    pub(crate) const KEEPS_THREAD: u16 = 8;
    /// The cold part is in use.
    pub(crate) const COLD: u16 = 32;
    /// Belongs to a family: a test watches it.
    pub(crate) const FAMILY: u16 = 64;
    /// Waits durably, and is counted so in its bubble.
    pub(crate) const DURABLE: u16 = 128;
    /// In a bracketed blocking call (`sched::syscall`).
    pub(crate) const SYSCALL: u16 = 256;
    /// Has labels (in `sched::lineage`).
    pub(crate) const LABELLED: u16 = 512;
    /// Its ancestors are known (in `sched::lineage`).
    pub(crate) const ANCESTRY: u16 = 1024;
}

/// A pointer to a G. Copies of it say nothing about who owns the G: see the [module](self).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct GRef(NonNull<G>);

// SAFETY: a GRef is an address of a slot that is never unmapped; who may touch what behind it is
// said in the module's ownership rule.
unsafe impl Send for GRef {}
// SAFETY: as above.
unsafe impl Sync for GRef {}

impl Deref for GRef {
    type Target = G;
    #[inline(always)]
    fn deref(&self) -> &G {
        // SAFETY: made by `GRef::of_slot` for a slot taken into use; slots are never unmapped, and
        // every field is a cell or an atomic for which any bytes that a G or zeroed memory can hold
        // are valid to look at through the atomics.
        unsafe { self.0.as_ref() }
    }
}

const COLOURS: u32 = 16;
const COLOUR: usize = 64;
/// In slots of at least 2 MiB the top page is coloured too: a translation cache finds an entry by the lower
/// bits of its page's number, and those of slots so far apart are all the same.
const ROOMY: u8 = 5;
const PAGE_COLOURS: u32 = 64;
const PAGE_COLOUR: usize = 4 << 10;

impl GRef {
    /// Where the G of a slot is.
    #[inline(always)]
    pub(crate) fn of_slot(slot: SlotId, class: u8) -> GRef {
        let units = (slot - THREAD_IDS) >> class;
        let mut colour = (units % COLOURS) as usize * COLOUR;
        if class >= ROOMY {
            colour += (units % PAGE_COLOURS) as usize * PAGE_COLOUR;
        }
        let top = arena::slot_base(slot) + arena::size_of_class(class) - colour;
        let addr = (top - size_of::<G>()) & !(align_of::<G>() - 1);
        GRef(NonNull::new(addr as *mut G).expect("the arena is not at address 0"))
    }

    #[inline(always)]
    pub(crate) fn as_ptr(self) -> *mut G {
        self.0.as_ptr()
    }

    /// What will run the closure.
    pub(crate) fn set_entry(&self, entry: unsafe fn(*mut u8)) {
        self.entry.store(entry as usize, Ordering::Relaxed);
    }

    /// Takes the closure and what runs it. From now on it has begun, and may park.
    ///
    /// # Safety
    /// Once, by the goroutine itself, which has been given both, and has not parked yet.
    pub(crate) unsafe fn take_closure(&self) -> (unsafe fn(*mut u8), *mut u8) {
        let entry = self.entry.load(Ordering::Relaxed);
        // SAFETY: stored by `set_entry`, and not overwritten, by the caller.
        let entry = unsafe { std::mem::transmute::<usize, unsafe fn(*mut u8)>(entry) };
        (entry, self.closure.replace(ptr::null_mut()))
    }

    /// It leaves its stack at `at`, which lies there.
    #[inline(always)]
    pub(crate) fn set_parked_at(&self, at: &Saved) {
        self.entry
            .store(ptr::from_ref(at) as usize, Ordering::Release);
    }

    /// Where it says that it left its stack last; anything, if it never did. Acquire: pairs with the store of
    /// it, so that its frames are seen as they were then.
    pub(crate) fn parked_at(&self) -> usize {
        self.entry.load(Ordering::Acquire)
    }

    /// Has it not begun yet? For its owner.
    pub(crate) fn is_fresh(self) -> bool {
        !self.closure.get().is_null()
    }

    /// Fetches the lines that running a new goroutine touches first: the header's and the top of the
    /// stack below it. A hint; the G need not be ours yet.
    #[inline(always)]
    pub(crate) fn prefetch(self) {
        let top = self.as_ptr().cast::<i8>();
        for line in [0isize, 64, -64, -128] {
            prefetch_line(top.wrapping_offset(line));
        }
    }

    /// # Safety
    /// `p` came from [`as_ptr`](Self::as_ptr).
    #[inline(always)]
    pub(crate) unsafe fn from_ptr(p: *mut G) -> Option<GRef> {
        NonNull::new(p).map(GRef)
    }

    /// Writes a fresh header into a slot that the caller has just taken.
    ///
    /// # Safety
    /// The slot is in use by the caller alone.
    #[inline]
    pub(crate) unsafe fn init(slot: SlotId, class: u8) -> GRef {
        let g = GRef::of_slot(slot, class);
        // What is read from outside ([`Glimpse`](super::glimpse::Glimpse)) is written field by field: the look may
        // be at whoever was here before. `entry`, `closure` and the coroutine are not read before they are
        // set, and the cold part is zero already.
        g.id.store(0, Ordering::Relaxed);
        g.parent.store(0, Ordering::Relaxed);
        g.created_at.store(ptr::null_mut(), Ordering::Relaxed);
        g.locked_m.store(ptr::null_mut(), Ordering::Relaxed);
        g.wait_since.store(0, Ordering::Relaxed);
        g.status.store(Status::Idle as u8, Ordering::Relaxed);
        g.reason.store(0, Ordering::Relaxed);
        g.flags.store(0, Ordering::Relaxed);
        g.origin.store(0, Ordering::Relaxed);
        g.slot.store(slot, Ordering::Relaxed);
        g.class.store(class, Ordering::Relaxed);
        let guard = g.stack_limit() + margin(arena::size_of_class(class));
        g.stackguard.set(guard);
        g.word().set_live();
        g
    }
}

#[inline(always)]
fn prefetch_line(p: *const i8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: prefetching never faults, whatever the address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(p);
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = p;
}

/// Gives the pages of a stack that has been deep back, but for the upper ones: see [`G::trim`].
///
/// # Safety
/// `limit..top` is stack in a slot of at least [`TRIMMED`], above its guard, and nobody uses it any more.
#[inline]
pub(crate) unsafe fn trim_stack(limit: usize, top: usize) {
    let page = (top - KEPT) & !(mem::page_size() - 1);
    // SAFETY: well inside the range. Volatile: what lies there was written by whoever used the stack.
    let used = (0..8).any(|i| unsafe { ((page + i * 512) as *const u64).read_volatile() } != 0);
    if used {
        // SAFETY: as above: below the part of the stack that is kept.
        unsafe { mem::discard(limit, page + mem::page_size() - limit) };
    }
}

/// Slots of at least 2 MiB are trimmed, to so many bytes.
pub(crate) const TRIMMED: u8 = 5;
const KEPT: usize = 256 << 10;

/// How much stack the runtime keeps free above the guard for frames that are not checked.
pub(crate) fn margin(size: usize) -> usize {
    (size / 4).clamp(16 << 10, 1 << 20)
}

impl G {
    /// The slot that it lives in.
    #[inline(always)]
    pub(crate) fn slot(&self) -> SlotId {
        self.slot.load(Ordering::Relaxed)
    }

    /// The size class of the slot.
    #[inline(always)]
    pub(crate) fn class(&self) -> u8 {
        self.class.load(Ordering::Relaxed)
    }

    /// Its word in the side table.
    #[inline(always)]
    pub(crate) fn word(&self) -> &'static SlotWord {
        arena::word(self.slot())
    }

    /// The goroutine has ended. A stack that has been deep gives its pages back, but for the upper ones.
    ///
    /// Whether it has been is told by one page that the stack reaches if it is deeper than [`KEPT`]: stack
    /// that has been used is hardly all zeros, and what was never touched reads as such.
    ///
    /// # Safety
    /// The caller is the owner, and the goroutine has left its stack for good.
    #[inline]
    pub(crate) unsafe fn trim(&self) {
        if self.class() >= TRIMMED {
            // SAFETY: its stack, which nobody uses any more, by the caller.
            unsafe { trim_stack(self.stack_limit(), ptr::from_ref(self) as usize) };
        }
    }

    /// A page that the stack reaches if it is deeper than [`KEPT`].
    fn deep_page(&self) -> usize {
        (ptr::from_ref(self) as usize - KEPT) & !(mem::page_size() - 1)
    }

    /// Has the stack been deep, and has not been trimmed since? For a slot of at least [`TRIMMED`]; the
    /// goroutine may be anybody's.
    pub(crate) fn has_been_deep(&self) -> bool {
        mem::is_resident(self.deep_page())
    }

    /// The same while it lives: what lies far below `sp` is given back.
    ///
    /// # Safety
    /// The caller is the goroutine itself, `sp` its stack pointer, and that in its slot.
    pub(crate) unsafe fn trim_below(&self, sp: usize) {
        const NEAR: usize = 128 << 10;
        let high = (sp - NEAR).min(self.deep_page()) & !(mem::page_size() - 1);
        if self.class() >= TRIMMED && high > self.stack_limit() && mem::is_resident(high) {
            // SAFETY: below everything that is in use, by the caller, and above the guard.
            unsafe {
                mem::discard(
                    self.stack_limit(),
                    high + mem::page_size() - self.stack_limit(),
                )
            };
        }
    }

    /// The lowest usable address of its first stack segment.
    pub(crate) fn stack_limit(&self) -> usize {
        arena::slot_base(self.slot()) + guard::len(arena::size_of_class(self.class()))
    }

    #[inline(always)]
    pub(crate) fn set_status(&self, s: Status) {
        self.status.store(s as u8, Ordering::Relaxed);
    }

    pub(crate) fn status(&self) -> Status {
        Status::from_u8(self.status.load(Ordering::Relaxed))
    }

    /// Notes that the goroutine is about to wait, for dumps.
    #[inline(always)]
    pub(crate) fn set_waiting(&self, reason: WaitReason, now: i64) {
        self.reason.store(reason as u8, Ordering::Relaxed);
        self.wait_since.store(now, Ordering::Relaxed);
        // Release: pairs with the load in `is_waiting`.
        self.status.store(Status::Waiting as u8, Ordering::Release);
    }

    /// Does it wait? If so, what it noted of the wait before is seen too.
    pub(crate) fn is_waiting(&self) -> bool {
        self.status.load(Ordering::Acquire) == Status::Waiting as u8
    }

    pub(crate) fn reason(&self) -> WaitReason {
        WaitReason::ALL
            .get(self.reason.load(Ordering::Relaxed) as usize)
            .copied()
            .unwrap_or(WaitReason::None)
    }

    pub(crate) fn set_created_at(&self, at: &'static Location<'static>) {
        self.created_at
            .store(ptr::from_ref(at).cast_mut(), Ordering::Relaxed);
    }

    /// Where `go!` stood.
    pub(crate) fn created_at(&self) -> Option<&'static Location<'static>> {
        let p = self.created_at.load(Ordering::Relaxed);
        // SAFETY: null, or a `&'static` stored above.
        unsafe { p.as_ref() }
    }

    #[inline(always)]
    pub(crate) fn has(&self, f: u16) -> bool {
        self.flags.load(Ordering::Relaxed) & f != 0
    }

    pub(crate) fn set_flag(&self, f: u16, on: bool) {
        let v = self.flags.load(Ordering::Relaxed);
        let v = if on { v | f } else { v & !f };
        self.flags.store(v, Ordering::Relaxed);
    }

    /// The cold part, for writing: the goroutine's end will clear it.
    pub(crate) fn cold(&self) -> &Cold {
        self.set_flag(flag::COLD, true);
        &self.cold
    }

    /// Clears the cold part; at the end, by the owner.
    #[inline(always)]
    pub(crate) fn clear_cold(&self) {
        if self.has(flag::COLD) {
            // SAFETY: owner only, and the goroutine has ended. Assigning drops what was there and
            // leaves the all-zero default.
            unsafe { *(&raw const self.cold).cast_mut() = Cold::default() };
        }
    }

    /// How often `lock_os_thread` was called.
    #[inline(always)]
    pub(crate) fn lock_count(&self) -> u32 {
        if self.has(flag::COLD) {
            self.cold.lock_count.load(Ordering::Relaxed)
        } else {
            0
        }
    }

    /// Open `NoSuspend` scopes.
    #[inline(always)]
    pub(crate) fn no_suspend(&self) -> u32 {
        if self.has(flag::COLD) {
            self.cold.no_suspend.get()
        } else {
            0
        }
    }

    /// The family that it belongs to, as an opaque pointer; null = none.
    #[inline(always)]
    pub(crate) fn family(&self) -> *mut () {
        if self.has(flag::FAMILY) {
            self.cold.family.load(Ordering::Relaxed)
        } else {
            ptr::null_mut()
        }
    }

    /// Its panics and how it is ending. Owner only; the reference must not outlive a suspension.
    #[allow(clippy::mut_from_ref)]
    pub(crate) fn unwind_state(&self) -> &mut Unwind {
        // SAFETY: owner only (the running goroutine itself), and no caller keeps the reference
        // over a call that could come back here.
        unsafe { (*self.cold().unwind.get()).get_or_insert_default() }
    }

    /// The same, if it ever panicked.
    #[allow(clippy::mut_from_ref)]
    pub(crate) fn unwind_state_if_any(&self) -> Option<&mut Unwind> {
        if !self.has(flag::COLD) {
            return None;
        }
        // SAFETY: as in `unwind_state`.
        unsafe { (*self.cold.unwind.get()).as_deref_mut() }
    }

    /// Exchanges what is known of its panics. Owner only, with no reference to it left.
    pub(crate) fn swap_unwind(&self, new: Option<Box<Unwind>>) -> Option<Box<Unwind>> {
        // SAFETY: as said.
        unsafe { std::mem::replace(&mut *self.cold().unwind.get(), new) }
    }

    /// Is it ending by `goexit`? Cheap when it never unwound.
    #[inline(always)]
    pub(crate) fn is_ending(&self) -> bool {
        // SAFETY: owner only.
        self.has(flag::COLD)
            && unsafe { (*self.cold.unwind.get()).as_ref().is_some_and(|u| u.ending) }
    }
}

/// Clears what a segment or anything else left where the header of a free slot's next goroutine will
/// be.
///
/// # Safety
/// The slot belongs to the caller and is not a goroutine's.
pub(crate) unsafe fn wipe(slot: SlotId, class: u8) {
    let g = GRef::of_slot(slot, class);
    // SAFETY: inside the caller's slot.
    unsafe { ptr::write_bytes(g.as_ptr().cast::<u8>(), 0, size_of::<G>()) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::arena::init;
    use crate::stack::cache::Cache;

    #[test]
    fn the_header_lies_at_the_coloured_top_and_fits() {
        init().unwrap();
        assert!(size_of::<G>() <= 320, "{}", size_of::<G>());
        for class in [0u8, 2, 5, 10] {
            let mut cache = Cache::default();
            let slot = cache.take(class).unwrap();
            // SAFETY: just taken.
            let g = unsafe { GRef::init(slot, class) };
            let top = arena::slot_base(slot) + arena::size_of_class(class);
            let at = g.as_ptr() as usize;
            assert!(at.is_multiple_of(64) && at + size_of::<G>() <= top);
            let pages = if class >= ROOMY {
                PAGE_COLOURS as usize * PAGE_COLOUR
            } else {
                0
            };
            assert!(top - at <= pages + 16 * 64 + size_of::<G>() + 64);
            assert_eq!(arena::slot_at(at), Some((slot, class)));
            assert_eq!(g.status(), Status::Idle);
            assert!(g.stackguard.get() > g.stack_limit());
            cache.put(class, slot);
            cache.flush(class);
        }
    }

    #[test]
    fn reasons_have_gos_words() {
        assert_eq!(WaitReason::ChanReceiveNil.text(), "chan receive (nil chan)");
        assert_eq!(
            WaitReason::ALL[WaitReason::Sleep as usize],
            WaitReason::Sleep
        );
    }
}
