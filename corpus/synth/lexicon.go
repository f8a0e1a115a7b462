package synth

import (
	"strings"
	"sync"
)

// entry is a word with its pronunciations, the full one first.
type entry struct {
	text     string
	variants [][]string
}

// verb has its forms spelled and pronounced.
type verb struct{ base, past, ing entry }

// lexicon is the parsed word lists.
type lexicon struct {
	person, thing, place, adjective []entry
	transitive, intransitive        []verb
	function                        map[string]entry
}

var words = sync.OnceValue(func() *lexicon {
	lx := &lexicon{
		person: parseWords(persons), thing: parseWords(things), place: parseWords(places),
		adjective: parseWords(adjectives), transitive: parseVerbs(transitive), intransitive: parseVerbs(intransitive),
		function: make(map[string]entry),
	}
	for _, e := range parseWords(functionWords) {
		lx.function[e.text] = e
	}
	return lx
})

func parseWords(list string) []entry {
	var es []entry
	for line := range strings.Lines(strings.TrimSpace(list)) {
		es = append(es, parseEntry(line))
	}
	return es
}

func parseEntry(line string) entry {
	text, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	e := entry{text: text}
	for variant := range strings.SplitSeq(rest, "|") {
		e.variants = append(e.variants, strings.Fields(variant))
	}
	return e
}

func parseVerbs(list string) []verb {
	var vs []verb
	for line := range strings.Lines(strings.TrimSpace(list)) {
		first, second, irregular := strings.Cut(line, "/")
		v := verb{base: parseEntry(first)}
		if v.past = pastTense(v.base); irregular {
			v.past = parseEntry(second)
		}
		v.ing = participle(v.base)
		vs = append(vs, v)
	}
	return vs
}
