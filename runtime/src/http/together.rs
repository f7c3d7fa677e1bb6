//! [`together`]: several pieces that go out at once.

use std::io::IoSlice;

/// Writes `bufs` by `all`, or by `one` from one place if they are small: copying them costs less than the kernel
/// needs to gather them.
pub(super) fn together<R>(
    bufs: &[IoSlice<'_>],
    one: impl FnOnce(&[u8]) -> R,
    all: impl FnOnce(&[IoSlice<'_>]) -> R,
) -> R {
    const SMALL: usize = 1024;
    let len: usize = bufs.iter().map(|buf| buf.len()).sum();
    if len > SMALL {
        return all(bufs);
    }
    let mut small = [0; SMALL];
    let mut at = 0;
    for buf in bufs {
        small[at..at + buf.len()].copy_from_slice(buf);
        at += buf.len();
    }
    one(&small[..len])
}
