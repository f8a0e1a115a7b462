package pipelines

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framewise/augment"
	"framewise/corpus"
	"framewise/corpus/draw"
	"framewise/dataset"
)

// randomCorpus draws a manifest of some dozen utterances: few speakers (whose
// names may differ in case alone), recordings and texts, so that many are
// shared, and of each blemish that a line can have some.
func randomCorpus(seed int) []corpus.Utterance {
	k := draw.New(3, "random corpus", "", seed)
	at := 0
	next := func(n int) int { at++; return k.IntN(at, n) }
	speakers, recordings, texts := 1+next(12), 1+next(40), 1+next(30)
	tidy := next(3) > 0 // speakers and recordings have a split of their own
	splits := corpus.Splits[:1+next(4)]
	us := paper(2+next(40), nil)
	for i := range us {
		u := &us[i]
		speaker, recording := next(speakers), next(recordings)
		u.Split = splits[next(len(splits))]
		if tidy {
			u.Split = splits[speaker%len(splits)]
			recording = recording*len(splits) + speaker%len(splits)
		}
		u.Speaker = fmt.Sprintf("%s%d", []string{"anna", "Anna"}[next(2)], speaker)
		u.SHA256 = fmt.Sprintf("%064x", recording+1)
		u.URI = fmt.Sprintf("r%d.wav", recording)
		u.Begin = int64(next(2)) * 5000 // a segment of its own
		u.Text = []string{"", "Text %d, spoken.", "text %d spoken", "TEXT %d SPOKEN!"}[next(4)]
		if u.Text != "" {
			u.Text = fmt.Sprintf(u.Text, next(texts))
		}
		switch next(12) {
		case 0:
			u.ID = us[next(i+1)].ID
		case 1:
			u.Problem = &corpus.Problem{Reason: corpus.MissingAudio, Detail: "gone"}
			u.SHA256 = []string{"", u.SHA256, strings.ToUpper(u.SHA256), "feed", strings.Repeat("0", 64)}[next(5)]
		case 2:
			u.Alignment = corpus.Alignment{{Begin: 0, End: 10, Label: "nonsense"}}
		case 3:
			u.ID += []string{"+nb", "+sp0.9"}[next(2)]
		case 4:
			u.ID = strings.ToUpper(u.ID)
		case 5:
			u.End = u.Begin + 10
			u.Alignment = nil
		case 6:
			u.Alignment = corpus.Alignment{{Begin: 5, End: 1, Label: "h#"}} // does not parse
		}
	}
	return us
}

// crossings lists what is in two splits by the plain definition: of the lines
// that parse, any two.
func crossings(us []corpus.Utterance) map[string]map[string]bool {
	found := map[string]map[string]bool{LeakSpeaker: {}, LeakAudio: {}, LeakText: {}}
	sound := slices.DeleteFunc(slices.Clone(us), func(u corpus.Utterance) bool {
		return u.Problem == nil && u.Alignment != nil && u.Alignment[0].End <= u.Alignment[0].Begin
	})
	words := func(s string) string { return strings.Trim(strings.ToLower(strings.ReplaceAll(s, ",", "")), ".! ") }
	sum := func(s string) string {
		if len(s) != 64 || strings.Trim(s, "0") == "" {
			return ""
		}
		return strings.ToLower(s)
	}
	for _, a := range sound {
		for _, b := range sound {
			if a.Split == b.Split {
				continue
			}
			if a.Speaker == b.Speaker {
				found[LeakSpeaker][a.Speaker] = true
			}
			if sum(a.SHA256) != "" && sum(a.SHA256) == sum(b.SHA256) {
				found[LeakAudio][sum(a.SHA256)] = true
			}
			if words(a.Text) != "" && words(a.Text) == words(b.Text) {
				found[LeakText][words(a.Text)] = true
			}
		}
	}
	return found
}

// everyAllowance is every choice of kinds of leaks.
func everyAllowance() [][]string {
	var all [][]string
	for bits := range 1 << len(LeakKinds) {
		allow := []string{}
		for i, kind := range LeakKinds {
			if bits>>i&1 == 1 {
				allow = append(allow, kind)
			}
		}
		all = append(all, allow)
	}
	return all
}

// refused lists what CheckLeaks refuses, by kind.
func refused(t *testing.T, s *Survey, allow []string) map[string]map[string]bool {
	t.Helper()
	got := map[string]map[string]bool{}
	var leak *LeakError
	switch err := s.CheckLeaks(allow); {
	case errors.As(err, &leak):
		for _, l := range leak.Leaks {
			if got[l.Kind] == nil {
				got[l.Kind] = map[string]bool{}
			}
			got[l.Kind][l.What] = true
			if l.Splits[0] == l.Splits[1] || l.IDs[0] == "" || l.IDs[1] == "" || compareSplits(l.Splits[0], l.Splits[1]) > 0 {
				t.Errorf("leak %+v", l)
			}
		}
	case err != nil:
		t.Error(err)
	}
	return got
}

// Build refuses what check calls an error, and both are right: over random
// corpora, for each choice of --allow-leak, in any order of the lines.
func TestLeaksOfRandomCorpora(t *testing.T) {
	apart, leaking := 0, map[string]int{}
	for seed := range 400 {
		us := randomCorpus(seed)
		path := filepath.Join(t.TempDir(), "corpus.jsonl")
		writeManifest(t, path, us)
		s, err := NewSurvey(t.Context(), path, DefaultBuildConfig(), nil)
		if errors.Is(err, ErrNoUtterances) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		want := crossings(us)
		if len(want[LeakSpeaker])+len(want[LeakAudio]) == 0 {
			apart++
		}
		for _, allow := range everyAllowance() {
			left := map[string]map[string]bool{}
			for _, kind := range []string{LeakSpeaker, LeakAudio} { // a text is not build's to judge
				if len(want[kind]) > 0 && !slices.Contains(allow, kind) {
					left[kind] = want[kind]
				}
			}
			if got := refused(t, s, allow); fmt.Sprint(got) != fmt.Sprint(left) {
				t.Fatalf("corpus %d, allowing %v: refused %v, want %v", seed, allow, got, left)
			}
		}
		for _, strict := range []bool{false, true} {
			checkAgrees(t, path, strict, want)
		}
		leaks := s.Leaks
		shuffleLines(t, path)
		if s, err = NewSurvey(t.Context(), path, DefaultBuildConfig(), nil); err != nil || fmt.Sprint(s.Leaks) != fmt.Sprint(leaks) {
			t.Fatalf("corpus %d in another order: leaks %v (%v), want %v", seed, s.Leaks, err, leaks)
		}
		for kind, found := range want {
			leaking[kind] += min(len(found), 1)
		}
	}
	if apart < 20 || leaking[LeakSpeaker] < 20 || leaking[LeakAudio] < 20 || leaking[LeakText] < 20 {
		t.Errorf("the corpora are not what they should be: %d without leaks, %v with", apart, leaking)
	}
}

// checkAgrees holds check's findings against the crossings: as many of each
// kind, errors but for texts unless strict.
func checkAgrees(t *testing.T, path string, strict bool, want map[string]map[string]bool) {
	t.Helper()
	r, err := corpus.Check(path, corpus.CheckOptions{SkipAudio: true, StrictText: strict})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, f := range r.Findings {
		kind, leak := strings.CutPrefix(f.Kind, "leak-")
		if !leak {
			continue
		}
		got[kind] = f.Count
		if wantError := kind != LeakText || strict; (f.Severity == corpus.SevereError) != wantError {
			t.Errorf("%s is a %s with strict texts %v", f.Kind, f.Severity, strict)
		}
	}
	for kind, found := range want {
		if got[kind] != len(found) {
			t.Fatalf("check finds %d leaks of kind %s, want %v", got[kind], kind, slices.Sorted(maps.Keys(found)))
		}
	}
}

// randomAugment draws an augmentation that may join anything.
func randomAugment(seed int) augment.Config {
	k := draw.New(4, "random augmentation", "", seed)
	c := augment.DefaultConfig()
	c.Splits = corpus.Splits[:1+k.IntN(0, 4)]
	c.Concat.Copies, c.Concat.Min = 1+k.IntN(1, 3), 2
	c.Concat.Max = 2 + k.IntN(2, 5)
	c.Concat.Partner = []string{augment.PartnerAny, augment.PartnerSame, augment.PartnerDifferent}[k.IntN(3, 3)]
	c.Concat.Leftovers = []string{augment.LeftoversKeep, augment.LeftoversDrop, augment.LeftoversWrap}[k.IntN(4, 3)]
	if k.IntN(5, 2) == 1 {
		c.Speed.Factors = []float64{0.9, 1.1}
	}
	return c
}

// No example mixes splits, whatever is made of what; and judged through the
// utterances that examples are made of, no speaker and no recording crosses
// but by a leak that was allowed.
func TestExamplesStayInTheirSplit(t *testing.T) {
	joined := 0
	for seed := range 400 {
		us := randomCorpus(seed)
		path := filepath.Join(t.TempDir(), "corpus.jsonl")
		writeManifest(t, path, us)
		cfg := DefaultBuildConfig()
		cfg.Augment = randomAugment(seed)
		s, err := NewSurvey(t.Context(), path, cfg, nil)
		if errors.Is(err, ErrNoUtterances) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		parents := map[string]corpus.Witness{}
		text := readAll(t, path)
		for _, m := range s.Members {
			parents[m.ID] = witnessOf(m, audioOf(t, text, m))
		}
		splitOf := map[string]map[string]bool{}
		see := func(what, split string) {
			if splitOf[what] == nil {
				splitOf[what] = map[string]bool{}
			}
			splitOf[what][split] = true
		}
		for _, r := range augment.Plan(s.Members, cfg.Augment, cfg.Seed, s.Rate) {
			joined += min(len(r.Parts)-1, 1)
			for _, p := range r.Parts {
				parent, ok := parents[p.Utterance]
				if !ok || parent.Split != r.Split {
					t.Fatalf("corpus %d: example %q of %s has a part %+v", seed, r.ID, r.Split, parent)
				}
				see("speaker "+parent.Speaker, r.Split)
				see("audio "+hex.EncodeToString(parent.Audio[:]), r.Split)
			}
		}
		for _, allow := range everyAllowance() {
			if s.CheckLeaks(allow) != nil {
				continue // refused: nothing is made
			}
			for what, splits := range splitOf {
				if kind, _, _ := strings.Cut(what, " "); len(splits) > 1 && !slices.Contains(allow, kind) {
					t.Fatalf("corpus %d, allowing %v: %s is in %v", seed, allow, what, splits)
				}
			}
		}
	}
	if joined < 1000 {
		t.Errorf("%d concatenations, too few to tell", joined)
	}
}

// audioOf reads the content hash of a member in a manifest's text.
func audioOf(t *testing.T, manifest string, m augment.Member) (sum corpus.ContentHash) {
	t.Helper()
	u, err := readLine(strings.NewReader(manifest), "corpus.jsonl", augment.Part{Utterance: m.ID, Ref: m.Ref})
	if err != nil {
		t.Fatal(err)
	}
	b, err := hex.DecodeString(u.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	copy(sum[:], b)
	return sum
}

// Built shards, read back: every part of every example is an utterance of the
// example's split. A leak that is not allowed leaves nothing behind.
func TestBuiltExamplesStayInTheirSplit(t *testing.T) {
	dir, out := t.TempDir(), filepath.Join(t.TempDir(), "data")
	path, us := small.write(t, dir)
	first := slices.IndexFunc(us, func(u corpus.Utterance) bool { return u.Split == corpus.Test })
	us[first].Speaker = us[0].Speaker // of train
	// One recording cut in two, a piece in each split.
	half := us[0]
	half.ID, half.Split, half.Speaker = "dev/half", corpus.Dev, "somebody"
	half.Begin, half.Alignment = half.Samples/2, nil
	us[0].End = half.Begin
	us[0].Alignment = us[0].Alignment[:1]
	us = append(us, half)
	writeManifest(t, path, us)
	cfg := config()
	cfg.Augment.Splits = []string{corpus.Train, corpus.Test, corpus.Dev}
	cfg.Augment.Concat.Copies, cfg.Augment.Concat.Max = 2, 4
	for _, allow := range [][]string{nil, {LeakSpeaker}, {LeakAudio}, {LeakText}} {
		_, err := Build(context.Background(), BuildOptions{Manifest: path, Out: out, Config: cfg, Run: prism, AllowLeak: allow})
		var leak *LeakError
		if !errors.As(err, &leak) || slices.Contains(allow, leak.Leaks[0].Kind) {
			t.Fatalf("allowing %v: %v", allow, err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Fatalf("allowing %v: the folder is there", allow)
		}
	}
	mustBuild(t, BuildOptions{Manifest: path, Out: out, Config: cfg, AllowLeak: []string{LeakSpeaker, LeakAudio}})
	splitOf := map[string]string{}
	for _, u := range us {
		splitOf[u.ID] = u.Split
	}
	d, err := dataset.Open(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	joined := map[string]int{}
	for _, name := range d.SplitNames() {
		split, err := d.Split(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range split.Len() {
			ex, err := split.Example(i)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range ex.Parts {
				if splitOf[p.Utterance] != name {
					t.Errorf("%s: %q has a part of %q, which is in %q", name, ex.ID, p.Utterance, splitOf[p.Utterance])
				}
			}
			if len(ex.Parts) > 1 {
				joined[name]++
			}
		}
		if err := split.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if joined[corpus.Train] == 0 || joined[corpus.Test] == 0 || joined[corpus.Dev] == 0 {
		t.Errorf("concatenations %v, want some in each split", joined)
	}
}
