package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/lsh-project/lsh/ipc"
)

// launchArgs are the flags for what a running daemon was told when it was
// started, by its environment and by its command line.
func launchArgs(d ipc.Daemon) (env, argv []string) {
	return fromEnv(procList(d.Pid, "environ")), fromArgv(procList(d.Pid, "cmdline"))
}

// procList is a list that /proc has of a process.
func procList(pid int, name string) []string {
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	if err != nil {
		return nil
	}
	return strings.Split(string(list), "\x00")
}

// fromEnv are the flags for what the environment of a daemon told it.
func fromEnv(env []string) []string {
	var args []string
	for _, name := range passedOn() {
		variable := "LSH_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")) + "="
		for _, v := range env {
			if value, ok := strings.CutPrefix(v, variable); ok && value != "" {
				args = append(args, "--"+name+"="+value)
			}
		}
	}
	return args
}

// fromArgv are the flags in the command line of a daemon that lsh daemon
// start passed on: name=value each.
func fromArgv(argv []string) []string {
	var args []string
	for _, arg := range argv {
		for _, name := range passedOn() {
			if strings.HasPrefix(arg, "--"+name+"=") {
				args = append(args, arg)
			}
		}
	}
	return args
}

// passedOn are the names of the flags that lsh daemon start passes on.
func passedOn() []string {
	names := []string{"socket"}
	for _, f := range daemonFlags {
		names = append(names, f.name)
	}
	return names
}
