//! `goroutine_local!`: a variable of its own for each goroutine.

use crate::sched::park::current_g;
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;

type Values = HashMap<usize, Box<dyn Any + Send>>;

thread_local! {
    /// The values of a plain thread, which has no goroutine to keep them on.
    static PLAIN: RefCell<Values> = RefCell::new(HashMap::new());
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
    /// ends. On a plain thread the value is the thread's.
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
            None => PLAIN.with(|v| {
                if !v.borrow().contains_key(&self.key()) {
                    let value = Box::new((self.init)());
                    v.borrow_mut().insert(self.key(), value);
                }
                std::ptr::from_ref(
                    v.borrow()[&self.key()]
                        .downcast_ref::<T>()
                        .expect("keyed by the variable"),
                )
            }),
        };
        // SAFETY: the value is boxed, and never removed while its goroutine (or thread) runs.
        f(unsafe { &*value })
    }

    // `init` must run while the map is not borrowed.
    #[allow(clippy::map_entry)]
    fn get<'a>(&'static self, find: impl Fn() -> &'a mut Values) -> *const T {
        if !find().contains_key(&self.key()) {
            // `init` is user code and may itself use goroutine-local variables.
            let value = Box::new((self.init)());
            find().insert(self.key(), value);
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
