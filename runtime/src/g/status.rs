//! What a goroutine is doing.

/// What a goroutine is doing; for dumps and metrics, never for decisions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Status {
    Idle,
    Runnable,
    Running,
    Syscall,
    Waiting,
    Dead,
}

impl Status {
    pub(super) fn from_u8(v: u8) -> Status {
        match v {
            1 => Status::Runnable,
            2 => Status::Running,
            3 => Status::Syscall,
            4 => Status::Waiting,
            5 => Status::Dead,
            _ => Status::Idle,
        }
    }
}
