//! Five jobs of one second each and three workers: done in two seconds, results and errors told apart.
//!
//! Mirrors "Worker Pools" of Go by Example.

use goroutines::prelude::*;

fn worker(jobs: Receiver<u32>, results: Sender<Result<u32, String>>) {
    for job in jobs {
        time::sleep(time::SECOND); // an expensive job
        results.send(match job {
            4 => Err("job 4 failed".to_string()),
            _ => Ok(job * 2),
        });
    }
}

#[goroutine]
fn main() {
    let (jobs, todo) = chan::channel(5);
    let (done, results) = chan::channel(5);
    for _ in 0..3 {
        go!(worker(todo.clone(), done.clone()));
    }
    drop(done); // from now on only the workers can send results

    for job in 1..=5 {
        jobs.send(job);
    }
    jobs.close();

    for result in results {
        match result {
            Ok(double) => println!("result {double}"),
            Err(err) => println!("error: {err}"),
        }
    }
}
