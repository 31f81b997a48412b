package main

import (
	"bufio"
	"net"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

const legacyAnswerAtMost = 1 << 20 // bytes that such a client takes

// legacy WRITE… writes each argument to the daemon's socket, closes that side
// and prints the answers, a line each. What is another one in each run of the
// script is masked.
func legacy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: legacy WRITE…")
	}
	nc, err := net.Dial("unix", ts.Getenv("LSH_SOCKET"))
	ts.Check(err)
	defer nc.Close()
	ts.Check(nc.SetDeadline(time.Now().Add(scriptPatience)))
	for _, text := range args {
		_, err := nc.Write([]byte(text))
		ts.Check(err)
	}
	ts.Check(nc.(*net.UnixConn).CloseWrite())
	answers := bufio.NewScanner(nc)
	answers.Buffer(nil, 2*legacyAnswerAtMost)
	for answers.Scan() {
		if len(answers.Bytes()) > legacyAnswerAtMost {
			ts.Fatalf("an answer has %d bytes", len(answers.Bytes()))
		}
		_, err := ts.Stdout().Write([]byte(legacyMasked(answers.Text(), ts.Getenv("WORK")) + "\n"))
		ts.Check(err)
	}
	ts.Check(answers.Err())
}

// legacyMasked is an answer without times, pids, sizes, and paths and names of this
// machine.
func legacyMasked(answer, work string) string {
	answer = regexp.MustCompile(`"(\w+At|nextRun)":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`).ReplaceAllString(answer, `"$1":"TIME"`)
	answer = regexp.MustCompile(`"(pid|uptime|heapUsed|heapTotal|external)":[\d.e-]*[1-9][\d.e-]*`).ReplaceAllString(answer, `"$1":NUMBER`)
	answer = regexp.MustCompile(`"user":"[^"]+"`).ReplaceAllString(answer, `"user":"USER"`)
	return strings.ReplaceAll(answer, work, "WORK")
}
