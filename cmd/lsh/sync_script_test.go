package main

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"

	"github.com/lsh-project/lsh/daemon/pgtest"
	"github.com/lsh-project/lsh/ipc"
)

// TestSync runs the scripts that sync to a real database, each to its own.
func TestSync(t *testing.T) {
	testscript.Run(t, syncParams(buildLshd(t), pgtest.Transaction, "testdata/script/sync/*.txtar"))
}

// TestSyncDirectly runs those that break off in the middle of a statement, which a
// pooler answers for in its own way.
func TestSyncDirectly(t *testing.T) {
	testscript.Run(t, syncParams(buildLshd(t), pgtest.Direct, "testdata/script/sync/direct/*.txtar"))
}

// TestSyncOverEachWay goes the road of a newcomer over each way that a project has.
func TestSyncOverEachWay(t *testing.T) {
	bin := buildLshd(t)
	for _, k := range []pgtest.Kind{pgtest.Direct, pgtest.Session, pgtest.Transaction} {
		t.Run(k.String(), func(t *testing.T) {
			testscript.Run(t, syncParams(bin, k, "testdata/script/sync/kind/*.txtar"))
		})
	}
}

// syncParams give a script a database, to which leads one way over a network that may break:
//
//	$KIND       the way: direct, session or transaction
//	$ADMIN_URL  the administrator's, with TLS that is checked by
//	$CA         the root certificate
//	$SERVER     host, port and name as they stand in a URL
//	$PERSON     a name that no other script has
func syncParams(bin string, k pgtest.Kind, files string) testscript.Params {
	names, _ := filepath.Glob(files)
	return testscript.Params{
		Files: names,
		Cmds:  syncCommands(),
		Setup: func(env *testscript.Env) error {
			t := env.T().(testing.TB)
			db := pgtest.Start(t)
			network := pgtest.NewProxy(t, db.Address(k))
			admin, err := url.Parse(network.URL(db.Verified(db.AdminURL(k))))
			if err != nil {
				return err
			}
			admin.RawQuery = "sslmode=verify-full"
			env.Values[scriptT{}], env.Values[scriptDatabase{}], env.Values[scriptNetwork{}] = t, db, network
			env.Setenv("KIND", k.String())
			env.Setenv("ADMIN_URL", admin.String())
			env.Setenv("CA", db.CA)
			env.Setenv("SERVER", admin.Host+admin.Path)
			env.Setenv("PERSON", db.Name)
			env.Defer(func() { endDaemon(t, env.Getenv("LSH_PID_FILE")) })
			return homeOfItsOwn(env, bin)
		},
	}
}

// The keys of what a script has.
type (
	scriptT        struct{}
	scriptDatabase struct{}
	scriptNetwork  struct{}
)

func syncCommands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	all := scriptCommands()
	maps.Copy(all, map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"adopt":      adopt,
		"network":    network,
		"sql":        sql,
		"settles":    settles,
		"killworker": killWorker,
		"killdaemon": killDaemon,
	})
	return all
}

// adopt writes the lines that `lsh sync init` has just printed into config.yaml, as a person does, and what else there is in FILE.
// $PASSWORD is the one in them.
func adopt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: adopt [FILE]")
	}
	lines := regexp.MustCompile(`(?m)^database:\n(  .*\n)+`).FindString(ts.ReadFile("stdout"))
	var settings struct {
		Database struct {
			URL string `yaml:"url"`
		} `yaml:"database"`
	}
	ts.Check(yaml.Unmarshal([]byte(lines), &settings))
	u, err := url.Parse(settings.Database.URL)
	ts.Check(err)
	password, is := u.User.Password()
	if !is {
		ts.Fatalf("there is no password in\n%s", lines)
	}
	ts.Setenv("PASSWORD", password)
	for _, file := range args {
		lines += ts.ReadFile(file)
	}
	dir := ts.MkAbs("home/.config/lsh")
	ts.Check(os.MkdirAll(dir, 0o700))
	ts.Check(os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(lines), 0o600))
}

// network away has the database out of reach, and network back has it there again.
func network(ts *testscript.TestScript, neg bool, args []string) {
	p := ts.Value(scriptNetwork{}).(*pgtest.Proxy)
	switch {
	case neg || len(args) != 1:
		ts.Fatalf("usage: network away|back")
	case args[0] == "away":
		p.Refuse()
		p.Cut()
	case args[0] == "back":
		p.Admit(scriptTest(ts))
	default:
		ts.Fatalf("network %s: it is away or back", args[0])
	}
}

// killworker kills the worker as a crash does, and waits until another answers.
func killWorker(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: killworker")
	}
	before, err := pids(ts)
	ts.Check(err)
	ts.Check(syscall.Kill(before.WorkerPid, syscall.SIGKILL))
	for deadline := time.Now().Add(scriptPatience); ; time.Sleep(20 * time.Millisecond) {
		if now, err := pids(ts); err == nil && now.WorkerPid != before.WorkerPid {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("no other worker comes\n%s", ts.ReadFile("stderr"))
		}
	}
}

// killdaemon kills keeper and worker, as a failing power supply does, and waits until nobody answers any more: of a process that is
// gone for its parent, threads may still hold the socket.
func killDaemon(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: killdaemon")
	}
	d, err := pids(ts)
	ts.Check(err)
	for _, pid := range []int{d.Pid, d.WorkerPid} {
		ts.Check(syscall.Kill(pid, syscall.SIGKILL))
	}
	for deadline := time.Now().Add(scriptPatience); ; time.Sleep(20 * time.Millisecond) {
		e, is := errors.AsType[*exec.ExitError](ts.Exec("lsh", "daemon", "status"))
		if is && e.ExitCode() == exitNotRunning {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("it does not end")
		}
	}
}

// pids are those of the daemon that answers.
func pids(ts *testscript.TestScript) (ipc.Daemon, error) {
	if err := ts.Exec("lsh", "rpc", "daemon.status"); err != nil {
		return ipc.Daemon{}, err
	}
	var s ipc.Status
	err := json.Unmarshal([]byte(ts.ReadFile("stdout")), &s)
	return s.Daemon, err
}

// sql QUERY prints what the database answers to one who may do all, a line a row.
func sql(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sql QUERY")
	}
	for _, line := range rows(ts, args[0]) {
		_, err := ts.Stdout().Write([]byte(line + "\n"))
		ts.Check(err)
	}
}

// settles PATTERN QUERY asks again and again until what the database answers matches.
func settles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: settles PATTERN QUERY")
	}
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	for deadline := time.Now().Add(scriptPatience); ; time.Sleep(50 * time.Millisecond) {
		answer := strings.Join(rows(ts, args[1]), "\n")
		if pattern.MatchString(answer) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("no match for %s in\n%s", args[0], answer)
		}
	}
}

func rows(ts *testscript.TestScript, query string) []string {
	return ts.Value(scriptDatabase{}).(*pgtest.Database).Query(scriptTest(ts), query)
}

// scriptTest is the test that a script is.
func scriptTest(ts *testscript.TestScript) testing.TB { return ts.Value(scriptT{}).(testing.TB) }
