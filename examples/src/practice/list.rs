//! The exercises, in the order of the book's chapters.

/// How an exercise is judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// It has functions, and `practice/NAME.check.rs` calls them.
    Checked,
    /// It is a program, and prints what `practice/NAME.out` says.
    Program,
    /// It is the lesson `tests/ui/PATH.rs`, which does not compile. Made to compile, it must end well
    /// and still hold these texts.
    Compiles {
        /// Its path below `tests/ui`, without `.rs`.
        lesson: &'static str,
        /// What may not be taken out.
        keeps: &'static [&'static str],
    },
}

/// One exercise.
#[derive(Clone, Copy, Debug)]
pub struct Exercise {
    /// Its name: on the command line, and of the file in `practice/`.
    pub name: &'static str,
    /// The page of the book that it belongs to.
    pub chapter: &'static str,
    /// How it is judged.
    pub kind: Kind,
    /// What to give on demand, one after the other.
    pub hints: &'static [&'static str],
}

use Kind::{Checked, Compiles, Program};

macro_rules! exercises {
    ($($chapter:literal: $($name:ident $kind:expr, [$($hint:literal),*];)*)*) => {
        /// All exercises.
        pub const EXERCISES: &[Exercise] = &[$($(Exercise {
            name: stringify!($name),
            chapter: $chapter,
            kind: $kind,
            hints: &[$($hint),*],
        },)*)*];
    };
}

const fn compiles(lesson: &'static str, keeps: &'static [&'static str]) -> Kind {
    Compiles { lesson, keeps }
}

exercises! {
    "main_exits":
        hello Program, ["`main` must receive before it prints.",
            "Give `say_hello` a parameter `done: Sender<()>`, and pass `done.sender()`."];
    "rust_for_go":
        used_after_move compiles("go/17_used_after_move", &["go!(", "recv"]),
            ["What `go!({ .. })` names moves into it.", "A capture list clones: `go!([ch], { .. })`."];
        moved_in_loop compiles("go/18_moved_in_loop", &["for i in 0..3", "go!(", "count()"]),
            ["The first turn takes `tx` away from the second.",
             "Clone in each turn: `tx.clone()`. And who drops the last sender?"];
        not_borrowed compiles("go/16_borrowed_argument", &["go!(greet("]),
            ["The goroutine may outlive `main`'s variable.", "`&name` in the call moves `name` itself."];
        capture_self compiles("go/07_capture_self", &["go!([", "log.send"]),
            ["`self` needs a name in a capture list.", "`[this = self.clone()]`"];
        shared_counter compiles("go/25_capture_mutex", &["go!([total", "lock() += 1"]),
            ["A clone of a lock would lock something else.", "`Arc::new(Mutex::new(0))`"];
        no_rc compiles("send/01_rc", &["go!(work("]),
            ["`Rc` counts without a lock.", "`std::sync::Arc` has the same methods."];
    "done_channel":
        three_times Program, ["How many sends are there?", "Receive in a loop, `for _ in 1..=3`."];
        sum Checked, ["Make a channel, start a goroutine for each number, receive `n` times.",
            "`go!([numbers], numbers.send(i));`"];
    "wait_group":
        in_order Checked, ["One `WaitGroup`, one vector that all of them share.",
            "`Arc<Mutex<Vec<String>>>`; ask first, and lock only to write the answer."];
    "channels":
        squares Checked, ["The stream ends when the last sender is gone. Who has one?",
            "A block without a capture list moves `tx` into the goroutine."];
        evens Checked, ["A goroutine with `for n in input` and a sender of its own.",
            "When the goroutine returns it drops its sender, and your stream ends."];
    "directions":
        send_only compiles("direction/01_send_on_receiver", &["fn ", "send("]),
            ["Which end does the function get?", "A parameter that sends is a `Sender`."];
        receive_only compiles("direction/02_recv_from_sender", &["fn ", "recv("]),
            ["Which end does the function get?", "A parameter that receives is a `Receiver`."];
        who_closes compiles("direction/03_close_receiver", &["close()"]),
            ["Closing says: no more values will come. Who can say so?", "Close the `Chan` or the `Sender`."];
        the_right_end compiles("direction/10_receiver_as_sender", &["produce("]),
            ["`sender()` is the end that sends."];
        merge Checked, ["A goroutine for each stream, and a sender for each goroutine.",
            "`go!([tx], { .. })` in the loop; the `tx` of `merge` itself is dropped at its end."];
    "select":
        closed_arm compiles("select/12_refutable", &["select!"]),
            ["`Some(job)` does not match the end of the stream.", "`Some(job) = <-jobs else break => ..`"];
        timeout Checked, ["`select!` with two arms.", "`<-time::after(limit) => None`"];
        first_answer Checked, ["Who takes the answers of the slow ones?",
            "A buffer with room for all answers, or a channel whose receiver is dropped."];
    "worker_queue":
        workers Checked, ["A channel of jobs, a channel of results, three goroutines.",
            "`drop(done)`: the results end when the last worker drops its sender."];
        reorder Checked, ["Keep what came too early in a map.",
            "`while let Some(text) = early.remove(&next) { .. }`"];
    "pool":
        permits Checked, ["Before each task put something into a channel with `most` places.",
            "Send a permit before `go!`, receive one at the end of the task."];
    "sync":
        counter Checked, ["Two locks are not one.", "`*self.0.lock() += 1`"];
        bounded_queue Checked, ["Two conditions: not empty, and not full.",
            "`self.not_full.wait_while(&mut items, |items| items.len() == self.room)`"];
    "context":
        cancel Checked, ["Sending may wait for ever. `select!` waits for two things.",
            "`numbers <- i => {}` and `<-ctx.done() => return`"];
    "time":
        debounce Checked, ["Every event resets the timer; when it fires, the last event goes out.",
            "`Timer::new(quiet)`, `timer.reset(quiet)`, an arm `<-timer.c() => ..`"];
    "net":
        lines Checked, ["`BufReader::new(&conn).lines()` reads line by line.",
            "`(&conn).write_all(..)`: a connection can be shared by reference."];
        crawler Checked, ["Three things are shared: what was seen, the permits, a `WaitGroup`.",
            "Take the permit only around `links(page)`, not while you start the others."];
    "failures":
        find_the_deadlock Checked, ["Who holds what, and waits for what, when both stop?",
            "Lock the account with the smaller number first."];
        find_the_leak Checked, ["What would end a goroutine that waits in `send`?",
            "A `Chan` can receive, too. Give the goroutines a `Sender`."];
    "testing":
        find_the_race Checked, ["Between `exists` and `create` anything may happen.",
            "One lock over both; `insert` says whether it was new."];
        fresh Checked, ["Look at `last` before you fetch.", "Hold the lock while you fetch: two callers fetch once."];
    "queues":
        turns Program, ["Who gives way goes to the end of the global queue.",
            "`runtime::gosched()` after each word. Which one is started last?"];
}

impl Exercise {
    /// The exercise called `name`.
    pub fn find(name: &str) -> Option<&'static Exercise> {
        EXERCISES.iter().find(|e| e.name == name)
    }

    /// What the reader begins with, relative to the repository.
    pub fn stub(&self) -> String {
        match self.kind {
            Compiles { lesson, .. } => format!("tests/ui/{lesson}.rs"),
            _ => format!("examples/practice/{}.rs", self.name),
        }
    }

    /// A text that passes, relative to the repository.
    pub fn solution(&self) -> String {
        match self.kind {
            Compiles { lesson, .. } => format!("tests/ui/{lesson}.right.rs"),
            _ => format!("examples/practice/{}.solution.rs", self.name),
        }
    }
}
