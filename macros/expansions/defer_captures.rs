// defer!([tx, n = count + 1], tx.send(n));

fn body() {
    macro_rules! _defer_needs_a_semicolon_after_it {
        () => {};
    }
    let _deferred = goroutines::__private::Defer::new(
        goroutines::__private::bind(
            (
                {
                    #[allow(unused_imports)]
                    use goroutines::__private::{
                        Cloned as _, Refused as _, ThroughReference as _,
                    };
                    (&&&goroutines::__private::Named(&tx)).captured()
                },
                count + 1,
            ),
            |(tx, n)| {
                tx.send(n);
            },
        ),
    );
}
