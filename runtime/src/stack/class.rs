//! The sizes of slots.

/// The smallest slot; ids count these.
pub(crate) const UNIT: usize = 64 << 10;
/// The unit of bookkeeping and of giving memory back.
pub(crate) const CHUNK: usize = 16 << 20;
pub(super) const UNITS_PER_CHUNK: usize = CHUNK / UNIT;
/// Slots of 64 KiB, 128 KiB, .. 512 MiB.
pub(crate) const CLASSES: usize = 14;
/// The class of an ordinary goroutine: 256 KiB.
pub(crate) const DEFAULT_CLASS: u8 = 2;
/// Names a slot: [`THREAD_IDS`](super::word::THREAD_IDS) plus its first unit's index in the arena.
pub(crate) type SlotId = u32;

/// Bytes in a slot of this class.
#[inline(always)]
pub(crate) const fn size_of_class(class: u8) -> usize {
    UNIT << class
}
