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
        let arg1 = (conn,);
        let arg2 = (log,);
        #[allow(clippy::redundant_closure, clippy::redundant_closure_call)]
        goroutines::__private::go(move || arg0.handle((arg1).0, (arg2).0));
        let _ = ();
        let _ = ();
    }
}
