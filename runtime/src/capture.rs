//! What a name in a capture list becomes: `go!([tx], ..)` gives the goroutine a clone of `tx`.
//!
//! A method call on [`Named`] picks the first of three ways by rustc's own order of candidates
//! (fewer references come later): a reference to something that clones gives a clone of that, so
//! that `&Sender<T>` gives a handle; anything else that clones is cloned; and what does not clone
//! gets the message of [`Capture`] instead of "no method named `clone`".
//!
//! Called by the expansions of `go!` and `defer!` only.

/// A variable that a capture list names.
#[doc(hidden)]
pub struct Named<'a, N>(pub &'a N);

/// The first way: through a reference.
#[doc(hidden)]
pub trait ThroughReference {
    type Value;
    fn captured(&self) -> Self::Value;
}

impl<T: Clone> ThroughReference for &&Named<'_, &T> {
    type Value = T;
    fn captured(&self) -> T {
        T::clone(self.0)
    }
}

/// The second way: a clone.
#[doc(hidden)]
pub trait Cloned {
    type Value;
    fn captured(&self) -> Self::Value;
}

impl<T: Clone> Cloned for &Named<'_, T> {
    type Value = T;
    fn captured(&self) -> T {
        self.0.clone()
    }
}

/// The third way, which no type can go: it is there for its message.
#[doc(hidden)]
pub trait Refused {
    type Value;
    fn captured(&self) -> Self::Value
    where
        Self::Value: Capture;
}

impl<T> Refused for Named<'_, T> {
    type Value = T;
    fn captured(&self) -> T
    where
        T: Capture,
    {
        T::capture(self.0)
    }
}

/// What a capture list can clone.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a capture list clones, and `{Self}` has no `Clone`",
    label = "cannot be cloned",
    note = "to share one value among goroutines wrap it: `let x = Arc::new(x);`, then `[x]` clones the `Arc`",
    note = "to hand the value over leave the list out, or write `[x = x]`: the goroutine then owns it"
)]
pub trait Capture: Sized {
    fn capture(this: &Self) -> Self;
}

impl<T: Clone> Capture for T {
    fn capture(this: &Self) -> Self {
        this.clone()
    }
}
