//! What a call that returns nothing is asked for out of habit: `tx.send(1).unwrap()`, as with `std`'s channels,
//! `go!(f()).join()`, as with its threads. The prelude has these methods for `()`, so that the answer is a
//! sentence instead of "no method named `unwrap`".
//!
//! They cannot be called: nothing implements [`HasResult`].

#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "there is no result here: this call returns nothing",
    label = "returns `()`",
    note = "`send` cannot fail: write `tx.send(v);`, or `tx.checked_send(v)`, which returns a `Result`",
    note = "`go!` gives no handle: use `spawn(f)`, whose handle has `join`"
)]
pub trait HasResult {}

#[doc(hidden)]
pub trait Nothing: Sized {
    fn unwrap(self)
    where
        Self: HasResult,
    {
    }
    fn expect(self, _: &str)
    where
        Self: HasResult,
    {
    }
    fn is_ok(&self) -> bool
    where
        Self: HasResult,
    {
        true
    }
    fn is_err(&self) -> bool
    where
        Self: HasResult,
    {
        false
    }
    fn join(self)
    where
        Self: HasResult,
    {
    }
}

impl Nothing for () {}
