package export

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"framewise/dataset"
)

// kaldi writes a data directory with features and frame labels in archives.
// The archives are in the order of the shards, the lists sorted by key in the C
// locale, as Kaldi wants them.
type kaldi struct {
	x          *exporter
	dir        *folder
	split      string
	feats, ali *file // ali is nil for a dataset without labels
	lists      map[string][]string
	utterances map[string][]string // of each speaker
	buf        []byte
}

func newKaldi(x *exporter, dir *folder, split string) (splitWriter, error) {
	k := &kaldi{x: x, dir: dir, split: split, lists: map[string][]string{}, utterances: map[string][]string{}}
	// Lists that are empty are there nevertheless.
	for _, name := range []string{"feats.scp", "utt2spk", "spk2utt", "text", "utt2num_frames"} {
		k.lists[name] = nil
	}
	var err error
	if k.feats, err = dir.create("feats.ark"); err != nil {
		return nil, err
	}
	if x.labels == nil {
		return k, nil
	}
	k.lists["ali.scp"] = nil
	if k.ali, err = dir.create("ali.ark"); err != nil {
		return nil, err
	}
	// Number 0 is no phone in Kaldi, so labels begin with 1.
	symbols := "<eps> 0\n"
	for i, label := range x.labels.Labels {
		symbols += fmt.Sprintf("%s %d\n", kaldiWord(label), i+1)
	}
	return k, dir.writeFile("phones.txt", []byte(symbols))
}

func (k *kaldi) shard(int, int) error { return nil }

func (k *kaldi) write(ex *dataset.Example) error {
	key, speaker := kaldiKey(ex)
	at, err := k.archive(k.feats, key, appendMatrix(k.buf[:0], ex.Features, int(ex.NumFrames), k.x.f))
	if err != nil {
		return err
	}
	k.list("feats.scp", key, fmt.Sprintf("%s:%d", k.path("feats.ark"), at))
	k.list("utt2spk", key, speaker)
	k.list("text", key, strings.Join(strings.Fields(ex.Text), " "))
	k.list("utt2num_frames", key, fmt.Sprint(ex.NumFrames))
	k.utterances[speaker] = append(k.utterances[speaker], key)
	if ex.Labels == nil || k.ali == nil {
		return nil
	}
	if at, err = k.archive(k.ali, key, appendInts(k.buf[:0], ex.Labels)); err != nil {
		return err
	}
	k.list("ali.scp", key, fmt.Sprintf("%s:%d", k.path("ali.ark"), at))
	return nil
}

// path is where a file will lie, for a list.
func (k *kaldi) path(name string) string {
	return filepath.ToSlash(filepath.Join(k.x.out, k.split, name))
}

// archive writes an object, and returns where it begins after its key.
func (k *kaldi) archive(w *file, key string, object []byte) (int64, error) {
	k.buf = object
	if _, err := w.WriteString(key + " "); err != nil {
		return 0, err
	}
	at := w.offset()
	_, err := w.Write(object)
	return at, err
}

func (k *kaldi) list(name, key, value string) {
	k.lists[name] = append(k.lists[name], strings.TrimSuffix(key+" "+value, " "))
}

func (k *kaldi) close() error {
	if err := k.feats.close(); err != nil {
		return err
	}
	if k.ali != nil {
		if err := k.ali.close(); err != nil {
			return err
		}
	}
	for speaker, keys := range k.utterances {
		slices.Sort(keys)
		k.list("spk2utt", speaker, strings.Join(keys, " "))
	}
	for name, lines := range k.lists {
		slices.SortFunc(lines, func(a, b string) int { return strings.Compare(firstWord(a), firstWord(b)) })
		for i := 1; i < len(lines); i++ {
			if key := firstWord(lines[i]); key == firstWord(lines[i-1]) {
				return fmt.Errorf("two examples have the key %q in Kaldi's lists: their speakers and ids, joined by -, are the same", key)
			}
		}
		if err := k.dir.writeFile(name, []byte(strings.Join(append(lines, ""), "\n"))); err != nil {
			return err
		}
	}
	return nil
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}

// kaldiKey is an example's key and speaker. The key begins with the speaker, as
// Kaldi's checks want it, so that both sort alike; an example of several
// speakers is a speaker of its own.
func kaldiKey(ex *dataset.Example) (key, speaker string) {
	if ex.Speaker == dataset.ManySpeakers {
		key = kaldiWord(ex.ID)
		return key, key
	}
	speaker = kaldiWord(ex.Speaker)
	return speaker + "-" + kaldiWord(ex.ID), speaker
}

// kaldiWord makes a text one word.
func kaldiWord(s string) string { return escape(s, " ") }

// appendMatrix appends a FloatMatrix in Kaldi's binary form.
func appendMatrix(dst []byte, values []float32, rows, cols int) []byte {
	dst = append(dst, "\x00BFM "...)
	dst = appendInt32(appendInt32(dst, rows), cols)
	return appendFloats(dst, values)
}

// appendInts appends a std::vector<int32> in Kaldi's binary form: 0 for a frame
// without a label, else the label's number plus 1.
func appendInts(dst []byte, labels []int16) []byte {
	dst = appendInt32(append(dst, "\x00B"...), len(labels))
	for _, l := range labels {
		dst = appendInt32(dst, int(l)+1)
	}
	return dst
}

// appendInt32 appends a number as Kaldi's WriteBasicType does: its size, 4, and
// its bytes.
func appendInt32(dst []byte, v int) []byte {
	return binary.LittleEndian.AppendUint32(append(dst, 4), uint32(v))
}
