package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Goroutines that compute and never give way: what they get of the CPU, what they cost, and who waits for them.

//go:noinline
func compute(hashes int) {
	input := hashInput()
	h := uint64(0)
	for range hashes {
		h += hash(input)
	}
	atomic.AddUint64(&sink, h)
}

func longTasks() {
	tasks := num("tasks")
	hashes := int(hashesPerSecond() * float64(num("ms")) / 1e3)
	sample := max(tasks/100, 8)
	serial := func() float64 {
		start := time.Now()
		for range sample {
			compute(hashes)
		}
		return time.Since(start).Seconds() / float64(sample)
	}
	before := serial()
	var wg sync.WaitGroup
	start := time.Now()
	for range tasks {
		wg.Go(func() { compute(hashes) })
	}
	wg.Wait()
	each := time.Since(start).Seconds() / float64(tasks)
	report("threads", status("Threads"), "threads")
	ideal := (before + serial()) / 2 / float64(runtime.GOMAXPROCS(0))
	report("time", each*1e3, "ms")
	report("over_serial", (each/ideal-1)*100, "%")
}

func startLoops() ([]atomic.Uint64, *atomic.Bool) {
	stop := new(atomic.Bool)
	counts := make([]atomic.Uint64, num("loops"))
	for i := range counts {
		go func() {
			input := hashInput()
			h := uint64(0)
			for !stop.Load() {
				h += hash(input)
				counts[i].Add(1)
			}
			atomic.AddUint64(&sink, h)
		}()
	}
	return counts, stop
}

func shares() {
	counts, stop := startLoops()
	time.Sleep(time.Duration(num("ms")) * time.Millisecond)
	had := make([]float64, len(counts))
	mean := 0.0
	for i := range counts {
		had[i] = float64(counts[i].Load())
		mean += had[i] / float64(len(counts))
	}
	stop.Store(true)
	slices.Sort(had)
	for _, one := range []struct {
		name    string
		percent int
	}{{"least", 0}, {"p10", 10}, {"p90", 90}, {"most", 100}} {
		report(one.name, had[(len(had)-1)*one.percent/100]/mean, "shares")
	}
}

func keepWorst(worst *atomic.Int64, late time.Duration) {
	for {
		old := worst.Load()
		if late.Microseconds() <= old || worst.CompareAndSwap(old, late.Microseconds()) {
			return
		}
	}
}

func tick(worst *atomic.Int64, stop *atomic.Bool) {
	if stop.Load() {
		return
	}
	period := 60 * time.Millisecond
	due := time.Now().Add(period)
	time.AfterFunc(period, func() {
		keepWorst(worst, time.Since(due))
		tick(worst, stop)
	})
}

func besideLoops() {
	span := time.Duration(num("ms")) * time.Millisecond
	l := listen()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				var b [1]byte
				if _, err := conn.Read(b[:]); err == nil {
					_, _ = conn.Write(b[:])
				}
			}()
		}
	}()
	var timer, partner atomic.Int64
	// It waits already when the loops begin.
	sent := make(chan time.Time)
	go func() {
		for at := range sent {
			keepWorst(&partner, time.Since(at))
		}
	}()
	_, stop := startLoops()
	time.Sleep(700 * time.Millisecond)
	program, err := os.Executable()
	if err != nil {
		fail(err.Error())
	}
	port := l.Addr().(*net.TCPAddr).Port
	visitor := exec.Command(program, "visitor", fmt.Sprint("port=", port), fmt.Sprint("ms=", span.Milliseconds()))
	visitor.Env = append(os.Environ(), "GOMAXPROCS=1")
	told, err := visitor.StdoutPipe()
	if err == nil {
		err = visitor.Start()
	}
	if err != nil {
		fail("no visitor: " + err.Error())
	}
	tick(&timer, stop)
	go func() {
		for !stop.Load() {
			time.Sleep(20 * time.Millisecond)
			sent <- time.Now()
		}
	}()
	sleeper := time.Duration(0)
	for start := time.Now(); time.Since(start) < span; {
		begin := time.Now()
		time.Sleep(100 * time.Millisecond)
		sleeper = max(sleeper, time.Since(begin)-100*time.Millisecond)
	}
	line, _ := bufio.NewReader(told).ReadString('\n')
	_ = visitor.Wait()
	stop.Store(true)
	words := strings.Fields(line)
	answer := 0.0
	if len(words) != 3 || words[0] != "worst" {
		fail("the visitor told nothing")
	} else if _, err := fmt.Sscan(words[1], &answer); err != nil {
		fail(err.Error())
	}
	report("sleeper", sleeper.Seconds()*1e3, "ms")
	report("timer", float64(timer.Load())/1e3, "ms")
	report("partner", float64(partner.Load())/1e3, "ms")
	report("answer", answer, "ms")
}

// visitor is the other process: a connection every 20 ms, and the longest that one has waited for its answer.
func visitor() {
	worst := time.Duration(0)
	addr := fmt.Sprint("127.0.0.1:", num("port"))
	span := time.Duration(num("ms")) * time.Millisecond
	for start := time.Now(); time.Since(start) < span; {
		begin := time.Now()
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			fail(err.Error())
		}
		b := [1]byte{'x'}
		_, _ = conn.Write(b[:])
		if _, err := conn.Read(b[:]); err != nil {
			fail(err.Error())
		}
		_ = conn.Close()
		worst = max(worst, time.Since(begin))
		time.Sleep(20 * time.Millisecond)
	}
	report("worst", worst.Seconds()*1e3, "ms")
}
