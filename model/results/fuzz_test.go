package results

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"framewise/internal/fuzzing"
)

// FuzzMetrics: epochs are the same after they were written; of a damaged file
// the error names the line.
func FuzzMetrics(f *testing.F) {
	f.Add([]byte(`{"epoch":1,"dev_loss":null,"dev_per":0.5}` + "\n" + `{"epoch":2,"train_loss":1e308}` + "\n"))
	f.Add([]byte(`{"epoch":1}` + "\n" + `{"epo`))
	f.Add([]byte(`{"epoch":1}` + "\n" + `{"epo` + "\n" + `{"epoch":3}` + "\n"))
	f.Add([]byte("null\n\n[]\n"))
	file := filepath.Join(f.TempDir(), "metrics.jsonl")
	read := func(t *testing.T, text []byte) ([]Epoch, error) {
		fuzzing.Overwrite(t, file, text)
		return ReadMetrics(file)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		epochs, err := read(t, text)
		if err != nil {
			if !strings.Contains(err.Error(), "metrics.jsonl\": line ") {
				t.Fatalf("the error names no place: %v", err)
			}
			return
		}
		var out []byte
		for _, e := range epochs {
			line, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			out = append(append(out, line...), '\n')
		}
		if again, err := read(t, out); err != nil || !reflect.DeepEqual(again, epochs) {
			t.Fatalf("%+v came back as %+v, %v", epochs, again, err)
		}
	})
}
