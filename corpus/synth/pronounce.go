package synth

import (
	"slices"
	"strings"
)

// token is a phone of an utterance before it has a time.
type token struct {
	label  string
	word   int  // index into the sentence's words, -1 between them
	stress bool // the stressed vowel of its word
	strong bool // of a content word
}

var (
	closureOf = map[string]string{
		"p": "pcl", "t": "tcl", "k": "kcl", "b": "bcl", "d": "dcl", "g": "gcl", "ch": "tcl", "jh": "dcl",
	}
	reduced   = []string{"ax", "ix", "axr", "ax-h", "el", "em", "en", "eng"}
	syllabic  = []string{"el", "em", "en", "eng"}
	voiceless = []string{"p", "t", "k", "f", "th", "s", "sh", "ch", "hh"}
)

func trimStress(p string) string    { return strings.TrimSuffix(p, "1") }
func isReduced(label string) bool   { return slices.Contains(reduced, label) }
func isFullVowel(label string) bool { return isVowel(label) && !isReduced(label) }
func isVoiceless(label string) bool { return slices.Contains(voiceless, label) }

// isVowel includes the syllabic consonants; no label at all is no vowel.
func isVowel(label string) bool {
	p := phones[label]
	return p != nil && p.vowel
}

// endsPhrase says whether nothing but silence follows phone i.
func endsPhrase(ts []token, i int) bool {
	return i+1 == len(ts) || ts[i+1].label == "pau" || ts[i+1].label == "h#"
}

// pronounce is the narrow transcription of a sentence: broad phones first, then
// the allophonic rules that need to see across words, then closures. h# is at
// both ends.
func pronounce(s sentence, draws *stream) []token {
	ts := allophones(broad(s, draws), draws)
	out := []token{{label: "h#", word: -1}}
	for i, t := range ts {
		closure, stop := closureOf[t.label]
		if !stop {
			out = append(out, t)
			continue
		}
		hold := t
		hold.label = closure
		out = append(out, hold)
		if released(ts, i, draws) {
			out = append(out, t)
		}
	}
	return append(out, token{label: "h#", word: -1})
}

// broad strings the words' pronunciations together, with pauses.
func broad(s sentence, draws *stream) []token {
	var ts []token
	for i, w := range s.words {
		variant := 0
		if n := len(w.variants); n > 1 && draws.chance(0.7) {
			variant = 1 + draws.intN(n-1)
		}
		stress := stressed(w.variants[variant])
		for j, p := range w.variants[variant] {
			ts = append(ts, token{label: trimStress(p), word: i, stress: j == stress && w.content, strong: w.content})
		}
		if i+1 < len(s.words) && draws.chance(pauseChance(w)) {
			ts = append(ts, token{label: "pau", word: -1})
		}
	}
	return ts
}

func pauseChance(w word) float64 {
	if w.pause {
		return 0.8
	}
	return 0.02
}

// stressed is the index of a word's stressed vowel, -1 if it has none.
func stressed(broad []string) int {
	if i := slices.IndexFunc(broad, func(p string) bool { return strings.HasSuffix(p, "1") }); i >= 0 {
		return i
	}
	return slices.IndexFunc(broad, isFullVowel)
}

// released says whether the stop at i has a release: not before another stop
// or affricate, mostly, and not always at the end of a phrase.
func released(ts []token, i int, draws *stream) bool {
	label := ts[i].label
	switch {
	case label == "ch" || label == "jh":
		return true
	case endsPhrase(ts, i):
		return draws.chance(0.5)
	case closureOf[ts[i+1].label] != "":
		return draws.chance(0.2)
	}
	return true
}

// allophones applies the rules whose contexts are in Garofolo et al. (1993,
// section 5) and in any phonetics of American English. It sees phones without
// closures.
func allophones(ts []token, draws *stream) []token {
	var out []token
	for i, t := range ts {
		prev, next := "", ""
		if i > 0 {
			prev = ts[i-1].label
		}
		if i+1 < len(ts) {
			next = ts[i+1].label
		}
		first := i == 0 || ts[i-1].word != t.word
		if first && isVowel(t.label) && draws.chance(glottalChance(prev, t)) {
			out = append(out, token{label: "q", word: t.word})
		}
		if mayFlap(prev, next, ts, i) {
			t.label = flap(t.label, draws)
		}
		t.label = vary(t.label, prev, next, draws)
		out = append(out, t)
		if (t.label == "s" || t.label == "f") && slices.Contains([]string{"l", "m", "n", "w"}, next) && draws.chance(0.35) {
			out = append(out, token{label: "epi", word: t.word})
		}
	}
	return out
}

// glottalChance is how often a glottal stop comes before a word's first vowel.
func glottalChance(prev string, t token) float64 {
	switch {
	case prev == "" || prev == "pau":
		return 0.6
	case isVowel(prev) && t.stress:
		return 0.4
	}
	return 0.05
}

// mayFlap says whether phone i stands where /t d n/ flap: after a vowel and
// before an unstressed one. After a syllabic consonant and before a syllabic
// nasal they do not.
func mayFlap(prev, next string, ts []token, i int) bool {
	return isVowel(prev) && !isSyllabic(prev) && isVowel(next) && next != "en" && !ts[i+1].stress
}

func isSyllabic(label string) bool { return slices.Contains(syllabic, label) }

func flap(label string, draws *stream) string {
	switch label {
	case "t", "d":
		if draws.chance(0.75) {
			return "dx"
		}
	case "n":
		if draws.chance(0.4) {
			return "nx"
		}
	}
	return label
}

// vary draws the allophone of a phone from its neighbors.
func vary(label, prev, next string, draws *stream) string {
	switch label {
	case "hh":
		if voicedAround(prev) && draws.chance(0.7) {
			return "hv"
		}
	case "uw":
		if slices.Contains([]string{"t", "d", "n", "s", "z", "sh", "ch", "jh", "y", "th"}, prev) && draws.chance(0.6) {
			return "ux"
		}
	case "ax", "ix":
		if isVoiceless(prev) && isVoiceless(next) && draws.chance(0.5) {
			return "ax-h"
		}
	case "t":
		if next == "en" && draws.chance(0.5) {
			return "q"
		}
	case "en":
		if (prev == "k" || prev == "g") && draws.chance(0.5) {
			return "eng"
		}
	}
	return label
}

func voicedAround(prev string) bool {
	return prev != "" && prev != "pau" && !isVoiceless(prev) && closureOf[prev] == ""
}
