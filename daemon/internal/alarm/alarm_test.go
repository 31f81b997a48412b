package alarm_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/lsh-project/lsh/daemon/internal/alarm"
)

func rings(t *testing.T, a alarm.Alarm) {
	t.Helper()
	select {
	case <-a.C():
	case <-time.After(20 * time.Second):
		t.Fatal("the alarm did not go off")
	}
}

func TestTheAlarmGoesOffAtItsTimeAndNotBefore(t *testing.T) {
	a := alarm.New()
	defer a.Close()
	at := time.Now().Add(150 * time.Millisecond)
	a.Set(at)
	rings(t, a)
	if early := time.Until(at); early > 0 {
		t.Errorf("it went off %s early", early)
	}
}

func TestAnAlarmOfThePastGoesOffAtOnce(t *testing.T) {
	a := alarm.New()
	defer a.Close()
	for _, at := range []time.Time{time.Now().Add(-time.Hour), time.Unix(0, 0)} {
		a.Set(at)
		rings(t, a)
	}
}

func TestAnAlarmIsMovedForwardAndTakenBack(t *testing.T) {
	a := alarm.New()
	defer a.Close()
	a.Set(time.Now().Add(time.Hour))
	a.Set(time.Now().Add(50 * time.Millisecond))
	rings(t, a)
	a.Set(time.Now().Add(50 * time.Millisecond))
	a.Set(time.Time{})
	select {
	case <-a.C():
		t.Error("an alarm that was taken back went off")
	case <-time.After(200 * time.Millisecond):
	}
}

func TestThePollingAlarmNeverSleepsLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := alarm.NewPolling()
		defer a.Close()
		began := time.Now()
		a.Set(time.Time{})
		<-a.C()
		if slept := time.Since(began); slept != alarm.LongestSleep {
			t.Errorf("slept %s", slept)
		}
		at := time.Now().Add(7 * time.Second)
		a.Set(at)
		<-a.C()
		if !time.Now().Equal(at) {
			t.Errorf("woke at %s, want %s", time.Now(), at)
		}
	})
}
