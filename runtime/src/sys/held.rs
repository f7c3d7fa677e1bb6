//! [`Held`]: a value that is moved by its address.

use std::ptr;

/// A value that is not dropped once it was [let go](Held::let_go): std's `ManuallyDrop`, which a debug
/// build makes by way of two more copies on the stack.
#[repr(u8)]
pub(crate) enum Held<T> {
    #[expect(dead_code, reason = "made by writing the tag")]
    Gone,
    Value(T),
}

impl<T> Held<T> {
    /// From now on the value belongs to the holder of the pointer.
    #[inline]
    pub(crate) fn let_go(&mut self) -> *mut T {
        let this = ptr::from_mut(self);
        // SAFETY: ours. The tag of such an enum is a `u8` at its beginning, and that of the first variant is
        // 0; the value lies behind it.
        unsafe {
            let value = match &mut *this {
                Held::Value(value) => ptr::from_mut(value),
                Held::Gone => ptr::null_mut(),
            };
            this.cast::<u8>().write(0);
            value
        }
    }
}
