package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
)

// stranger is a reader that follows docs/dataset.md and shares no code with us.
var stranger = filepath.Join("..", "docs", "examples", "read_dataset.py")

// TestStrangerReadsTheSame has every example of datasets in every layout
// presented by both readers: the same bits, after every kind of CMVN and deltas.
func TestStrangerReadsTheSame(t *testing.T) {
	py := python(t)
	for _, c := range allConfigs() {
		t.Run(c.Layout+"/"+c.Compression, func(t *testing.T) {
			dir := t.TempDir()
			buildDataset(t, dir, c)
			if out, err := exec.Command(py, stranger, dir).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			cmd := exec.Command(py, stranger, dir, "--digests")
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]map[string]map[string]any
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatal(err)
			}
			d, n := openDataset(t, dir), 0
			for _, name := range d.SplitNames() {
				s := openSplit(t, d, name)
				for id, want := range presentations(t, d, s) {
					n++
					if !reflect.DeepEqual(got[name][id], want) {
						t.Errorf("%s: %q is\n%v, want\n%v", name, id, got[name][id], want)
					}
				}
				if len(got[name]) != s.Len() {
					t.Errorf("%s: %d examples, want %d", name, len(got[name]), s.Len())
				}
			}
			if n < 200 {
				t.Errorf("%d examples compared", n)
			}
		})
	}
}

// presentations is what the reader prints with --digests, by our own reader.
func presentations(t *testing.T, d *Dataset, s *Split) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	var buf []float32
	for i := range s.Len() {
		ex, err := s.Example(i)
		if err != nil {
			t.Fatal(err)
		}
		of := map[string]any{"labels": numbers(ex.Labels), "phones": numbers(ex.Phones)}
		for _, cmvn := range []string{CMVNNone, CMVNUtterance, CMVNSpeaker, CMVNGlobal} {
			for deltas := range 3 {
				for layout, channels := range map[string]bool{"rows": false, "channels": true} {
					v, err := d.View(ViewConfig{CMVN: cmvn, Deltas: deltas, Channels: channels})
					if err != nil {
						t.Fatal(err)
					}
					buf = v.Apply(buf, ex)
					of[fmt.Sprintf("%s %d %s", cmvn, deltas, layout)] = bitsSum(buf)
				}
			}
		}
		all[ex.ID] = of
	}
	return all
}

func numbers(x []int16) any {
	if x == nil {
		return nil
	}
	out := []any{}
	for _, v := range x {
		out = append(out, float64(v))
	}
	return out
}

func bitsSum(x []float32) string {
	b := make([]byte, 0, 4*len(x))
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// TestStrangerReadsTheSameFaults: what the reader checks, it finds.
func TestStrangerReadsTheSameFaults(t *testing.T) {
	py := python(t)
	for name, damage := range map[string]func(t *testing.T, dir string){
		"a bit of a shard": func(t *testing.T, dir string) {
			flip(t, filepath.Join(dir, filepath.FromSlash(ShardName("dev", 0, 1))), 3000)
		},
		"a bit of dataset.json": func(t *testing.T, dir string) { flip(t, filepath.Join(dir, ManifestName), 300) },
		"a missing shard": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, filepath.FromSlash(ShardName("dev", 0, 1)))); err != nil {
				t.Fatal(err)
			}
		},
		"two shards in each other's place": func(t *testing.T, dir string) {
			a, b := filepath.Join(dir, filepath.FromSlash(ShardName("test", 0, 2))), filepath.Join(dir, filepath.FromSlash(ShardName("test", 1, 2)))
			for _, r := range [][2]string{{a, a + "x"}, {b, a}, {a + "x", b}} {
				if err := os.Rename(r[0], r[1]); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			buildDataset(t, dir, DefaultShardConfig())
			damage(t, dir)
			if _, err := Verify(t.Context(), dir, nil); err == nil {
				t.Error("verify finds nothing")
			}
			if out, err := exec.Command(py, stranger, dir).CombinedOutput(); err == nil {
				t.Errorf("the reader finds nothing:\n%s", out)
			}
		})
	}
}

func flip(t *testing.T, path string, at int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[at] ^= 1
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
