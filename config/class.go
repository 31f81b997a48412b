package config

import "strings"

// Class is what a change of a key, or of a job, does to what is running.
type Class uint8

// The classes of change.
const (
	ClassHot     Class = iota // no process is touched
	ClassNextRun              // the next run starts under it; a run in progress finishes as it began
	ClassRestart              // the process is stopped and started
	ClassStart                // something is started
	ClassStop                 // something is stopped
)

// Classes returns every class, in the order in which plans count them.
func Classes() []Class {
	return []Class{ClassStart, ClassRestart, ClassStop, ClassHot, ClassNextRun}
}

// String returns the class as JSON and plans write it.
func (c Class) String() string {
	switch c {
	case ClassHot:
		return "hot"
	case ClassNextRun:
		return "next_run"
	case ClassRestart:
		return "restart"
	case ClassStart:
		return "start"
	default:
		return "stop"
	}
}

// KeyClass returns the class of a key of a job, also of one inside it, such as
// stop.grace or env.PATH. It returns false when there is no such key.
func KeyClass(name string) (Class, bool) {
	top, _, _ := strings.Cut(name, ".")
	for _, k := range jobKeys() {
		if k.name == top {
			return k.class, true
		}
	}
	return ClassHot, false
}
