// #[goroutine] #[test] fn adds() { assert_eq!(1 + 1, 2); }

#[test]
fn adds() {
    ::goroutines::__private::test(
        ::goroutines::__private::Options {
            stack: ::core::option::Option::None,
            procs: ::core::option::Option::None,
        },
        || -> () {
            assert_eq!(1 + 1, 2);
        },
    )
}
