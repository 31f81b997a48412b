package mirror

import (
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/pgtest"
)

// claim has a state directory be of a host, as somebody does who copies the file by hand.
func claim(t *testing.T, m *machine, host string) {
	t.Helper()
	id, _, err := identify(m.dir, m.hardware, false)
	if err != nil {
		t.Fatal(err)
	}
	id.ID = host
	if err := id.save(); err != nil {
		t.Fatal(err)
	}
}

// Of two that have one host's id, the later one pushes. The other says so, keeps its rows, and goes on when nothing is heard of that.
func TestTwoThatAreOneHost(t *testing.T) {
	t.Parallel()
	a := open(t)
	for name, leave := range map[string]func(second *machine){
		"the later one is silent": func(second *machine) {
			second.query("update lsh.hosts set last_seen_at = now() - interval '4 minutes'")
		},
		"the later one stops": func(second *machine) {
			second.stop()
			<-second.ran
			second.mirror.End(true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := build(t, a, a.url(pgtest.Direct)), build(t, a, a.url(pgtest.Session))
			first.doings, second.doings, second.second = steady(), steady(), 20_000
			first.start()
			first.live(dice(1), 30, nil)
			first.sync()
			claim(t, second, first.id())
			second.start()
			second.live(dice(2), 30, nil)
			second.sync()
			second.equal()

			first.live(dice(3), 30, nil)
			for range 2 { // it finds out by a push, then by asking
				if first.now() {
					t.Fatal("both push")
				}
				s := first.mirror.Status()
				if s.Err == nil || s.Err.Code != codeFenced || s.State != StateStopped || !strings.Contains(s.Err.Hint, hostFile) || s.Backlog == 0 {
					t.Errorf("the status is %+v", s)
				}
				if next := time.Until(s.NextTry); next < patience*8/10 || next > patience {
					t.Errorf("the next try is in %v", next)
				}
			}
			second.live(dice(4), 30, nil)
			second.sync()
			second.equal()

			had := second.inDatabase(second.id())
			leave(second)
			first.sync()
			first.equal()
			for key := range had["runs"] {
				if first.inDatabase(first.id())["runs"][key] == nil {
					t.Errorf("run %s of the other is lost", key)
				}
			}
			first.live(dice(5), 30, nil)
			first.sync()
			first.equal()
			if first.mirror.Status().Err != nil {
				t.Error("it is still fenced")
			}
		})
	}
}
