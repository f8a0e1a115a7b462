package synth

import (
	"slices"
	"strings"
)

// The regular inflections of the lexicon's words, in letters and in phones.

var (
	voicelessEnd = []string{"p", "t", "k", "f", "th", "s", "sh", "ch"}
	sibilantEnd  = []string{"s", "z", "sh", "zh", "ch", "jh"}
)

func (e entry) last() string { return e.variants[0][len(e.variants[0])-1] }

// with is the word spelled text whose phones are e's and then suffix.
func (e entry) with(text string, suffix ...string) entry {
	out := entry{text: text}
	for _, v := range e.variants {
		out.variants = append(out.variants, slices.Concat(v, suffix))
	}
	return out
}

// endsInConsonantY tells "carry" from "enjoy".
func endsInConsonantY(text string) bool {
	n := len(text)
	return n > 1 && text[n-1] == 'y' && !strings.ContainsRune("aeiou", rune(text[n-2]))
}

// plural is the regular plural of a noun.
func plural(e entry) entry {
	text := e.text + "s"
	switch {
	case endsInConsonantY(e.text):
		text = e.text[:len(e.text)-1] + "ies"
	case strings.HasSuffix(e.text, "ato"), strings.HasSuffix(e.text, "s"), strings.HasSuffix(e.text, "x"),
		strings.HasSuffix(e.text, "ch"), strings.HasSuffix(e.text, "sh"):
		text = e.text + "es"
	}
	switch {
	case e.text == "woman":
		return entry{text: "women", variants: [][]string{{"w", "ih", "m", "ix", "n"}}}
	case e.text == "child":
		return entry{text: "children", variants: [][]string{{"ch", "ih", "l", "d", "r", "ix", "n"}}}
	case slices.Contains(sibilantEnd, e.last()):
		return e.with(text, "ix", "z")
	case slices.Contains(voicelessEnd, e.last()):
		return e.with(text, "s")
	}
	return e.with(text, "z")
}

// pastTense is the regular past of a verb.
func pastTense(e entry) entry {
	text := e.text + "ed"
	switch {
	case endsInConsonantY(e.text):
		text = e.text[:len(e.text)-1] + "ied"
	case strings.HasSuffix(e.text, "e"):
		text = e.text + "d"
	}
	switch last := e.last(); {
	case last == "t" || last == "d":
		return e.with(text, "ix", "d")
	case slices.Contains(voicelessEnd, last):
		return e.with(text, "t")
	}
	return e.with(text, "d")
}

// participle is the -ing form of a verb.
func participle(e entry) entry {
	text := e.text
	if strings.HasSuffix(text, "e") && !strings.HasSuffix(text, "ee") {
		text = strings.TrimSuffix(text, "e")
	}
	return e.with(text+"ing", "ix", "ng")
}
