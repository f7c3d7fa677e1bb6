//! The scenarios, by what they press on.

mod blocking;
mod channels;
mod endings;
mod handlers;
mod hogs;
mod spawns;
mod stacks;
mod threads;
mod timers;

use crate::cx::{Scenario, alone, mixed};

/// All of them.
pub(crate) const ALL: &[Scenario] = &[
    mixed("spawn_storm", spawns::storm),
    mixed("spawn_tree", spawns::tree),
    mixed("spawn_from_threads", spawns::from_threads),
    mixed("spawn_sizes", spawns::sizes),
    mixed("channel_mesh", channels::mesh),
    mixed("ping_pong_pairs", channels::ping_pong),
    mixed("select_mesh", channels::selects),
    mixed("ring", channels::ring),
    mixed("threads_and_goroutines", channels::with_threads),
    mixed("blocking_brackets", blocking::brackets),
    mixed("blocking_unbracketed", blocking::unbracketed),
    mixed("blocking_many_unbracketed", blocking::many_unbracketed),
    mixed("hand_off", blocking::hand_off),
    mixed("hogs_endless", hogs::endless),
    alone("hogs_tasks", hogs::tasks),
    mixed("hogs_that_give_way", hogs::give_way),
    mixed("hogs_at_checkpoints", hogs::checkpoints),
    alone("profiled", handlers::profiled),
    mixed("recover_and_join", endings::recover_and_join),
    mixed("goexit", endings::goexit),
    mixed("suspend_while_panicking", endings::while_panicking),
    mixed("scopes", endings::scopes),
    alone("gomaxprocs_changes", threads::gomaxprocs),
    alone("locked_threads", threads::locked),
    mixed("timers", timers::timeouts),
    mixed("timers_beside_hogs", timers::beside_hogs),
    mixed("stacks_grow", stacks::grow),
    mixed("stacks_trimmed", stacks::trimmed),
    mixed("dumps", stacks::dumps),
];
