//! Hooks, which are the user's code.

use super::prog;

/// They may use what their goroutine waits for: nothing of it is locked.
#[test]
fn hooks_find_nothing_locked() {
    let all = "Lock\nRead\nWrite\nCond\nSocket\nBubble\nmain returned\n";
    prog("hooks_find_nothing_locked").well(all);
}
