package train

import (
	"encoding/json"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"framewise/internal/fuzzing"
	"framewise/model/results"
)

// FuzzBigram: the bigram of a run folder is one whose rows are probabilities of
// what may follow, or is refused with its name; it takes no memory that the file
// does not have; and it is the same after it was written.
func FuzzBigram(f *testing.F) {
	f.Add([]byte(`{"labels":["a","b"],"sequences":2,"counts":[[0,1,2],[3,0,1],[9,0,0]]}`))
	f.Add([]byte(`{"labels":["a","b"],"counts":[[0,0,0],[0,0,0],[0,0,0]]}`))
	f.Add([]byte(`{"labels":["a","b"],"counts":[[549755813887,549755813887,549755813887],[549755813888,0,0],[0,0,1]]}`))
	f.Add([]byte(`{"labels":["a","b"],"counts":[[1],[1,2],null]}`))
	f.Add([]byte(`{"labels":["b","a"],"counts":[[0,1,2],[3,0,-1],[9,0,0]]}`))
	f.Add([]byte(`{"labels":["a","b"],"counts":[[0,0],[0,0]]}`))
	dir := f.TempDir()
	file := filepath.Join(dir, results.BigramFile)
	run := &trained{dir: dir, run: &results.Run{Labels: []string{"a", "b"}}}
	f.Fuzz(func(t *testing.T, text []byte) {
		fuzzing.Overwrite(t, file, text)
		gram, err := run.bigram()
		if err != nil {
			if !strings.Contains(err.Error(), results.BigramFile) {
				t.Fatalf("the error does not name the file: %v", err)
			}
			return
		}
		for before := -1; before < gram.Labels(); before++ {
			sum := 0.0
			for label := range gram.Labels() + 1 {
				sum += math.Exp(gram.LogProb(before, label))
			}
			if !(math.Abs(sum-1) < 1e-9) {
				t.Fatalf("the probabilities after %d sum to %v", before, sum)
			}
		}
		var b results.Bigram
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatal(err)
		}
		if text, err = json.Marshal(b); err != nil {
			t.Fatal(err)
		}
		fuzzing.Overwrite(t, file, text)
		if again, err := run.bigram(); err != nil || !reflect.DeepEqual(again, gram) {
			t.Fatalf("%+v came back as %+v, %v", gram, again, err)
		}
	})
}
