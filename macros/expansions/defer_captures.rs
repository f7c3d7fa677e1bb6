// defer!([tx, n = count + 1], tx.send(n));

fn body() {
    macro_rules! _defer_needs_a_semicolon_after_it {
        () => {};
    }
    #[allow(clippy::clone_on_copy)]
    let _deferred = goroutines::__private::Defer::new(
        goroutines::__private::bind(
            (tx.clone(), count + 1),
            |(tx, n)| {
                tx.send(n);
            },
        ),
    );
}
