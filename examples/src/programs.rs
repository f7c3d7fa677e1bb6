//! The list of all programs, in the order of the tour.

use std::process::{ExitCode, Termination};

/// One program of the tour.
pub struct Program {
    /// The heading it stands under.
    pub section: &'static str,
    /// Its name: of the file, of the cargo example, and on the tour's command line.
    pub name: &'static str,
    /// The program's text.
    pub source: &'static str,
    /// The text of `NAME.out`.
    pub expected: &'static str,
    /// Its `main`, which ends the process when it returns.
    pub main: fn() -> ExitCode,
}

impl Program {
    /// The first line of the program's own header.
    pub fn title(&self) -> &'static str {
        let first = self.source.lines().next().unwrap_or_default();
        first.trim_start_matches("//!").trim()
    }

    /// The program called `name`.
    pub fn find(name: &str) -> Option<&'static Program> {
        PROGRAMS.iter().find(|p| p.name == name)
    }
}

macro_rules! programs {
    ($($section:literal: $($name:ident)*;)*) => {
        #[path = ".."]
        mod sources {
            $($(pub(super) mod $name;)*)*
        }

        /// Every program, in the order of the tour.
        pub const PROGRAMS: &[Program] = &[$($(Program {
            section: $section,
            name: stringify!($name),
            source: include_str!(concat!("../", stringify!($name), ".rs")),
            expected: include_str!(concat!("../", stringify!($name), ".out")),
            main: || report(sources::$name::main),
        },)*)*];
    };
}

fn report<T: Termination>(main: fn() -> T) -> ExitCode {
    main().report()
}

programs! {
    "A goroutine, and how to wait for it":
        hello hello_sleep main_exits_early captures question_mark done_channel wait_group_fetch task_queue
        child_outlives_parent exercise_sum exercise_in_order;
    "Channels":
        range_close pipeline ping_pong sieve binary_trees abandoned exercise_merge;
    "select":
        quit_channel select_timeout non_blocking fan_in conversation exercise_first_answer;
    "Working together":
        worker_pool queue_at_work gopool counter_mutex once dining_philosophers errgroup scope_borrow
        pool_or_go exercise_ordered_results exercise_permits exercise_bounded_queue;
    "Time and cancellation":
        ticker rate_limit context_cancel context_deadline context_tree exercise_cancel_rest
        exercise_debounce;
    "The network":
        echo_server net_deadline chat http_server service_json service_workers service_store
        service_context service_shutdown service_metrics crawler graceful_shutdown netpoll_threads
        echo_load port_scan
        exercise_line_server;
    "When things go wrong":
        panic_join deadlock try_no_message try_negative_counter try_send_on_closed
        try_keep_sender try_panic try_endless_recursion try_overflow leak_dump no_suspend
        left_behind own_generator exercise_transfer;
    "Testing":
        fake_time settle try_bubble_deadlock explore_schedules leak_check exercise_fresh;
    "The scheduler at work":
        gomaxprocs hundred_thousand gmp_runnext gmp_trace work_stealing syscall_handoff hog
        sixteen_loops sysmon_watch deep_recursion costs switch_cost g_states preempt_prologue exercise_turns
        trace_run;
    "What older texts get wrong":
        old_ps old_threads old_heap old_mutex;
}
