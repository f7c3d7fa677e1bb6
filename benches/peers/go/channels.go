package main

import (
	"sync"
	"time"
)

// Channels and select.

func pingpong() {
	n := num("n")
	ping, pong := make(chan int), make(chan int)
	go func() {
		for v := range ping {
			pong <- v
		}
		close(pong)
	}()
	var start time.Time
	for i := -n / 10; i < n; i++ { // a tenth of the turns is for warming up
		if i == 0 {
			start = time.Now()
		}
		ping <- i
		<-pong
	}
	perOp("time", time.Since(start), n)
	close(ping)
}

// ring passes one token round n goroutines.
func ring() {
	n, hops := num("n"), num("hops")
	done := make(chan struct{})
	first := make(chan int)
	pass := func(in <-chan int, out chan<- int) {
		for token := range in {
			if token == 0 {
				close(done)
				return
			}
			out <- token - 1
		}
	}
	in := first
	for range n - 1 {
		out := make(chan int)
		go pass(in, out)
		in = out
	}
	go pass(in, first)
	start := time.Now()
	first <- hops
	<-done
	perOp("time", time.Since(start), hops)
}

func sieveFilter(in <-chan int, out chan<- int, prime int) {
	for {
		if number := <-in; number%prime != 0 {
			out <- number
		}
	}
}

func sieve() {
	count := num("primes")
	start := time.Now()
	in := make(chan int)
	go func() {
		for number := 2; ; number++ {
			in <- number
		}
	}()
	for numbers := in; count > 0; count-- {
		prime := <-numbers
		out := make(chan int)
		go sieveFilter(numbers, out, prime)
		numbers = out
	}
	perOp("time", time.Since(start), sieveMessages(num("primes")))
}

func channel() {
	n, senders, receivers := num("n"), num("senders"), num("receivers")
	c := make(chan int, num("cap"))
	var sending, receiving sync.WaitGroup
	start := time.Now()
	for range senders {
		sending.Go(func() {
			for i := range n / senders {
				c <- i
			}
		})
	}
	for range receivers {
		receiving.Go(func() {
			for range c {
			}
		})
	}
	sending.Wait()
	close(c)
	receiving.Wait()
	perOp("time", time.Since(start), n)
}

// selects receives from one unbuffered channel per sender.
func selects() {
	n, arms := num("n"), num("arms")
	c := make([]chan int, arms)
	for i := range c {
		c[i] = make(chan int)
		go func() {
			for v := 0; ; v++ {
				c[i] <- v
			}
		}()
	}
	sum := 0
	start := time.Now()
	switch arms {
	case 2:
		for range n {
			select {
			case v := <-c[0]:
				sum += v
			case v := <-c[1]:
				sum += v
			}
		}
	case 8:
		for range n {
			select {
			case v := <-c[0]:
				sum += v
			case v := <-c[1]:
				sum += v
			case v := <-c[2]:
				sum += v
			case v := <-c[3]:
				sum += v
			case v := <-c[4]:
				sum += v
			case v := <-c[5]:
				sum += v
			case v := <-c[6]:
				sum += v
			case v := <-c[7]:
				sum += v
			}
		}
	default:
		fail("2 or 8 arms")
	}
	perOp("time", time.Since(start), n)
	sink = uint64(sum)
}

func selectDefault() {
	n := num("n")
	a, b := make(chan int), make(chan int)
	missed := 0
	start := time.Now()
	if num("arms") == 1 {
		for range n {
			select {
			case <-a:
			default:
				missed++
			}
		}
	} else {
		for range n {
			select {
			case <-a:
			case <-b:
			default:
				missed++
			}
		}
	}
	perOp("time", time.Since(start), n)
	if missed != n {
		fail("an empty channel gave a value")
	}
}
