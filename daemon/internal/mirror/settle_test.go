package mirror

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// The log tells once of each class of trouble, and when the next try is, which is never at once.
func TestLogOfTrouble(t *testing.T) {
	for range 50 { // the first wait is any part of a second
		var log bytes.Buffer
		m := &Mirror{log: slog.New(slog.NewTextHandler(&log, nil))}
		for range 3 {
			m.settle(&Error{Code: codeUnreachable, State: StateRetrying, Message: "reach it: no", Hint: "wait"})
		}
		if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, `msg="sync is interrupted, jobs go on" code=unreachable again_in=1s err="reach it: no" hint=wait`) {
			t.Fatalf("the log is\n%s", text)
		}
		m.settle(&Error{Code: codeAuth, State: StateStopped, Again: 25 * time.Minute, Message: "log in: no", Hint: "mend it"})
		if text := log.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, `jobs go on" code=auth again_in=2`) {
			t.Fatalf("the log is\n%s", text)
		}
		m.settle(nil)
		if text := log.String(); strings.Count(text, "\n") != 3 || !strings.Contains(text, `msg="sync goes on"`) {
			t.Fatalf("the log is\n%s", text)
		}
	}
}
