package main

import (
	"context"
	"os"
	"time"

	"github.com/lsh-project/lsh/daemon/keeper"
)

// keeperCommand is what the parent of the daemon is started as. It is not for
// people, and not listed.
const keeperCommand = "keeper"

// version is stamped by the linker: -X main.version=1.2.3.
var version = "dev"

func main() {
	os.Exit(run(os.Args[1:]))
}

// run is one invocation of lsh; it returns the exit code.
func run(args []string) int {
	if len(args) > 0 && args[0] == keeperCommand {
		// Before anything of a command line is built: a keeper stays for
		// years, and should weigh nothing.
		return keeper.Main(args[1:])
	}
	a := newApp(os.Stdin, os.Stdout, os.Stderr, os.LookupEnv, time.Now)
	a.args = args
	defer a.close()
	err := newRoot(a, args).ExecuteContext(context.Background())
	return a.finish(err)
}
