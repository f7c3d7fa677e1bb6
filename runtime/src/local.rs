//! `goroutine_local!`: a variable of its own for each goroutine.

use crate::panic::ROUNDS;
use crate::sched::{fatal, me};
use crate::sys::thread::ExitHook;
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

type Values = HashMap<usize, Box<dyn Any + Send>>;

thread_local! {
    /// The values of a plain thread, which has no goroutine to keep them on. Without a destructor, so that
    /// they can be used while the thread ends.
    static PLAIN: RefCell<ManuallyDrop<Option<Box<Values>>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
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

fn take_plain() -> Option<Box<Values>> {
    ManuallyDrop::into_inner(PLAIN.replace(ManuallyDrop::new(None)))
}

fn drop_plain() {
    // A destructor may use goroutine-local variables, which makes new ones; at some point it must stop.
    for _ in 0..ROUNDS {
        let Some(values) = take_plain() else {
            return;
        };
        if catch_unwind(AssertUnwindSafe(|| drop(values))).is_err() {
            fatal::throw("panic in the destructor of a goroutine-local value");
        }
    }
    std::mem::forget(take_plain());
}

/// Lends the caller's values to `f`, which runs no code of the user's.
fn with_values<R>(f: impl FnOnce(&mut Values) -> R) -> R {
    let Some(g) = me() else {
        return PLAIN.with_borrow_mut(|values| f(values.get_or_insert_with(plain)));
    };
    let mut values = g.own().locals.borrow_mut();
    let values = values.get_or_insert_with(|| Box::<Values>::default());
    f(values.downcast_mut().expect("only this module stores here"))
}

/// What a plain thread begins with; from now on the thread's end drops the values.
fn plain() -> Box<Values> {
    if GUARD.try_with(|_| ()).is_err() {
        AT_EXIT.arm(NonNull::dangling());
    }
    Box::default()
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
        let value = self.get();
        // SAFETY: the value is boxed, and never removed while its goroutine (or thread) runs.
        f(unsafe { &*value })
    }

    fn get(&'static self) -> *const T {
        let find = |values: &mut Values| {
            let value = values.get(&self.key())?.downcast_ref::<T>();
            Some(std::ptr::from_ref(value.expect("keyed by the variable")))
        };
        if let Some(value) = with_values(find) {
            return value;
        }
        // `init` is user code and may itself use goroutine-local variables: nothing is borrowed
        // meanwhile, nor while a value is dropped that is not needed, because `init` has used the
        // variable that it makes.
        let value = Box::new((self.init)());
        let spare = with_values(|values| match values.entry(self.key()) {
            Entry::Vacant(place) => {
                place.insert(value);
                None
            }
            Entry::Occupied(_) => Some(value),
        });
        drop(spare);
        with_values(find).expect("has just been made")
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
