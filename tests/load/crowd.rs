//! Many connections, most of them idle.

use super::*;

/// A few busy connections among many idle ones: every message comes back, and the idle ones still
/// answer afterwards. Then the memory and the descriptors come back.
#[test]
fn idle_and_busy() {
    let _alone = alone();
    let (idle, busy) = (1000 * scale(), 100 * scale());
    let goroutines = runtime::num_goroutine();
    let descriptors = process::descriptors();
    let server = EchoServer::start();
    let crowd: Vec<_> = (0..idle).map(|_| foreign_client(server.addr)).collect();
    eventually("every connection has its goroutine", || {
        runtime::num_goroutine() > goroutines + idle
    });
    let clients: Vec<_> = (0..busy)
        .map(|id| {
            let addr = server.addr;
            goroutines::spawn(move || {
                let mut stream = TcpStream::connect(addr).unwrap();
                let mut buf = [0; 16];
                for round in 0..100u64 {
                    let sent = [id as u64, round].map(u64::to_le_bytes).concat();
                    stream.write_all(&sent).unwrap();
                    stream.read_exact(&mut buf).unwrap();
                    assert_eq!(sent, buf);
                }
            })
        })
        .collect();
    for c in clients {
        c.join().unwrap();
    }
    for (i, stream) in crowd.iter().enumerate() {
        ping(stream, &i.to_le_bytes());
    }
    drop(crowd);
    server.stop(goroutines);
    eventually("the descriptors are closed", || {
        // A poller's few may have come.
        process::descriptors() <= descriptors + 4
    });
}

/// Connections that wait cost no CPU time, whatever waits in them: a read, a read with a deadline, an
/// HTTP connection between two requests.
#[test]
fn idle_connections_cost_no_cpu() {
    let _alone = alone();
    let goroutines = runtime::num_goroutine();
    let plain = EchoServer::start();
    let (http, http_addr) = start_http(Server::new("127.0.0.1:0", hello));
    let mut crowd: Vec<_> = (0..200).map(|_| foreign_client(plain.addr)).collect();
    for stream in &crowd {
        ping(stream, b"x");
    }
    crowd.extend((0..200).map(|_| {
        let mut stream = foreign_client(http_addr);
        stream
            .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            .unwrap();
        stream
            .read_exact(&mut [0; b"HTTP/1.1 200 OK".len()])
            .unwrap();
        stream
    }));
    process::comes_to_rest();
    drop(crowd);
    http.close().unwrap();
    plain.stop(goroutines);
}

/// What a connection costs that has echoed once and waits: the kernel's buffers not counted.
#[test]
fn memory_of_an_idle_connection() {
    in_own_process("crowd::memory_of_an_idle_connection", 5000, memory_of_idle);
}

fn memory_of_idle() {
    const COUNT: usize = 2000;
    let server = EchoServer::start();
    // What is there once is not counted.
    ping(&foreign_client(server.addr), b"x");
    let connect = || {
        let stream = foreign_client(server.addr);
        ping(&stream, b"x");
        stream
    };
    let warm: Vec<_> = (0..200).map(|_| connect()).collect();
    let before = process::memory();
    let crowd: Vec<_> = (0..COUNT).map(|_| connect()).collect();
    let each = (process::memory() - before) / COUNT;
    // Without optimisation frames are several times as large.
    let limit = if cfg!(debug_assertions) {
        14_000
    } else {
        5_200
    };
    assert!(each <= limit, "{each} bytes each");
    println!("{each} bytes each");
    drop((warm, crowd));
}

/// The stacks of connections that are gone are given back to the system.
#[test]
fn memory_comes_back() {
    in_own_process("crowd::memory_comes_back", 20_000, memory_back);
}

fn memory_back() {
    let count = 1000 * scale();
    let goroutines = runtime::num_goroutine();
    let server = EchoServer::start();
    let crowd = |count| {
        let crowd: Vec<_> = (0..count).map(|_| foreign_client(server.addr)).collect();
        for stream in &crowd {
            ping(stream, b"x");
        }
        crowd
    };
    // What is there once is not counted: an emulator's translations, for one, which are megabytes.
    drop(crowd(count / 20));
    eventually("the first are gone", || {
        runtime::num_goroutine() <= goroutines + 1
    });
    let before = process::memory();
    let crowd = crowd(count);
    let full = process::memory();
    drop(crowd);
    server.stop(goroutines);
    eventually("most of the memory comes back", || {
        process::memory() < before + (full - before) / 3
    });
}
