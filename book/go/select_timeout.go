package main

import (
	"fmt"
	"time"
)

func answerAfter(d time.Duration, answer string) <-chan string {
	c := make(chan string, 1)
	go func() {
		time.Sleep(d)
		c <- answer
	}()
	return c
}

func main() {
	c1 := answerAfter(300*time.Millisecond, "result 1")
	select {
	case res := <-c1:
		fmt.Println(res)
	case <-time.After(100 * time.Millisecond):
		fmt.Println("timeout 1")
	}

	c2 := answerAfter(100*time.Millisecond, "result 2")
	select {
	case res := <-c2:
		fmt.Println(res)
	case <-time.After(time.Second):
		fmt.Println("timeout 2")
	}
}
