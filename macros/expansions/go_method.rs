// go!([log] server.clone().handle(conn, log))

fn body() {
    {
        let log = {
            #[allow(unused_imports)]
            use goroutines::__private::{
                Cloned as _, Refused as _, ThroughReference as _,
            };
            (&&&goroutines::__private::Named(&log)).captured()
        };
        #[allow(unused_mut)]
        let mut arg0 = server.clone();
        let __arg1 = (conn,);
        let __arg2 = (log,);
        #[allow(clippy::redundant_closure, clippy::redundant_closure_call)]
        goroutines::__private::go(move || arg0.handle(__arg1.0, __arg2.0));
    }
}
