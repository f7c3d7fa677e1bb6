package main

import (
	"fmt"
	"time"
)

func main() {
	go sayHello()
	fmt.Println("this is main func")
	time.Sleep(time.Second)
}

func sayHello() {
	fmt.Println("hello goroutine")
}
