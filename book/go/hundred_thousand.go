package main

import (
	"fmt"
	"sync"
)

func main() {
	const n = 100_000
	var wg sync.WaitGroup
	gate := make(chan struct{})
	sum := make(chan int, n)
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			<-gate
			sum <- 1
		}()
	}
	close(gate)
	wg.Wait()
	fmt.Println(len(sum))
}
