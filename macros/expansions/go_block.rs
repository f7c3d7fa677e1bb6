// go! { for job in jobs { run(job); } }

fn body() {
    {
        #[allow(clippy::redundant_closure, clippy::redundant_closure_call)]
        goroutines::__private::go(move || {
            for job in jobs {
                goroutines::__private::back_edge();
                run(job);
            }
        });
    }
}
