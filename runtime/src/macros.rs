//! The macros, as users call them: each passes `$crate` and the user's tokens to its procedural
//! macro in `goroutines-macros`, so that an expansion finds this crate under any name and through
//! any re-export.
//!
//! `$crate::__private` holds what the expansions call.

/// Starts a goroutine.
#[macro_export]
macro_rules! go {
    ($($task:tt)*) => { $crate::__private::macros::go! { ($crate) $($task)* } };
}

/// Waits for several.
#[macro_export]
macro_rules! select {
    ($($arms:tt)*) => { $crate::__private::macros::select! { ($crate) $($arms)* } };
}

/// Defers.
#[macro_export]
macro_rules! defer {
    ($($code:tt)*) => { $crate::__private::macros::defer! { ($crate) $($code)* } };
}

/// Makes a channel.
#[macro_export]
macro_rules! make {
    ($($what:tt)*) => { $crate::__private::macros::make! { ($crate) $($what)* } };
}

/// Gives `f` its argument later. `defer!` with a capture list needs it: the clones are owned, as
/// arguments, while the closure borrows everything else that it names.
#[doc(hidden)]
pub fn bind<C, R>(captures: C, f: impl FnOnce(C) -> R) -> impl FnOnce() -> R {
    move || f(captures)
}
