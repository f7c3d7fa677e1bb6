//! [`together`]: several pieces that go out at once.

use std::io::IoSlice;
use std::mem::MaybeUninit;

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
    let mut small = [MaybeUninit::<u8>::uninit(); SMALL];
    let mut at = 0;
    for buf in bufs {
        let place = &mut small[at..at + buf.len()];
        // SAFETY: as long as `buf`, and not a part of it.
        unsafe {
            place
                .as_mut_ptr()
                .cast::<u8>()
                .copy_from_nonoverlapping(buf.as_ptr(), buf.len());
        }
        at += buf.len();
    }
    // SAFETY: the first `at` bytes have been written.
    one(unsafe { std::slice::from_raw_parts(small.as_ptr().cast(), at) })
}
