package corpus

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// sharedData finds the recordings that lie beside the repository, and skips
// the test where they do not.
func sharedData(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Skip("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	data := filepath.Join(dir, "..", "shared", "data", name)
	if _, err := os.Stat(data); err != nil {
		t.Skipf("the recordings ../shared/data/%s are not there", name)
	}
	return data
}

// checkImported writes a manifest of what was imported, reads it back and
// checks it.
func checkImported(t *testing.T, dir string, us []Utterance) *CheckReport {
	t.Helper()
	var b bytes.Buffer
	if err := WriteManifest(&b, us); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "corpus.jsonl")
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	r, err := Check(path, CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Errors() != 0 || r.Recordings != len(us) {
		t.Fatalf("check: %d recordings, findings %+v", r.Recordings, r.Findings)
	}
	return r
}

func TestImportSpoken(t *testing.T) {
	data, dir := sharedData(t, "spoken"), t.TempDir()
	all, _, err := ImportTIMIT(data, TIMITOptions{KeepSA: true, ManifestDir: dir})
	if err != nil || len(all) != 440 {
		t.Fatalf("%d utterances with SA, want 440; %v", len(all), err)
	}
	us, r, err := ImportTIMIT(data, TIMITOptions{DevSpeakers: "5", ManifestDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	want := []SplitCount{{Split: Train, Utterances: 27 * 8, Speakers: 27}, {Split: Dev, Utterances: 5 * 8, Speakers: 5}, {Split: Test, Utterances: 12 * 8, Speakers: 12}}
	for i := range r.Splits {
		r.Splits[i].Seconds = 0
		if i >= len(want) || r.Splits[i] != want[i] {
			t.Errorf("split %d is %+v", i, r.Splits[i])
		}
	}
	if len(r.Problems) != 0 {
		t.Errorf("problems %v", r.Problems)
	}
	for _, f := range checkImported(t, dir, us).Findings {
		if f.Kind != LeakText { // the SX sentences come from one pool
			t.Errorf("finding %+v", f)
		}
	}
}

func TestImportRealFSDD(t *testing.T) {
	data, dir := sharedData(t, "fsdd"), t.TempDir()
	us, r, err := ImportFSDD(data, FSDDOptions{TestSpeakers: "1", DevSpeakers: "1", ManifestDir: dir})
	if err != nil || len(us) != 2000 || len(r.Problems) != 0 {
		t.Fatalf("%d utterances, problems %v, %v", len(us), r.Problems, err)
	}
	if len(r.Splits) != 3 || r.Splits[0].Speakers != 2 || r.Splits[2].Utterances != 500 {
		t.Errorf("splits %+v", r.Splits)
	}
	checkImported(t, dir, us)
}
