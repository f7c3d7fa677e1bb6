// go!([log] server.clone().handle(conn, log))

fn body() {
    {
        #[allow(clippy::clone_on_copy)]
        let log = log.clone();
        #[allow(unused_mut)]
        let mut arg0 = server.clone();
        #[allow(clippy::redundant_closure, clippy::redundant_closure_call)]
        goroutines::__private::go(move || arg0.handle(conn, log));
    }
}
