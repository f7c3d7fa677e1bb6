//! Panics and fatal errors: Go's text on standard error, exit code 2.

use crate::{prog, prog_with};

#[test]
fn main_is_goroutine_1() {
    prog("in_main").fatal("", "panic: test\n\ngoroutine 1 [running]:\n");
}

#[test]
fn a_panic_in_any_goroutine_ends_the_process() {
    let ended = prog("in_goroutine").fatal("", "panic: boom\n\ngoroutine ");
    let ended = ended.says(" [running]:\n").says("panics.rs");
    assert!(
        !ended.err.contains("thread '"),
        "std's own report too: {ended:#?}"
    );
    prog("formatted").fatal("", "panic: value 42\n\ngoroutine ");
}

/// Below the head, which is Go's; escaped, so that it stays one line.
#[test]
fn a_goroutine_s_name_is_told() {
    let ended = prog("in_named_goroutine").fatal("", "panic: boom\n\ngoroutine ");
    ended.says(" [running]:\n\tnamed \"parser\\nof 7\"\n");
    let unnamed = prog("in_goroutine");
    assert!(!unnamed.err.contains("named"), "{unnamed:#?}");
    prog("named_in_a_hook").well("hook: Some(\"parser\")\nhook: None\nmain returned\n");
}

#[test]
fn the_second_line_of_a_panic_is_indented() {
    prog("two_lines").fatal("", "panic: first line\n\tsecond line\n\ngoroutine ");
}

#[test]
fn panics_with_other_values() {
    prog("error").fatal("", "panic: an error\n\ngoroutine ");
    prog("integer").fatal("", "panic: 42\n\ngoroutine ");
    let ended = prog("other_type");
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(
        ended.err.starts_with("panic: ") && ended.err.contains("\n\ngoroutine "),
        "{ended:#?}"
    );
}

#[test]
fn only_the_panicking_goroutine_unwinds() {
    prog("destructors_run").fatal("dropped by the panicking goroutine\n", "panic: boom\n\n");
}

#[test]
fn a_handle_takes_the_panic_or_not() {
    prog("handle_dropped").fatal("", "panic: nobody joins\n\n");
    prog("handle_joined").well("joined\nmain returned\n");
    prog("in_scope").well("recovered: in a scope\nmain returned\n");
}

#[test]
fn a_panic_in_a_defer_is_chained() {
    prog("in_defer").fatal(
        "",
        "panic: first\n\tpanic: second\n\ngoroutine 1 [running]:\n",
    );
    prog("three_deep").fatal("", "panic: first\n\tpanic: second\n\tpanic: third\n\n");
    prog("in_defer_recovered").well("recovered: second\nmain returned\n");
}

#[test]
fn a_recovered_panic_raised_again_says_so() {
    prog("repanicked").fatal("", "panic: message [recovered, repanicked]\n\ngoroutine 1 ");
    prog("recovered_then_another").fatal("", "panic: first [recovered]\n\tpanic: second\n\n");
    prog("recovered_and_dropped").fatal("", "panic: second\n\n");
}

#[test]
fn only_the_panics_of_the_chain_are_told() {
    let ended = prog("after_catch_unwind").fatal("", "panic: real\n\ngoroutine 1 ");
    assert!(!ended.err.contains("swallowed"), "{ended:#?}");
    prog("recovered_in_defer").fatal(
        "recovered: inner\n",
        "panic: first\n\tpanic: second\n\ngoroutine 1 ",
    );
    prog("held_elsewhere").fatal("", "panic: real\n\ngoroutine 1 ");
    prog("handle_dropped_while_panicking").fatal("", "panic: nobody joins\n\n");
}

#[test]
fn recover_gives_values_and_payloads() {
    let lines = [
        "value: Some(7)",
        "text: a text",
        "number: Some(7)",
        "nested: outer after inner",
        "channel: send on closed channel",
        "goroutine: elsewhere",
        "main returned\n",
    ];
    prog("recover_forms").well(&lines.join("\n"));
}

#[test]
fn a_panic_during_goexit_is_a_panic() {
    prog("after_goexit")
        .fatal("", "panic: hello")
        .says("\n\ngoroutine ");
}

#[test]
fn wait_group_go_does_not_release_the_waiter_of_a_panic() {
    prog("wait_group_go").fatal(
        "",
        "panic: in WaitGroup::go [recovered, repanicked]\n\ngoroutine ",
    );
}

#[test]
fn go_s_own_panics() {
    let panics = [
        ("send_on_closed", "send on closed channel"),
        ("parked_sender_meets_close", "send on closed channel"),
        ("select_send_on_closed", "send on closed channel"),
        ("close_of_closed", "close of closed channel"),
        ("close_of_nil", "close of nil channel"),
        ("makechan", "makechan: size out of range"),
        ("without_receivers", "send on channel without receivers"),
        ("negative_wait_group", "sync: negative WaitGroup counter"),
        ("ticker_zero", "non-positive interval for NewTicker"),
    ];
    for (name, text) in panics {
        prog(name)
            .fatal("", &format!("panic: {text}\n\ngoroutine "))
            .says(" [running]:\n");
    }
}

#[test]
fn a_fatal_error_is_not_a_panic() {
    let misuse = [
        ("unlock_of_unlocked", "sync: unlock of unlocked mutex"),
        ("rwmutex_unlock", "sync: Unlock of unlocked RWMutex"),
        ("rwmutex_runlock", "sync: RUnlock of unlocked RWMutex"),
    ];
    for (name, text) in misuse {
        prog(name)
            .fatal("", &format!("fatal error: {text}\n"))
            .says("goroutine 1 [running]:\n");
    }
}

#[test]
fn a_hook_of_the_user_s_is_called_and_the_process_ends_all_the_same() {
    prog("own_hook").fatal("hook: boom\n", "panic: boom\n\ngoroutine ");
}

#[test]
fn gotraceback_says_whose_stacks_are_shown() {
    let shown = |level| {
        let ended = prog_with("others_wait", &[("GOTRACEBACK", level)]);
        assert!(ended.err.starts_with("panic: boom\n"), "{ended:#?}");
        (
            ended.code,
            ended.err.contains("goroutine 1 [running]:"),
            ended.err.contains(" [sleep]:"),
        )
    };
    assert_eq!(shown("none"), (Some(2), false, false));
    assert_eq!(shown("single"), (Some(2), true, false));
    assert_eq!(shown("all"), (Some(2), true, true));
    assert_eq!(shown("crash"), (None, true, true), "ends by SIGABRT");
}

/// Go's `ErrorPanic`, `DoubleErrorPanic`: the second value is shown only if it is a string.
#[test]
fn a_value_that_panics_when_it_is_printed() {
    let text = "fatal error: panic while printing panic value: ";
    for (name, what) in [
        (
            "display_panics",
            "first\n\tsecond\n\ngoroutine 1 [running]:\n",
        ),
        ("display_panics_with_a_number", "type u8\n"),
        (
            "display_panics_with_an_error",
            "type Box<dyn Error + Send + Sync>\n",
        ),
        ("display_panics_in_a_defer", "from the body\n"),
        ("display_panics_after_recover", "in Display\n"),
    ] {
        prog(name).fatal("", &format!("{text}{what}"));
    }
    prog("display_panics_recovered").well("recovered: in Display\nmain returned\n");
    prog("display_recovers").fatal("", "panic: acted\n\ngoroutine 1 ");
}

#[test]
fn only_the_panic_that_is_raised_again_is_repanicked() {
    prog("repanicked_middle").fatal(
        "",
        "panic: inner [recovered]\n\tpanic: middle [recovered, repanicked]\n\n",
    );
}

#[test]
fn a_panic_in_a_destructor_is_a_panic_of_its_goroutine() {
    for name in [
        "local_s_destructor_panics",
        "closure_s_destructor_panics",
        "result_s_destructor_panics",
    ] {
        prog(name).fatal("", "panic: bomb\n\ngoroutine ");
    }
}

#[test]
fn what_replaced_a_swallowed_panic_is_swallowed_with_it() {
    let ended = prog("swallowed_then_another").says("panic: c\n\ngoroutine 1 ");
    assert_eq!(ended.code, Some(2), "{ended:#?}");
    assert!(!ended.err.contains("panic: b"), "{ended:#?}");
}

/// `GODEBUG=trace=FILE`, as where main returns.
#[test]
fn what_was_recorded_is_kept_when_a_panic_or_a_deadlock_ends_the_program() {
    for (name, report) in [
        ("in_goroutine", "panic: boom"),
        ("deadlock", "fatal error: all"),
    ] {
        let (dir, pid) = (env!("CARGO_TARGET_TMPDIR"), std::process::id());
        let file = format!("{dir}/{name}-{pid}.trace.json");
        let debug = format!("trace={file}");
        prog_with(name, &[("GODEBUG", &debug)]).fatal("", report);
        let trace = std::fs::read_to_string(&file).expect("a recording");
        std::fs::remove_file(&file).expect("it is there");
        assert!(trace.contains("\"ph\":\"X\""), "{name} ran: {trace}");
        assert!(trace.trim_end().ends_with('}'), "{name} is whole: {trace}");
    }
}
