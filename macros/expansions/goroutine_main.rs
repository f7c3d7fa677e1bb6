// #[goroutine(stack = "1MiB", procs = 2)] fn main() -> Result<(), Error> { run()?; Ok(()) }

pub(crate) fn main() -> Result<(), Error> {
    ::goroutines::__private::main(
        ::goroutines::__private::Options {
            stack: ::core::option::Option::Some(1048576),
            procs: ::core::option::Option::Some(2),
        },
        || -> Result<(), Error> {
            run()?;
            Ok(())
        },
    )
}
