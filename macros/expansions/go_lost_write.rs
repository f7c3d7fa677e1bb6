// go!([wg], { results[i] += f(i); })

fn body() {
    {
        let wg = {
            #[allow(unused_imports)]
            use goroutines::__private::{
                Cloned as _, Refused as _, ThroughReference as _,
            };
            (&&&goroutines::__private::Named(&wg)).captured()
        };
        {
            #[allow(unused_imports)]
            use goroutines::__private::AnyPlace as _;
            let place = (goroutines::__private::Place(&results),);
            (place).0.written();
        }
        #[allow(clippy::redundant_closure, clippy::redundant_closure_call)]
        goroutines::__private::go(move || {
            results[i] += f(i);
        });
    }
}
