package main

import (
	"context"
	"os"
	"time"
)

// version is stamped by the linker: -X main.version=v1.2.3.
var version = "dev"

func main() {
	os.Exit(run(os.Args[1:]))
}

// run is one invocation of lsh; it returns the exit code.
func run(args []string) int {
	a := newApp(os.Stdin, os.Stdout, os.Stderr, os.LookupEnv, time.Now)
	a.args = args
	defer a.close()
	err := newRoot(a, args).ExecuteContext(context.Background())
	return a.finish(err)
}
