//! `search` returns the first hit, and something stays behind. Find out what, and why.
//!
//! The check lists who is left: what it waits for, and where it was started.

use goroutines::prelude::*;

pub fn search(shards: u32, query: fn(u32) -> Option<u32>) -> Option<u32> {
    let (tx, hits) = chan::channel(0);
    for shard in 0..shards {
        go!([tx], { tx.send(query(shard)) });
    }
    for _ in 0..shards {
        if let Some(Some(hit)) = hits.recv() {
            return Some(hit); // drops the last receiver: whoever still sends, ends
        }
    }
    None
}
