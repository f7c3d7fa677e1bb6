// make!(chan Vec<u8>, 16)

fn body() {
    goroutines::chan::Chan::<Vec<u8>>::new(16)
}
