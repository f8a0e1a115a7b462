package stages

import (
	"context"
	"encoding/json"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"framewise/internal/fuzzing"
)

// FuzzState: whatever a state file says, a stage is made or kept, what is then
// remembered keeps it the next time, and the state is the same after it was
// written. What is refused is refused by the name of the file.
func FuzzState(f *testing.F) {
	f.Add([]byte(`{"import":{"inputs":"1","outputs":"2"},"train > run":{"inputs":"x","outputs":""}}`))
	f.Add([]byte(`{"import":null}`))
	f.Add([]byte("null"))
	f.Add([]byte(`{"import":{"inputs":1}}`))
	f.Add([]byte(`{"import":{"inputs":"1","outp`))
	file := filepath.Join(f.TempDir(), "pipeline.state.json")
	read := func(t *testing.T, text []byte) (state, error) {
		fuzzing.Overwrite(t, file, text)
		return readState(file)
	}
	constant := func(s string) func() (string, error) { return func() (string, error) { return s, nil } }
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := read(t, text)
		if err != nil {
			if !strings.Contains(err.Error(), file) {
				t.Fatalf("the error does not name the file: %v", err)
			}
			return
		}
		out, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := read(t, out); err != nil || !maps.Equal(again, s) {
			t.Fatalf("%v came back as %v, %v", s, again, err)
		}
		made := false
		stage := Stage{Name: "import", Inputs: constant("1"), Outputs: constant("2"), Make: func(context.Context, string) error { made = true; return nil }}
		inputs, reason, err := stage.judge(s, false)
		if err != nil || (reason == "") != (s["import"] == record{"1", "2"}) {
			t.Fatalf("%v: %q, %v", s["import"], reason, err)
		}
		if reason == "" {
			return
		}
		if err := stage.make(t.Context(), inputs, reason, s); err != nil || !made {
			t.Fatalf("made: %v, %v", made, err)
		}
		if _, reason, err := stage.judge(s, false); err != nil || reason != "" {
			t.Fatalf("after it was made: %q, %v", reason, err)
		}
	})
}
