package main

import (
	"sync"
	"time"
)

// Timers: many sleepers, creating and stopping, how late a sleep ends.

func sleepers() {
	n := num("n")
	late := make(samples, n)
	var wg sync.WaitGroup
	cpu := cpuTime()
	start := time.Now()
	for i := range n {
		wg.Go(func() {
			d := sleeper(i)
			begun := time.Now()
			time.Sleep(d)
			late[i] = int64(time.Since(begun) - d)
		})
	}
	wg.Wait()
	report("wall", time.Since(start).Seconds()*1e3, "ms")
	report("cpu", float64((cpuTime()-cpu).Nanoseconds())/1e3/float64(n), "us")
	late.report("late_")
}

func timerOps() {
	n := num("n")
	start := time.Now()
	for range n {
		time.NewTimer(time.Hour).Stop()
	}
	perOp("new_stop", time.Since(start), n)

	start = time.Now()
	for range n {
		time.AfterFunc(time.Hour, func() {}).Stop()
	}
	perOp("after_func_stop", time.Since(start), n)

	start = time.Now()
	for range n {
		time.NewTicker(time.Hour).Stop()
	}
	perOp("ticker_stop", time.Since(start), n)

	timer := time.NewTimer(time.Hour)
	start = time.Now()
	for i := range n {
		timer.Reset(time.Hour + time.Duration(i))
	}
	perOp("reset", time.Since(start), n)
	timer.Stop()
}

// lateness: one goroutine alone, one sleep after the other.
func lateness() {
	d := time.Duration(num("us")) * time.Microsecond
	late := make(samples, num("n"))
	for i := range late {
		start := time.Now()
		time.Sleep(d)
		late[i] = int64(time.Since(start) - d)
	}
	late.report("")
}
