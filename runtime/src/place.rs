//! Where a goroutine writes: `go!({ results[i] = f(i); })`.
//!
//! A goroutine owns what it names, so such a write goes into a `Vec` or array of its own, which no other
//! goroutine ever reads. `go!` shows the variable of a write that is all that the goroutine does with it. A
//! method call picks by rustc's own order of candidates: the type's own method, whose bound has a message that
//! says what to write; else the trait's, which does nothing.
//!
//! Called by the expansions of `go!` only.

use std::collections::VecDeque;

/// A variable that is written to.
#[doc(hidden)]
pub struct Place<'a, T>(pub &'a T);

// Each `written` is there for its message: nothing implements `Shared`.

impl<T> Place<'_, Vec<T>> {
    pub fn written(&self)
    where
        Vec<T>: Shared,
    {
    }
}

impl<T, const N: usize> Place<'_, [T; N]> {
    pub fn written(&self)
    where
        [T; N]: Shared,
    {
    }
}

impl<T> Place<'_, Box<[T]>> {
    pub fn written(&self)
    where
        Box<[T]>: Shared,
    {
    }
}

impl<T> Place<'_, VecDeque<T>> {
    pub fn written(&self)
    where
        VecDeque<T>: Shared,
    {
    }
}

#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the goroutine would write into a `{Self}` of its own, which nobody reads",
    label = "is moved or copied into the goroutine, not shared with it",
    note = "lend each goroutine its own place: `scope(|s| for (i, place) in results.iter_mut().enumerate() {{ s.go(move || *place = f(i)); }});`",
    note = "or share it: `let results = Arc::new(sync::Mutex::new(vec![..]));`, then `go!([results], {{ results.lock()[i] = f(i); }});`",
    note = "or send what was found on a channel, `c.send((i, f(i)))`, and let one goroutine write"
)]
pub trait Shared {}

/// Anything else: through a reference others see what is written.
#[doc(hidden)]
pub trait AnyPlace {
    fn written(&self) {}
}

impl<T> AnyPlace for Place<'_, T> {}
