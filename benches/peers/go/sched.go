package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// The scheduler itself: yielding, a hog, blocking system calls, parallel work.

func yield() {
	n, goroutines := num("n"), num("goroutines")
	var wg sync.WaitGroup
	start := time.Now()
	for range goroutines {
		wg.Go(func() {
			for range n / goroutines {
				runtime.Gosched()
			}
		})
	}
	wg.Wait()
	perOp("time", time.Since(start), n)
}

// hog: while one goroutine computes without calling anything, what is the longest that another one has to wait?
func hog() {
	var stop, started atomic.Bool
	go func() {
		started.Store(true)
		input := hashInput()
		h := uint64(0)
		for !stop.Load() {
			h += hash(input)
		}
		sink = h
	}()
	longest := time.Duration(0)
	start := time.Now()
	limit := time.Duration(num("ms")) * time.Millisecond
	for last := start; last.Sub(start) < limit; {
		runtime.Gosched()
		now := time.Now()
		longest = max(longest, now.Sub(last))
		last = now
	}
	stop.Store(true)
	if !started.Load() {
		fail("the hog never started")
	}
	report("delay", longest.Seconds()*1e3, "ms")
}

// blocking: tasks that block in a system call, and two that compute meanwhile.
func blocking() {
	if arguments["how"] == "plain" {
		absent() // every system call is marked in Go
	}
	tasks := num("tasks")
	sleep := syscall.NsecToTimespec(int64(num("ms")) * 1e6)
	rate := hashesPerSecond()
	var stop atomic.Bool
	var chunks atomic.Int64
	var blocked, computing sync.WaitGroup
	start := time.Now()
	for range 2 {
		computing.Go(func() {
			input := hashInput()
			h := uint64(0)
			for !stop.Load() {
				h += hash(input)
				chunks.Add(1)
			}
			atomic.AddUint64(&sink, h)
		})
	}
	for range tasks {
		blocked.Go(func() { _ = syscall.Nanosleep(&sleep, nil) })
	}
	blocked.Wait()
	wall := time.Since(start)
	stop.Store(true)
	computing.Wait()
	report("wall", wall.Seconds()*1e3, "ms")
	cpus := float64(min(2, runtime.GOMAXPROCS(0)))
	report("compute", float64(chunks.Load())/(rate*wall.Seconds()*cpus)*100, "%")
	report("threads", status("Threads"), "threads")
}

func parallel() {
	tasks := num("tasks")
	input := hashInput()
	start := time.Now()
	h := uint64(0)
	for range tasks {
		h += hash(input)
	}
	serial := time.Since(start)
	sink = h
	var wg sync.WaitGroup
	start = time.Now()
	for range tasks {
		wg.Go(func() {
			if hash(input) == 0 {
				panic("hash")
			}
		})
	}
	wg.Wait()
	wall := time.Since(start)
	perOp("time", wall, tasks)
	ideal := serial.Seconds() / float64(runtime.GOMAXPROCS(0))
	report("over_ideal", (wall.Seconds()/ideal-1)*100, "%")
}
