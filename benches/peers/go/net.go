package main

import (
	"io"
	"net"
	"net/http"
	"time"
)

const bufferBytes = 256

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail(err.Error())
	}
	return l
}

// echo sends back what it reads, one goroutine per connection.
func echo() {
	l := listen()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buffer := make([]byte, bufferBytes)
				for {
					n, err := conn.Read(buffer)
					if err != nil {
						return
					}
					if _, err = conn.Write(buffer[:n]); err != nil {
						return
					}
				}
			}()
		}
	}()
	serveUntilTold(l.Addr())
}

// echoAndTicks is echo beside goroutines that each look at something once a second, at even distances.
func echoAndTicks() {
	ticks := num("ticks")
	for i := range ticks {
		go func() {
			time.Sleep(time.Second * time.Duration(i) / time.Duration(ticks))
			for {
				time.Sleep(time.Second)
			}
		}()
	}
	echo()
}

func httpHello() {
	l := listen()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "Hello, World!")
	})}
	go server.Serve(l)
	serveUntilTold(l.Addr())
}
