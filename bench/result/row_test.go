package result

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestSetTimes(t *testing.T) {
	r := Row{Work: "w", Against: "p 1", Setting: "avx2", Unit: "audio-s", Size: 600}
	if err := r.SetTimes([]float64{1, 3, 2, 2, 4}, []float64{20, 21, 10, 50, 30}); err != nil {
		t.Fatal(err)
	}
	want := Row{Work: "w", Against: "p 1", Setting: "avx2", Unit: "audio-s", Size: 600,
		OursS: 2, TheirsS: 21, Ratio: 10.5, RatioMin: 5, RatioMax: 25, Rounds: 5}
	if r != want {
		t.Errorf("got %+v\nwant %+v", r, want)
	}
	for _, bad := range [][2][]float64{{nil, nil}, {{1}, {1, 2}}, {{0}, {1}}, {{1}, {-1}}} {
		if err := r.SetTimes(bad[0], bad[1]); err == nil {
			t.Errorf("SetTimes(%v, %v) gave no error", bad[0], bad[1])
		}
	}
}

func TestMedian(t *testing.T) {
	xs := []float64{4, 1, 3, 2}
	if m := Median(xs); m != 2.5 {
		t.Errorf("Median(%v) = %v, want 2.5", xs, m)
	}
	if !slices.Equal(xs, []float64{4, 1, 3, 2}) {
		t.Errorf("Median reordered its argument: %v", xs)
	}
}

// TestRowsKeepTheirContract holds the keys that scripts outside read.
func TestRowsKeepTheirContract(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.jsonl")
	speed := Row{Work: "a -> b", Against: "p 1", Setting: "avx512", Unit: "audio-s", Size: 600}
	memory := Row{Work: "m", Against: "p 1", Setting: "scalar", Unit: "hours", Size: 1}
	skipped := Row{Work: "s", Against: "p", Setting: "avx512", Unit: "audio-s", Size: 600, Skipped: "no g++"}
	if err := speed.SetTimes([]float64{1, 1, 1}, []float64{25, 25, 26}); err != nil {
		t.Fatal(err)
	}
	if err := memory.SetMemory([]float64{10}, []float64{100}); err != nil {
		t.Fatal(err)
	}
	rows := []Row{speed, memory, skipped}
	if err := WriteRows(path, rows); err != nil {
		t.Fatal(err)
	}
	back, err := ReadRows(path)
	if err != nil || !reflect.DeepEqual(back, rows) {
		t.Errorf("read back %+v, %v\nwant %+v", back, err, rows)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	figures := []string{"ratio", "ratio_max", "ratio_min"}
	for i, want := range [][]string{
		append([]string{"ours_s", "theirs_s"}, figures...),
		append([]string{"ours_mb", "theirs_mb"}, figures...),
		{"skipped"}, // and no figure that is none
	} {
		line := strings.Split(string(data), "\n")[i]
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		want = slices.Sorted(slices.Values(append(want, "work", "against", "setting", "rounds", "unit", "size")))
		if got := slices.Sorted(maps.Keys(m)); !slices.Equal(got, want) {
			t.Errorf("%s\nhas the keys %v, want %v", line, got, want)
		}
	}
}

func TestReadRowsNamesTheBadLine(t *testing.T) {
	const good = `{"work":"w","against":"p","setting":"s","ratio":2,"rounds":5,"unit":"u","size":1}` + "\n"
	for _, bad := range []string{`{"wrok":"w"}`, `{`, good[:len(good)-1] + "{}", `{"work":"w","unit":"u"}`} {
		path := filepath.Join(t.TempDir(), "x.jsonl")
		if err := os.WriteFile(path, []byte(good+"\n"+bad+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRows(path); err == nil || !strings.Contains(err.Error(), "line 3") {
			t.Errorf("%s: %v, want an error that names line 3", bad, err)
		}
	}
}

func TestRunReadsBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.json")
	r := NewRun("x", "make bench-x")
	r.Peers, r.Rounds = []string{"p 1"}, 7
	if err := WriteRun(path, r); err != nil {
		t.Fatal(err)
	}
	if back, err := ReadRun(path); err != nil || !reflect.DeepEqual(back, r) {
		t.Errorf("read back %+v, %v\nwant %+v", back, err, r)
	}
}

func TestMachine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cpuinfo")
	if err := os.WriteFile(path, []byte("processor\t: 0\nmodel\t\t: 17\nmodel name\t: Some CPU: 2 GHz\n\nprocessor\t: 1\nmodel name\t: Other\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := cpuModel(path); got != "Some CPU: 2 GHz" {
		t.Errorf("cpuModel = %q", got)
	}
	if err := os.WriteFile(path+"-load", []byte("1.25 0.80 0.51 1/234 5678\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := loadAverage(path + "-load"); got != 1.25 {
		t.Errorf("loadAverage = %v, want 1.25", got)
	}
	if got := loadAverage(path); got != 0 {
		t.Errorf("loadAverage of another file = %v, want 0", got)
	}
	if got := cpuModel(path + "-not-there"); got != "unknown" {
		t.Errorf("cpuModel without a file = %q, want unknown", got)
	}
}
