//! Names: the user's may be the same as the macros', and the crate may have another one.

use goroutines::prelude::*;

#[goroutine]
#[test]
fn names_of_the_user_and_of_the_expansion() {
    fn recv_case(n: i32) -> i32 {
        n + 1
    }
    fn block_forever() -> i32 {
        3
    }
    struct Chosen(i32);
    struct Arm0;
    let (arg, core, value) = (make!(chan i32, 4), 1, 2);
    let (chosen, std) = (Chosen(5), 6);
    let n = select! {
        arg <- chosen.0 + value => recv_case(value) + block_forever() + core,
        default => 0,
    };
    assert_eq!(n, 7);
    assert_eq!(arg.recv(), Some(7));
    let arg0 = 10;
    go!([arg] arg.send(arg0 + value));
    assert_eq!(arg.recv(), Some(12));
    let out = arg.sender();
    go!(add(core + std, arg0, &out));
    assert_eq!(arg.recv(), Some(17));
    let deferred = 4;
    {
        defer!(arg.send(deferred));
        defer!([arg, deferred = 5], arg.send(deferred));
    }
    assert_eq!((arg.recv(), arg.recv()), (Some(5), Some(4)));
    let Arm0 = Arm0;
}

fn add(arg0: i32, arg1: i32, out: &Sender<i32>) {
    out.send(arg0 + arg1);
}

#[goroutine]
fn parameters(self_: i32, p1: (i32, i32), (a, p2): (i32, i32), depth: i32) -> i32 {
    self_ + p1.0 + a + p2 + depth
}

#[goroutine]
#[test]
fn parameters_named_like_ours() {
    assert_eq!(parameters(1, (2, 0), (3, 4), 5), 15);
}

/// A user who knows the runtime only through somebody else's crate.
mod through_another_crate {
    use tests::reexported as rt;
    use tests::reexported::prelude::*;

    #[rt::goroutine(crate = tests::reexported)]
    fn depth(n: u32) -> u32 {
        if n == 0 { 0 } else { 1 + depth(n - 1) }
    }

    #[rt::goroutine(crate = rt)]
    #[test]
    fn all_macros() {
        let ch = rt::make!(chan u32, 1);
        rt::go!([ch] ch.send(depth(3)));
        let got = rt::select! { v = <-ch => v };
        assert_eq!(got, Some(3));
        {
            rt::defer!(ch.send(4));
        }
        assert_eq!(ch.recv(), Some(4));
        let _: Chan<u32> = ch;
    }
}

/// Without the prelude of std.
mod without_prelude {
    #![no_implicit_prelude]
    use ::goroutines::{defer, go, goroutine, make, select};

    #[goroutine]
    #[test]
    fn all_macros() {
        let ch = make!(chan i32, 1);
        go!([ch = ::std::clone::Clone::clone(&ch)] ch.send(1 + 1));
        let got = select! {
            ::std::option::Option::Some(v) = <-ch else return => v,
        };
        ::std::assert_eq!(got, 2);
        let polled = select! { <-ch => 1, default => 2 };
        ::std::assert_eq!(polled, 2);
        defer!(::std::assert!(ch.is_empty()));
    }
}
