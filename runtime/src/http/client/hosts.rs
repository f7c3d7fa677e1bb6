//! How many requests are under way to each host.

use crate::context::{self, Context};
use crate::sync::{Mutex, Semaphore};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

/// The hosts of a client, shared by its clones.
#[derive(Clone)]
pub(super) struct Hosts(Option<Arc<Limited>>);

struct Limited {
    limit: usize,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// A request's place at its host; free again when dropped.
pub(super) struct Place(Option<Arc<Semaphore>>);

impl Hosts {
    pub(super) fn new(limit: Option<usize>) -> Hosts {
        Hosts(limit.map(|limit| {
            Arc::new(Limited {
                limit,
                hosts: Mutex::default(),
            })
        }))
    }

    /// Waits until there is a place at `host`, or `ctx` is done.
    pub(super) fn take_place(&self, host: &str, ctx: Option<&Context>) -> io::Result<Place> {
        let Some(limited) = &self.0 else {
            return Ok(Place(None));
        };
        let semaphore = {
            let mut hosts = limited.hosts.lock();
            let new = || Arc::new(Semaphore::new(limited.limit));
            hosts.entry(host.to_owned()).or_insert_with(new).clone()
        };
        match ctx {
            Some(ctx) => semaphore.acquire(ctx, 1)?,
            None => semaphore.acquire(&context::background(), 1)?,
        }
        Ok(Place(Some(semaphore)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(semaphore) = &self.0 {
            semaphore.release(1);
        }
    }
}
