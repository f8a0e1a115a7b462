package corpus

import (
	"reflect"
	"strings"
	"testing"
)

func TestImportFSDD(t *testing.T) {
	dir := writeTree(t, map[string]string{
		"recordings/3_anna_0.wav":   wavBytes(8000, 500, 1),
		"recordings/3_anna_1.wav":   "",
		"recordings/7_bob_b_12.WAV": wavBytes(8000, 600, 2),
		"recordings/0_carl_0.wav":   wavBytes(8000, 700, 3),
		"recordings/12_carl_0.wav":  wavBytes(8000, 700, 3),
		"copy/0_carl_0.wav":         wavBytes(8000, 800, 4),
		"metadata.py":               "",
	})
	us, r, err := ImportFSDD(dir, FSDDOptions{TestSpeakers: "carl", DevSpeakers: "Bob_B"})
	if err != nil {
		t.Fatal(err)
	}
	if got := splitsOf(us); got != "train: anna; dev: bob_b; test: carl" {
		t.Error(got)
	}
	u := byID(us)["7_bob_b_12"]
	want := Utterance{
		ID: "7_bob_b_12", URI: "recordings/7_bob_b_12.WAV", SHA256: u.SHA256, Rate: 8000, Samples: 600, End: 600, Speaker: "bob_b", Split: Dev, Text: "7",
		LabelSet: FSDD10, Alignment: Alignment{{0, 600, "7"}},
	}
	if !reflect.DeepEqual(*u, want) {
		t.Errorf("%+v", u)
	}
	if p := byID(us)["3_anna_1"].Problem; p == nil || p.Reason != UnreadableAudio {
		t.Errorf("an empty file: %v", p)
	}
	if byID(us)["0_carl_0"].URI != "copy/0_carl_0.wav" {
		t.Error("of two recordings with one name the first counts")
	}
	if n := noteCounts(r); len(us) != 4 || n["other-recordings"] != 1 || n["several-recordings"] != 1 || len(n) != 2 {
		t.Errorf("%d utterances, notes %v", len(us), n)
	}
}

func TestFSDDSplits(t *testing.T) {
	files := map[string]string{}
	for i, s := range []string{"a", "b", "c", "d"} {
		files["1_"+s+"_0.wav"] = wavBytes(8000, 400, byte(i))
	}
	dir := writeTree(t, files)
	for name, c := range map[string]struct {
		opt  FSDDOptions
		want string
	}{
		"none":   {FSDDOptions{}, "train: a b c d"},
		"counts": {FSDDOptions{TestSpeakers: "1", DevSpeakers: "2"}, "train: a; dev: b d; test: c"},
		"excess": {FSDDOptions{TestSpeakers: "2", DevSpeakers: "3"}, "dev-speakers 3: there are 2 speakers to draw from"},
		"both":   {FSDDOptions{TestSpeakers: "a", DevSpeakers: "a,b"}, "both name a"},
		"nobody": {FSDDOptions{TestSpeakers: "e"}, `there is no speaker "e"`},
	} {
		us, _, err := ImportFSDD(dir, c.opt)
		if err != nil {
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
			continue
		}
		if got := splitsOf(us); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if _, _, err := ImportFSDD(t.TempDir(), FSDDOptions{}); err == nil || !strings.Contains(err.Error(), "want files <digit>_<speaker>_<take>.wav") {
		t.Error(err)
	}
	if _, _, err := ImportFSDD(dir+"/no", FSDDOptions{}); err == nil {
		t.Error("a folder that is not there was read")
	}
}
