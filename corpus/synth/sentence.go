package synth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// word is a word in its sentence.
type word struct {
	text     string     // as written
	variants [][]string // broad pronunciations, the full one first
	content  bool       // stressed in the sentence
	pause    bool       // a comma follows
}

// sentence is what a speaker reads.
type sentence struct {
	text     string
	words    []word
	question bool
}

// templates are the sentences of the grammar. A word in capitals is a slot:
//
//	P PS  person, persons       A    adjective, or in one of two nothing
//	N NS  thing, things         VT   transitive verb, VTD its past, VTG its -ing form
//	L     place                 VI   intransitive verb, VID its past, VIG its -ing form
//
// A choice in parentheses is made evenly. "a" becomes "an" where it must.
var templates = []string{
	"(the|a|their|our|every) A P VTD (the|a|his|that) A N.",
	"(she|he|they|we|I) VTD (two|three|four|five|seven|some|eleven) A NS (near|behind|in) the L.",
	"(yesterday|today|suddenly|perhaps), the P VTD (the|my|your|her) A N again.",
	"did (the|your|her) P VT (the|a|that) A N (by|near|in) the L?",
	"why (did|should|could) the A P VT (this|that|my|the) N?",
	"(the|those|these|both) A NS (near|behind|under) the L were A and A.",
	"(in|near|behind|beyond|across) the A L, the P VID with a A N.",
	"the P and (the|her|his|my) A P VID (through|around|across) the L.",
	"(she|he|we|they) (never|always|often|rarely) VTD (the|a|our) A N, but (he|she|I|you) VTD the N.",
	"please VT (the|my|those) A NS before the P VID.",
	"how many A NS (could|did|should) (the|a) P VT?",
	"the A PS were VTG (thirty|three|few|some|seven) NS (in|on|at) the L.",
	"(he|she|it) was A, because the P never VTD (the|her|our) N.",
	"while (she|he|the P) was VIG, (they|we|you) VTD a A N for the P.",
	"when (can|will|did) we VT the NS of the A P?",
	"who VTD (their|his|your) A N to the L?",
	"maybe (you|they|we) should VT the N or VI in the L.",
	"the N of the A P was usually A.",
	"if you VT the A N, I will VT (two|five|both) NS.",
	"(where|when) did (the|your) A P VI after the N VID?",
}

// saSentences are the two sentences that everybody reads: TIMIT's own.
var saSentences = sync.OnceValue(func() []sentence {
	lx := words()
	content := "dark suit greasy wash water year don't ask carry oily rag"
	var out []sentence
	for _, text := range []string{"she had your dark suit in greasy wash water all year.", "don't ask me to carry an oily rag like that."} {
		b := &builder{lx: lx}
		for _, w := range strings.Fields(strings.TrimSuffix(text, ".")) {
			b.add(lx.function[w], slices.Contains(strings.Fields(content), w))
		}
		out = append(out, b.sentence('.'))
	}
	return out
})

// writer makes texts, none of them twice.
type writer struct {
	seed uint64
	n    int
	used map[string]bool
}

func newWriter(seed uint64) *writer {
	w := &writer{seed: seed, used: make(map[string]bool)}
	for _, s := range saSentences() {
		w.used[s.text] = true
	}
	return w
}

var errExhausted = errors.New("synth: the grammar has no new sentences left: ask for fewer speakers or sentences")

// next is a new sentence.
func (w *writer) next() (sentence, error) {
	for range 100 {
		s := compose(newStream(w.seed, "text", fmt.Sprint(w.n), 0))
		w.n++
		if !w.used[s.text] {
			w.used[s.text] = true
			return s, nil
		}
	}
	return sentence{}, errExhausted
}

// pool is n new sentences.
func (w *writer) pool(n int) ([]sentence, error) {
	var pool []sentence
	for range n {
		s, err := w.next()
		if err != nil {
			return nil, err
		}
		pool = append(pool, s)
	}
	return pool, nil
}

// compose fills a template that s draws.
func compose(s *stream) sentence {
	b := &builder{lx: words()}
	template := expand(templates[s.intN(len(templates))], s)
	mark := template[len(template)-1]
	for token := range strings.FieldsSeq(template[:len(template)-1]) {
		slot, comma := strings.CutSuffix(token, ",")
		b.fill(slot, s)
		if comma {
			b.words[len(b.words)-1].pause = true
		}
	}
	return b.sentence(mark)
}

// expand makes the choices "(a|b|c)" of a template.
func expand(template string, s *stream) string {
	for {
		open := strings.IndexByte(template, '(')
		if open < 0 {
			return template
		}
		end := open + strings.IndexByte(template[open:], ')')
		options := strings.Split(template[open+1:end], "|")
		template = template[:open] + options[s.intN(len(options))] + template[end+1:]
	}
}

// builder collects the words of a sentence.
type builder struct {
	lx    *lexicon
	words []word
}

func (b *builder) add(e entry, content bool) {
	b.words = append(b.words, word{text: e.text, variants: e.variants, content: content})
}

// fill adds the word that takes a slot of a template.
func (b *builder) fill(slot string, s *stream) {
	pick := func(es []entry) entry { return es[s.intN(len(es))] }
	pickVerb := func(vs []verb) verb { return vs[s.intN(len(vs))] }
	switch slot {
	case "P":
		b.add(pick(b.lx.person), true)
	case "PS":
		b.add(plural(pick(b.lx.person)), true)
	case "N":
		b.add(pick(b.lx.thing), true)
	case "NS":
		b.add(plural(pick(b.lx.thing)), true)
	case "L":
		b.add(pick(b.lx.place), true)
	case "A":
		predicate := len(b.words) > 0 && slices.Contains([]string{"were", "was", "usually"}, b.words[len(b.words)-1].text)
		if predicate || len(b.words) > 1 && b.words[len(b.words)-1].text == "and" || s.chance(0.5) {
			b.add(pick(b.lx.adjective), true)
		}
	case "VT":
		b.add(pickVerb(b.lx.transitive).base, true)
	case "VTD":
		b.add(pickVerb(b.lx.transitive).past, true)
	case "VTG":
		b.add(pickVerb(b.lx.transitive).ing, true)
	case "VI":
		b.add(pickVerb(b.lx.intransitive).base, true)
	case "VID":
		b.add(pickVerb(b.lx.intransitive).past, true)
	case "VIG":
		b.add(pickVerb(b.lx.intransitive).ing, true)
	default:
		b.add(b.lx.function[slot], false)
	}
}

// sentence ends the sentence with a mark, '.' or '?', and spells it out.
func (b *builder) sentence(mark byte) sentence {
	for i := range b.words[:len(b.words)-1] {
		if b.words[i].text == "a" && isVowel(trimStress(b.words[i+1].variants[0][0])) {
			an := b.lx.function["an"]
			b.words[i].text, b.words[i].variants = an.text, an.variants
		}
	}
	var text strings.Builder
	for i, w := range b.words {
		t := w.text
		if i == 0 {
			t = strings.ToUpper(t[:1]) + t[1:]
		} else {
			text.WriteByte(' ')
		}
		text.WriteString(t)
		if w.pause {
			text.WriteByte(',')
		}
	}
	text.WriteByte(mark)
	return sentence{text: text.String(), words: b.words, question: mark == '?'}
}
