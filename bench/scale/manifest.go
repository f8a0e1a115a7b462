package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"

	"framewise/corpus"
	"framewise/corpus/draw"
	"framewise/corpus/files"
)

// What a made-up corpus is like. The lengths are TIMIT's: 3 s in the middle,
// from a second to eight, 12 phones a second; the speakers are as many as in
// corpora of read speech, which have some hundred utterances each.
const (
	perSpeaker = 100
	rate       = 16000
	phone      = 1300 // samples of a phone, about
)

// paper writes a manifest of n utterances without recordings: what planning
// reads is there, and nothing else.
func paper(path string, n int) error {
	set, err := corpus.LoadLabelSet(corpus.TIMIT61, ".")
	if err != nil {
		return err
	}
	return files.Write(path, func(f *files.Writer) error {
		w := bufio.NewWriterSize(f, 1<<20)
		const piece = 1000 // at a time
		for begin := 0; begin < n; begin += piece {
			us := make([]corpus.Utterance, min(piece, n-begin))
			for i := range us {
				us[i] = invent(begin+i, set)
			}
			if err := corpus.WriteManifest(w, us); err != nil {
				return err
			}
		}
		return w.Flush()
	})
}

var someWords = []string{"she", "had", "your", "dark", "suit", "in", "greasy", "wash", "water", "all", "year", "don't", "ask", "me", "to", "carry", "an", "oily", "rag", "like", "that"}

// invent makes up utterance i.
func invent(i int, set *corpus.LabelSet) corpus.Utterance {
	speaker := i / perSpeaker
	id := fmt.Sprintf("SPK%05d/U%07d", speaker, i)
	k := draw.New(1, "paper", id, 0)
	split := corpus.Train
	switch d := draw.New(1, "paper-split", fmt.Sprint(speaker), 0).IntN(0, 20); d {
	case 0:
		split = corpus.Dev
	case 1:
		split = corpus.Test
	}
	// The sum of four uniform numbers is close enough to normal.
	z := k.Float64(0) + k.Float64(1) + k.Float64(2) + k.Float64(3) - 2
	seconds := min(max(3*math.Exp(z*0.6), 0.9), 7.8)
	samples := int64(seconds * rate)
	sum := sha256.Sum256([]byte(id))
	text := ""
	for j := range int(2.7 * seconds) {
		text += someWords[k.IntN(10+j, len(someWords))] + " "
	}
	return corpus.Utterance{
		ID: id, URI: "audio/" + id + ".wav", SHA256: hex.EncodeToString(sum[:]), Rate: rate, Samples: samples, End: samples,
		Speaker: fmt.Sprintf("SPK%05d", speaker), Split: split, Text: text + "today", LabelSet: corpus.TIMIT61, Alignment: phones(k, samples, set),
	}
}

// phones makes up an alignment that covers the samples.
func phones(k draw.Key, samples int64, set *corpus.LabelSet) corpus.Alignment {
	var a corpus.Alignment
	for at, j := int64(0), 100; at < samples; j += 2 {
		s := corpus.Segment{Begin: at, End: min(at+phone/2+int64(k.IntN(j, phone)), samples), Label: set.Labels[k.IntN(j+1, len(set.Labels))]}
		if at == 0 || s.End == samples {
			s.Label = set.Silence
		}
		a = append(a, s)
		at = s.End
	}
	return a
}
