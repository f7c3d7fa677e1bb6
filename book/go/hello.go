package main

import "fmt"

func main() {
	go sayHello()
	fmt.Println("this is main func")
}

func sayHello() {
	fmt.Println("hello goroutine")
}
