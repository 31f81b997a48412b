package config

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lsh-project/lsh/config/schedule"
)

// notKeys are the fields of Job that no key sets directly.
var notKeys = map[string]string{
	"Name":    "the key itself",
	"Source":  "where it stands",
	"Slots":   "made of schedule, timezone and dst",
	"Delay":   "made of jitter",
	"Here":    "made of only and the host",
	"NotHere": "made of only and the host",
	"Argv":    "set by command",
}

// TestEveryFieldHasAKey changes each field of a job, down to the last, and wants
// [Changed] to name a key for it that has a class: a field that is forgotten in the
// table would change without anybody noticing.
func TestEveryFieldHasAKey(t *testing.T) {
	seen := map[string]bool{}
	var walk func(typ reflect.Type, index []int, name string)
	walk = func(typ reflect.Type, index []int, name string) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			at := append(slices.Clone(index), i)
			if _, derived := notKeys[f.Name]; derived && f.Name != "Argv" {
				continue
			}
			if f.Type.Kind() == reflect.Struct {
				walk(f.Type, at, name+f.Name+".")
				continue
			}
			var a, b Job
			alter(t, reflect.ValueOf(&b).Elem().FieldByIndex(at))
			if b.OnChange.Signal != "" { // which means nothing without its action
				a.OnChange.Action, b.OnChange.Action = ChangeSignal, ChangeSignal
			}
			changes := Changed(&a, &b)
			if len(changes) != 1 {
				t.Errorf("a change of %s%s is told as %v", name, f.Name, changes)
				continue
			}
			if _, ok := KeyClass(changes[0].Key); !ok {
				t.Errorf("%s has no class", changes[0].Key)
			}
			top, _, _ := strings.Cut(changes[0].Key, ".")
			seen[top] = true
			process := len(at) > 1 && strings.HasPrefix(name, "Process.")
			if class, _ := KeyClass(top); (class == ClassNextRun) != process {
				t.Errorf("%s%s is of the class %s", name, f.Name, class)
			}
		}
	}
	walk(reflect.TypeFor[Job](), nil, "")
	for _, k := range jobKeys() {
		if !seen[k.name] {
			t.Errorf("key %s changes no field", k.name)
		}
	}
}

// alter gives a field a value that is not its zero.
func alter(t *testing.T, v reflect.Value) {
	t.Helper()
	switch p := v.Addr().Interface().(type) {
	case *string:
		*p = "x"
	case *[]string:
		*p = []string{"x"}
	case *[]int:
		*p = []int{1}
	case *bool:
		*p = true
	case *time.Duration:
		*p = time.Second
	case *schedule.Gap:
		*p = schedule.GapSkip
	case *schedule.Overlap:
		*p = schedule.OverlapBoth
	case *Overlap:
		*p = OverlapQueue
	case *CatchUp:
		*p = CatchUpOne
	case *int:
		*p = 1
	case *int64:
		*p = 1
	case *ChangeAction:
		*p = ChangeRestart
	case *[]EnvVar:
		*p = []EnvVar{{"X", "x"}}
	case *[]EnvFile:
		*p = []EnvFile{{Path: "x"}}
	case **uint32:
		*p = new(uint32)
	case **int:
		*p = new(int)
	default:
		t.Fatalf("no value for the type %s", v.Type())
	}
}

// TestTableIsComplete wants of every key all that is made from the table.
func TestTableIsComplete(t *testing.T) {
	for k := range leaves(jobKeys()) {
		if k.doc == "" || k.shape.want == "" || k.shape.schema == nil || k.read == nil || k.show == nil {
			t.Errorf("key %s lacks something: %+v", k.where(), k)
		}
	}
	for _, keys := range [][]key{fileKeys(), groupKeys(), jobKeys()} {
		for _, k := range keys {
			if k.doc == "" || !strings.HasSuffix(k.doc, ".") {
				t.Errorf("key %s is not documented in a sentence: %q", k.name, k.doc)
			}
		}
	}
}

func TestSignalsAreSorted(t *testing.T) {
	if !slices.IsSorted(signals) {
		t.Error("signals are searched as a sorted list")
	}
}

// A field that is forgotten in an export would be lost without anybody noticing.
func TestEveryFieldIsExported(t *testing.T) {
	h := Host{Home: "/home/me"}
	var walk func(typ reflect.Type, index []int, name string)
	walk = func(typ reflect.Type, index []int, name string) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			at := append(slices.Clone(index), i)
			if _, derived := notKeys[f.Name]; derived && f.Name != "Argv" {
				continue
			}
			if f.Type.Kind() == reflect.Struct {
				walk(f.Type, at, name+f.Name+".")
				continue
			}
			a := *builtIn()
			a.Name, a.Dir, a.Enabled, a.OnChange.Action = "a", h.Home, f.Name != "Enabled", ChangeSignal
			b := a
			alter(t, reflect.ValueOf(&b).Elem().FieldByIndex(at))
			before, after := Export([]Exported{{Job: &a}}, nil, "", h), Export([]Exported{{Job: &b}}, nil, "", h)
			if string(before) == string(after) {
				t.Errorf("%s%s is not exported", name, f.Name)
			}
		}
	}
	walk(reflect.TypeFor[Job](), nil, "")
}
