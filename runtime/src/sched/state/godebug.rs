//! `GODEBUG`: comma-separated `key=value` settings, read once, as in Go.

use std::sync::{LazyLock, OnceLock};

/// The value of a key, if it is set.
pub(crate) fn get(key: &str) -> Option<&'static str> {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| std::env::var("GODEBUG").unwrap_or_default());
    find(text, key)
}

/// The value of a key as a number.
pub(crate) fn number(key: &str) -> Option<i64> {
    get(key)?.parse().ok()
}

/// `preempt=0`: a goroutine runs until it waits or gives way.
pub(crate) fn slices_end() -> bool {
    static ANSWER: LazyLock<bool> = LazyLock::new(|| number("preempt") != Some(0));
    *ANSWER
}

/// The last setting of a key wins.
fn find<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.split(',')
        .filter_map(|kv| kv.split_once('='))
        .filter(|(k, _)| k.trim() == key)
        .map(|(_, v)| v.trim())
        .next_back()
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn the_last_setting_wins() {
        let text = "schedtrace=100,migrate=0,schedtrace=5";
        assert_eq!(find(text, "schedtrace"), Some("5"));
        assert_eq!(find(text, "migrate"), Some("0"));
        assert_eq!(find(text, "trace"), None);
    }
}
