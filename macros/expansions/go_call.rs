// go!(worker(id + 1, rx.clone(), &config, &mut buffer(), |x| x + 1))

fn body() {
    {
        let arg0 = (id + 1,);
        let arg1 = (rx.clone(),);
        #[allow(unused_mut)]
        let mut arg3 = buffer();
        let arg2 = config;
        #[allow(clippy::redundant_closure, clippy::redundant_closure_call)]
        goroutines::__private::go(move || worker(
            (arg0).0,
            (arg1).0,
            &arg2,
            &mut arg3,
            |x| x + 1,
        ));
    }
}
