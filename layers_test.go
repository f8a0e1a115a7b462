// Package framewise_test holds the tests of the repository as a whole.
package framewise_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "framewise"

// An arrow is a folder that another may import, and why.
type arrow struct{ to, why string }

// arrows is the map of the house: the folders, and what each may import of the
// project. A folder stands for everything below it; the longest name that fits
// counts. Whoever wants another arrow changes ARCHITECTURE.md too.
var arrows = map[string][]arrow{
	"corpus":     {{"transforms", "frame labels follow the framing rule, the synthesizer takes its deterministic sines, decoding its kernels"}},
	"transforms": {}, // signal processing on slices: nothing of the project
	"augment":    {{"corpus", "utterances and alignments are what is augmented"}, {"transforms", "resampling"}},
	"dataset":    {{"corpus", "label sets and segments, which paths are remote"}, {"transforms", "feature configuration, CMVN, deltas"}},
	"pipelines": {
		{"corpus", "the manifest is its input"}, {"augment", "recipes are its elements"},
		{"transforms", "spectra are what its workers make"}, {"dataset", "shards are its output"},
	},
	"runners": {{"corpus/files", "opening what is read"}, {"pipelines", "what runs"}, {"model", "training is launched once shards stand"}},
	"model": {
		{"corpus", "label sets and foldings"}, {"dataset", "batches come from shards"},
		{"transforms", "predict extracts a file's features as the build did; transforms/isa says what this CPU can do, transforms/spelling which key was meant"},
	},
	"model/gemm":    {{"transforms/isa", "what this CPU can do"}},                                              // kernels on slices
	"model/score":   {{"corpus/draw", "resamples of the bootstrap"}},                                           // scores of label sequences: usable without Gorgonia
	"model/decode":  {},                                                                                        // searches over probabilities: usable without Gorgonia
	"model/results": {{"corpus/files", "opening what is read"}, {"model/decode", "how an evaluation decoded"}}, // the result files' types: the report reads them without Gorgonia
	"report": {
		{"corpus", "label names"}, {"dataset", "examples and their figures"},
		{"model/results", "what runs left behind; never the model itself"}, {"model/decode", "the names of decodings in them"},
	},
	"internal/fuzzing": {}, // for tests
	"cmd":              {{"", "the command line may call everything"}},
}

// guests are modules that only some folders may import; tests too, unless
// testsMay says otherwise.
var guests = []struct {
	module   string
	hosts    []string
	why      string
	testsMay bool
}{
	{"github.com/apache/beam", []string{"pipelines", "runners"}, "a test binary with Beam takes minutes to link from cold, and the command line must not see its flags", false},
	{"cloud.google.com/go", []string{"dataset/gcs"}, "a client of a cloud is for programs that ask for it: they import dataset/gcs", false},
	{"gorgonia.org/", []string{"model"}, "reading, building and reporting need no tensor library", false},
	{"math/rand", nil, "every draw is a hash of what it is for (corpus/draw)", true},
}

// shardFolders make what ends up in shards: bytes that depend on nothing but
// the corpus, the configuration and the seed.
var shardFolders = []string{"augment", "corpus", "transforms"}

// unstable lists functions whose results depend on the clock or on the CPU.
// transforms/detmath may call them: it leaves special cases to them, and a hash
// of its results is tested on every target.
var unstable = map[string][]string{
	"time": {"Now", "Since", "Until"},
	"math": {"Sin", "Cos", "Tan", "Sincos", "Exp", "Exp2", "Expm1", "Log", "Log2", "Log10", "Log1p", "Pow", "Sinh", "Cosh", "Tanh", "Atan", "Atan2"},
}

func TestLayers(t *testing.T) {
	eachFile(t, func(name string, file *ast.File) {
		dir := path.Dir(name)
		for _, spec := range file.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatalf("%s: import %s: %v", name, spec.Path.Value, err)
			}
			checkGuest(t, name, dir, imp)
			if to, ok := strings.CutPrefix(imp, module+"/"); ok && !strings.HasSuffix(name, "_test.go") {
				checkArrow(t, name, dir, to)
			}
		}
	})
}

func checkGuest(t *testing.T, name, dir, imp string) {
	t.Helper()
	for _, g := range guests {
		if g.testsMay && strings.HasSuffix(name, "_test.go") {
			continue
		}
		in := func(host string) bool { return within(dir, host) }
		if strings.HasPrefix(imp, g.module) && !slices.ContainsFunc(g.hosts, in) {
			t.Errorf("%s imports %s, which belongs into %v only: %s", name, imp, g.hosts, g.why)
		}
	}
}

func checkArrow(t *testing.T, name, dir, to string) {
	t.Helper()
	home := ""
	for folder := range arrows {
		if within(dir, folder) && len(folder) > len(home) {
			home = folder
		}
	}
	if home == "" {
		t.Errorf("%s is in a folder that the map of this test does not know", name)
		return
	}
	if within(to, home) {
		return
	}
	for _, a := range arrows[home] {
		if a.to == "" || within(to, a.to) {
			return
		}
	}
	t.Errorf("%s imports %s: %s may import %v of the project", name, to, home, arrows[home])
}

func TestNothingUnstableGoesIntoShards(t *testing.T) {
	eachFile(t, func(name string, file *ast.File) {
		in := func(folder string) bool { return within(path.Dir(name), folder) }
		if strings.HasSuffix(name, "_test.go") || within(path.Dir(name), "transforms/detmath") || !slices.ContainsFunc(shardFolders, in) {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Obj == nil && slices.Contains(unstable[pkg.Name], sel.Sel.Name) {
				t.Errorf("%s uses %s.%s: its result is not the same on every machine and run (transforms/detmath has deterministic functions)", name, pkg.Name, sel.Sel.Name)
			}
			return true
		})
	})
}

// eachFile parses every Go file of the project. Paths are relative to the root
// and have forward slashes.
func eachFile(t *testing.T, fn func(name string, file *ast.File)) {
	t.Helper()
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if p != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "bench") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") {
			return nil
		}
		file, err := parser.ParseFile(fset, p, nil, 0)
		if err != nil {
			return err
		}
		fn(filepath.ToSlash(p), file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// within says whether folder dir is the folder root or below it.
func within(dir, root string) bool { return dir == root || strings.HasPrefix(dir, root+"/") }
