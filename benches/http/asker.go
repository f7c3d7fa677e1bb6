// The clients of benches/rows/src/asker.rs in Go.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	check(err)
	return n
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

type repeat struct{}

func (repeat) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func drain(r io.ReadCloser) int64 {
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{r}, make([]byte, 64<<10))
	check(err)
	r.Close()
	return n
}

func main() {
	begin := time.Now()
	addr := "http://" + os.Args[2]
	switch os.Args[1] {
	case "many":
		clients, n := int(number(os.Args[3])), int(number(os.Args[4]))
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				for range n / clients {
					answer, err := client.Get(addr + "/")
					check(err)
					drain(answer.Body)
				}
			})
		}
		all.Wait()
	case "up":
		n := number(os.Args[3])
		request, err := http.NewRequest("POST", addr+"/up", io.LimitReader(repeat{}, n))
		check(err)
		request.ContentLength = n
		answer, err := http.DefaultClient.Do(request)
		check(err)
		drain(answer.Body)
	case "down":
		answer, err := http.Get(addr + "/down?n=" + os.Args[3])
		check(err)
		drain(answer.Body)
	}
	fmt.Printf("%.1f ms\n", float64(time.Since(begin).Microseconds())/1e3)
}
