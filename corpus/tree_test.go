package corpus

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// wavBytes is a mono 16-bit WAV of n samples; files of different n or mark
// differ in content.
func wavBytes(rate, n int, mark byte) string {
	le := binary.LittleEndian
	b := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt "), 16, 0, 0, 0, 1, 0, 1, 0)
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(2*rate))
	b = append(b, 2, 0, 16, 0)
	b = le.AppendUint32(append(b, "data"...), uint32(2*n))
	for i := range n {
		b = append(b, byte(i), mark)
	}
	le.PutUint32(b[4:], uint32(len(b)-8))
	return string(b)
}

// writeTree writes files, by slash-separated name, below a new folder.
func writeTree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// timitTree has a sound utterance SX1 for each "PART/DR/SPEAKER".
func timitTree(speakers ...string) map[string]string {
	files := map[string]string{}
	for i, s := range speakers {
		addTIMIT(files, s+"/SX1", byte(i))
	}
	return files
}

// addTIMIT adds a sound utterance of 1,600 samples.
func addTIMIT(files map[string]string, name string, mark byte) {
	files[name+".WAV"] = wavBytes(16000, 1600, mark)
	files[name+".PHN"] = "0 400 h#\n400 1000 aa\n1000 1600 b\n"
	files[name+".TXT"] = fmt.Sprintf("0 1600 Sentence %d of the tests.\n", mark)
}

// byID indexes utterances.
func byID(us []Utterance) map[string]*Utterance {
	m := map[string]*Utterance{}
	for i := range us {
		m[us[i].ID] = &us[i]
	}
	return m
}

// splitsOf lists "split: speakers" in the order of Splits.
func splitsOf(us []Utterance) string {
	var b strings.Builder
	for _, s := range Splits {
		seen := ""
		for i := range us {
			if us[i].Split == s && !strings.Contains(seen, us[i].Speaker) {
				seen += " " + us[i].Speaker
			}
		}
		if seen != "" {
			fmt.Fprintf(&b, "%s:%s; ", s, seen)
		}
	}
	return strings.TrimSuffix(b.String(), "; ")
}

// stereoBytes is wavBytes with two channels.
func stereoBytes(rate, n int, mark byte) string {
	b := []byte(wavBytes(rate, 2*n, mark))
	b[22], b[32] = 2, 4
	binary.LittleEndian.PutUint32(b[28:], uint32(4*rate))
	return string(b)
}

// formatSeconds is a time exactly.
func formatSeconds(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
