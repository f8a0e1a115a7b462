package corpus

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestImportsPeersNeMo(t *testing.T) {
	checkPeers(t, peerCase{dir: "nemo", read: ImportNeMo, each: 1, unaligned: true, folderName: true})
}

func TestImportNeMoBlemishes(t *testing.T) {
	dir := writeTree(t, map[string]string{
		"m/valid_manifest.json": strings.Join([]string{
			`{"audio_filepath": "../w/s1/a.wav", "duration": 0.1, "text": " two  words "}`,
			`{"audio_filepath": "w/s1/b.wav", "duration": 0.05, "offset": 0.025, "text": "x", "speaker": 7}`,
			`{"audio_filepath": "w/s1/c.wav", "duration": 0.05}`,
			`{"audio_filepath": "w/s1/c.wav", "duration": 0.05, "offset": 0.05, "speaker": "eve"}`,
			`{"audio_filepath": "w/s1/d.wav"}`,
			`{"audio_filepath": "w/s1/d.wav"}`,
			`{"audio_filepath": "w/s1/none.wav", "duration": 1}`,
			`{"audio_filepath": "w/s1/e.wav", "duration": 5}`,
			`{"audio_filepath": "w/s1/f.wav", "duration": -1}`,
			`{"audio_filepath": "w/s1/g.wav", "offset": 0.2}`,
			`{"audio_filepath": "w/s1/h.wav", "offset": -0.2, "duration": 0.25}`,
			`{"audio_filepath": "w/s1/i.wav", "duration": 0.1, "speaker": ["x"]}`,
			`{"audio_filepath": "s3://b/x/j.wav", "duration": 0.1}`,
			`{"duration": 0.1}`, `{"audio_filepath": `, `{"audio_filepath": 7}`, "\xff", "", "[1]",
		}, "\n"),
		"m/notes.json": `{"a": 1}`,
		"w/s1/a.wav":   wavBytes(16000, 1600, 1), "w/s1/b.wav": wavBytes(16000, 1600, 2), "w/s1/c.wav": wavBytes(16000, 1600, 3),
		"w/s1/d.wav": wavBytes(16000, 1600, 4), "w/s1/e.wav": wavBytes(16000, 1600, 5), "w/s1/f.wav": wavBytes(16000, 1600, 6),
		"w/s1/g.wav": wavBytes(16000, 1600, 7), "w/s1/h.wav": wavBytes(16000, 1600, 8), "w/s1/i.wav": wavBytes(16000, 1600, 9),
	})
	us, r, err := ImportNeMo(dir, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(us); n != 18 {
		t.Errorf("%d utterances", n)
	}
	us, dup := withoutDuplicates(us)
	const m = "m/valid_manifest.json"
	wantProblems(t, us, map[string]string{
		"w/s1/a": "", "w/s1/b-0000025-0000075": "", "w/s1/c-0000000-0000050": "", "w/s1/c-0000050-0000100": "",
		"w/s1/d-0000000": "",
		"w/s1/none":      "missing-audio",
		"w/s1/e":         "outside-audio: the utterance is 0 s to 5 s of a recording of 0.1000 s",
		"w/s1/f":         "bad-manifest: the utterance is 0 s to -1 s",
		"w/s1/g-0000200": "outside-audio: the utterance is 0.2 s to +Inf s",
		"w/s1/h":         "bad-manifest: the utterance is -0.2 s",
		"w/s1/i":         `bad-manifest: m/valid_manifest.json line 12: the speaker is "[\"x\"]", want a text or a number`,
		"s3:/b/x/j":      "unreadable-audio: m/valid_manifest.json line 13: \"s3://b/x/j.wav\" is remote",
		m + ":14":        "bad-manifest: m/valid_manifest.json line 14: there is no audio_filepath",
		m + ":15":        "line 15: \"{\\\"audio_filepath\\\":\" is not the JSON that is expected",
		m + ":16":        "line 16",
		m + ":17":        "is not UTF-8",
		m + ":19":        "cannot unmarshal array",
	})
	if dup != 1 || noteCounts(r)["other-json"] != 1 {
		t.Errorf("%d duplicates, want the second line of d.wav; notes %v", dup, r.Notes)
	}
	got := byID(us)
	if u := got["w/s1/b-0000025-0000075"]; u.Begin != 400 || u.End != 1200 || u.Speaker != "7" || u.Split != Dev || u.URI != "w/s1/b.wav" {
		t.Errorf("%+v", u)
	}
	if u := got["w/s1/a"]; u.Text != "two words" || u.Speaker != "s1" || u.Begin != 0 || u.End != 1600 {
		t.Errorf("%+v", u)
	}
	// One file instead of a folder: what it names lies as seen from it, and its id is the rest of the path.
	us, _, err = ImportNeMo(filepath.Join(dir, "m", "valid_manifest.json"), ImportOptions{ManifestDir: dir})
	if u := byID(us)["w/s1/a"]; err != nil || u == nil || u.URI != "w/s1/a.wav" || u.Problem != nil {
		t.Errorf("%+v, %v", u, err)
	}
	if _, _, err := ImportNeMo(filepath.Join(dir, "w"), ImportOptions{}); err == nil || !strings.Contains(err.Error(), "no NeMo manifest in") {
		t.Error(err)
	}
}

func FuzzNeMoLine(f *testing.F) {
	f.Add(`{"audio_filepath": "w/a.wav", "duration": 0.1, "offset": 1, "text": "x", "speaker": 7}`)
	f.Add(`{"audio_filepath": "../../a", "speaker": "s", "duration": null}`)
	f.Add(`{"audio_filepath": ".hidden"}`)
	f.Add(`{"audio_filepath": "a\u0000b"}`)
	f.Add(`{"audio_filepath": "s3://x", "speaker": {}}`)
	f.Fuzz(func(t *testing.T, line string) {
		var l nemoLine
		if p := decodeLine([]byte(line), &l); p != nil || l.AudioFilepath == nil || *l.AudioFilepath == "" {
			return
		}
		e := l.entry("/corpus", corpusFile{rel: "m.json", path: "/corpus/m.json"}, 1, ImportOptions{})
		checkEntry(t, e)
	})
}
