//! Operands that Go's arithmetic takes and Rust's does not, `sum += c.recv()` and `0.5 * time::SECOND`, and Go's
//! two results of a receive, `let (v, ok) = c.recv()`.
//!
//! The macros hand over what has such a shape. A method call picks by rustc's own order of candidates: the method
//! of the type itself, whose bound has a message that says what to write; else the trait's, which gives back
//! what was there.
//!
//! Called by the expansions of the macros only.

use std::ops::Mul;
use std::time::Duration;

/// What may be the `Option` that `recv` gives.
#[doc(hidden)]
pub struct Received<T>(pub T);

impl<T> Received<Option<T>> {
    /// Is there for its message: nothing implements [`Number`].
    pub fn operand(self) -> T
    where
        Option<T>: Number,
    {
        match self.0 {
            Some(value) => value,
            None => unreachable!(),
        }
    }
}

#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "what was received is an `Option`: `None` when the channel is closed and empty",
    label = "is an `{Self}`",
    note = "where a value must come: `sum += c.recv().unwrap();`, in an arm `Some(v) = <-c else break => sum += v`",
    note = "where the channel may be closed: `if let Some(v) = c.recv() {{ sum += v; }}`",
    note = "for everything that comes until then: `for v in c {{ sum += v; }}`"
)]
pub trait Number {}

/// Any other operand.
#[doc(hidden)]
pub trait AnyOperand {
    type Value;
    fn operand(self) -> Self::Value;
}

impl<T> AnyOperand for Received<T> {
    type Value = T;
    #[inline(always)]
    fn operand(self) -> T {
        self.0
    }
}

impl<T> Received<Option<T>> {
    /// Is there for its message: nothing implements [`CommaOk`].
    pub fn comma_ok(self) -> (T, bool)
    where
        Option<T>: CommaOk,
    {
        match self.0 {
            Some(value) => (value, true),
            None => unreachable!(),
        }
    }
}

#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a receive gives an `Option`, not a value and an `ok`: `None` when the channel is closed and empty",
    label = "is an `{Self}`",
    note = "where Go asks `if ok`: `if let Some(v) = c.recv() {{ .. }} else {{ .. }}`",
    note = "where Go leaves if it is not: `let Some(v) = c.recv() else {{ return }};`",
    note = "for everything that comes until then: `for v in c {{ .. }}`"
)]
pub trait CommaOk {}

/// Any other two results.
#[doc(hidden)]
pub trait AnyCommaOk {
    type Value;
    fn comma_ok(self) -> Self::Value;
}

impl<T> AnyCommaOk for Received<T> {
    type Value = T;
    #[inline(always)]
    fn comma_ok(self) -> T {
        self.0
    }
}

/// A factor and what may be a `Duration`.
#[doc(hidden)]
pub struct Product<A, B>(pub A, pub B);

impl<A> Product<A, Duration> {
    #[inline(always)]
    pub fn product<R>(self) -> R
    where
        A: Times<R>,
    {
        self.0.times(self.1)
    }
}

#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a `Duration` is multiplied by a `u32`, not by `{Self}`",
    label = "is not a `u32`",
    note = "half a second is `500 * time::MILLISECOND` or `time::SECOND / 2`; any part of one is `time::SECOND.mul_f64(0.5)`",
    note = "another whole number is made a `u32`: `n as u32 * time::SECOND`"
)]
pub trait Times<R> {
    fn times(self, duration: Duration) -> R;
}

#[diagnostic::do_not_recommend]
impl<A: Mul<Duration>> Times<A::Output> for A {
    #[inline(always)]
    fn times(self, duration: Duration) -> A::Output {
        self * duration
    }
}

/// A product of anything else.
#[doc(hidden)]
pub trait AnyProduct {
    type Output;
    fn product(self) -> Self::Output;
}

impl<A: Mul<B>, B> AnyProduct for Product<A, B> {
    type Output = A::Output;
    #[inline(always)]
    fn product(self) -> A::Output {
        self.0 * self.1
    }
}
