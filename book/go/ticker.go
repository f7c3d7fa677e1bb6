package main

import (
	"fmt"
	"time"
)

func main() {
	ticker := time.NewTicker(100 * time.Millisecond)
	done := make(chan bool)
	go func() {
		n := 0
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				n++
				fmt.Println("tick", n)
			}
		}
	}()

	time.Sleep(350 * time.Millisecond)
	ticker.Stop()
	done <- true
	fmt.Println("ticker stopped")
}
