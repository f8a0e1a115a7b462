package corpus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// peer is what testdata/make_peers.py put into the files of other tools.
type peer struct {
	Speaker   string    `json:"speaker"`
	Split     string    `json:"split"`
	Text      string    `json:"text"`
	Alignment Alignment `json:"alignment"`
}

func readPeers(t *testing.T) map[string]peer {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "peers", "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]peer
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// peerCase says how a format holds the peers' utterances.
type peerCase struct {
	dir        string // below testdata/peers
	read       importer
	each       int    // utterances for each recording
	id         string // what an id ends with, after the recording's name
	begin      int64  // where the utterance begins in its recording
	within     int64  // samples: how far the format's decimals allow boundaries to be off
	noText     bool
	noSplit    bool
	unaligned  bool
	folderName bool // the speaker is the recording's folder
}

type importer func(string, ImportOptions) ([]Utterance, ImportReport, error)

// checkPeers imports what other tools wrote and holds it against what
// make_peers.py gave them.
func checkPeers(t *testing.T, c peerCase) {
	t.Helper()
	want := readPeers(t)
	// Lhotse and its Kaldi export wrote paths relative to where they ran.
	peers := filepath.Join("testdata", "peers")
	where, err := filepath.Abs(filepath.Join(peers, c.dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(peers)
	us, r, err := c.read(where, ImportOptions{LabelSet: "tiny", ManifestDir: "."})
	if err != nil {
		t.Fatal(err)
	}
	if len(us) != c.each*len(want) || len(r.Problems) != 0 {
		t.Fatalf("%d utterances, want %d: %+v", len(us), c.each*len(want), r)
	}
	for i := range us {
		name := filepath.Base(us[i].ID)[:len("ann-1")]
		if c.id != "any" && filepath.Base(us[i].ID) != name+c.id {
			t.Errorf("id %q", us[i].ID)
		}
		c.check(t, &us[i], want[name])
	}
	if set := LabelsOf(us, "tiny"); !c.unaligned && !slices.Equal(set.Labels, []string{"AH", "HH", "sil", "ʃ"}) {
		t.Errorf("labels %+v", set)
	}
}

func (c *peerCase) check(t *testing.T, u *Utterance, w peer) {
	t.Helper()
	if c.noText {
		w.Text = ""
	}
	if c.noSplit {
		w.Split = Train
	}
	if c.folderName {
		w.Speaker = "wav"
	}
	end := w.Alignment[len(w.Alignment)-1].End
	if u.Speaker != w.Speaker || u.Split != w.Split || u.Text != w.Text || u.Rate != 8000 || u.Samples != end || u.Begin != c.begin || u.End != end {
		t.Errorf("%+v, want %+v", u, w)
	}
	if c.unaligned {
		if u.Alignment != nil || u.LabelSet != "" {
			t.Errorf("%s has labels: %+v", u.ID, u)
		}
		return
	}
	if msg := differ(u.Alignment, w.Alignment, c.within); msg != "" || u.LabelSet != "tiny" {
		t.Errorf("%s: %s: %v, want %v", u.ID, msg, u.Alignment, w.Alignment)
	}
}

// differ compares alignments without gaps. Boundaries that are a whole hundredth
// of a second are exact in every format.
func differ(got, want Alignment, within int64) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d segments, want %d", len(got), len(want))
	}
	for i, g := range got {
		w := want[i]
		off := max(g.Begin-w.Begin, w.Begin-g.Begin, g.End-w.End, w.End-g.End)
		if exact := w.Begin%80 == 0 && w.End%80 == 0; g.Label != w.Label || exact && off > 0 || off > within {
			return fmt.Sprintf("segment %d", i)
		}
		if i > 0 && g.Begin != got[i-1].End {
			return fmt.Sprintf("segments %d and %d do not touch", i-1, i)
		}
	}
	return ""
}

// problemsOf is the problems of an import's lines by id, and checks that the
// lines are what a manifest may hold.
func problemsOf(t *testing.T, us []Utterance) map[string]string {
	t.Helper()
	m := map[string]string{}
	for i := range us {
		if p := us[i].Problem; p != nil {
			m[us[i].ID] = p.Error()
		}
	}
	var b bytes.Buffer
	if err := WriteManifest(&b, us); err != nil {
		t.Fatal(err)
	}
	if err := ReadManifest(&b, "m", func(_ int, _ LineRef, _ *Utterance, err error) error { return err }); err != nil {
		t.Error(err)
	}
	return m
}

// wantProblems compares problems with parts of what they must say, "" for none.
func wantProblems(t *testing.T, us []Utterance, want map[string]string) {
	t.Helper()
	got := problemsOf(t, us)
	for i := range us {
		id := us[i].ID
		w, ok := want[id]
		if !ok {
			t.Errorf("utterance %q (%s) was not expected", id, got[id])
		} else if w == "" && got[id] != "" || !strings.Contains(got[id], w) {
			t.Errorf("%s: %s\nwant %s", id, got[id], w)
		}
	}
	for id := range want {
		if byID(us)[id] == nil {
			t.Errorf("there is no utterance %q", id)
		}
	}
}

// withoutDuplicates leaves out the lines whose problem is that their id was
// seen before, and says how many they are.
func withoutDuplicates(us []Utterance) ([]Utterance, int) {
	rest := slices.DeleteFunc(slices.Clone(us), func(u Utterance) bool { return u.Problem != nil && u.Problem.Reason == DuplicateID })
	return rest, len(us) - len(rest)
}

// checkEntry holds an entry, and what becomes of it with a recording of a
// second, against what a line of the manifest must be.
func checkEntry(t *testing.T, e *entry) {
	t.Helper()
	e.settleID()
	if e.problem == nil && (e.u.ID == "" || e.u.Speaker == "" || e.audio == "") {
		t.Fatalf("%+v", e)
	}
	if e.problem == nil {
		e.problem = e.fill(&Utterance{SHA256: strings.Repeat("a", 64), Rate: 16000, Samples: 16000, Begin: 0, End: 16000}, func(string) {})
	}
	u := e.u
	u.URI, u.Split, u.LabelSet = "x", Train, "x"
	if detail := u.badIdentity(); detail != "" {
		t.Fatalf("%s: %+v", detail, u)
	}
	if e.problem != nil {
		if e.problem.Detail == "" || e.problem.Reason == "" {
			t.Fatalf("%+v", e.problem)
		}
		return
	}
	if detail := u.badFields(); detail != "" {
		t.Fatalf("%s: %+v", detail, u)
	}
	if p := u.Alignment.check(u.Samples); p != nil {
		t.Fatal(p)
	}
}
