//! A key and its value, with their types hidden.

use super::Key;
use std::any::{Any, type_name};

pub(super) struct Pair<K, V> {
    pub(super) key: K,
    pub(super) value: V,
}

/// A [`Pair`] of any types.
pub(super) trait Value: Send + Sync {
    /// The value, if `key` has our key's type and is equal to it.
    fn get(&self, key: &dyn Any) -> Option<&dyn Any>;
    /// `key type, value type`, for printing.
    fn type_names(&self) -> String;
}

impl<K: Key, V: Send + Sync + 'static> Value for Pair<K, V> {
    fn get(&self, key: &dyn Any) -> Option<&dyn Any> {
        let same = key.downcast_ref::<K>().is_some_and(|key| *key == self.key);
        same.then_some(&self.value as &dyn Any)
    }

    fn type_names(&self) -> String {
        format!("{}, {}", type_name::<K>(), type_name::<V>())
    }
}
