package corpus

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// noteCounts is a report's notes as "kind count".
func noteCounts(r ImportReport) map[string]int {
	m := map[string]int{}
	for _, n := range r.Notes {
		m[n.Kind] = n.Count
	}
	return m
}

func TestImportTIMITLayouts(t *testing.T) {
	wav, phn := wavBytes(16000, 1600, 1), "0 400 h#\n400 1600 aa\n"
	for name, c := range map[string]struct {
		files map[string]string
		below string // the folder given to the importer, in the tree
		uri   string
	}{
		"upper":       {map[string]string{"TRAIN/DR1/FCJF0/SX127.WAV": wav, "TRAIN/DR1/FCJF0/SX127.PHN": phn}, "", "TRAIN/DR1/FCJF0/SX127.WAV"},
		"lower":       {map[string]string{"train/dr1/fcjf0/sx127.wav": wav, "train/dr1/fcjf0/sx127.phn": phn}, "", "train/dr1/fcjf0/sx127.wav"},
		"semicolons":  {map[string]string{"TRAIN/DR1/FCJF0/SX127.WAV;1": wav, "TRAIN/DR1/FCJF0/SX127.PHN;1": phn}, "", "TRAIN/DR1/FCJF0/SX127.WAV;1"},
		"dot one":     {map[string]string{"TRAIN/DR1/FCJF0/SX127.WAV.1": wav, "TRAIN/DR1/FCJF0/SX127.PHN.1": phn}, "", "TRAIN/DR1/FCJF0/SX127.WAV.1"},
		"two copies":  {map[string]string{"TRAIN/DR1/FCJF0/SX127.WAV": wav, "TRAIN/DR1/FCJF0/SX127.WAV.wav": wav, "TRAIN/DR1/FCJF0/SX127.PHN": phn}, "", "TRAIN/DR1/FCJF0/SX127.WAV"},
		"one reads":   {map[string]string{"TRAIN/DR1/FCJF0/SX127.WAV": "no", "TRAIN/DR1/FCJF0/SX127.WAV.wav": wav, "TRAIN/DR1/FCJF0/SX127.PHN": phn}, "", "TRAIN/DR1/FCJF0/SX127.WAV.wav"},
		"riff only":   {map[string]string{"TRAIN/DR1/FCJF0/SX127.WAV.wav": wav, "TRAIN/DR1/FCJF0/SX127.PHN": phn}, "", "TRAIN/DR1/FCJF0/SX127.WAV.wav"},
		"a name lies": {map[string]string{"TRAIN/DR1/FCJF0/SX127.flac": wav, "TRAIN/DR1/FCJF0/SX127.PHN": phn}, "", "TRAIN/DR1/FCJF0/SX127.flac"},
		"deep":        {map[string]string{"a/timit/TRAIN/DR1/FCJF0/SX127.WAV": wav, "a/timit/TRAIN/DR1/FCJF0/SX127.PHN": phn}, "a", "timit/TRAIN/DR1/FCJF0/SX127.WAV"},
		"TRAIN given": {map[string]string{"TRAIN/DR1/FCJF0/SX127.WAV": wav, "TRAIN/DR1/FCJF0/SX127.PHN": phn}, "TRAIN", "DR1/FCJF0/SX127.WAV"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(writeTree(t, c.files), c.below)
			us, _, err := ImportTIMIT(dir, TIMITOptions{})
			if err != nil || len(us) != 1 {
				t.Fatalf("%d utterances, %v", len(us), err)
			}
			sum := us[0].SHA256
			want := Utterance{
				ID: "TRAIN/DR1/FCJF0/SX127", URI: c.uri, SHA256: sum, Rate: 16000, Samples: 1600, End: 1600, Speaker: "FCJF0", Split: Train,
				LabelSet: TIMIT61, Alignment: Alignment{{0, 400, "h#"}, {400, 1600, "aa"}},
			}
			if !reflect.DeepEqual(us[0], want) || len(sum) != 64 {
				t.Errorf("got  %+v (%v)\nwant %+v", us[0], us[0].Problem, want)
			}
		})
	}
}

func TestImportTIMITOneUtterance(t *testing.T) {
	files := map[string]string{}
	for _, s := range []string{"SA1", "SA2", "SX3"} {
		addTIMIT(files, "TRAIN/DR1/FCJF0/"+s, s[1])
	}
	files["TRAIN/DR1/FCJF0/SX3.TXT"] = "0 46797 She had  your suit.\n"
	files["TRAIN/DR1/FCJF0/SX3.WRD"] = "0 1 she\n"
	files["TRAIN/DR1/FCJF0/._SX3.WAV"] = "rubbish of a file system"
	files["TRAIN/DR1/FCJF0/SX9.TXT"] = "a text alone"
	files["DOC/readme.txt"], files["SPHERE/test.wav"] = "x", "x"
	dir := writeTree(t, files)
	us, r, err := ImportTIMIT(dir, TIMITOptions{ManifestDir: filepath.Join(dir, "..", "elsewhere")})
	if err != nil || len(us) != 1 {
		t.Fatalf("%d utterances, %v", len(us), err)
	}
	if us[0].Text != "She had your suit." {
		t.Errorf("text %q", us[0].Text)
	}
	if want := "../" + filepath.Base(dir) + "/TRAIN/DR1/FCJF0/SX3.WAV"; us[0].URI != want {
		t.Errorf("uri %q, want %q", us[0].URI, want)
	}
	if got := noteCounts(r); got["sa-left-out"] != 2 || got["outside-train-and-test"] != 2 || len(got) != 2 {
		t.Errorf("notes %v", got)
	}
	if all, _, err := ImportTIMIT(dir, TIMITOptions{KeepSA: true}); err != nil || len(all) != 3 {
		t.Errorf("with SA: %d utterances, %v", len(all), err)
	}
}

// TestTIMITSplits also pins what the hash draws: a corpus that is imported again
// must keep its splits.
func TestTIMITSplits(t *testing.T) {
	train := []string{"TRAIN/DR1/FAAA0", "TRAIN/DR1/MBBB0", "TRAIN/DR2/FCCC0", "TRAIN/DR2/MDDD0"}
	// MDAB0 and FELC0 are of the core test, FAKS0 and FDAC1 of the development set.
	core := []string{"TEST/DR1/MDAB0", "TEST/DR1/FELC0"}
	dev := []string{"TEST/DR1/FAKS0", "TEST/DR1/FDAC1"}
	other := []string{"TEST/DR3/MXXX0", "TEST/DR3/FYYY0"}
	for name, c := range map[string]struct {
		speakers []string
		opt      TIMITOptions
		want     string // the splits, or the error
	}{
		"all":             {slices.Concat(train, core, dev, other), TIMITOptions{}, "train: FAAA0 MBBB0 FCCC0 MDDD0; dev: FAKS0 FDAC1; test: FELC0 MDAB0; test-rest: FYYY0 MXXX0"},
		"no core":         {slices.Concat(train, dev, other), TIMITOptions{}, "train: FAAA0 MBBB0 FCCC0 MDDD0; dev: FAKS0 FDAC1; test: FYYY0 MXXX0"},
		"unknown only":    {slices.Concat(train, other), TIMITOptions{}, "train: FAAA0 MBBB0 FCCC0 MDDD0; test: FYYY0 MXXX0"},
		"TRAIN only":      {train, TIMITOptions{}, "train: FAAA0 MBBB0 FCCC0 MDDD0"},
		"TEST only":       {core, TIMITOptions{}, "test: FELC0 MDAB0"},
		"drawn":           {slices.Concat(train, other), TIMITOptions{DevSpeakers: "1"}, "train: MBBB0 FCCC0 MDDD0; dev: FAAA0; test: FYYY0 MXXX0"},
		"drawn, asked":    {slices.Concat(train, core, dev), TIMITOptions{DevSpeakers: "1"}, "train: MBBB0 FCCC0 MDDD0; dev: FAAA0; test: FELC0 MDAB0; test-rest: FAKS0 FDAC1"},
		"no dev, asked":   {slices.Concat(core, dev), TIMITOptions{DevSpeakers: "0"}, "test: FELC0 MDAB0; test-rest: FAKS0 FDAC1"},
		"named":           {slices.Concat(train, other), TIMITOptions{DevSpeakers: "fccc0, MXXX0", TestSpeakers: "MDDD0"}, "train: FAAA0 MBBB0; dev: MXXX0 FCCC0; test: MDDD0; test-rest: FYYY0"},
		"test drawn":      {slices.Concat(train, other), TIMITOptions{TestSpeakers: "1"}, "train: FAAA0 MBBB0 FCCC0 MDDD0; test: FYYY0; test-rest: MXXX0"},
		"test from TRAIN": {train, TIMITOptions{TestSpeakers: "1", DevSpeakers: "2"}, "train: FCCC0; dev: FAAA0 MDDD0; test: MBBB0"},
		"too many":        {train, TIMITOptions{DevSpeakers: "5"}, "import timit: dev-speakers 5: there are 4 speakers to draw from, want 0 to 4"},
		"negative":        {train, TIMITOptions{TestSpeakers: "-1"}, "test-speakers -1"},
		"unknown":         {train, TIMITOptions{TestSpeakers: "NOBODY"}, `test-speakers: there is no speaker "NOBODY", want a count or names out of FAAA0, FCCC0, MBBB0, MDDD0`},
		"both":            {train, TIMITOptions{TestSpeakers: "FAAA0", DevSpeakers: "FAAA0"}, "dev-speakers and test-speakers both name FAAA0"},
	} {
		t.Run(name, func(t *testing.T) {
			us, _, err := ImportTIMIT(writeTree(t, timitTree(c.speakers...)), c.opt)
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want %s", err, c.want)
				}
				return
			}
			if got := splitsOf(us); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestTIMITLists holds the two lists of speakers against the protocol's counts.
func TestTIMITLists(t *testing.T) {
	if len(timitCoreTest) != 24 || len(timitDev) != 50 || len(common(timitCoreTest, timitDev)) != 0 {
		t.Errorf("%d core and %d development speakers, want 24 and 50 others", len(timitCoreTest), len(timitDev))
	}
}

// brokenTree has one sound utterance and one of every kind of trouble.
func brokenTree() map[string]string {
	const spk = "TRAIN/DR1/FAAA0/"
	files := map[string]string{}
	for i, s := range []string{"OK", "TRUNCATED", "EMPTY", "TEXT", "PAST", "LETTERS", "NOWAV", "NOPHN", "NOSAMPLES", "LABEL", "EMPTYPHN", "OVERLAP", "LATE"} {
		addTIMIT(files, spk+s, byte(i))
	}
	files[spk+"TRUNCATED.WAV"] = files[spk+"TRUNCATED.WAV"][:1000]
	files[spk+"EMPTY.WAV"] = ""
	files[spk+"TEXT.WAV"] = "this is no sound\n"
	files[spk+"PAST.PHN"] = "0 400 h#\n400 9000 aa\n"
	files[spk+"LETTERS.PHN"] = "0 400 h#\nabc def aa\n"
	delete(files, spk+"NOWAV.WAV")
	delete(files, spk+"NOPHN.PHN")
	files[spk+"NOSAMPLES.WAV"] = wavBytes(16000, 0, 0)
	files[spk+"LABEL.PHN"] = "0 400 h#\n400 1600 qq\n"
	files[spk+"EMPTYPHN.PHN"] = ""
	files[spk+"OVERLAP.PHN"] = "0 900 h#\n400 1600 aa\n"
	files[spk+"LATE.PHN"] = "3 400 h#\n390 1700 aa\n"
	return files
}

func TestImportTIMITProblems(t *testing.T) {
	dir := writeTree(t, brokenTree())
	us, r, err := ImportTIMIT(dir, TIMITOptions{Workers: 3})
	if err != nil {
		t.Fatal(err)
	}
	got := byID(us)
	for name, want := range map[string]Problem{
		"TRUNCATED": {UnreadableAudio, "byte 36", `the "data" chunk says 3200 bytes, the file holds 956 after it: it is truncated`},
		"EMPTY":     {UnreadableAudio, "", "the file is empty, want WAV, SPHERE or FLAC"},
		"TEXT":      {UnreadableAudio, "byte 0", `the file begins with "this is no s", want "RIFF" (WAV), "NIST_1A" (SPHERE) or "fLaC" (FLAC)`},
		"PAST":      {OutsideAudio, "PAST.PHN", "segment 2 (400 9000 aa) ends past the recording's 1600 samples, want at most 400 past it"},
		"LETTERS":   {BadAlignment, "LETTERS.PHN line 2", `begin is "abc", want a sample number`},
		"NOWAV":     {MissingAudio, "", "there is NOWAV.PHN and no recording beside it, want NOWAV.WAV"},
		"NOPHN":     {MissingLabels, "", "there is a recording and no .PHN file beside it"},
		"NOSAMPLES": {UnreadableAudio, "", "the file has a header and no samples, want at least one"},
		"LABEL":     {UnknownLabel, "LABEL.PHN", `segment 1 has the label "qq", which timit61 does not have`},
		"EMPTYPHN":  {BadAlignment, "EMPTYPHN.PHN", `there are no segments, want lines "begin end label"`},
		"OVERLAP":   {BadAlignment, "OVERLAP.PHN", "segment 2 (400 1600 aa) overlaps the one before it, which ends at 900, want at most 160 samples of overlap"},
	} {
		u := got["TRAIN/DR1/FAAA0/"+name]
		if u == nil || u.Problem == nil || *u.Problem != want {
			t.Errorf("%s: %+v, want %+v", name, u, want)
			continue
		}
		if u.URI != "TRAIN/DR1/FAAA0/"+name+".WAV" || u.Alignment != nil {
			t.Errorf("%s: uri %q, alignment %v", name, u.URI, u.Alignment)
		}
	}
	for _, ok := range []string{"OK", "LATE"} {
		if u := got["TRAIN/DR1/FAAA0/"+ok]; u == nil || u.Problem != nil {
			t.Errorf("%s: %+v", ok, u)
		}
	}
	if want := (Alignment{{3, 400, "h#"}, {400, 1600, "aa"}}); !reflect.DeepEqual(got["TRAIN/DR1/FAAA0/LATE"].Alignment, want) {
		t.Errorf("put right to %v", got["TRAIN/DR1/FAAA0/LATE"].Alignment)
	}
	want := []ReasonCount{{MissingAudio, 1}, {UnreadableAudio, 4}, {MissingLabels, 1}, {BadAlignment, 3}, {OutsideAudio, 1}, {UnknownLabel, 1}}
	if !reflect.DeepEqual(r.Problems, want) || r.Utterances != 13 || r.Splits[0].Problems != 11 {
		t.Errorf("report %+v", r)
	}
	if n := noteCounts(r); !maps.Equal(n, map[string]int{"overlap-moved": 1, "end-clipped": 1, "late-begin": 1}) {
		t.Errorf("notes %v", n)
	}
	// Every line is one that a manifest may hold.
	var b bytes.Buffer
	if err := WriteManifest(&b, us); err != nil {
		t.Fatal(err)
	}
	if err := ReadManifest(&b, "m", func(_ int, _ LineRef, _ *Utterance, err error) error { return err }); err != nil {
		t.Error(err)
	}
}

// TestImportIsDeterministic imports with one worker and with several.
func TestImportIsDeterministic(t *testing.T) {
	dir := writeTree(t, brokenTree())
	one, r1, err1 := ImportTIMIT(dir, TIMITOptions{Workers: 1})
	last := 0
	many, r2, err2 := ImportTIMIT(dir, TIMITOptions{Workers: 8, Progress: func(done, total int) {
		if done != last+1 || total != 13 {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		last = done
	}})
	if err1 != nil || err2 != nil || !reflect.DeepEqual(one, many) || !reflect.DeepEqual(r1, r2) {
		t.Error("the number of workers shows")
	}
}

func TestImportTIMITErrors(t *testing.T) {
	if _, _, err := ImportTIMIT(filepath.Join(t.TempDir(), "no"), TIMITOptions{}); err == nil || !os.IsNotExist(unwrapAll(err)) {
		t.Error(err)
	}
	if _, _, err := ImportTIMIT(writeTree(t, map[string]string{"a/b.wav": ""}), TIMITOptions{}); err == nil || !strings.Contains(err.Error(), "no utterance below") {
		t.Error(err)
	}
	us, _, err := ImportTIMIT(writeTree(t, timitTree("TRAIN/DR1/FAAA0")), TIMITOptions{Channel: 1})
	if err != nil || us[0].Problem == nil || us[0].Problem.Detail != "channel 1 was asked for, the file has 1 (counted from 0)" {
		t.Errorf("%+v, %v", us, err)
	}
}

func unwrapAll(err error) error {
	for {
		u, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		if _, ok := err.(*os.PathError); ok {
			return err
		}
		err = u.Unwrap()
	}
}

// TestLinks follows links to folders and files, and stops where they go in
// circles or nowhere.
func TestLinks(t *testing.T) {
	real := writeTree(t, timitTree("DR1/FAAA0", "DR1/MBBB0"))
	dir := writeTree(t, timitTree("TRAIN/DR2/FCCC0"))
	for from, to := range map[string]string{
		"TRAIN/DR1":               filepath.Join(real, "DR1"),
		"TRAIN/DR2/loop":          dir,
		"TRAIN/DR2/FCCC0/up":      "..",
		"TRAIN/DR2/FCCC0/self":    "self",
		"TRAIN/DR2/FCCC0/SX2.WAV": "nowhere.wav",
	} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	us, r, err := ImportTIMIT(dir, TIMITOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ids := slices.Sorted(maps.Keys(byID(us)))
	if want := []string{"TRAIN/DR1/FAAA0/SX1", "TRAIN/DR1/MBBB0/SX1", "TRAIN/DR2/FCCC0/SX1", "TRAIN/DR2/FCCC0/SX2"}; !slices.Equal(ids, want) {
		t.Errorf("ids %v", ids)
	}
	if p := us[3].Problem; p == nil || p.Reason != MissingAudio {
		t.Errorf("a link to nowhere: %v", p)
	}
	if n := noteCounts(r); !maps.Equal(n, map[string]int{"link-loop": 2, "broken-link": 2}) {
		t.Errorf("notes %v", n)
	}
}
