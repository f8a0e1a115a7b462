package extract

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"framewise/dataset"
	"framewise/transforms"
)

// tree makes a folder of files whose contents are fixtures, or with a leading
// "=" the text itself, and with "->" links.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if to, ok := strings.CutPrefix(content, "->"); ok {
			if err := os.Symlink(to, path); err != nil {
				t.Skipf("no symbolic links here: %v", err)
			}
			continue
		}
		b := []byte(strings.TrimPrefix(content, "="))
		if !strings.HasPrefix(content, "=") {
			var err error
			if b, err = os.ReadFile(fixture(content)); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func names(all []Input) []string {
	var n []string
	for _, in := range all {
		n = append(n, in.Name)
	}
	return n
}

func TestFind(t *testing.T) {
	dir := tree(t, map[string]string{
		"corpus/b/two.WAV": "s16.wav", "corpus/b/one.flac": "s16.flac", "corpus/a.sph": "s16-le.sph", "corpus/notes.txt": "=no",
		"corpus/b/._two.wav": "=junk", "corpus/.git/x.wav": "=junk",
		"elsewhere/deep/four.wav": "s16.wav", "elsewhere/up": "->..", "corpus/link": "->../elsewhere", "corpus/b/file.wav": "->../a.sph",
		"corpus/gone.wav": "->nowhere", "corpus/gone": "->nowhere",
		"empty/x.txt": "=", "single.anything": "s16.wav",
	})
	at := func(name string) string { return filepath.Join(dir, name) }
	all, err := Find([]string{at("single.anything"), at("corpus")})
	if err != nil {
		t.Fatal(err)
	}
	// link/up leads to the top, in which both corpus and elsewhere are being walked.
	want := []string{"single", "a", "b/file", "b/one", "b/two", "gone", "link/deep/four"}
	if got := names(all); !slices.Equal(got, want) {
		t.Errorf("found\n%q, want\n%q", got, want)
	}
	for _, in := range all {
		if (in.Err != nil) != (in.Name == "gone") {
			t.Errorf("%s: %v", in.Path, in.Err)
		}
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{at("none")}, "no such file"},
		{[]string{at("empty")}, "holds no recordings (.wav, .flac, .sph)"},
		{[]string{at("corpus/a.sph"), at("corpus/a.sph")}, `would both be written to "a"`},
		{[]string{at("corpus"), at("elsewhere/deep"), at("corpus/link/deep")}, `would both be written to "four"`},
	} {
		if _, err := Find(c.args); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.args, err, c.want)
		}
	}
}

// outputs is all files below a folder with their contents.
func outputs(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, p))
		all[p] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestRun extracts a folder with bad recordings by one worker and by several:
// the same files, each whole, and an error for each bad one.
func TestRun(t *testing.T) {
	cut, err := os.ReadFile(fixture("s16.flac"))
	if err != nil {
		t.Fatal(err)
	}
	dir := tree(t, map[string]string{
		"a/1.wav": "s16.wav", "a/2.flac": "s16.flac", "b/3.sph": "s16-be.sph", "b/4.wav": "f32.wav", "5.wav": "u8.wav",
		"bad/text.wav": "=hello, no recording", "bad/cut.flac": "=" + string(cut[:300]), "bad/gone.wav": "->nowhere",
	})
	inputs, err := Find([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	var first map[string]string
	for _, workers := range []int{1, 3, 100, 0} {
		out := t.TempDir()
		if err := os.WriteFile(filepath.Join(out, "5.npy"), []byte("of an earlier run"), 0o644); err != nil {
			t.Fatal(err)
		}
		failed := map[string]bool{}
		good := 0
		err := Run(t.Context(), inputs, dataset.NewLocal(out), ".npy", config(transforms.FramingKaldi, NPY), workers, func(d Done) {
			if d.Err == nil {
				good++
				return
			}
			failed[d.Name] = true
			if !strings.Contains(d.Err.Error(), d.Path) {
				t.Errorf("the error does not name %s: %v", d.Path, d.Err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if want := map[string]bool{"bad/text": true, "bad/cut": true, "bad/gone": true}; !maps.Equal(failed, want) || good != 5 {
			t.Errorf("%d good, failed: %v", good, failed)
		}
		got := outputs(t, out)
		if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, []string{"5.npy", "a/1.npy", "a/2.npy", "b/3.npy", "b/4.npy"}) {
			t.Errorf("files: %q", names)
		}
		if first == nil {
			first = got
		}
		if !maps.Equal(got, first) {
			t.Errorf("%d workers give other bytes than one", workers)
		}
		if x, _ := readNPY(t, []byte(got["5.npy"])); len(x) == 0 {
			t.Error("what was there was not replaced")
		}
	}
}

// TestRunBrokenOff cancels after the first recording: no unfinished file
// stays, and none is called bad.
func TestRunBrokenOff(t *testing.T) {
	files := map[string]string{}
	for n := range 2 * commits { // more than can wait to be committed at a time
		files[fmt.Sprintf("%d.wav", n)] = "s16.wav"
	}
	inputs, err := Find([]string{tree(t, files)})
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	calls := 0
	err = Run(ctx, inputs, dataset.NewLocal(out), ".npy", config(transforms.FramingPSF, NPY), 2, func(d Done) {
		if calls++; d.Err != nil {
			t.Error(d.Err)
		}
		cancel()
	})
	got := outputs(t, out)
	if err != context.Canceled || len(got) != calls || calls == len(inputs) {
		t.Errorf("%v; %d files, %d calls of %d", err, len(got), calls, len(inputs))
	}
}
