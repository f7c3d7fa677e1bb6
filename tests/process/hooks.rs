//! Hooks, which are the user's code.

use super::prog;

/// They may use what their goroutine waits for: nothing of it is locked.
#[test]
fn hooks_find_nothing_locked() {
    let all = "Lock\nRead\nWrite\nCond\nSocket\nBubble\nmain returned\n";
    prog("hooks_find_nothing_locked").well(all);
}

/// One who has hooks gets a lock in the end, though another is faster each time that it gives it back for them.
#[test]
fn a_lock_is_had_in_the_end() {
    for lock in ["a_lock_is_had_in_the_end", "a_gate_is_had_in_the_end"] {
        prog(lock).well("gave it back 4 times\nmain returned\n");
    }
}
