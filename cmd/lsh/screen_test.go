package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/ipc"
)

// written is what a screen writes while f draws.
func written(t *testing.T, f func(*screen)) string {
	t.Helper()
	path := t.TempDir() + "/tty"
	tty, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	f(newScreen(tty))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func draw(t *testing.T, s *screen, lines ...string) {
	t.Helper()
	if err := s.draw(lines); err != nil {
		t.Fatal(err)
	}
}

func TestScreenIsGivenBack(t *testing.T) {
	got := written(t, func(s *screen) {
		s.leave() // it has not been taken
		draw(t, s, "one")
		s.leave()
		s.leave()
		draw(t, s, "two") // as after Ctrl-Z
		s.leave()
	})
	want := beginUpdate + enterScreen + clearAll + "\x1b[1;1H" + clearRest + "one" + endUpdate + leaveScreen +
		beginUpdate + enterScreen + clearAll + "\x1b[1;1H" + clearRest + "two" + endUpdate + leaveScreen
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestScreenDrawsWhatDiffers(t *testing.T) {
	got := written(t, func(s *screen) {
		draw(t, s, "one", "two", "three")
		draw(t, s, "one", "2", "three")
		draw(t, s, "one", "2", "three") // nothing
		draw(t, s, "one")
		s.forget()
		draw(t, s, "one")
	})
	_, got, _ = strings.Cut(got, "three")
	want := endUpdate +
		beginUpdate + "\x1b[2;1H" + clearRest + "2" + endUpdate +
		beginUpdate + "\x1b[2;1H" + clearRest + "\x1b[3;1H" + clearRest + endUpdate +
		beginUpdate + clearAll + "\x1b[1;1H" + clearRest + "one" + endUpdate
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestStatusScreen has the status fit a screen of any size. What finds no room is
// counted, and no job is lost without that.
func TestStatusScreen(t *testing.T) {
	var out strings.Builder
	a := newApp(nil, &out, nil, func(string) (string, bool) { return "", false }, func() time.Time { return monday })
	status := ipc.Status{Jobs: variousJobs()}
	status.Daemon.Config.Path = "/home/you/.config/lsh/jobs.yaml"
	for _, gone := range []bool{false, true} {
		for width := 14; width < 130; width += 3 {
			for height := 1; height < 40; height++ {
				lines := a.statusScreen(status, gone, width, height)
				if len(lines) > height {
					t.Fatalf("%d columns and %d lines get %d lines:\n%s", width, height, len(lines), strings.Join(lines, "\n"))
				}
				for _, line := range lines {
					if textWidth(line) > width {
						t.Fatalf("%d columns get a line of %d: %q", width, textWidth(line), line)
					}
				}
				if width < 60 || height < 8 {
					continue
				}
				text := strings.Join(lines, "\n")
				shown := 0
				for _, j := range status.Jobs {
					if strings.Contains(text, "\n"+j.Name[:min(len(j.Name), 7)]) {
						shown++
					}
				}
				if more := fmt.Sprintf("and %d more", len(status.Jobs)-shown); shown < len(status.Jobs) && !strings.Contains(text, more) {
					t.Fatalf("%d columns and %d lines show %d jobs and no %q:\n%s", width, height, shown, more, text)
				}
				if gone != strings.Contains(text, "waiting for it") {
					t.Fatalf("that the daemon is gone is %v, and shown is\n%s", gone, text)
				}
			}
		}
	}
	if lines := a.statusScreen(status, false, 120, 40); !strings.Contains(strings.Join(lines, "\n"), "\nserver-only") {
		t.Errorf("a screen with room lacks the last job:\n%s", strings.Join(lines, "\n"))
	}
}
