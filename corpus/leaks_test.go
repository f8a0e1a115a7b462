package corpus

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"framewise/corpus/draw"
)

func TestLeaks(t *testing.T) {
	if got := FindLeaks(slices.Values([]Witness(nil))); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
	var ws []Witness
	for i, split := range []string{Dev, Test, TestRest, Dev} {
		ws = append(ws, Witness{ID: split, Line: i + 1, Split: split, Speaker: "s", Words: fmt.Sprint(split == Dev)})
	}
	want := []Leak{
		{Kind: LeakSpeaker, What: "s", First: ws[:3]},
		{Kind: LeakText, What: "false", First: ws[1:3]},
	}
	if got := FindLeaks(slices.Values(ws)); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	f := findings{}
	f.leaks(want, false)
	if got := f.list(); len(got) != 2 || got[0].Kind != LeakSpeaker || got[1].Kind != LeakText || got[1].Severity != SevereWarning ||
		got[0].Examples[0] != (Case{Line: 1, ID: "s", Detail: `"s" is in dev and test and test-rest`}) {
		t.Errorf("%+v", got)
	}
}

// Against the plain definition, any two of the witnesses, over random ones in
// any order; and empty fields are shared with nobody.
func TestFindLeaksIsThePlainDefinition(t *testing.T) {
	found := map[string]int{}
	for seed := range 500 {
		k := draw.New(1, "witnesses", "", seed)
		ws := make([]Witness, 1+k.IntN(0, 12))
		for i := range ws {
			n := func(at, below int) int { return k.IntN(1+10*i+at, below) }
			ws[i] = Witness{ID: fmt.Sprint("u", n(0, 8)), Line: n(1, 3), Split: Splits[n(2, len(Splits))],
				Speaker: []string{"", "anna", "Anna", "bob"}[n(3, 4)], Audio: ContentHash{31: byte(n(4, 6))}, Words: []string{"", "a", "b c"}[n(5, 3)]}
		}
		got := FindLeaks(slices.Values(ws))
		if want := sharedByAny(ws); !reflect.DeepEqual(leakNames(got), want) {
			t.Fatalf("%+v: %v, want %v", ws, leakNames(got), want)
		}
		back := slices.Clone(ws)
		slices.Reverse(back)
		for i, l := range FindLeaks(slices.Values(back)) {
			if l.Kind != got[i].Kind || l.What != got[i].What || len(l.First) != len(got[i].First) {
				t.Fatalf("%+v backwards: %+v, want %+v", ws, l, got[i])
			}
			for j, w := range l.First {
				if f := got[i].First[j]; w.ID != f.ID || w.Line != f.Line || w.Split != f.Split {
					t.Fatalf("%+v backwards: %+v, want %+v", ws, w, f)
				}
			}
		}
		for _, l := range got {
			found[l.Kind]++
		}
	}
	if found[LeakAudio] < 100 || found[LeakSpeaker] < 100 || found[LeakText] < 100 {
		t.Errorf("too few leaks to tell: %v", found)
	}
}

// leakNames lists kind, thing and the first utterance in each split.
func leakNames(leaks []Leak) []string {
	names := []string{}
	for _, l := range leaks {
		name := l.Kind + " " + l.What
		for _, w := range l.First {
			name += fmt.Sprintf(" %s:%d:%s", w.Split, w.Line, w.ID)
		}
		names = append(names, name)
	}
	return names
}

// sharedByAny is leakNames by comparing any two.
func sharedByAny(ws []Witness) []string {
	all := map[string]bool{}
	for _, kind := range []string{LeakAudio, LeakSpeaker, LeakText} {
		of := func(w Witness) string {
			switch {
			case kind == LeakAudio && w.Audio != ContentHash{}:
				return fmt.Sprintf("%x", w.Audio[:])
			case kind == LeakSpeaker:
				return w.Speaker
			case kind == LeakText:
				return w.Words
			}
			return ""
		}
		for _, a := range ws {
			crosses := func(b Witness) bool { return of(a) != "" && of(a) == of(b) && a.Split != b.Split }
			if !slices.ContainsFunc(ws, crosses) {
				continue
			}
			name := kind + " " + of(a)
			for _, split := range Splits {
				var in []string
				for _, b := range ws {
					if of(b) == of(a) && b.Split == split {
						in = append(in, fmt.Sprintf(" %s:%d:%s", split, b.Line, b.ID))
					}
				}
				if len(in) > 0 {
					name += slices.Min(in)
				}
			}
			all[name] = true
		}
	}
	names := []string{}
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
