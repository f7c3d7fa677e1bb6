package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Arguments, output protocol, statistics and the work that is not concurrent: what the crate bench-kit is to the Rust
// programs.

var arguments = map[string]string{}

func num(key string) int {
	value, err := strconv.Atoi(arguments[key])
	if err != nil {
		fail("missing or bad argument " + key + "=")
	}
	return value
}

func fail(text string) {
	fmt.Println("failed", text)
	os.Exit(0)
}

func absent() {
	fmt.Println("absent")
	os.Exit(0)
}

func report(name string, value float64, unit string) { fmt.Printf("%s %.4f %s\n", name, value, unit) }

func perOp(name string, elapsed time.Duration, operations int) {
	report(name, float64(elapsed.Nanoseconds())/float64(operations), "ns")
}

// firstAndWarm prints the first of several rounds and the median of the others.
func firstAndWarm(rounds []time.Duration, operations int) {
	perOp("first", rounds[0], operations)
	warm(rounds[1:], operations)
}

func warm(rounds []time.Duration, operations int) {
	if len(rounds) > 0 {
		slices.Sort(rounds)
		perOp("warm", rounds[len(rounds)/2], operations)
	}
}

// samples are latencies in ns, one slot per goroutine, so that filling them needs no lock.
type samples []int64

func (s samples) report(prefix string) {
	slices.Sort(s)
	sum := 0.0
	for _, v := range s {
		sum += float64(v)
	}
	report(prefix+"p50", float64(s[len(s)*50/100])/1e3, "us")
	report(prefix+"mean", sum/float64(len(s))/1e3, "us")
	report(prefix+"p99", float64(s[len(s)*99/100])/1e3, "us")
}

// status reads a field of /proc/self/status.
func status(field string) float64 {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return -1
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), field+":"); ok {
			value, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return value
		}
	}
	return -1
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// serveUntilTold tells the harness where a server listens and waits until the harness closes standard input.
func serveUntilTold(at net.Addr) {
	fmt.Println("listening", at.(*net.TCPAddr).Port)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func sieveMessages(count int) int {
	var primes []int
	messages := 0
	for number := 2; len(primes) < count; number++ {
		stage := slices.IndexFunc(primes, func(prime int) bool { return number%prime == 0 })
		if stage < 0 {
			stage = len(primes)
			primes = append(primes, number)
		}
		messages += 1 + stage
	}
	return messages
}

func fibTasks(n int) int {
	if n < 2 {
		return 0
	}
	return 1 + fibTasks(n-1) + fibTasks(n-2)
}

func hash(words []uint64) uint64 {
	h := uint64(0xcbf29ce484222325)
	for _, word := range words {
		h = (h ^ word) * 0x0100000001b3
	}
	return h
}

func hashInput() []uint64 {
	words := make([]uint64, 8192)
	for i := range words {
		words[i] = uint64(i) * 0x9e3779b97f4a7c15
	}
	return words
}

// sink keeps results from being optimised away.
var sink uint64

func burn(d time.Duration) {
	input := hashInput()
	h := uint64(0)
	for start := time.Now(); time.Since(start) < d; {
		h += hash(input)
	}
	sink = h
}

func hashesPerSecond() float64 {
	input := hashInput()
	start := time.Now()
	done, h := 0, uint64(0)
	for time.Since(start) < 50*time.Millisecond {
		h += hash(input)
		done++
	}
	sink = h
	return float64(done) / time.Since(start).Seconds()
}

func sleeper(i int) time.Duration {
	return time.Duration(1_000+uint64(i)*7_919%99_000) * time.Microsecond
}
