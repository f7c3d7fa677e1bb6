package main

import (
	"sync"
	"time"
)

// Mutexes, wait groups, once.

// together runs f in `goroutines` goroutines, n calls in all, and prints the time per call.
func together(goroutines, n int, f func(calls int)) {
	var wg sync.WaitGroup
	start := time.Now()
	for range goroutines {
		wg.Go(func() { f(n / goroutines) })
	}
	wg.Wait()
	perOp("time", time.Since(start), n)
}

func mutex() {
	var mu sync.Mutex
	counter := 0
	together(num("goroutines"), num("n"), func(calls int) {
		for range calls {
			mu.Lock()
			counter++
			mu.Unlock()
		}
	})
	if counter != num("n")/num("goroutines")*num("goroutines") {
		fail("lost an update")
	}
}

func rwmutex() {
	n, readers, writers := num("n"), num("readers"), num("writers")
	var mu sync.RWMutex
	counter := 0
	var wg sync.WaitGroup
	each := n / (readers + writers)
	start := time.Now()
	for range readers {
		wg.Go(func() {
			seen := 0
			for range each {
				mu.RLock()
				seen += counter
				mu.RUnlock()
			}
			if seen < 0 {
				panic("negative")
			}
		})
	}
	for range writers {
		wg.Go(func() {
			for range each {
				mu.Lock()
				counter++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	perOp("time", time.Since(start), each*(readers+writers))
}

func waitgroup() {
	var shared sync.WaitGroup
	together(num("goroutines"), num("n"), func(calls int) {
		for range calls {
			shared.Add(1)
			shared.Done()
		}
	})
}

func once() {
	n := num("n")
	var o sync.Once
	calls := 0
	start := time.Now()
	for range n {
		o.Do(func() { calls++ })
	}
	perOp("time", time.Since(start), n)
	if calls != 1 {
		fail("not once")
	}
}
