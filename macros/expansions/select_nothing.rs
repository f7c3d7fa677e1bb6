// select! {}

fn body() {
    { goroutines::__private::block_forever() }
}
