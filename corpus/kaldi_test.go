package corpus

import (
	"maps"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"framewise/internal/fuzzing"
)

func TestImportsPeersKaldi(t *testing.T) {
	checkPeers(t, peerCase{dir: "kaldi", read: ImportKaldi, each: 1, id: "-s", within: 40})
}

// kaldiTree is a data directory of two recordings, cut into three utterances.
func kaldiTree() map[string]string {
	return map[string]string{
		"wav/r1.wav": wavBytes(16000, 16000, 1), "wav/r2.wav": stereoBytes(16000, 16000, 2),
		"data/train/wav.scp":    "r1 ../../wav/r1.wav\nr2 wav/r2.wav\n",
		"data/train/segments":   "u1 r1 0.10 0.50\nu2 r1 0.50 -1\nu3 r2 0 1.2 B\n",
		"data/train/utt2spk":    "u1 anna\nu2 anna\nu3 bert\n",
		"data/train/spk2gender": "anna f\n",
		"data/train/text":       "u1 hello  you\nu2\nu3 yes\n",
		"data/train/phones.ctm": "u1 1 0.00 0.20 1\nu1 1 0.20 0.20 2\nr1 1 0.00 0.10 3\nr1 1 0.10 0.60 1\nr1 1 0.70 0.30 2\nu3 1 0 1 3\n",
		"data/train/phones.txt": "<eps> 0\na_B 1\nb_E 2\nSIL 3\n",
	}
}

func TestImportKaldi(t *testing.T) {
	dir := writeTree(t, kaldiTree())
	us, r, err := ImportKaldi(dir, ImportOptions{LabelSet: "x"})
	if err != nil {
		t.Fatal(err)
	}
	wantProblems(t, us, map[string]string{"u1": "", "u2": "", "u3": ""})
	want := []Utterance{
		{ID: "u1", URI: "wav/r1.wav", Begin: 1600, End: 8000, Speaker: "anna", Text: "hello you", Alignment: Alignment{{1600, 4800, "a_B"}, {4800, 8000, "b_E"}}},
		{ID: "u2", URI: "wav/r1.wav", Begin: 8000, End: 16000, Speaker: "anna", Alignment: Alignment{{1600, 11200, "a_B"}, {11200, 16000, "b_E"}}}, // by recording
		{ID: "u3", URI: "wav/r2.wav", Begin: 0, End: 16000, Channel: 1, Speaker: "bert", Text: "yes", Alignment: Alignment{{0, 16000, "SIL"}}},
	}
	for i, w := range want {
		w.SHA256, w.Rate, w.Samples, w.Split, w.LabelSet = us[i].SHA256, 16000, 16000, Train, "x"
		if !reflect.DeepEqual(us[i], w) {
			t.Errorf("got  %+v\nwant %+v", us[i], w)
		}
	}
	if n := noteCounts(r); !maps.Equal(n, map[string]int{"utterance-clipped": 1}) {
		t.Errorf("notes %v", r.Notes)
	}
}

func TestImportKaldiSplits(t *testing.T) {
	files := map[string]string{}
	for i, split := range []string{"train", "dev", "test", "train_dev", "eval2000", "all", "test_rest"} {
		id := string('a' + byte(i))
		files["data/"+split+"/wav.scp"] = id + " " + id + ".flac\n"
		files["data/"+split+"/"+id+".flac"] = wavBytes(16000, 1600, byte(i))
	}
	files["data/train/split2utt/1/wav.scp"], files["data/train2/wav.scp"] = files["data/train/wav.scp"], "h h.flac\n"
	files["data/train2/h.flac"] = wavBytes(16000, 1600, 100)
	us, _, err := ImportKaldi(writeTree(t, files), ImportOptions{DevSpeakers: "f"})
	if err != nil {
		t.Fatal(err)
	}
	if got := splitsOf(us); len(us) != 8 || got != "train: a h; dev: b d f; test: c e; test-rest: g" {
		t.Error(got)
	}
}

func TestImportKaldiBlemishes(t *testing.T) {
	files := kaldiTree()
	files["data/train/wav.scp"] += strings.Join([]string{
		"pipe sph2pipe -f wav a.sph |", "ark raw.ark:1234", "dash -", "alone", "url https://x/a.wav", "gone wav/none.wav", "\xff x", "r1 other.wav",
		strings.Repeat("w", 17<<20),
	}, "\n") + "\n"
	files["data/train/segments"] += strings.Join([]string{
		"s-pipe pipe 0 1", "s-ark ark 0 1", "s-dash dash 0 1", "s-alone alone 0 1", "s-url url 0 1", "s-gone gone 0 1", "unknown nowhere 0 1", "negative r1 -0.5 1",
		"backward r1 0.5 0.4", "letters r1 a b", "short r1 0", "past r1 0.5 3", "u1 r1 0 1", "mute r1 0 0.5", "unaligned r1 0 0.5", "number r2 0 0.5", "overlap r2 0 0.5", "ear r1 0 0.5 left",
	}, "\n") + "\n"
	for _, id := range strings.Fields("s-pipe s-ark s-dash s-alone s-url s-gone unknown negative backward letters short past unaligned number overlap nobody ear u1") {
		files["data/train/utt2spk"] += id + " anna\n"
	}
	files["data/train/phones.ctm"] = strings.ReplaceAll(files["data/train/phones.ctm"], "r1 ", "r9 ") + "u2 1 0 0.1 1\npast 1 0 1 1\nnumber 1 0 0.1 7\noverlap 1 0 0.2 1\noverlap 1 0.1 0.2 2\nmute 1 0 0.1 1\nbad\n"
	us, r, err := ImportKaldi(writeTree(t, files), ImportOptions{LabelSet: "x"})
	if err != nil {
		t.Fatal(err)
	}
	us, dup := withoutDuplicates(us)
	const scp, seg = "data/train/wav.scp line ", "data/train/segments line "
	wantProblems(t, us, map[string]string{
		"u1": "", "u2": "", "u3": "",
		"s-pipe":                "unreadable-audio: " + scp + `3: "sph2pipe -f wav a.sph |" is a command, which is not run: want the path of a WAV, SPHERE or FLAC file`,
		"s-ark":                 "unreadable-audio: " + scp + `4: "raw.ark:1234" is a place in an archive`,
		"s-dash":                "unreadable-audio: " + scp + `5: "-" is no path`,
		"s-alone":               "bad-manifest: " + scp + `6: "alone" stands alone, want "recording path"`,
		"s-url":                 "unreadable-audio: " + scp + "7: ",
		"s-gone":                "missing-a",
		"unknown":               "missing-audio: " + seg + `10: the recording "nowhere" is not in wav.scp`,
		"negative":              "bad-manifest: " + seg + `11: the utterance is "-0.5" to "1", want seconds, 0 <= begin < end`,
		"backward":              seg + `12: the utterance is "0.5" to "0.4"`,
		"letters":               seg + `13: the utterance is "a" to "b"`,
		"short":                 seg + `14: "short r1 0" has 3 words, want "utterance recording begin end"`,
		"past":                  "outside-audio: the utterance is 0.5 s to 3 s of a recording of 1.0000 s",
		"mute":                  "bad-manifest: " + seg + "17: utt2spk has no speaker for the utterance",
		"unaligned":             "missing-alignment: " + seg + "18: other utterances of the corpus have an alignment and this one has none",
		"number":                `unknown-label: data/train/phones.ctm: segment 1 of "number" has the number 7, which phones.txt does not have`,
		"overlap":               "bad-alignment: data/train/phones.ctm: segment 2 (1600 4800 b_E) overlaps the one before it",
		"ear":                   "bad-manifest: " + seg + `21: the channel is "left"`,
		"data/train/wav.scp:9":  `"\xff x" is not UTF-8`,
		"data/train/wav.scp:11": "the line has 17825793 bytes, want at most",
	})
	n := noteCounts(r)
	if dup != 1 || n["told-twice"] != 1 || n["unknown-utterance"] != 3 { // nobody; r9 and bad in phones.ctm
		t.Errorf("%d duplicates, notes %v", dup, r.Notes)
	}
	if _, _, err := ImportKaldi(writeTree(t, map[string]string{"data/segments": ""}), ImportOptions{}); err == nil || !strings.Contains(err.Error(), "no data directory in") {
		t.Error(err)
	}
}

// FuzzKaldiDir reads a data directory of four arbitrary files.
func FuzzKaldiDir(f *testing.F) {
	tree := kaldiTree()
	f.Add(tree["data/train/wav.scp"], tree["data/train/segments"], tree["data/train/utt2spk"], tree["data/train/text"], tree["data/train/phones.ctm"], tree["data/train/phones.txt"])
	f.Add("a b |\n", "u a 0 -1\nu a 1 2\n", "u\n", "u\nv x", "a 1 0 1 x\na 2 0 1 x\n", "")
	f.Add("a x.ark:12\nb gs://b/x.wav\n", "", "\xff\n", "a \x00", "a 1 0 1 7\n", "x 1\ny 1\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, scp, segments, utt2spk, text, ctm, phones string) {
		for name, content := range map[string]string{"wav.scp": scp, "segments": segments, "utt2spk": utt2spk, "text": text, "phones.ctm": ctm, "phones.txt": phones} {
			fuzzing.Overwrite(t, filepath.Join(dir, name), []byte(content))
		}
		d := kaldiDir{root: dir, rel: ".", path: dir, notes: notes{}, recordingOf: map[string]string{}}
		entries, err := d.read()
		if err != nil { // a gzip file that is damaged
			if !strings.Contains(err.Error(), dir) {
				t.Fatalf("the error does not name the file: %v", err)
			}
			return
		}
		for _, e := range entries {
			if e.at == "" && (e.problem == nil || e.problem.At == "") {
				t.Fatalf("%+v names no place", e)
			}
			checkEntry(t, e)
		}
	})
}
