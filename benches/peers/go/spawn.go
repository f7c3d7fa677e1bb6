package main

import (
	"sync"
	"time"
)

// Starting goroutines: many short ones, many that wait, trees of them.

func spawn() {
	n := num("n")
	var rounds []time.Duration
	for range num("rounds") {
		var wg sync.WaitGroup
		start := time.Now()
		wg.Add(n)
		for range n {
			go wg.Done()
		}
		wg.Wait()
		rounds = append(rounds, time.Since(start))
	}
	firstAndWarm(rounds, n)
}

func spawnPar() {
	n, spawners := num("n"), num("spawners")
	var rounds []time.Duration
	for range num("rounds") {
		var wg sync.WaitGroup
		start := time.Now()
		wg.Add(n)
		for range spawners {
			go func() {
				for range n / spawners {
					go wg.Done()
				}
			}()
		}
		wg.Wait()
		rounds = append(rounds, time.Since(start))
	}
	firstAndWarm(rounds, n)
}

// parked starts n goroutines that all wait on one channel, and wakes them by closing it.
func parked() {
	n := num("n")
	gate := make(chan struct{})
	var ready, done sync.WaitGroup
	resident, tables := status("VmRSS"), status("VmPTE")
	start := time.Now()
	ready.Add(n)
	done.Add(n)
	for range n {
		go func() {
			ready.Done()
			<-gate
			done.Done()
		}()
	}
	ready.Wait()
	perOp("start", time.Since(start), n)
	resident, tables = status("VmRSS")-resident, status("VmPTE")-tables
	report("memory", (resident+tables)*1024/float64(n), "B")
	report("tables", tables*1024/float64(n), "B")
	start = time.Now()
	close(gate)
	done.Wait()
	perOp("wake", time.Since(start), n)
	report("peak", status("VmHWM")/1024, "MiB")
}

func skynetNode(parent chan<- int, number, size int) {
	if size == 1 {
		parent <- number
		return
	}
	children := make(chan int)
	for i := range 10 {
		go skynetNode(children, number+i*(size/10), size/10)
	}
	sum := 0
	for range 10 {
		sum += <-children
	}
	parent <- sum
}

func skynet() {
	leaves := num("leaves")
	var rounds []time.Duration
	for range num("rounds") {
		start := time.Now()
		result := make(chan int)
		go skynetNode(result, 0, leaves)
		if <-result != leaves*(leaves-1)/2 {
			fail("wrong sum")
		}
		rounds = append(rounds, time.Since(start))
	}
	firstAndWarm(rounds, leaves)
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	left := make(chan int, 1)
	go func() { left <- fib(n - 1) }()
	right := fib(n - 2)
	return <-left + right
}

func forkjoin() {
	n := num("n")
	var rounds []time.Duration
	for range num("rounds") {
		start := time.Now()
		sink = uint64(fib(n))
		rounds = append(rounds, time.Since(start))
	}
	firstAndWarm(rounds, fibTasks(n))
}
