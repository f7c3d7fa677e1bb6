//! What the scheduler knows: its data, and who may touch it. Nothing here wakes or runs anybody.

pub(crate) mod alarm;
pub(crate) mod bracket;
pub(crate) mod cgroup;
pub(crate) mod fatal;
pub(crate) mod freeze;
pub(crate) mod godebug;
pub(crate) mod hog;
pub(crate) mod hooks;
pub(crate) mod level;
pub(crate) mod line;
pub(crate) mod lineage;
pub(crate) mod m;
pub(crate) mod names;
pub(crate) mod p;
pub(crate) mod pause_word;
pub(crate) mod record;
pub(crate) mod runq;
pub(crate) mod sched;
pub(crate) mod section;
pub(crate) mod segment;
pub(crate) mod sigpipe;
pub(crate) mod slots;
pub(crate) mod tracing;
pub(crate) mod trim;
pub(crate) mod wanted;
