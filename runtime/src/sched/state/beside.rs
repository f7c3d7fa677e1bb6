//! What few goroutines have, kept beside them: a name (`Builder::name`), labels, ancestors, a bubble.
//!
//! By their numbers, and only for those that have any of it: a header stays small, and flags in it
//! ([`NAMED`](crate::g::flag::NAMED), [`LABELLED`](crate::g::flag::LABELLED),
//! [`ANCESTRY`](crate::g::flag::ANCESTRY)) say whether it is worth looking.

use crate::sys::mutex::Mutex;
use std::backtrace::Backtrace;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Labels, by their keys.
pub(crate) type Labels = BTreeMap<String, String>;

/// The goroutine that started another one, and from where.
pub(crate) struct Ancestor {
    pub(crate) id: u64,
    pub(crate) trace: Backtrace,
    pub(crate) older: Option<Arc<Ancestor>>,
}

/// All that is kept beside one goroutine.
#[derive(Default)]
pub(crate) struct Beside {
    pub(crate) name: Option<String>,
    pub(crate) labels: Option<Arc<Labels>>,
    pub(crate) ancestor: Option<Arc<Ancestor>>,
    pub(crate) bubble: Option<u32>,
}

impl Beside {
    fn is_empty(&self) -> bool {
        self.name.is_none()
            && self.labels.is_none()
            && self.ancestor.is_none()
            && self.bubble.is_none()
    }
}

static ALL: Mutex<BTreeMap<u64, Beside>> = Mutex::new(BTreeMap::new());

/// One thing that is kept beside the goroutine `id`.
pub(crate) fn get<T>(id: u64, what: impl FnOnce(&Beside) -> Option<T>) -> Option<T> {
    what(ALL.lock().get(&id)?)
}

/// Sets it, or with `None` takes it away; returns what was there, for the caller to drop.
pub(crate) fn set<T>(
    id: u64,
    what: impl FnOnce(&mut Beside) -> &mut Option<T>,
    to: Option<T>,
) -> Option<T> {
    let mut all = ALL.lock();
    if to.is_some() {
        return std::mem::replace(what(all.entry(id).or_default()), to);
    }
    let beside = all.get_mut(&id)?;
    let old = what(beside).take();
    if beside.is_empty() {
        all.remove(&id);
    }
    old
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_thing_taken_away_leaves_nothing() {
        // No goroutine of this number is alive.
        let id = u64::MAX;
        let present = || ALL.lock().contains_key(&id);
        assert_eq!(set(id, |b| &mut b.name, Some("a".to_owned())), None);
        assert_eq!(set(id, |b| &mut b.bubble, Some(7)), None);
        assert_eq!(
            set(id, |b| &mut b.name, Some("b".to_owned())),
            Some("a".to_owned())
        );
        assert_eq!(get(id, |b| b.name.clone()), Some("b".to_owned()));
        assert_eq!(set(id, |b| &mut b.name, None), Some("b".to_owned()));
        assert_eq!(get(id, |b| b.name.clone()), None);
        assert!(present());
        assert_eq!(get(id, |b| b.bubble), Some(7));
        assert_eq!(set(id, |b| &mut b.bubble, None), Some(7));
        assert!(!present());
        assert_eq!(set(id, |b| &mut b.bubble, None), None);
    }
}
