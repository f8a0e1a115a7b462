package corpus

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestImportsPeersLhotse(t *testing.T) {
	t.Run("recordings and supervisions", func(t *testing.T) {
		checkPeers(t, peerCase{dir: "lhotse/pairs", read: ImportLhotse, each: 1, id: "-s"})
	})
	t.Run("cuts", func(t *testing.T) {
		checkPeers(t, peerCase{dir: "lhotse/cuts", read: ImportLhotse, each: 1, begin: 160})
	})
}

// lhotseRec is a recording of a second in the file w/<id>.wav.
func lhotseRec(id string) string {
	return fmt.Sprintf(`{"id": %q, "sources": [{"type": "file", "channels": [0], "source": "w/%s.wav"}], "sampling_rate": 16000, "num_samples": 16000, "duration": 1.0}`, id, id)
}

// lhotseSup is a supervision of a recording with one phone more in alignment.
func lhotseSup(id, rec, more string) string {
	return fmt.Sprintf(`{"id": %q, "recording_id": %q, "start": 0.25, "duration": 0.5, "channel": 0, "text": "t", "speaker": "s", "alignment": {"phone": [["a", 0.25, 0.25]%s]}}`, id, rec, more)
}

func TestImportLhotseBlemishes(t *testing.T) {
	files := map[string]string{
		"train_recordings.jsonl": strings.Join([]string{
			lhotseRec("ok"), lhotseRec("ok"), lhotseRec("none"), lhotseRec("unused"),
			`{"id": "pipe", "sources": [{"type": "command", "channels": [0], "source": "sox x -t wav -"}]}`,
			`{"id": "s3", "sources": [{"type": "url", "channels": [0], "source": "s3://b/x.wav"}]}`,
			strings.Replace(lhotseRec("fast"), `"duration"`, `"transforms": [{"name": "Speed"}], "duration"`, 1),
			`{"id": "right", "sources": [{"type": "file", "channels": [1], "source": "w/left.wav"}, {"type": "file", "channels": [0, 3], "source": "w/stereo.wav"}], "sampling_rate": 8000}`,
			`{"id": 7}`, `{`, `{"sources": []}`, "\xff",
		}, "\n"),
		"train_supervisions.jsonl": strings.Join([]string{
			lhotseSup("ok", "ok", `, ["b", 0.5, 0.25, 0.9]`), lhotseSup("ok", "ok", ""), lhotseSup("none", "none", ""), lhotseSup("unknown", "nowhere", ""),
			lhotseSup("pipe", "pipe", ""), lhotseSup("s3", "s3", ""), lhotseSup("fast", "fast", ""),
			strings.Replace(lhotseSup("right", "right", ""), `"channel": 0`, `"channel": [3]`, 1),
			strings.Replace(lhotseSup("both", "right", ""), `"channel": 0`, `"channel": [0, 3]`, 1),
			strings.Replace(lhotseSup("ninth", "right", ""), `"channel": 0`, `"channel": 9`, 1),
			lhotseSup("overlap", "ok", `, ["b", 0.3, 0.25]`), lhotseSup("past", "ok", `, ["b", 0.9, 0.5]`), lhotseSup("negative", "ok", `, ["b", -0.9, 0.5]`),
			strings.Replace(lhotseSup("outside", "ok", ""), `"duration": 0.5`, `"duration": 5`, 1),
			strings.Replace(lhotseSup("words", "ok", ""), `"phone"`, `"word"`, 1),
			strings.Replace(lhotseSup("silent", "ok", `, ["", 0.5, 0.1]`), `"s"`, `null`, 1),
			lhotseSup("parts", "ok", `, ["b", 1]`), `{"recording_id": "ok"}`, `[]`,
		}, "\n"),
		"notes.txt": "x", "w/ok.wav": wavBytes(16000, 16000, 1), "w/stereo.wav": stereoBytes(16000, 16000, 2),
	}
	us, r, err := ImportLhotse(writeTree(t, files), ImportOptions{LabelSet: "x"})
	if err != nil {
		t.Fatal(err)
	}
	us, dup := withoutDuplicates(us)
	const sup, rec = "train_supervisions.jsonl", "train_recordings.jsonl"
	wantProblems(t, us, map[string]string{
		"ok": "", "right": "", "silent": "",
		"none":      "missing-audio: ",
		"unknown":   "missing-audio: " + sup + ` line 4: the recording "nowhere" is in none of the recordings' manifests`,
		"pipe":      "unreadable-audio: " + sup + ` line 5: the recording "pipe" is a command ("sox x -t wav -"), want a file`,
		"s3":        `the recording "s3" is a url`,
		"fast":      `unreadable-audio: ` + sup + ` line 7: the recording "fast" has transforms, such as {"name": "Speed"}, which are not applied`,
		"both":      "bad-manifest: " + sup + " line 9: it has the channels [0 3], want one",
		"ninth":     "missing-audio: " + sup + ` line 10: no source of the recording "right" has the channel 9`,
		"overlap":   "bad-alignment: " + sup + " line 11: segment 2 (4800 8800 b) overlaps the one before it",
		"past":      "outside-audio: " + sup + " line 12: segment 2 (14400 22400 b) ends past",
		"negative":  "bad-alignment: " + sup + ` line 13: segment 1 ("b") is -0.9 s to -0.4 s`,
		"outside":   "outside-audio: the utterance is 0.25 s to 5.25 s",
		"words":     "missing-alignment: " + sup + " line 15: other utterances",
		sup + ":17": "an alignment item has 2 parts, want [symbol, start, duration]",
		sup + ":18": "the supervision has no id", sup + ":19": "line 19: \"[]\" is not the JSON",
		rec + ":9": "line 9: ", rec + ":10": "line 10: ", rec + ":11": "the recording has no id", rec + ":12": "is not UTF-8",
	})
	got := byID(us)
	if u := got["ok"]; u.Begin != 4000 || u.End != 12000 || u.Text != "t" || u.Speaker != "s" || !reflect.DeepEqual(u.Alignment, Alignment{{4000, 8000, "a"}, {8000, 12000, "b"}}) {
		t.Errorf("%+v", u)
	}
	if u := got["right"]; u.URI != "w/stereo.wav" || u.Channel != 1 {
		t.Errorf("the channel of a source: %+v", u)
	}
	if got["silent"].Speaker != "w" {
		t.Errorf("a speaker from the folder: %q", got["silent"].Speaker)
	}
	if n := noteCounts(r); dup != 1 || !maps.Equal(n, map[string]int{"told-twice": 1, "no-supervision": 1, "other-rate": 1}) {
		t.Errorf("%d duplicates, notes %v", dup, r.Notes)
	}
}

func TestImportLhotseCuts(t *testing.T) {
	cut := func(id, typ string, start float64, sups string) string {
		return fmt.Sprintf(`{"id": %q, "type": %q, "start": %g, "duration": 0.5, "channel": 0, "supervisions": [%s], "recording": %s}`, id, typ, start, sups, lhotseRec("r"))
	}
	sup := func(id string, start, ali float64) string {
		return fmt.Sprintf(`{"id": %q, "start": %g, "duration": 0.2, "speaker": %q, "alignment": {"phones": [["a", %g, 0.1], ["b", %g, 0.1]]}}`, id, start, "of "+id, ali, ali+0.1)
	}
	lines := strings.Join([]string{
		cut("own", "MonoCut", 0.5, sup("x", 0.1, 0.1)),                 // times of the alignment are the cut's
		cut("rec", "MonoCut", 0.5, sup("x", 0.1, 0.6)),                 // or the recording's
		cut("two", "", 0.25, sup("p", 0, 0.25)+","+sup("", 0.25, 0.5)), // an utterance a supervision
		cut("bare", "MonoCut", 0, ""), cut("mixed", "MixedCut", 0, ""),
		`{"id": "no-recording", "type": "MonoCut", "start": 0, "duration": 1}`, `{"type": "MonoCut"}`,
	}, "\n")
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte(lines)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"cuts_test.jsonl.gz": z.String(), "recordings.jsonl": lhotseRec("r"), "supervisions.jsonl": "", "w/r.wav": wavBytes(16000, 16000, 1)}
	dir := writeTree(t, files)
	us, r, err := ImportLhotse(dir, ImportOptions{LabelSet: "x"})
	if err != nil {
		t.Fatal(err)
	}
	wantProblems(t, us, map[string]string{
		"own": "", "rec": "", "p": "", "two-2": "",
		"bare":                 "missing-alignment",
		"mixed":                `bad-manifest: cuts_test.jsonl.gz line 5: the cut is a "MixedCut", want a MonoCut`,
		"no-recording":         "missing-audio: cuts_test.jsonl.gz line 6: the cut has no recording",
		"cuts_test.jsonl.gz:7": "the cut has no id",
	})
	got := byID(us)
	for _, id := range []string{"own", "rec"} {
		if u := got[id]; u.Begin != 8000 || u.End != 16000 || u.Split != Test || !reflect.DeepEqual(u.Alignment, Alignment{{9600, 11200, "a"}, {11200, 12800, "b"}}) {
			t.Errorf("%+v", u)
		}
	}
	if u := got["two-2"]; u.Begin != 8000 || u.End != 11200 || u.Speaker != "of " || u.Alignment[0].Begin != 8000 {
		t.Errorf("%+v", u)
	}
	if n := noteCounts(r); n["beside-cuts"] != 2 {
		t.Errorf("notes %v", n)
	}
	one, _, err := ImportLhotse(filepath.Join(dir, "cuts_test.jsonl.gz"), ImportOptions{LabelSet: "x", ManifestDir: dir})
	if err != nil || !reflect.DeepEqual(one, us) {
		t.Errorf("one file: %+v, %v", one, err)
	}
	files["cuts_test.jsonl.gz"] = z.String()[:z.Len()-12]
	if _, _, err := ImportLhotse(writeTree(t, files), ImportOptions{}); err == nil || !strings.Contains(err.Error(), "unexpected EOF") {
		t.Errorf("a truncated file: %v", err)
	}
	if _, _, err := ImportLhotse(filepath.Join(dir, "w"), ImportOptions{}); err == nil || !strings.Contains(err.Error(), "no Lhotse manifest in") {
		t.Error(err)
	}
}

func TestImportLhotseTier(t *testing.T) {
	dir := writeTree(t, map[string]string{"recordings.jsonl": lhotseRec("r"), "w/r.wav": wavBytes(16000, 16000, 1),
		"supervisions.jsonl": strings.Replace(lhotseSup("u", "r", ""), `"phone"`, `"word"`, 1)})
	us, r, err := ImportLhotse(dir, ImportOptions{LabelSet: "x"})
	if err != nil || us[0].Alignment != nil || us[0].Problem != nil || r.Notes[0].Kind != "other-alignment" || !strings.Contains(r.Notes[0].Examples[0], "word in supervisions.jsonl line 1") {
		t.Errorf("%+v, %+v, %v", us, r, err)
	}
	if us, _, err := ImportLhotse(dir, ImportOptions{LabelSet: "x", Tier: "word"}); err != nil || len(us[0].Alignment) != 1 {
		t.Errorf("%+v, %v", us, err)
	}
}

func FuzzLhotseCut(f *testing.F) {
	f.Add(`{"id": "c", "start": 0.1, "duration": 0.5, "channel": [0], "supervisions": [` + lhotseSup("s", "r", `, ["b", 0.5, 0.25, null]`) + `], "recording": ` + lhotseRec("r") + `}`)
	f.Add(`{"id": "c", "start": 1e308, "duration": 1e308, "supervisions": [{}, {"id": "x"}], "recording": {"sources": [{"type": "file", "channels": [0], "source": "a"}]}}`)
	f.Fuzz(func(t *testing.T, line string) {
		l := lhotse{dir: "/corpus", notes: notes{}, tiers: notes{}, recordings: map[string]lhotsePlaced{}}
		at := lhotseLine{corpusFile{rel: "cuts.jsonl", path: "/corpus/cuts.jsonl"}, 1, Train}
		if p := l.cut([]byte(line), at); p != nil && p.Detail == "" {
			t.Fatalf("%+v", p)
		}
		for _, e := range l.entries {
			checkEntry(t, e)
		}
	})
}
