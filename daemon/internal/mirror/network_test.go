package mirror

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/journal"
	"github.com/lsh-project/lsh/daemon/pgtest"
)

// kinds are the ways to a database.
func kinds() []pgtest.Kind { return []pgtest.Kind{pgtest.Direct, pgtest.Session, pgtest.Transaction} }

// behind builds a machine with a network of its own before the database.
func behind(t *testing.T, a account, k pgtest.Kind) (*machine, *pgtest.Proxy) {
	t.Helper()
	proxy := pgtest.NewProxy(t, a.db.Address(k))
	return build(t, a, proxy.URL(a.url(k))), proxy
}

// await waits until something is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for range 3000 {
		if so() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("wait for %s: it does not come", what)
}

// Connections are cut all the time, before a call, on the way there and on the way back, and workers are killed.
func TestNetworkThatCuts(t *testing.T) {
	t.Parallel()
	a := open(t)
	var all sync.WaitGroup
	for i, k := range kinds() {
		m, proxy := behind(t, a, k)
		m.start()
		all.Go(func() {
			over := make(chan struct{})
			var saw sync.WaitGroup
			saw.Go(func() {
				for {
					select {
					case <-over:
						return
					case <-time.After(time.Duration(rand.IntN(40)) * time.Millisecond):
						proxy.Cut()
					}
				}
			})
			m.live(dice(uint64(i)), 120, func(step int) {
				if step%3 == 0 {
					m.now()
				}
				if step%17 == 0 {
					m.crash()
					m.start()
				}
			})
			close(over)
			saw.Wait()
			m.sync()
			m.equal()
		})
	}
	all.Wait()
}

// A batch that has arrived, and whose answer is lost, is not sent twice.
func TestAnswersThatAreLost(t *testing.T) {
	a := open(t)
	for _, k := range kinds() {
		t.Run(k.String(), func(t *testing.T) {
			m, proxy := behind(t, a, k)
			m.start()
			m.sync()
			for i := range 3 {
				m.live(dice(uint64(i)), 10, nil)
				m.sync() // and the connection is kept
				m.live(dice(2), 10, nil)
				acked := func() string { return m.query("select acked_seq from lsh.hosts where id = $1::uuid", m.id())[0] }
				before := acked()
				proxy.Hang(pgtest.Down)
				over := make(chan bool)
				go func() { over <- m.now() }()
				await(t, "the batch", func() bool { return acked() != before })
				proxy.Cut()
				proxy.Flow()
				if <-over {
					t.Error("it says that all has arrived")
				}
				if e := m.mirror.Status().Err; e == nil || e.Code != codeUnreachable {
					t.Errorf("the error is %v", e)
				}
				m.sync()
				m.equal()
			}
		})
	}
}

// A batch hangs on the way while another worker, or the same one, sends what came after it. Then it arrives.
func TestBatchThatComesLate(t *testing.T) {
	t.Parallel()
	a := open(t)
	for name, giveUp := range map[string]func(t *testing.T, m *machine){
		"from a worker that was killed": func(_ *testing.T, m *machine) {
			time.Sleep(100 * time.Millisecond) // it has been sent
			m.crash()
			m.start()
		},
		"from a worker that waits no longer": func(t *testing.T, m *machine) {
			await(t, "the end of the call", func() bool { return m.mirror.Status().Err != nil })
			if e := m.mirror.Status().Err; e.Code != codeTimeout || e.State != StateRetrying {
				t.Errorf("the error is %v", e)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, proxy := behind(t, a, pgtest.Direct)
			m.start()
			m.sync()
			m.live(dice(1), 10, nil)
			m.sync() // and the connection is kept
			m.live(dice(2), 10, nil)
			proxy.Hang(pgtest.Up)
			m.mirror.Changed(true)
			giveUp(t, m)
			m.live(dice(3), 10, nil)
			proxy.Flow()
			for range 10 {
				m.live(dice(4), 2, nil)
				await(t, "the network", m.now)
			}
			m.equal()
		})
	}
}

// Where nothing answers, a try ends in time, and the journal does not care.
func TestBlackHole(t *testing.T) {
	t.Parallel()
	a := open(t)
	m, proxy := behind(t, a, pgtest.Session)
	proxy.Hang(pgtest.Up, pgtest.Down)
	m.start()
	await(t, "the error", func() bool { return m.mirror.Status().Err != nil })
	if e := m.mirror.Status().Err; e.Code != codeTimeout {
		t.Errorf("the error is %v", e)
	}
	m.live(dice(1), 20, nil)
	proxy.Flow()
	m.sync()
	m.equal()
}

// The server is stopped and is back, with a backlog between.
func TestServerThatIsStopped(t *testing.T) {
	a := open(t)
	var all []*machine
	for i, k := range kinds() {
		m := build(t, a, a.url(k)).start()
		m.live(dice(uint64(i)), 20, nil)
		m.sync()
		all = append(all, m)
	}
	a.db.Stop(t)
	if m := all[0]; m.now() || m.mirror.Status().Err.State != StateRetrying {
		t.Errorf("the status is %+v", m.mirror.Status())
	}
	for i, m := range all {
		m.mirror.Changed(true)
		m.live(dice(uint64(i)), 60, nil)
		if waits := m.mirror.Status().Backlog; waits < 30 {
			t.Errorf("%d rows wait", waits)
		}
	}
	a.db.Resume(t)
	for _, m := range all {
		await(t, "the database", m.now)
		m.equal()
		if s := m.mirror.Status(); s.Backlog != 0 || s.State != StateOK || s.Err != nil || !s.NextTry.IsZero() {
			t.Errorf("the status is %+v", s)
		}
	}
}

// While one batch is on its way, the next is made: rows are neither left out nor sent out of their order.
func TestBacklogOfManyBatches(t *testing.T) {
	a := open(t)
	m := build(t, a, a.url(pgtest.Transaction)).start()
	m.put(func(b *journal.Batch) {
		for i := range 3 * batchRows {
			r := succeeded("backup", i)
			b.PutRun(r)
			b.PutSlots(journal.Slot{Job: "backup", At: at(i), Outcome: "ran", Run: r.ID})
			b.AddEvent(journal.Event{Seq: int64(i + 1), Time: at(i), Kind: "ran", Job: "backup", Message: "it ran"})
		}
	})
	m.live(dice(1), 20, nil)
	m.sync()
	m.equal()
}
