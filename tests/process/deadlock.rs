//! The deadlock report: when it must come, and when it must not.

use crate::{prog, start, wait};
use std::io::Read;
use std::net::TcpStream;
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

const ASLEEP: &str = "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 ";

#[test]
fn a_deadlock_is_reported_soon() {
    let ended = prog("deadlock").fatal("", ASLEEP);
    let ended = ended.says("goroutine 1 [chan receive]:\n").says("stuck.rs");
    assert!(ended.time < tests::patience(60), "{ended:#?}");
}

#[test]
fn every_goroutine_is_listed_with_what_it_waits_for() {
    let mut ended = prog("deadlock_list").fatal("", ASLEEP);
    for reason in [
        "chan receive",
        "chan receive (nil chan)",
        "chan send (nil chan)",
        "select (no cases)",
        "select",
        "sync.WaitGroup.Wait",
        "sync.Mutex.Lock",
        "sync.RWMutex.RLock",
        "sync.RWMutex.Lock",
    ] {
        ended = ended.says(&format!(" [{reason}]:\n"));
    }
    ended.says("\ncreated by goroutine 1\n\t");
}

/// On a busy machine: whoever has been woken, and has not run yet, is not asleep.
#[test]
fn a_slow_thread_is_no_deadlock() {
    let mut burners: Vec<Child> = (0..4)
        .map(|_| start("burn").spawn().expect("prog starts"))
        .collect();
    let ended = prog("bound_to_a_slow_thread");
    for burner in &mut burners {
        burner.kill().expect("a child of ours");
        burner.wait().expect("a child of ours");
    }
    ended.well("main returned\n");
}

#[test]
fn what_cannot_wake_anybody_does_not_hide_a_deadlock() {
    prog("deadlock_locked")
        .fatal("", ASLEEP)
        .says("goroutine 1 [select (no cases), locked to thread]:");
    prog("deadlock_unused_timer").fatal("", ASLEEP);
    prog("deadlock_stopped_after_func").fatal("", ASLEEP);
    prog("deadlock_after_net").fatal("", ASLEEP);
}

#[test]
fn a_deadlock_cannot_be_recovered() {
    prog("deadlock_cannot_be_recovered").fatal("", ASLEEP);
}

#[test]
fn main_may_goexit() {
    let text = "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n";
    prog("goexit_of_main").fatal("", text);
    prog("goexit_of_main_others_go_on").fatal("still here\n", text);
}

#[test]
fn timers_and_blocked_calls_are_no_deadlock() {
    for name in [
        "sleep_is_no_deadlock",
        "after_func_is_no_deadlock",
        "blocking_call_is_no_deadlock",
        "plain_blocking_call_is_no_deadlock",
    ] {
        prog(name).well("main returned\n");
    }
}

#[test]
fn a_foreign_thread_may_still_act() {
    prog("foreign_thread_is_no_deadlock").well("from a thread\nmain returned\n");
    prog("waker_is_no_deadlock").well("woken\nmain returned\n");
    prog("foreign_thread_gone").fatal("thread ends\n", ASLEEP);
}

#[test]
fn the_outside_world_may_still_act() {
    let (server, address) = first_line("listener_is_no_deadlock");
    thread::sleep(Duration::from_millis(300)); // time to report a deadlock that is none
    drop(TcpStream::connect(address).unwrap());
    wait(server).well("main returned\n");

    let (listener, ready) = first_line("signal_is_no_deadlock");
    assert_eq!(ready, "ready");
    thread::sleep(Duration::from_millis(300));
    let sent = Command::new("kill")
        .args(["-s", "USR1", &listener.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    wait(listener).well("Some(true)\nmain returned\n");

    prog("child_process_is_no_deadlock").well("true\nmain returned\n");
}

/// Starts a command and reads the first line that it prints.
fn first_line(name: &str) -> (Child, String) {
    let mut child = start(name).spawn().unwrap();
    let out = child.stdout.as_mut().unwrap();
    let mut line = Vec::new();
    let mut byte = [0];
    while out.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    (child, String::from_utf8(line).unwrap())
}
