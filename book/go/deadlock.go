package main

import "fmt"

func forward(in <-chan int, out chan<- int) {
	for v := range in {
		out <- v
	}
}

func main() {
	a := make(chan int)
	b := make(chan int)
	go forward(a, b)
	go forward(b, a)
	fmt.Println("received", <-b)
}
