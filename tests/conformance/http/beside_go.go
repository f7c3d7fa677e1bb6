// Go's server for beside_go.rs: it prints its address and serves until it is killed.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

func text(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(status)
	io.WriteString(w, body)
}

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { text(w, 200, "fine") })
	mux.HandleFunc("/read", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			text(w, 400, "unreadable")
			return
		}
		text(w, 200, string(body))
	})
	mux.HandleFunc("/less", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "9")
		text(w, 200, "12345")
	})
	mux.HandleFunc("/more", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "3")
		text(w, 200, "12345")
	})
	mux.HandleFunc("/none", func(w http.ResponseWriter, r *http.Request) { text(w, 204, "x") })
	mux.HandleFunc("/same", func(w http.ResponseWriter, r *http.Request) { text(w, 304, "x") })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(strings.TrimSpace(listener.Addr().String()))
	panic(http.Serve(listener, mux))
}
