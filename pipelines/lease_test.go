package pipelines

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os/exec"
	"strings"
	"testing"
	"time"

	"framewise/dataset"
	"framewise/dataset/gcs/gcstest"
)

// shortLeases makes leases fit a test.
func shortLeases(t *testing.T) {
	term, renewal := leaseTerm, leaseRenewal
	leaseTerm, leaseRenewal = 30*time.Second, 20*time.Millisecond
	t.Cleanup(func() { leaseTerm, leaseRenewal = term, renewal })
}

func leaseStore(t *testing.T) dataset.Store {
	gcstest.Start(t, "data")
	return open(t, "gs://data/d")
}

func writeLease(t *testing.T, s dataset.Store, l lease) {
	t.Helper()
	b, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.WriteFile(t.Context(), lockName, b); err != nil {
		t.Fatal(err)
	}
}

func TestClaim(t *testing.T) {
	s := leaseStore(t)
	_, release, stale, err := claim(t.Context(), "gs://data/d", s)
	if err != nil || stale != nil {
		t.Fatalf("%v, stale %v", err, stale)
	}
	if _, _, _, err := claim(t.Context(), "gs://data/d", s); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "on host "+thisProcess().Host) {
		t.Errorf("second claim: %v, want %v and who holds it", err, ErrLocked)
	}
	release()
	if _, err := s.Stat(t.Context(), lockName); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after release: %v, want no lease", err)
	}
	_, release, stale, err = claim(t.Context(), "gs://data/d", s)
	if err != nil || stale != nil {
		t.Fatalf("claim after release: %v, stale %v", err, stale)
	}
	release()
}

func TestStaleLease(t *testing.T) {
	s := leaseStore(t)
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Skip(err)
	}
	me, later := thisProcess(), time.Now().Add(time.Hour)
	apart := func(l lease, pids string) lease { l.PIDs = pids; return l }
	of := func(pid int, host string, ends time.Time) lease {
		return lease{LockHolder: LockHolder{PID: pid, Host: host, Since: time.Now(), PIDs: me.PIDs}, Nonce: "n", Ends: ends}
	}
	for name, c := range map[string]struct {
		lease lease
		free  bool
	}{
		"held elsewhere":             {of(12, "elsewhere", later), false},
		"run out":                    {of(12, "elsewhere", time.Now().Add(-time.Second)), true},
		"its process is dead":        {of(gone.Process.Pid, me.Host, later), true},
		"its process lives":          {of(1, me.Host, later), false},
		"our pid's former life":      {of(me.PID, me.Host, later), true},
		"dead in another namespace":  {apart(of(gone.Process.Pid, me.Host, later), me.PIDs+"0"), false},
		"dead in nobody knows what":  {apart(of(gone.Process.Pid, me.Host, later), ""), false},
		"our pid, another namespace": {apart(of(me.PID, me.Host, later), me.PIDs+"0"), false},
		"run out, another namespace": {apart(of(me.PID, me.Host, time.Now().Add(-time.Second)), me.PIDs+"0"), true},
		"same pid on other host":     {of(me.PID, "elsewhere", later), false},
	} {
		t.Run(name, func(t *testing.T) {
			writeLease(t, s, c.lease)
			_, release, stale, err := claim(t.Context(), "gs://data/d", s)
			if !c.free {
				if !errors.Is(err, ErrLocked) {
					t.Errorf("%v, want %v", err, ErrLocked)
				}
				return
			}
			if err != nil || stale == nil || stale.PID != c.lease.PID {
				t.Fatalf("%v, stale %v, want its holder", err, stale)
			}
			release()
		})
	}
	if err := s.WriteFile(t.Context(), lockName, []byte("what?")); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := claim(t.Context(), "gs://data/d", s); err == nil || errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "no lease") {
		t.Errorf("an object that is no lease: %v", err)
	}
}

// Of many that take a stale lease at once, one has it.
func TestLeaseRace(t *testing.T) {
	s := leaseStore(t)
	writeLease(t, s, lease{LockHolder: LockHolder{PID: 1, Host: "elsewhere"}, Ends: time.Now().Add(-time.Hour)})
	const rivals = 8
	errs := make(chan error, rivals)
	for range rivals {
		go func() {
			_, release, _, err := claim(t.Context(), "gs://data/d", s)
			if err == nil {
				t.Cleanup(release)
			}
			errs <- err
		}()
	}
	won := 0
	for range rivals {
		if err := <-errs; err == nil {
			won++
		} else if !errors.Is(err, ErrLocked) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d have the lease, want one", won)
	}
}

// A lease is renewed until it is released, also once the build was interrupted:
// its last worker may still be at it.
func TestLeaseIsRenewed(t *testing.T) {
	s := leaseStore(t)
	shortLeases(t)
	ctx, interrupt := context.WithCancel(t.Context())
	owned, release, _, err := claim(ctx, "gs://data/d", s)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	ends := func() time.Time {
		b, err := s.ReadFile(t.Context(), lockName)
		for errors.Is(err, fs.ErrNotExist) { // the emulator replaces an object by removing it first
			b, err = s.ReadFile(t.Context(), lockName)
		}
		var l lease
		if err := errors.Join(err, json.Unmarshal(b, &l)); err != nil {
			t.Fatal(err)
		}
		return l.Ends
	}
	for first := ends(); !ends().After(first); time.Sleep(10 * time.Millisecond) {
		if owned.Err() != nil {
			t.Fatal("the lease was lost")
		}
	}
	interrupt()
	for first := ends(); !ends().After(first); time.Sleep(10 * time.Millisecond) {
	}
	if !errors.Is(owned.Err(), context.Canceled) {
		t.Errorf("the build that was interrupted goes on: %v", owned.Err())
	}
}
