package synth

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func mustPlan(t *testing.T, cfg Config) []*utterance {
	t.Helper()
	cfg, err := cfg.resolve()
	if err != nil {
		t.Fatal(err)
	}
	us, err := plan(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return us
}

func TestTestSpeakers(t *testing.T) {
	for n, want := range map[int]int{4: 2, 7: 2, 8: 2, 11: 2, 12: 4, 16: 4, 24: 6, 28: 8, 32: 8, 630: 158} {
		if got := testSpeakers(n); got != want {
			t.Errorf("%d speakers: %d are TEST, want %d", n, got, want)
		}
	}
}

// TestSplitsAreApart holds the plan to TIMIT's design for several sizes.
func TestSplitsAreApart(t *testing.T) {
	shape := regexp.MustCompile(`^[FM][A-Z]{3}[5-9]$`)
	for _, cfg := range []Config{{Speakers: 4, Sentences: 3}, {Speakers: 5, Sentences: 1}, {Speakers: 28, Sentences: 10, Seed: 9}, {Speakers: 300, Sentences: 12, Seed: 2}} {
		t.Run(fmt.Sprintf("%dx%d", cfg.Speakers, cfg.Sentences), func(t *testing.T) {
			us := mustPlan(t, cfg)
			if len(us) != cfg.Speakers*cfg.Sentences {
				t.Errorf("%d utterances, want %d", len(us), cfg.Speakers*cfg.Sentences)
			}
			sexes := map[string]int{}
			bases, speakers := map[string]bool{}, map[string]*speaker{}
			texts, names := map[string]string{}, map[string]string{}
			for _, u := range us {
				if bases[u.base()] {
					t.Errorf("%s is read twice", u.base())
				}
				bases[u.base()] = true
				if sp := speakers[u.speaker.name]; sp != nil && sp != u.speaker {
					t.Errorf("two speakers are called %s", sp.name)
				}
				speakers[u.speaker.name] = u.speaker
				if !shape.MatchString(u.speaker.name) || (u.speaker.name[0] == 'F') != u.speaker.female {
					t.Errorf("speaker's name %q is not a sex, three letters and a digit from 5 to 9", u.speaker.name)
				}
				part := strings.Split(u.base(), "/")[0]
				sexes[part+u.speaker.name[:1]]++
				checkText(t, u, part, texts, names)
			}
			for _, key := range []string{"TRAINF", "TRAINM", "TESTF", "TESTM"} {
				if sexes[key] == 0 {
					t.Errorf("no %s", key)
				}
			}
		})
	}
}

// checkText holds one reading of a text against those before it: owner is the
// split of an SX text, the speaker of an SI text.
func checkText(t *testing.T, u *utterance, part string, texts, names map[string]string) {
	t.Helper()
	owner := "all"
	switch u.name[:2] {
	case "SX":
		owner = part
	case "SI":
		owner = u.speaker.name
	}
	text := u.sentence.text
	if was, ok := texts[text]; ok && was != owner {
		t.Errorf("%q is read by %s and %s", text, was, owner)
	}
	texts[text] = owner
	if was, ok := names[u.name]; ok && was != text {
		t.Errorf("%s is %q and %q", u.name, was, text)
	}
	names[u.name] = text
}

func TestPoolIsShared(t *testing.T) {
	count := map[string]int{}
	for _, u := range mustPlan(t, Config{Speakers: 280, Sentences: 10, Seed: 1}) {
		count[u.name]++
	}
	for name, n := range count {
		switch name[:2] {
		case "SA":
			if n != 280 {
				t.Errorf("%s has %d readers, want 280", name, n)
			}
		case "SX":
			if n < 4 || n > readers {
				t.Errorf("%s has %d readers, want up to %d", name, n, readers)
			}
		case "SI":
			if n != 1 {
				t.Errorf("%s has %d readers, want 1", name, n)
			}
		}
	}
}

// TestVoicesStay: a speaker is the same in a larger corpus.
func TestVoicesStay(t *testing.T) {
	small, large := newSpeakers(Config{Speakers: 6, Seed: 4, Variation: DefaultVariation()}), newSpeakers(Config{Speakers: 40, Seed: 4, Variation: DefaultVariation()})
	for i, sp := range small {
		if l := large[i]; l.name != sp.name || l.pitch != sp.pitch || l.tract != sp.tract || l.vowel["iy"] != sp.vowel["iy"] {
			t.Errorf("speaker %d is %s at %g Hz among 6 and %s at %g Hz among 40", i, sp.name, sp.pitch, l.name, l.pitch)
		}
	}
}

func TestGrammarRunsOut(t *testing.T) {
	w := newWriter(1)
	for range 150 {
		w.used[compose(newStream(1, "text", fmt.Sprint(w.n), 0)).text] = true
		w.n++
	}
	w.n = 0
	if _, err := w.next(); !errors.Is(err, errExhausted) {
		t.Errorf("got error %v, want %v", err, errExhausted)
	}
	w.n = 0
	if _, err := w.pool(1); !errors.Is(err, errExhausted) {
		t.Errorf("got error %v, want %v", err, errExhausted)
	}
}

// TestText looks at the sentences as text.
func TestText(t *testing.T) {
	if got := saSentences()[0].text; got != "She had your dark suit in greasy wash water all year." {
		t.Errorf("SA1 is %q", got)
	}
	if got := saSentences()[1].text; got != "Don't ask me to carry an oily rag like that." {
		t.Errorf("SA2 is %q", got)
	}
	w := newWriter(11)
	article := regexp.MustCompile(`\b(?:[Aa] [aeio]|[Aa]n [^aeiou])`)
	length := 0
	for range 500 {
		s, err := w.next()
		if err != nil {
			t.Fatal(err)
		}
		if article.MatchString(s.text) {
			t.Errorf("wrong article in %q", s.text)
		}
		if strings.ContainsAny(s.text, "()|") || strings.Contains(s.text, "  ") || s.question != strings.HasSuffix(s.text, "?") {
			t.Errorf("template shows in %q", s.text)
		}
		length += len(s.words)
	}
	if mean := float64(length) / 500; mean < 7 || mean > 12 {
		t.Errorf("sentences have %.1f words, want about 9", mean)
	}
}

// TestAllLabelsOccur pronounces the demo's corpus without speaking it.
func TestAllLabelsOccur(t *testing.T) {
	count := map[string]int{}
	total := 0
	for _, u := range mustPlan(t, DefaultConfig()) {
		for _, tok := range pronounce(u.sentence, newStream(u.speaker.seed, "phones", u.speaker.name+"/"+u.name, 0)) {
			count[tok.label]++
			total++
		}
	}
	for _, label := range timit61 {
		if count[label] == 0 {
			t.Errorf("%q occurs nowhere in %d phones", label, total)
		}
	}
	if len(count) != len(timit61) {
		t.Errorf("%d labels occur, want %d", len(count), len(timit61))
	}
}

// TestClosures: a stop's release follows its own closure, everywhere.
func TestClosures(t *testing.T) {
	for _, u := range mustPlan(t, Config{Speakers: 8, Sentences: 10, Seed: 6}) {
		ts := pronounce(u.sentence, newStream(6, "phones", u.base(), 0))
		for i, tok := range ts {
			if hold, ok := closureOf[tok.label]; ok && ts[i-1].label != hold {
				t.Errorf("%s: %q follows %q, want %q", u.sentence.text, tok.label, ts[i-1].label, hold)
			}
		}
	}
}
