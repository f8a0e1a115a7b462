package pipelines

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framewise/augment"
	"framewise/corpus"
	"framewise/dataset"
)

func survey(t *testing.T, us []corpus.Utterance, extra ...string) (*Survey, error) {
	t.Helper()
	var b bytes.Buffer
	if err := corpus.WriteManifest(&b, us); err != nil {
		t.Fatal(err)
	}
	for _, line := range extra {
		b.WriteString(line + "\n")
	}
	path := filepath.Join(t.TempDir(), "corpus.jsonl")
	writeFile(t, path, b.Bytes())
	return NewSurvey(t.Context(), path, DefaultBuildConfig(), nil)
}

// paper makes utterances that have a manifest line and no audio.
func paper(n int, change func(i int, u *corpus.Utterance)) []corpus.Utterance {
	us := make([]corpus.Utterance, n)
	for i := range us {
		us[i] = corpus.Utterance{ID: fmt.Sprintf("u%04d", i), URI: "a.wav", SHA256: fmt.Sprintf("%064x", i+1), Rate: 16000, Samples: 20000 + int64(i), End: 20000 + int64(i),
			Speaker: fmt.Sprintf("s%d", i%7), Split: corpus.Train, LabelSet: corpus.TIMIT61, Alignment: corpus.Alignment{{Begin: 0, End: 10000, Label: "h#"}}}
		if change != nil {
			change(i, &us[i])
		}
	}
	return us
}

// The plan's sums are those of the recipes that package augment plans.
func TestSurveyPlan(t *testing.T) {
	us := paper(600, func(i int, u *corpus.Utterance) {
		if i%10 == 0 {
			u.Split, u.Speaker = corpus.Dev, "d"
		}
	})
	s, err := survey(t, us)
	if err != nil {
		t.Fatal(err)
	}
	p := s.Plan()
	if p.Utterances != 600 || p.Rejected != 0 || p.SampleRate != 16000 || p.LabelSet != corpus.TIMIT61 || p.Features != 40 {
		t.Errorf("plan %+v", p)
	}
	members := map[string]augment.Member{}
	for _, m := range s.Members {
		members[m.ID] = m
	}
	recipes := augment.Plan(s.Members, s.Config.Augment, s.Config.Seed, s.Rate)
	want := map[string]*Amount{}
	for _, r := range recipes {
		n := r.NumSamples(s.Rate, func(id string) augment.Member { return members[id] })
		key := r.Split + " " + augmentation(r.Variant, r.Concatenation())
		if want[key] == nil {
			want[key] = &Amount{}
		}
		want[key].add(Amount{Examples: 1, Frames: int64(s.Framing.NumFrames(int(n)))})
	}
	if len(p.Splits) != 2 || p.Splits[0].Split != corpus.Train || p.Splits[1].Split != corpus.Dev {
		t.Fatalf("splits %+v, want train and dev", p.Splits)
	}
	if p.Splits[1].Speakers != 1 || p.Splits[1].Utterances != 60 || len(p.Splits[1].Augmentations) != 1 {
		t.Errorf("dev is %+v, want 60 originals of one speaker", p.Splits[1])
	}
	total := int64(0)
	for _, sp := range p.Splits {
		for _, a := range sp.Augmentations {
			w := want[sp.Split+" "+a.Name]
			if w == nil || w.Examples != a.Examples || w.Frames != a.Frames {
				t.Errorf("%s %s: %+v, want %+v", sp.Split, a.Name, a.Amount, w)
			}
			if a.Hours <= 0 || a.Bytes < 4*40*a.Frames {
				t.Errorf("%s %s: %g hours and %d bytes of %d frames", sp.Split, a.Name, a.Hours, a.Bytes, a.Frames)
			}
			total += a.Examples
		}
		sum := int64(0)
		for _, c := range s.checks[sp.Split] {
			sum += c.Examples
		}
		if sum != sp.Examples {
			t.Errorf("%s: shards with %d examples, want %d", sp.Split, sum, sp.Examples)
		}
	}
	if total != int64(len(recipes)) || p.Total.Examples != total {
		t.Errorf("%d examples in all, want %d", p.Total.Examples, len(recipes))
	}
}

func TestSurveyRejects(t *testing.T) {
	us := paper(4, func(i int, u *corpus.Utterance) {
		switch i {
		case 1:
			u.Problem = &corpus.Problem{Reason: corpus.MissingLabels, Detail: "no label file"}
		case 2:
			u.Alignment[0].Label = "nonsense"
		}
	})
	short := paper(1, func(_ int, u *corpus.Utterance) { u.ID, u.Samples, u.End, u.Alignment = "short+nb", 10, 10, nil })
	line := func(id, text string) string {
		return fmt.Sprintf(`{"id":%q,"uri":"b.wav","sha256":"%064x","rate":16000,"samples":20000,"begin":0,"end":20000,"speaker":"s","split":"train","text":%q}`, id, 99, text)
	}
	for _, order := range [][]string{{line("twice", "a"), line("twice", "b")}, {line("twice", "b"), line("twice", "a")}} {
		s, err := survey(t, append(slices.Clone(us), short...), append(order, "", "{", line("u0003", "zz"))...)
		if err != nil {
			t.Fatal(err)
		}
		got := map[corpus.Reason]int{}
		ids := map[string]bool{}
		for _, r := range s.Rejects {
			got[r.Reason]++
			ids[r.ID] = true
			if r.Kind != dataset.RejectUtterance || r.Stage != stageManifest || r.Detail == "" {
				t.Errorf("reject %+v", r)
			}
		}
		want := map[corpus.Reason]int{corpus.MissingLabels: 1, corpus.UnknownLabel: 1, corpus.BadManifest: 2, corpus.DuplicateID: 2}
		if fmt.Sprint(got) != fmt.Sprint(want) || len(ids) != len(s.Rejects) {
			t.Errorf("rejected %v with ids %v, want %v and an id each", got, ids, want)
		}
		if s.Utterances != int64(len(s.Rejects)+len(s.Members)) {
			t.Errorf("%d utterances, %d rejected and %d left", s.Utterances, len(s.Rejects), len(s.Members))
		}
		at := slices.IndexFunc(s.Members, func(m augment.Member) bool { return m.ID == "twice" })
		u, err := readLine(strings.NewReader(readAll(t, s.Manifest)), s.Manifest, augment.Part{Utterance: "twice", Ref: s.Members[at].Ref})
		if err != nil || u.Text != "a" {
			t.Errorf("kept %q (%v) of two lines of one id, want %q in either order", u.Text, err, "a")
		}
	}
}

func readAll(t *testing.T, path string) string {
	t.Helper()
	c := contents(t, filepath.Dir(path))
	return string(c[filepath.Base(path)])
}

func TestSurveyTooShort(t *testing.T) {
	cfg := DefaultBuildConfig()
	cfg.Features.FramingRule = "kaldi-snip"
	path := filepath.Join(t.TempDir(), "corpus.jsonl")
	writeManifest(t, path, paper(3, func(i int, u *corpus.Utterance) {
		if i == 1 {
			u.Samples, u.End, u.Alignment = 399, 399, nil
		}
	}))
	s, err := NewSurvey(t.Context(), path, cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Rejects) != 1 || s.Rejects[0].ID != "u0001" || s.Rejects[0].Reason != corpus.TooShort || !skipped(s.skip, 2) || skipped(s.skip, 1) || skipped(s.skip, 3) {
		t.Errorf("rejects %+v, skip %08b; want u0001 of line 2", s.Rejects, s.skip)
	}
}

func TestSurveyErrors(t *testing.T) {
	mixed := paper(4, func(i int, u *corpus.Utterance) { u.Rate = 8000 + 8000*(i%2) })
	_, err := survey(t, mixed)
	var config *ConfigError
	if !errors.As(err, &config) || config.Key != "sample_rate" || !strings.Contains(err.Error(), "8000 Hz") || !strings.Contains(err.Error(), "16000 Hz") {
		t.Errorf("mixed rates: %v, want a *ConfigError that names both", err)
	}
	if _, err := survey(t, nil); !errors.Is(err, ErrNoUtterances) {
		t.Errorf("empty manifest: %v", err)
	}
	s, err := survey(t, paper(2, func(_ int, u *corpus.Utterance) {
		u.Problem = &corpus.Problem{Reason: corpus.MissingAudio, Detail: "gone"}
	}))
	if !errors.Is(err, ErrNoUtterances) || s == nil || len(s.Rejects) != 2 {
		t.Errorf("all bad: %v, want %v and the rejects", err, ErrNoUtterances)
	}
	if _, err := survey(t, paper(2, func(i int, u *corpus.Utterance) { u.LabelSet, u.Alignment = []string{"timit61", "fsdd10"}[i], nil })); err == nil {
		t.Error("two label sets: no error")
	}
	if _, err := NewSurvey(t.Context(), filepath.Join(t.TempDir(), "none.jsonl"), DefaultBuildConfig(), nil); err == nil {
		t.Error("no manifest: no error")
	}
	odd := paper(2, func(_ int, u *corpus.Utterance) { u.Rate = 11025 })
	if _, err := survey(t, odd); !errors.As(err, &config) {
		t.Errorf("narrowband of an odd rate: %v, want a *ConfigError", err)
	}
}

func TestLeaks(t *testing.T) {
	us := paper(6, func(i int, u *corpus.Utterance) {
		u.Speaker = fmt.Sprintf("s%d", i)
		switch i {
		case 3:
			u.Split, u.Speaker = corpus.Test, "s0"
		case 4:
			u.Split, u.SHA256 = corpus.Dev, fmt.Sprintf("%064x", 0xfeed)
		case 5:
			u.SHA256 = fmt.Sprintf("%064x", 0xfeed)
		}
	})
	us[4].SHA256 = "feed" + us[4].SHA256[4:]
	us[5].SHA256 = us[4].SHA256
	s, err := survey(t, us)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Leaks) != 2 || s.Leaks[0].Kind != LeakAudio || s.Leaks[1].Kind != LeakSpeaker || s.Leaks[1].What != "s0" {
		t.Fatalf("leaks %+v, want an audio file and speaker s0", s.Leaks)
	}
	for _, c := range []struct {
		allow []string
		want  int
	}{{nil, 2}, {[]string{LeakText}, 2}, {[]string{LeakSpeaker}, 1}, {[]string{LeakAudio, LeakSpeaker}, 0}} {
		var leak *LeakError
		n := 0
		if err := s.CheckLeaks(c.allow); errors.As(err, &leak) {
			n = len(leak.Leaks)
		} else if err != nil {
			t.Error(err)
		}
		if n != c.want {
			t.Errorf("allowing %v leaves %d leaks, want %d", c.allow, n, c.want)
		}
	}
	var config *ConfigError
	if err := s.CheckLeaks([]string{"everything"}); !errors.As(err, &config) {
		t.Errorf("unknown kind: %v, want a *ConfigError", err)
	}
}
