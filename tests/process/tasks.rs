//! What is said to tasks of tokio's that use channels.

use super::prog;

/// In a debug build, once; in a release build nothing is looked for.
#[test]
fn a_task_that_blocks_is_told_once() {
    let ended = prog("blocks_in_a_task");
    assert_eq!(ended.out, "Some(1)\nSome(1)\nmain returned\n", "{ended:#?}");
    let told = ended.err.matches("rx.recv_async().await").count();
    assert_eq!(told, usize::from(cfg!(debug_assertions)), "{ended:#?}");
    let ended = prog("selects_in_a_task");
    assert_eq!(ended.out, "Some(1)\nmain returned\n", "{ended:#?}");
    let told = ended.err.matches("rx.recv_async().await").count();
    assert_eq!(told, usize::from(cfg!(debug_assertions)), "{ended:#?}");
    prog("waits_in_a_task").well("Some(1)\nmain returned\n");
}
