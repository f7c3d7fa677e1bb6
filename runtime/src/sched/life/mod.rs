//! A goroutine's life: its birth, its stack, its end.

pub(crate) mod begin;
pub(crate) mod body;
pub(crate) mod bury;
pub(crate) mod grow;
pub(crate) mod lent;
pub(crate) mod origin;
pub(crate) mod root;
pub(crate) mod spare;
pub(crate) mod spawn;
