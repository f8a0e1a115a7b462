package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type inner struct {
	Preset string `yaml:"preset"`
	Count  int    `yaml:"count"`
	Rates  []int  `yaml:"rates,flow"`
}

type testConfig struct {
	Top   testShared `yaml:",inline"`
	Name  string     `yaml:"name"`
	Inner inner      `yaml:"inner"`
}

type testShared struct {
	Seed uint64 `yaml:"seed"`
}

func defaults() testConfig {
	return testConfig{Top: testShared{7}, Name: "x", Inner: inner{"a", 3, []int{1, 2}}}
}

func TestResolveLayersFileAndSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("name: y\ninner: {count: 5}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	got := defaults()
	c := configFlags{file: file, sets: []string{"inner.rates=[9]", "seed=11", "inner.count=6"}}
	if err := c.resolve(&got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "y" || got.Top.Seed != 11 || got.Inner.Count != 6 || len(got.Inner.Rates) != 1 || got.Inner.Rates[0] != 9 || got.Inner.Preset != "a" {
		t.Errorf("resolved %+v", got)
	}
}

func TestResolveRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "c.yaml")
	if err := os.WriteFile(file, []byte("name: y\ninner:\n  cout: 5\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "l.yaml")
	if err := os.WriteFile(list, []byte("- 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		flags configFlags
		want  string
	}{
		"unknown key in a file": {configFlags{file: file}, `line 3: unknown key "inner.cout"; did you mean "count"?`},
		"unknown setting":       {configFlags{sets: []string{"sede=1"}}, `did you mean "seed"?`},
		"no value":              {configFlags{sets: []string{"seed"}}, "want key=value"},
		"wrong type":            {configFlags{sets: []string{"seed=abc"}}, "cannot unmarshal"},
		"missing file":          {configFlags{file: filepath.Join(dir, "none.yaml")}, "no such file"},
		"a list":                {configFlags{file: list}, "key: value"},
	} {
		got := defaults()
		err := c.flags.resolve(&got)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q in it", name, err, c.want)
			continue
		}
		if exitCode(err) != exitUsage {
			t.Errorf("%s: exit code %d, want %d", name, exitCode(err), exitUsage)
		}
	}
}
