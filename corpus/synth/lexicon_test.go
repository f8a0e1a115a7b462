package synth

import (
	"slices"
	"strings"
	"testing"
)

// timit61 is the label set of shared convention (Garofolo et al. 1993).
var timit61 = strings.Fields(`aa ae ah ao aw ax ax-h axr ay b bcl ch d dcl dh dx eh el em en eng epi er ey f g gcl h# hh hv
ih ix iy jh k kcl l m n ng nx ow oy p pau pcl q r s sh t tcl th uh uw ux v w y z zh`)

func TestPhoneTableIsTIMITs(t *testing.T) {
	if len(phones) != 61 {
		t.Errorf("%d phones have recipes, want 61", len(phones))
	}
	for _, label := range timit61 {
		p, ok := phones[label]
		if !ok {
			t.Errorf("label %q has no recipe", label)
			continue
		}
		if p.dur <= 0 || p.min <= 0 || p.min > p.dur || p.dominance <= 0 || p.reach <= 0 || p.edge <= 0 {
			t.Errorf("label %q: recipe %+v lacks a duration, dominance, reach or edge", label, *p)
		}
		if p.formants[0] >= p.formants[1] || p.formants[1] >= p.formants[2] {
			t.Errorf("label %q: formants %v are not in order", label, p.formants)
		}
	}
}

// everyEntry calls fn for each word in each of its forms.
func everyEntry(fn func(entry)) {
	lx := words()
	for _, list := range [][]entry{lx.person, lx.thing, lx.place, lx.adjective} {
		for _, e := range list {
			fn(e)
		}
	}
	for _, list := range [][]entry{lx.person, lx.thing} {
		for _, e := range list {
			fn(plural(e))
		}
	}
	for _, v := range slices.Concat(lx.transitive, lx.intransitive) {
		fn(v.base)
		fn(v.past)
		fn(v.ing)
	}
	for _, e := range lx.function {
		fn(e)
	}
}

func TestLexicon(t *testing.T) {
	n := 0
	everyEntry(func(e entry) {
		n++
		if e.text == "" || len(e.variants) == 0 {
			t.Errorf("entry %+v is empty", e)
		}
		for _, v := range e.variants {
			if len(v) == 0 {
				t.Errorf("%q has an empty pronunciation", e.text)
			}
			if !slices.ContainsFunc(v, func(p string) bool { return isVowel(trimStress(p)) }) {
				t.Errorf("%q, %v: no vowel", e.text, v)
			}
			for _, p := range v {
				if phones[trimStress(p)] == nil {
					t.Errorf("%q: %q is not a label", e.text, p)
				}
				if strings.HasSuffix(p, "cl") {
					t.Errorf("%q: closure %q in a broad pronunciation", e.text, p)
				}
			}
		}
	})
	t.Logf("%d word forms", n)
}

func TestInflection(t *testing.T) {
	form := func(e entry) string { return e.text + " " + strings.Join(e.variants[0], " ") }
	for _, c := range []struct {
		got  entry
		want string
	}{
		{plural(parseEntry("bridge b r ih jh")), "bridges b r ih jh ix z"},
		{plural(parseEntry("cup k ah p")), "cups k ah p s"},
		{plural(parseEntry("dress d r eh s")), "dresses d r eh s ix z"},
		{plural(parseEntry("toy t oy")), "toys t oy z"},
		{plural(parseEntry("potato p ax t ey1 t ow")), "potatoes p ax t ey1 t ow z"},
		{plural(parseEntry("child ch ay l d")), "children ch ih l d r ix n"},
		{pastTense(parseEntry("carry k eh r iy")), "carried k eh r iy d"},
		{pastTense(parseEntry("enjoy ax n jh oy1")), "enjoyed ax n jh oy1 d"},
		{pastTense(parseEntry("wash w aa sh")), "washed w aa sh t"},
		{pastTense(parseEntry("count k aw n t")), "counted k aw n t ix d"},
		{participle(parseEntry("measure m eh zh axr")), "measuring m eh zh axr ix ng"},
		{participle(parseEntry("see s iy")), "seeing s iy ix ng"},
	} {
		if got := form(c.got); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// TestTemplatesHaveTheirWords looks up every word of the grammar.
func TestTemplatesHaveTheirWords(t *testing.T) {
	slots := strings.Fields("P PS N NS L A VT VTD VTG VI VID VIG")
	for _, template := range templates {
		plain := strings.NewReplacer("(", " ", ")", " ", "|", " ", ",", " ", ".", " ", "?", " ").Replace(template)
		for _, w := range strings.Fields(plain) {
			if _, ok := words().function[w]; !ok && !slices.Contains(slots, w) {
				t.Errorf("template %q: no pronunciation of %q", template, w)
			}
		}
		if strings.Count(template, "(") != strings.Count(template, ")") {
			t.Errorf("template %q: parentheses do not match", template)
		}
	}
	for _, s := range saSentences() {
		for _, w := range s.words {
			if w.text == "" {
				t.Errorf("%q: a word is missing from the lexicon", s.text)
			}
		}
	}
}
