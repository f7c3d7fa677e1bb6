//! `goroutine_local!`: a variable of its own for each goroutine.

use crate::panic::ROUNDS;
use crate::sched::current_g;
use crate::sched::fatal;
use crate::sys::thread::ExitHook;
use std::any::Any;
use std::cell::Cell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};

type Values = HashMap<usize, Box<dyn Any + Send>>;

thread_local! {
    /// The values of a plain thread, which has no goroutine to keep them on: a `Box`, or null. The
    /// word has no destructor, so that it can be used while the thread ends.
    static PLAIN: Cell<*mut Values> = const { Cell::new(ptr::null_mut()) };
    /// Drops them among the thread's other thread-locals.
    static GUARD: Guard = const { Guard };
}

struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        drop_plain();
    }
}

/// Drops what the destructors of other thread-locals have made when the guard was gone already.
static AT_EXIT: ExitHook = ExitHook::new(at_exit);

unsafe extern "C" fn at_exit(_: *mut c_void) {
    drop_plain();
}

fn drop_plain() {
    // A destructor may use goroutine-local variables, which makes new ones; some time it is enough.
    for _ in 0..ROUNDS {
        let values = PLAIN.replace(ptr::null_mut());
        if values.is_null() {
            return;
        }
        // SAFETY: made by `Box::into_raw` and owned by the word, which is empty now.
        let values = unsafe { Box::from_raw(values) };
        if catch_unwind(AssertUnwindSafe(|| drop(values))).is_err() {
            fatal::throw("panic in the destructor of a goroutine-local value");
        }
    }
    PLAIN.set(ptr::null_mut());
}

/// The calling plain thread's values. The reference must not outlive the next call, nor user code.
fn plain<'a>() -> &'a mut Values {
    if PLAIN.get().is_null() {
        PLAIN.set(Box::into_raw(Box::default()));
        if GUARD.try_with(|_| ()).is_err() {
            AT_EXIT.arm(NonNull::dangling());
        }
    }
    // SAFETY: the word owns a box, and only its thread comes here.
    unsafe { &mut *PLAIN.get() }
}

/// A variable declared by [`goroutine_local!`](crate::goroutine_local).
pub struct GoroutineLocal<T: Send + 'static> {
    init: fn() -> T,
}

impl<T: Send + 'static> GoroutineLocal<T> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(init: fn() -> T) -> Self {
        GoroutineLocal { init }
    }

    /// Runs `f` with the calling goroutine's value, made on first use and dropped when the goroutine
    /// ends. On a plain thread the value is the thread's, and dropped with its thread-locals.
    ///
    /// A value's destructor may block, and may use goroutine-local variables: those are made anew and
    /// dropped after it.
    ///
    /// `f` may suspend: the value moves with the goroutine. Inside `f` the same variable may be used
    /// again; other variables too.
    pub fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        let value: *const T = match current_g() {
            Some(g) => {
                // SAFETY: the running goroutine alone touches its locals, and the reference does not
                // outlive this arm; `init` runs before it is taken.
                let slot = || unsafe { &mut *g.cold().locals.get() };
                if slot().is_none() {
                    *slot() = Some(Box::new(Values::new()));
                }
                let find = || {
                    slot()
                        .as_mut()
                        .and_then(|v| v.downcast_mut::<Values>())
                        .expect("only this module stores here")
                };
                self.get(find)
            }
            None => self.get(plain),
        };
        // SAFETY: the value is boxed, and never removed while its goroutine (or thread) runs.
        f(unsafe { &*value })
    }

    fn get<'a>(&'static self, find: impl Fn() -> &'a mut Values) -> *const T {
        if !find().contains_key(&self.key()) {
            // `init` is user code and may itself use goroutine-local variables: nothing is borrowed
            // meanwhile, nor while a value is dropped that is not needed, because `init` has used the
            // variable that it makes.
            let value = Box::new((self.init)());
            let spare = match find().entry(self.key()) {
                Entry::Vacant(place) => {
                    place.insert(value);
                    None
                }
                Entry::Occupied(_) => Some(value),
            };
            drop(spare);
        }
        std::ptr::from_ref(
            find()[&self.key()]
                .downcast_ref::<T>()
                .expect("keyed by the variable"),
        )
    }

    fn key(&'static self) -> usize {
        std::ptr::from_ref(self) as usize
    }
}

impl<T: Send + 'static> std::fmt::Debug for GoroutineLocal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GoroutineLocal").finish_non_exhaustive()
    }
}

/// Declares variables of which every goroutine has its own, as `thread_local!` does for threads. Go
/// has none.
///
/// # Examples
/// ```
/// use std::cell::Cell;
/// goroutines::goroutine_local! { static DEPTH: Cell<u32> = Cell::new(0) }
///
/// goroutines::runtime::run(|| {
///     DEPTH.with(|d| d.set(5));
///     let other = goroutines::spawn(|| DEPTH.with(|d| d.get()));
///     assert_eq!(other.join().unwrap(), 0);
///     assert_eq!(DEPTH.with(|d| d.get()), 5);
/// });
/// ```
#[macro_export]
macro_rules! goroutine_local {
    ($($(#[$attr:meta])* $vis:vis static $name:ident : $ty:ty = $init:expr);+ $(;)?) => {
        $(
            $(#[$attr])*
            $vis static $name: $crate::GoroutineLocal<$ty> =
                $crate::GoroutineLocal::new(|| $init);
        )+
    };
}
