// Bare asks the daemon for its status and does nothing with the answer: the
// least that any client in Go can cost. BenchmarkStatus holds lsh against it.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
)

func main() {
	conn, err := net.Dial("unix", os.Args[1])
	if err == nil {
		_, err = fmt.Fprintln(conn, `{"jsonrpc":"2.0","id":1,"method":"daemon.status"}`)
	}
	if err == nil {
		_, err = bufio.NewReader(conn).ReadBytes('\n')
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
