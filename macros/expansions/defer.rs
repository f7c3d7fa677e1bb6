// defer!(unlock());

fn body() {
    macro_rules! _defer_needs_a_semicolon_after_it {
        () => {};
    }
    let _deferred = goroutines::__private::Defer::new(|| {
        unlock();
    });
}
