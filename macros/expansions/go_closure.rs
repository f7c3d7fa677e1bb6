// go!(move || loop { step() })

fn body() {
    {
        #[allow(clippy::redundant_closure, clippy::redundant_closure_call)]
        goroutines::__private::go(move || {
            loop {
                goroutines::__private::back_edge();
                step()
            }
        });
    }
}
