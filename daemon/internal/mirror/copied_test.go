package mirror

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

// all that there is of a host, with the host's own row but for the times that each call sets.
func (m *machine) everything(host string) string {
	return encode(m.inDatabase(host)) + encode(m.query("select acked_seq, acked_event, acked_by, life_seq, instance_id from lsh.hosts where id = $1::uuid", host))
}

// A copied state directory is another host: it has what happens from then on, and nothing of the original's is touched.
func TestStateThatWasCopied(t *testing.T) {
	a := open(t)
	for name, hardware := range map[string]string{"beside the original": "machine-1", "to another machine": "machine-2"} {
		t.Run(name, func(t *testing.T) {
			first := build(t, a, a.url(pgtest.Direct)).start()
			first.live(dice(1), 40, nil)
			first.sync()
			open := journal.Run{ID: newID(), Job: "backup", State: "running", Trigger: "manual", Attempt: 1, Started: time.Now(), Live: []byte(`{}`)}
			first.put(func(b *journal.Batch) { b.PutRun(open) }) // not sent yet

			second := build(t, a, a.url(pgtest.Transaction))
			first.copyTo(second.dir)
			first.sync()
			was := first.everything(first.id())
			second.hardware, second.source, second.second = hardware, first.source, 20_000
			time.Sleep(2 * time.Millisecond) // ids of runs have milliseconds
			second.start()
			if second.id() == first.id() {
				t.Fatal("it has the original's id")
			}
			if w := second.mirror.Status().Warnings; len(w) != 1 {
				t.Errorf("the warnings are %q", w)
			}
			second.sync()
			if old := second.inDatabase(second.id()); len(old["runs"])+len(old["slots"])+len(old["events"]) > 0 {
				t.Errorf("what happened on the original is the copy's, too: %s", encode(old))
			}
			second.doings = steady()
			second.live(dice(2), 40, nil)
			second.put(func(b *journal.Batch) { b.PutRun(ended(dice(1), second, open)) })
			second.sync()
			second.equal()
			if is := first.everything(first.id()); is != was {
				t.Errorf("the original's rows were\n%s\nand are\n%s", was, is)
			}

			first.live(dice(3), 40, nil)
			first.sync()
			first.equal()
			id := second.id()
			second.end()
			second.start()
			second.live(dice(4), 20, nil)
			second.sync()
			second.equal()
			if second.id() != id {
				t.Error("the copy becomes another host with each start")
			}
		})
	}
}

// A directory that has another name, and one whose files were put back, are the same host.
func TestStateThatWasMoved(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Direct)).start()
	m.live(dice(1), 20, nil)
	m.sync()
	id := m.id()
	m.end()

	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(m.dir, moved); err != nil {
		t.Fatal(err)
	}
	m.dir = moved
	m.start()
	m.live(dice(2), 20, nil)
	m.sync()
	m.equal()
	m.end()

	copied := t.TempDir()
	m.copyTo(copied)
	if err := os.RemoveAll(m.dir); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(m.dir, os.DirFS(copied)); err != nil {
		t.Fatal(err)
	}
	m.start()
	m.live(dice(3), 20, nil)
	m.sync()
	m.equal()
	if m.id() != id || len(m.query("select from lsh.hosts")) != 1 {
		t.Errorf("it was host %s and is %s, of %d", id, m.id(), len(m.query("select from lsh.hosts")))
	}
}
