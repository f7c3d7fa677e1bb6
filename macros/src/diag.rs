//! Every message of the macros, in one table.
//!
//! A message says first what is wrong and then what to write, in lower case, without a full stop,
//! with code in backquotes. It is reported once, at the user's token. Each one has a program in
//! `tests/ui` that provokes it.
//!
//! Called by all other files of this crate.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

/// `message` at `tokens` (from the first to the last of them).
pub(crate) fn at(tokens: impl ToTokens, message: &str) -> Error {
    Error::new_spanned(tokens, message)
}

/// The errors met so far: a macro goes on after the first, so that one build reports them all.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Adds one error.
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            none => *none = Some(error),
        }
    }

    /// Whether nothing was wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl ToTokens for Errors {
    /// One `compile_error!` per message; legal where an item or a statement is.
    fn to_tokens(&self, tokens: &mut TokenStream) {
        if let Some(error) = &self.0 {
            tokens.extend(error.to_compile_error());
        }
    }
}

// All macros.

pub(crate) const NOT_DIRECTLY: &str =
    "use this macro through the `goroutines` crate, which tells it where the runtime is";
pub(crate) const STRAY_SEND: &str =
    "outside the head of a `select!` arm a send is a method call: `tx.send(value)`";
pub(crate) const STRAY_RECV: &str =
    "outside the head of a `select!` arm a receive is a method call: `rx.recv()`";

// Go's words, in every macro that holds code.

pub(crate) const WALRUS: &str =
    "Rust has no `:=`; a new variable is `let x = ..`, or `let mut x = ..` if it changes";
pub(crate) const GO_STATEMENT: &str =
    "`go` is a macro here: `go!(f(x));`, or `go!({ .. });` for a block";
pub(crate) const DEFER_STATEMENT: &str =
    "`defer` is a macro here: `defer!(wg.done());`, or `defer! { .. }` for a block";
pub(crate) const SELECT_STATEMENT: &str =
    "`select` is a macro here: `select! { v = <-rx => .., tx <- v => .., default => .. }`";
pub(crate) const MAKE_CALL: &str = "`make` is a macro here: `make!(chan T, capacity)`";
pub(crate) const FUNC: &str =
    "Rust has no `func`: a closure is `|x| ..`, a function is `fn f(x: T) -> R { .. }`";
pub(crate) const VAR: &str =
    "Rust has no `var`: write `let x = ..`, or `let mut x = ..` if it changes";
pub(crate) const SWITCH: &str = "Rust has no `switch`: write `match x { 1 => .., _ => .. }`";
pub(crate) const FOR_EVER: &str = "a loop without a condition is `loop { .. }`";
pub(crate) const FOR_RANGE: &str =
    "Rust has no `range`: write `for v in c`, `for v in &list` or `for i in 0..n`";
pub(crate) const FOR_PAIR: &str =
    "a loop with an index is `for (i, v) in list.iter().enumerate() { .. }`";
pub(crate) const FOR_COUNT: &str =
    "a loop that counts is `for i in 0..n { .. }`; one with a condition is `while i < n { .. }`";

// Capture lists.

pub(crate) const CAPTURE_BARE: &str = "captures stand in brackets: `go!([a, b], { .. })`; without a list the block moves what it names";

pub(crate) const CAPTURE_SELF: &str =
    "`self` needs a name here: write `[this = self.clone()]` and use `this`";
pub(crate) const CAPTURE_ITEM: &str =
    "a capture is a name, which is cloned, or `name = expression`";

pub(crate) const CAPTURE_REFERENCE: &str =
    "a capture is written without `&`: `[x]` gives the goroutine a clone of its own";

// go!

pub(crate) const GO_NEEDS: &str =
    "`go!` needs a call, a block or a closure, as Go's `go` needs a call";
pub(crate) const GO_ONLY_CAPTURES: &str =
    "a capture list needs something to run after it: `go!([a, b], { .. })`";
pub(crate) const GO_ASYNC: &str =
    "a goroutine blocks without `async`: write `go!({ .. })`, or `block_on(future)` inside one";
pub(crate) const GO_RESULT: &str = "the result of a goroutine is not available here: put `?` inside a block, `go!({ .. })`, or use `spawn` and `join`";
pub(crate) const GO_AWAIT: &str = "this runtime needs no `.await`: a goroutine just blocks";
pub(crate) const GO_FUNC: &str = "Rust has no `func`: write `go!({ .. })` or `go!(move || { .. })`";
pub(crate) const GO_MOVE: &str =
    "a block moves by itself: `go!({ .. })`; only a closure says it, `go!(move || { .. })`";
pub(crate) const GO_ARGUMENTS: &str = "a goroutine's closure takes no arguments: give it a name of its own, `go!([i], { f(i) })`, or write the call, `go!(f(i))`";
pub(crate) const GO_ONE: &str =
    "`go!` takes one call, `go!(f(x))`; captures stand in front of a block, `go!([a, b], { .. })`";
pub(crate) const GO_IN: &str = "inside a scope the form is `go!(in s, f(x))`";
pub(crate) const GO_IN_BLOCK: &str = "`go!(in s, ..)` takes a call; for a block write `s.go(|| { .. })`, which borrows what it names";

// defer!

pub(crate) const DEFER_NEEDS: &str =
    "`defer!` needs a call or statements: `defer!(f(x));` or `defer! { .. }`";
pub(crate) const DEFER_CLOSURE: &str =
    "`defer!` makes the closure itself: write its body, `defer! { .. }`";

// make!

pub(crate) const MAKE_NEEDS: &str =
    "`make!` makes a channel: `make!(chan T)`, or `make!(chan T, capacity)`";
pub(crate) const MAKE_DIRECTION: &str =
    "make the channel first, `make!(chan T)`; its ends are `ch.sender()` and `ch.receiver()`";
pub(crate) const MAKE_STRUCT: &str =
    "Go's `struct{}` is `()`: `make!(chan())`, and what is sent is `()`";
pub(crate) const MAKE_INTERFACE: &str = "Rust has no `interface{}`: name one type, an enum of those that you send, or `Box<dyn Any + Send>`";
pub(crate) const MAKE_ANGLE: &str =
    "the type stands without angle brackets: `make!(chan T, capacity)`";
pub(crate) const MAKE_TYPE: &str = "name the type of the elements: `make!(chan T)`";
pub(crate) const MAKE_REST: &str = "expected `)` after the capacity: `make!(chan T, capacity)`";

// #[goroutine]

pub(crate) const ATTR_NOT_FN: &str = "`#[goroutine]` goes on a function";
pub(crate) const ATTR_ASYNC: &str = "a goroutine blocks without `async`; remove it";
pub(crate) const ATTR_CONST: &str =
    "a `const fn` runs in the compiler too, where there is no scheduler; remove `const`";
pub(crate) const ATTR_ABI: &str =
    "`#[goroutine]` needs a Rust function; call one from this `extern` function";
pub(crate) const ATTR_NO_BODY: &str = "a method without a body has nothing to run as a goroutine: put `#[goroutine]` on its implementations";
pub(crate) const ATTR_MAIN_ARGS: &str =
    "`main` has no parameters and is not generic: use `std::env::args()`";
pub(crate) const ATTR_TEST_ARGS: &str = "a test has no parameters and is not generic";
pub(crate) const ATTR_OPTION: &str =
    "the options are `stack = \"256KiB\"`, `procs = 4` and `crate = path`";
pub(crate) const ATTR_TWICE: &str = "this option is given twice";
pub(crate) const ATTR_PROCS: &str = "`procs` is for `main` and tests, which start the runtime";
pub(crate) const ATTR_STACK: &str =
    "a stack size is a number of bytes or a text like \"64KiB\", \"1MiB\"";
pub(crate) const ATTR_CRATE: &str = "write the path without quotes: `crate = path::to::goroutines`";

// select!: between the arms.

pub(crate) const SELECT_CASE: &str =
    "`select!` arms have no `case` and end with `=>`: `v = <-rx => ..`";
pub(crate) const SELECT_SEMI: &str = "arms are separated by `,`, not `;`";
pub(crate) const SELECT_COMMA: &str = "expected `,` after this arm's body";
pub(crate) const SELECT_TWO_DEFAULTS: &str = "only one `default` arm is allowed";
pub(crate) const SELECT_FIRST_DEFAULT: &str = "the first `default` arm is here";
pub(crate) const SELECT_BIASED: &str = "write `biased;` before the first arm";
pub(crate) const SELECT_ATTRIBUTE: &str =
    "an arm has no attributes; put `#[cfg(..)]` on the whole `select!`";
pub(crate) const SELECT_NO_BODY: &str = "this arm needs a body after `=>`, at least `{}`";

// select!: the head of an arm.

pub(crate) const AWAIT_NO_FUTURE: &str = "`await` needs a future: `v = await fut => ..`";
pub(crate) const AWAIT_RECV: &str = "a receive needs no `await`: `v = <-rx => ..`";
pub(crate) const ARM_UNKNOWN: &str =
    "an arm is a receive `v = <-rx => ..`, a send `tx <- v => ..` or `default => ..`";
pub(crate) const ARM_FAT_ARROW: &str =
    "expected `=>` between what the arm waits for and its body: `v = <-rx => ..`";
pub(crate) const ARM_LET: &str = "an arm binds without `let`: `v = <-rx => ..`";
pub(crate) const ARM_IF: &str =
    "an arm has no `if`: use an `Option` of the channel, `None` is never ready";
pub(crate) const ARM_DEFAULT: &str =
    "the arm taken when nothing is ready is spelled `default => ..`";
pub(crate) const ARM_DEFAULT_TIMEOUT: &str =
    "a timeout is an arm that receives: `<-time::after(d) => ..`";
pub(crate) const ARM_CROSSBEAM_RECV: &str =
    "this is crossbeam's syntax; here a receive is `v = <-rx => ..`";
pub(crate) const ARM_CROSSBEAM_SEND: &str =
    "this is crossbeam's syntax; here a send is `tx <- v => ..`";

// select!: receive arms.

pub(crate) const RECV_WALRUS: &str = "Rust has no `:=`; write `v = <-rx => ..`";
pub(crate) const RECV_COMMA_OK: &str =
    "channels yield `Option<T>`: `v = <-rx`, then `Some`/`None` tells what Go's `ok` tells";
pub(crate) const RECV_NO_ARROW: &str =
    "a receive arm needs the arrow: `v = <-rx`; a method call would block before `select!` starts";
pub(crate) const RECV_SPACE: &str =
    "a receive is written `v = <-rx` without a space inside the arrow";
pub(crate) const RECV_THIN_ARROW: &str = "the name goes to the left: `v = <-rx => ..`";
pub(crate) const RECV_TWICE: &str =
    "receive the channel first: `if let Some(rx) = rxs.recv()`, then `v = <-rx`";
pub(crate) const RECV_NO_CHANNEL: &str =
    "a receive arm needs a channel after the arrow: `v = <-rx => ..`";
pub(crate) const RECV_NO_PATTERN: &str =
    "this arm needs a name before `=`, or no `=`: `v = <-rx => ..`, `<-rx => ..`";
pub(crate) const RECV_ELSE_EMPTY: &str =
    "`else` needs an expression that leaves: `Some(v) = <-rx else break => ..`";
pub(crate) const RECV_ELSE_UNUSED: &str =
    "this pattern matches every value, so its `else` can never run: remove it";

/// `Some(v) = <-rx => ..` without `else`.
pub(crate) fn recv_refutable(pattern: &TokenStream) -> String {
    format!(
        "`{}` does not match {}; add `else {{ .. }}` or bind `v` and match it",
        text(pattern),
        if text(pattern).starts_with("Some(") {
            "a closed channel"
        } else {
            "every value"
        }
    )
}

// select!: send arms.

pub(crate) const SEND_NO_ARROW: &str =
    "a send arm needs the arrow: `tx <- v`; a method call would block before `select!` starts";
pub(crate) const SEND_SPACE: &str = "a send is written `tx <- v` without a space inside the arrow";
pub(crate) const SEND_THIN_ARROW: &str = "expected `=>` after the value to send, found `->`";
pub(crate) const SEND_REST: &str = "expected `=>` after the value to send";
pub(crate) const SEND_RECV: &str = "receive first: `let v = rx.recv();`, then `tx <- v`";
pub(crate) const SEND_RESULT: &str =
    "a send yields nothing; write `tx <- v => ..` without a name before it";
pub(crate) const SEND_ELSE: &str = "a send has no `else`: nothing is matched";
pub(crate) const SEND_NO_VALUE: &str = "a send arm needs a value: `tx <- v => ..`";
pub(crate) const SEND_NO_SLOT: &str = "`move` needs a place of type `Option<T>`: `tx <- move slot`";

/// Tokens as the user would write them, near enough for a message.
fn text(tokens: &TokenStream) -> String {
    tokens
        .to_string()
        .replace(" (", "(")
        .replace("( ", "(")
        .replace(" )", ")")
}
