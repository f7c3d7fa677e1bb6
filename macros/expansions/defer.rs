// defer!(unlock());

fn body() {
    let _deferred = goroutines::__private::Defer::new(|| {
        unlock();
    });
}
