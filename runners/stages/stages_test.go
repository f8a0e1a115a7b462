package stages

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// copier is a stage that writes its input's content, doubled, to its output.
func copier(name, from, to string, ran *[]string) Stage {
	return Stage{
		Name:    name,
		Inputs:  func() (string, error) { return DigestFiles(from) },
		Outputs: func() (string, error) { return DigestFiles(to) },
		Make: func(context.Context, string) error {
			*ran = append(*ran, name)
			b, err := os.ReadFile(from)
			if err != nil {
				return err
			}
			return os.WriteFile(to, append(b, b...), 0o644)
		},
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestRunMakesWhatDependsOnAChange changes one thing at a time.
func TestRunMakesWhatDependsOnAChange(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	var ran []string
	line := []Stage{copier("one", at("a"), at("b"), &ran), copier("two", at("b"), at("c"), &ran), copier("three", at("c"), at("d"), &ran)}
	write(t, at("a"), "x")
	steps := []struct {
		what   string
		change func()
		force  string
		want   string
	}{
		{"the first time", func() {}, "", "one two three"},
		{"again", func() {}, "", ""},
		{"another input", func() { write(t, at("a"), "y") }, "", "one two three"},
		{"an output is gone", func() { _ = os.Remove(at("c")) }, "", "two"}, // to the bytes that were there
		{"an output was changed", func() { write(t, at("c"), "z") }, "", "two"},
		{"the last output is gone", func() { _ = os.Remove(at("d")) }, "", "three"},
		{"asked for", func() {}, "two", "two"},
		{"the state is gone", func() { _ = os.Remove(at("state.json")) }, "", "one two three"},
	}
	for _, s := range steps {
		ran = nil
		s.change()
		outcomes, err := Run(t.Context(), at("state.json"), line, map[string]bool{s.force: true}, nil)
		if err != nil {
			t.Fatalf("%s: %v", s.what, err)
		}
		if got := strings.Join(ran, " "); got != s.want {
			t.Errorf("%s: made %q, want %q", s.what, got, s.want)
		}
		for _, o := range outcomes {
			if o.Made != slices.Contains(ran, o.Stage) || o.Made != (o.Reason != "") {
				t.Errorf("%s: outcome %+v, made were %v", s.what, o, ran)
			}
		}
	}
}

// TestRunGoesOnWhereItFailed: what stood before a failure is not made again.
func TestRunGoesOnWhereItFailed(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	var ran []string
	broken := errors.New("broken")
	second := copier("two", at("b"), at("c"), &ran)
	works := second.Make
	second.Make = func(context.Context, string) error { return broken }
	write(t, at("a"), "x")
	line := []Stage{copier("one", at("a"), at("b"), &ran), second}
	if _, err := Run(t.Context(), at("s"), line, nil, nil); !errors.Is(err, broken) || !strings.Contains(err.Error(), "two") {
		t.Fatalf("error %v, want one that names stage two", err)
	}
	line[1].Make, ran = works, nil
	if _, err := Run(t.Context(), at("s"), line, nil, nil); err != nil || strings.Join(ran, " ") != "two" {
		t.Errorf("made %v, error %v; want two", ran, err)
	}
}

// TestRunBelievesFilesNotWords: a stage that claims success without its
// outputs has failed.
func TestRunBelievesFilesNotWords(t *testing.T) {
	dir := t.TempDir()
	s := Stage{Name: "liar",
		Inputs:  func() (string, error) { return "x", nil },
		Outputs: func() (string, error) { return DigestFiles(filepath.Join(dir, "none")) },
		Make:    func(context.Context, string) error { return nil }}
	for range 2 {
		if _, err := Run(t.Context(), filepath.Join(dir, "s"), []Stage{s}, nil, nil); err == nil || !strings.Contains(err.Error(), "not there") {
			t.Errorf("error %v", err)
		}
	}
}

func TestRunRefusesADamagedState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	write(t, path, "{")
	if _, err := Run(t.Context(), path, nil, nil, nil); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names %s", err, path)
	}
}

func TestDigestTreeSeesChanges(t *testing.T) {
	dir := t.TempDir()
	digest := func() string {
		d, err := DigestTree(dir)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	write(t, filepath.Join(dir, "a.wav"), "1")
	first := digest()
	if digest() != first {
		t.Error("the same tree has two digests")
	}
	write(t, filepath.Join(dir, "a.wav"), "12")
	second := digest()
	if err := os.Rename(filepath.Join(dir, "a.wav"), filepath.Join(dir, "b.wav")); err != nil {
		t.Fatal(err)
	}
	if third := digest(); first == second || second == third {
		t.Error("a change or a new name was not seen")
	}
	if _, err := DigestTree(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there has a digest")
	}
}

// TestDigestTreeFollowsLinks: what an import finds behind links is part of the
// tree, and a link back up or to nowhere is no obstacle.
func TestDigestTreeFollowsLinks(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	inner := filepath.Join(elsewhere, "inner")
	err := errors.Join(os.Mkdir(inner, 0o755), os.Symlink(elsewhere, filepath.Join(dir, "link")), os.Symlink(dir, filepath.Join(inner, "up")),
		os.Symlink(filepath.Join(dir, "none"), filepath.Join(dir, "nowhere")))
	if err != nil {
		t.Fatal(err)
	}
	digest := func(of string) string {
		d, err := DigestTree(of)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first, link := digest(dir), digest(filepath.Join(dir, "link"))
	write(t, filepath.Join(inner, "a.wav"), "1")
	if digest(dir) == first || digest(filepath.Join(dir, "link")) == link {
		t.Error("a file more behind a link was not seen")
	}
}

// TestStateOfNull: a state of null is valid JSON, and no place to note a stage.
func TestStateOfNull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	write(t, path, "null")
	if _, err := Run(t.Context(), path, []Stage{{Name: "x"}}, nil, nil); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names %s", err, path)
	}
}
