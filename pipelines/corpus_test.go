package pipelines

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"framewise/corpus"
	"framewise/corpus/draw"
)

// tiny describes a corpus of noises with made-up alignments: speakers of
// train, dev and test, and a recording for each utterance.
type tiny struct {
	speakers  [3]int // of train, dev, test
	sentences int    // of each speaker
	rate      int    // Hz
	samples   int    // of the shortest utterance
}

var small = tiny{speakers: [3]int{4, 1, 1}, sentences: 5, rate: 16000, samples: 3000}

// write writes the recordings and the manifest, and returns its path and lines.
func (c tiny) write(t *testing.T, dir string) (string, []corpus.Utterance) {
	t.Helper()
	set, err := corpus.LoadLabelSet(corpus.TIMIT61, dir)
	if err != nil {
		t.Fatal(err)
	}
	var us []corpus.Utterance
	for i, split := range []string{corpus.Train, corpus.Dev, corpus.Test} {
		for sp := range c.speakers[i] {
			for n := range c.sentences {
				us = append(us, c.utterance(t, dir, split, fmt.Sprintf("F%s%d", split, sp), n, set))
			}
		}
	}
	manifest := filepath.Join(dir, "corpus.jsonl")
	writeManifest(t, manifest, us)
	return manifest, us
}

func (c tiny) utterance(t *testing.T, dir, split, speaker string, n int, set *corpus.LabelSet) corpus.Utterance {
	t.Helper()
	id := fmt.Sprintf("%s/%s/S%d", split, speaker, n)
	k := draw.New(7, "test", id, 0)
	samples := make([]int16, c.samples+k.IntN(0, 3000))
	for i := range samples {
		samples[i] = int16(k.Between(i+10, -3000, 3000))
	}
	path := filepath.Join(dir, filepath.FromSlash(id)+".wav")
	sum := writeWAV(t, path, samples, c.rate)
	third := int64(len(samples) / 3)
	label := func(i int) string { return set.Labels[k.IntN(i, len(set.Labels))] }
	return corpus.Utterance{ID: id, URI: id + ".wav", SHA256: sum, Rate: c.rate, Samples: int64(len(samples)), End: int64(len(samples)),
		Speaker: speaker, Split: split, Text: "Text " + id + ".", LabelSet: corpus.TIMIT61,
		Alignment: corpus.Alignment{{Begin: 0, End: third, Label: "h#"}, {Begin: third, End: 2 * third, Label: label(1)}, {Begin: 2 * third, End: 3*third - 50, Label: "h#"}}}
}

func writeManifest(t *testing.T, path string, us []corpus.Utterance) {
	t.Helper()
	var b bytes.Buffer
	if err := corpus.WriteManifest(&b, us); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, b.Bytes())
}

func writeFile(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// writeWAV writes a mono recording of 16 bits and returns its SHA-256.
func writeWAV(t *testing.T, path string, samples []int16, rate int) string {
	t.Helper()
	le := binary.LittleEndian
	b := []byte("RIFF")
	b = le.AppendUint32(b, uint32(36+2*len(samples)))
	b = append(b, "WAVEfmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint16(b, 1)
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(2*rate))
	b = le.AppendUint16(b, 2)
	b = le.AppendUint16(b, 16)
	b = append(b, "data"...)
	b = le.AppendUint32(b, uint32(2*len(samples)))
	for _, s := range samples {
		b = le.AppendUint16(b, uint16(s))
	}
	writeFile(t, path, b)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// shuffleLines puts the lines of a manifest into another order.
func shuffleLines(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	slices.SortFunc(lines, func(a, b []byte) int {
		ha, hb := sha256.Sum256(a), sha256.Sum256(b)
		return bytes.Compare(ha[:], hb[:])
	})
	writeFile(t, path, append(bytes.Join(lines, []byte("\n")), '\n'))
}
