//! Iterating over what a channel delivers: Go's `for v := range c`.

use super::{CanRecv, Chan, Direction, Receiver, RecvOnly};
use std::iter::FusedIterator;

/// Receives until the channel is closed and drained; see [`Chan::iter`].
#[derive(Debug)]
#[must_use]
pub struct Iter<'a, T, D: Direction = RecvOnly>(&'a Chan<T, D>);

/// Receives what is there now; see [`Chan::try_iter`].
#[derive(Debug)]
#[must_use]
pub struct TryIter<'a, T, D: Direction = RecvOnly>(&'a Chan<T, D>);

/// Owns a receiver and receives until the channel is closed and drained.
#[derive(Debug)]
#[must_use]
pub struct IntoIter<T>(Receiver<T>);

impl<T, D: Direction> Chan<T, D> {
    /// Receives until the channel is closed and drained. Go: `for v := range c`.
    ///
    /// # Suspends
    /// In `next`, while the channel is empty.
    ///
    /// ```
    /// # use goroutines::chan::Chan;
    /// let ch = Chan::new(2);
    /// ch.send(1);
    /// ch.send(2);
    /// ch.close();
    /// assert!(ch.iter().eq([1, 2]));
    /// ```
    pub fn iter(&self) -> Iter<'_, T, D>
    where
        D: CanRecv,
    {
        Iter(self)
    }

    /// Receives as long as that needs no waiting.
    ///
    /// ```
    /// # use goroutines::chan::Chan;
    /// let ch = Chan::new(2);
    /// ch.send(1);
    /// assert!(ch.try_iter().eq([1]));
    /// ```
    pub fn try_iter(&self) -> TryIter<'_, T, D>
    where
        D: CanRecv,
    {
        TryIter(self)
    }
}

impl<T, D: CanRecv> Iterator for Iter<'_, T, D> {
    type Item = T;
    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.recv()
    }
}
impl<T, D: CanRecv> FusedIterator for Iter<'_, T, D> {}

impl<T, D: CanRecv> Iterator for TryIter<'_, T, D> {
    type Item = T;
    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.try_recv().ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;
    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.recv()
    }
}
impl<T> FusedIterator for IntoIter<T> {}

#[diagnostic::do_not_recommend]
impl<T, D: CanRecv> IntoIterator for Chan<T, D> {
    type Item = T;
    type IntoIter = IntoIter<T>;
    /// The handle becomes a receiver, so the loop ends when the other senders are gone.
    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self.into_end())
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T, D: CanRecv> IntoIterator for &'a Chan<T, D> {
    type Item = T;
    type IntoIter = Iter<'a, T, D>;
    fn into_iter(self) -> Iter<'a, T, D> {
        self.iter()
    }
}
