// defer!([tx, n = count + 1], tx.send(n));

fn body() {
    #[allow(clippy::clone_on_copy, clippy::redundant_clone)]
    let _deferred = goroutines::__private::Defer::new(
        goroutines::__private::bind(
            (tx.clone(), count + 1),
            |(tx, n)| {
                tx.send(n);
            },
        ),
    );
}
