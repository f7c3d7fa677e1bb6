//! A CPU that a thread leaves: where the next one is best woken.

/// A CPU that a thread is about to leave, or has just left; and the M by which it was left, if that is in line.
#[derive(Clone, Copy)]
pub(crate) struct Left {
    pub(super) cpu: u32,
    pub(super) by: u64,
}

impl Left {
    /// Which one is not known.
    pub(crate) const UNKNOWN: Left = Left::now(u32::MAX);

    /// By the caller, which is not in line.
    pub(crate) const fn now(cpu: u32) -> Left {
        Left { cpu, by: u64::MAX }
    }

    pub(super) const fn by(m: u64, cpu: u32) -> Left {
        Left { cpu, by: m }
    }

    /// This one, or where that is not known, another.
    pub(crate) fn or(self, cpu: impl FnOnce() -> u32) -> Left {
        match self.cpu {
            u32::MAX => Left::now(cpu()),
            _ => self,
        }
    }
}
