// select! { default => work() }

fn body() {
    {
        match () {
            () => work(),
        }
    }
}
