package result

import (
	"flag"
	"path/filepath"
	"reflect"
	"testing"
)

func TestCommandNamesTheSettings(t *testing.T) {
	old := flag.CommandLine
	defer func() { flag.CommandLine = old }()
	flag.CommandLine = flag.NewFlagSet("x", flag.ContinueOnError)
	rounds, bench := flag.Int("rounds", 5, ""), flag.String("bench", "bench", "")
	if got := Command("x", "rounds"); got != "make bench-x" {
		t.Errorf("nothing changed: %q", got)
	}
	if err := flag.CommandLine.Parse([]string{"-bench", "y", "-rounds", "9"}); err != nil || *rounds != 9 || *bench != "y" {
		t.Fatal(err)
	}
	if got := Command("x", "rounds"); got != "make bench-x BENCHFLAGS='-rounds 9'" {
		t.Errorf("%q", got)
	}
}

func TestWriteNamesThePeersOfRows(t *testing.T) {
	dir := t.TempDir()
	rows := []Row{{Work: "a", Against: "p 1"}, {Work: "b", Against: "p 1"}, {Work: "c", Against: "q 2", Skipped: "not there"}}
	for i := range 2 {
		if err := rows[i].SetTimes([]float64{1}, []float64{2}); err != nil {
			t.Fatal(err)
		}
	}
	if err := Write(dir, Run{Target: "x"}, rows); err != nil {
		t.Fatal(err)
	}
	r, err := ReadRun(filepath.Join(dir, "out", "x.json"))
	if err != nil || !reflect.DeepEqual(r.Peers, []string{"p 1"}) {
		t.Errorf("peers %v, error %v", r.Peers, err)
	}
	if got, err := ReadRows(filepath.Join(dir, "out", "x.jsonl")); err != nil || len(got) != 3 {
		t.Errorf("%d rows, %v", len(got), err)
	}
}
