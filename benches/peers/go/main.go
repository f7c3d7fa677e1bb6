// The benchmark workloads in Go: `rows WORKLOAD key=value ..` runs one of them once and prints `name value unit` lines.
// The Rust programs next door do the same work in the same order; benches/README.md says where they cannot.
package main

import (
	"os"
	"strings"
)

var workloads = map[string]func(){
	"spawn":          spawn,
	"spawn_par":      spawnPar,
	"parked":         parked,
	"skynet":         skynet,
	"forkjoin":       forkjoin,
	"pingpong":       pingpong,
	"ring":           ring,
	"sieve":          sieve,
	"chan":           channel,
	"select":         selects,
	"select_default": selectDefault,
	"yield":          yield,
	"hog":            hog,
	"blocking":       blocking,
	"parallel":       parallel,
	"long_tasks":     longTasks,
	"shares":         shares,
	"beside_loops":   besideLoops,
	"visitor":        visitor,
	"mutex":          mutex,
	"rwmutex":        rwmutex,
	"waitgroup":      waitgroup,
	"once":           once,
	"sleepers":       sleepers,
	"timer_ops":      timerOps,
	"lateness":       lateness,
	"echo":           echo,
	"echo_and_ticks": echoAndTicks,
	"http":           httpHello,
}

func main() {
	if len(os.Args) < 2 {
		fail("usage: WORKLOAD key=value ..")
	}
	for _, word := range os.Args[2:] {
		key, value, found := strings.Cut(word, "=")
		if !found {
			fail("not key=value: " + word)
		}
		arguments[key] = value
	}
	run, known := workloads[os.Args[1]]
	if !known {
		absent()
	}
	run()
}
