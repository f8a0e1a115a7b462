package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"framewise/corpus"
	"framewise/model/results"
	"framewise/model/score"
	"framewise/model/train"
	"framewise/pipelines"
	"framewise/runners/stages"
	"framewise/transforms"
)

// lineFile is a pipeline.yaml: the stages from a corpus to a report, each with
// the keys of its own command. Paths are relative to the file's folder.
type lineFile struct {
	Import map[string]any `yaml:"import,omitempty"` // kind, dir and the flags of `import KIND`; none: corpus is there
	Corpus string         `yaml:"corpus"`
	Build  buildFile      `yaml:"build"`
	Train  trainFile      `yaml:"train"`
	Eval   evalStage      `yaml:"eval"`
	Report string         `yaml:"report,omitempty"` // HTML file; none: no report
}

type evalStage struct {
	Splits []string `yaml:"splits,flow"`
}

func defaultLine() lineFile {
	return lineFile{
		Corpus: "corpus.jsonl",
		Build:  buildFile{Config: pipelines.DefaultBuildConfig(), Places: buildPlaces{Out: "data"}},
		Train:  trainFile{Config: train.DefaultConfig(), Places: trainPlaces{Out: "run"}},
		Eval:   evalStage{Splits: []string{corpus.Test}},
	}
}

// readLine lays a pipeline's keys over the defaults. Relative paths become
// paths from base.
func readLine(given *yaml.Node, base string) (*lineFile, error) {
	l := defaultLine()
	for _, block := range []struct {
		name string
		dsts []any
	}{{"build", []any{&l.Build.Config, &l.Build.Places}}, {"train", []any{&l.Train.Config, &l.Train.Places}}} {
		node := lookup(given, block.name)
		if node == nil || node.Tag == "!!null" {
			continue
		}
		if node.Kind != yaml.MappingNode {
			return nil, usagef("line %d: %s: want `key: value` lines below it", node.Line, block.name)
		}
		if err := decodeKeys(node, block.name+": ", block.dsts...); err != nil {
			return nil, err
		}
	}
	top := struct {
		Import *map[string]any `yaml:"import"`
		Corpus *string         `yaml:"corpus"`
		Eval   *evalStage      `yaml:"eval"`
		Report *string         `yaml:"report"`
	}{&l.Import, &l.Corpus, &l.Eval, &l.Report}
	if err := decodeKeys(given, "", &top); err != nil {
		return nil, err
	}
	return &l, l.settle(base)
}

// settle makes paths those of this process, and refuses what is said twice.
func (l *lineFile) settle(base string) error {
	if l.Build.Places.Corpus != "" {
		return usagef("build.corpus: the pipeline's corpus is the key `corpus` at its top")
	}
	if l.Train.Places.Data != "" {
		return usagef("train.data: a pipeline trains on what its build makes, build.out")
	}
	l.respell(func(path string) string { return from(base, path) })
	l.Build.Places.Corpus, l.Train.Places.Data = l.Corpus, l.Build.Places.Out
	for _, local := range [][2]string{{"train.out", l.Train.Places.Out}, {"report", l.Report}} {
		if corpus.IsRemote(local[1]) {
			return usagef("%s: %q is not on this machine; runs and reports are written to local files", local[0], local[1])
		}
	}
	if len(l.Import) > 0 && corpus.IsRemote(l.Corpus) {
		return usagef("corpus: %q is not on this machine, and the block import writes local files; import it by itself, upload it, and leave the block out", l.Corpus)
	}
	for _, need := range [][2]string{{"corpus", l.Corpus}, {"build.out", l.Build.Places.Out}, {"train.out", l.Train.Places.Out}} {
		if need[1] == "" {
			return usagef("%s: want a path", need[0])
		}
	}
	return asUsage(l.Train.Config.Validate())
}

// respell puts what respell makes of them in the place of all paths but the
// import's, which stay as the file has them.
func (l *lineFile) respell(respell func(path string) string) {
	for _, path := range []*string{&l.Corpus, &l.Build.Places.Out, &l.Train.Places.Out, &l.Report} {
		*path = respell(*path)
	}
	l.Build.Config = withSounds(l.Build.Config, respell)
}

// written is the pipeline as a file in the folder base that reads as the same:
// without what settle adds, and would refuse there, and with paths as seen from
// base.
func (l lineFile) written(base string) lineFile {
	l.Build.Places.Corpus, l.Train.Places.Data = "", ""
	l.respell(func(path string) string { return spelledFrom(base, path) })
	return l
}

// line is a pipeline under way.
type line struct {
	*lineFile
	cmd   *cobra.Command
	p     *progress
	base  string // folder of the file
	force map[string]bool
	built string // checksum of the dataset, once the build stage has been looked at
}

// stages are the line's stages in their order.
func (l *line) stages() []stages.Stage {
	var all []stages.Stage
	if len(l.Import) > 0 {
		all = append(all, l.importStage())
	}
	all = append(all, l.buildStage(), l.trainStage())
	for _, split := range l.Eval.Splits {
		all = append(all, l.evalStage(split))
	}
	if l.Report != "" {
		all = append(all, l.reportStage())
	}
	return all
}

// key is what a stage that makes path is remembered by: one that makes another
// folder is another stage.
func (l *line) key(name, path string) string {
	return name + " > " + seenFrom(l.base, path)
}

func (l *line) importStage() stages.Stage {
	return stages.Stage{Name: "import", Key: l.key("import", l.Corpus),
		Inputs: func() (string, error) {
			_, dir, err := l.importArgs()
			if err != nil {
				return "", err
			}
			if _, err := os.Stat(dir); err != nil {
				return "", usagef("import.dir: %w", err)
			}
			tree, err := stages.DigestTree(dir)
			if err != nil {
				return "", err
			}
			return stages.Digest(l.Import, tree, version) // as in the file: wherever this process runs
		},
		Outputs: l.corpusDigest,
		Make: func(ctx context.Context, _ string) error {
			args, _, err := l.importArgs()
			if err != nil {
				return err
			}
			cmd := newImportCommand()
			cmd.SilenceErrors, cmd.SilenceUsage = true, true
			cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usagef("%w", err) })
			cmd.SetOut(l.cmd.ErrOrStderr()) // standard output is for what the whole line came to
			cmd.SetErr(l.cmd.ErrOrStderr())
			cmd.SetArgs(args)
			return cmd.ExecuteContext(ctx)
		}}
}

// importArgs is the command line that the import block stands for.
func (l *line) importArgs() (args []string, dir string, err error) {
	kind, _ := l.Import["kind"].(string)
	dir, _ = l.Import["dir"].(string)
	if kind == "" || dir == "" {
		return nil, "", usagef("import: want kind (what `framewise import --help` lists) and dir")
	}
	dir = from(l.base, dir)
	args = []string{kind, dir, "--out=" + l.Corpus}
	for _, key := range sortedKeys(l.Import) {
		if key == "kind" || key == "dir" {
			continue
		}
		value := fmt.Sprint(l.Import[key])
		if list, ok := l.Import[key].([]any); ok {
			value = strings.Trim(strings.Join(strings.Fields(fmt.Sprint(list)), ","), "[]")
		}
		args = append(args, "--"+strings.ReplaceAll(key, "_", "-")+"="+value)
	}
	return args, dir, nil
}

func (l *line) buildStage() stages.Stage {
	return stages.Stage{Name: "build", Key: l.key("build", l.Build.Places.Out),
		Inputs: func() (string, error) {
			manifest, err := l.corpusDigest()
			if err != nil {
				return "", err
			}
			if manifest == "" {
				return "", usagef("corpus %q does not exist; `framewise import` writes one, or the block `import` of a pipeline", l.Corpus)
			}
			sounds, err := pipelines.SoundContents(l.cmd.Context(), l.Build.Config.Augment)
			if err != nil {
				return "", buildError(err)
			}
			// Where corpus and sounds lie is part of it, though it changes no shard: build.yaml
			// says so, for `framewise render`. The build then keeps what stands.
			return stages.Digest(manifest, seenFrom(l.base, l.Corpus), l.buildSeenFrom(l.base), l.Build.Places.AllowLeak, sounds, transforms.AlgorithmVersion)
		},
		Outputs: func() (sum string, err error) {
			l.built, err = l.dataset() // the stages that follow ask no more: it takes a look at every shard
			return l.built, err
		},
		Make: func(context.Context, string) error {
			if err := needBuildFlags(l.cmd, l.Build); err != nil {
				return err
			}
			report, err := runBuild(l.cmd, l.Build, nil, l.p)
			if err != nil {
				return err
			}
			l.p.say(fmt.Sprintf("  %d examples, %d shards made, %d kept", report.Counts.Examples, report.ShardsMade, report.ShardsKept))
			return nil
		}}
}

func (l *line) trainStage() stages.Stage {
	return stages.Stage{Name: "train", Key: l.key("train", l.Train.Places.Out),
		Inputs: func() (string, error) {
			inputs := []any{l.built, learned(l.Train.Config), version}
			if rule := l.learnedRule(); rule > 0 { // others learn the same by any
				inputs = append(inputs, rule)
			}
			return stages.Digest(inputs...)
		},
		Outputs: l.trainDigest,
		Make: func(_ context.Context, reason string) error {
			if err := needTrainFlags(l.cmd, l.Train); err != nil {
				return err
			}
			fits, err := l.runFits()
			if err != nil {
				return err
			}
			if stands, err := l.finished(); err != nil {
				return err
			} else if !fits || stands && reason != stages.ReasonNew {
				if err := l.moveRunAside(); err != nil {
					return err
				}
			}
			run, err := runTrain(l.cmd, l.Train, true, l.p)
			if err != nil {
				return err
			}
			l.p.say(fmt.Sprintf("  %d parameters, epoch %d kept (%s), %.1f s of training", run.Parameters, run.Best, run.Selection, run.SecondsTraining))
			return nil
		}}
}

// phoneRule is score.PhoneRule, a variable so that tests can change it.
var phoneRule = score.PhoneRule

// learnedRule is the rule of phone sequences that what is learned depends on, 0
// if it depends on none.
func (l *line) learnedRule() int {
	if l.Train.Config.LearnsFromPhones() {
		return phoneRule
	}
	return 0
}

// learned is a configuration without what changes nothing of what is learned.
func learned(c train.Config) train.Config {
	c.Checkpoint, c.Readers, c.Decode = 0, 0, train.DefaultConfig().Decode
	return c
}

// runFits says whether a run that stands, perhaps unfinished, was begun with
// the line's configuration, on its dataset and by its rule of phone sequences.
// More epochs are another configuration too: where
// the learning rate follows them, going on would not give what a new run gives.
func (l *line) runFits() (bool, error) {
	before, err := train.ReadConfig(filepath.Join(l.Train.Places.Out, results.ConfigFile))
	if errors.Is(err, fs.ErrNotExist) {
		return !l.trained(), nil
	}
	if err != nil {
		return false, err
	}
	switch run, err := l.readRun(); {
	case errors.Is(err, fs.ErrNotExist) && l.trained(): // on what, nobody can say
		return false, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist): // a run that was killed as it began has none
		return false, err
	case err == nil && (run.DatasetSHA256 != l.built || run.PhoneRule != l.learnedRule()):
		return false, nil
	}
	a, errA := stages.Digest(learned(before))
	b, errB := stages.Digest(learned(l.Train.Config))
	return a == b, errors.Join(errA, errB)
}

// moveRunAside keeps a run that the line's next one would replace.
func (l *line) moveRunAside() error {
	out := l.Train.Places.Out
	if _, err := os.Stat(out); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for n := 1; ; n++ {
		aside := fmt.Sprintf("%s.old-%d", out, n)
		if _, err := os.Lstat(aside); err == nil {
			continue
		}
		l.p.say(fmt.Sprintf("  the run that was in %s was trained otherwise; it is now %s", out, aside))
		return os.Rename(out, aside)
	}
}

func (l *line) evalFile(split string) string {
	return filepath.Join(l.Train.Places.Out, fmt.Sprintf(results.EvalFileName, split))
}

func (l *line) evalStage(split string) stages.Stage {
	return stages.Stage{Name: "eval " + split, Key: l.key("eval "+split, l.Train.Places.Out),
		Inputs: func() (string, error) {
			weights, err := l.trainDigest()
			if err != nil {
				return "", err
			}
			return stages.Digest(weights, l.built, split, l.Train.Config.Decode, version, phoneRule)
		},
		Outputs: func() (string, error) { return stages.DigestFiles(l.evalFile(split)) },
		Make: func(ctx context.Context, _ string) error {
			if err := needSplit(ctx, l.Build.Places.Out, split); err != nil {
				return err
			}
			_, err := runEval(l.cmd, train.EvalOptions{Run: l.Train.Places.Out, Data: l.Build.Places.Out, Split: split, Decode: &l.Train.Config.Decode}, l.p)
			return err
		}}
}

func (l *line) reportStage() stages.Stage {
	return stages.Stage{Name: "report", Key: l.key("report", l.Report),
		Inputs: func() (string, error) {
			weights, err := l.trainDigest()
			if err != nil {
				return "", err
			}
			all := []any{l.built, weights, version}
			for _, split := range l.Eval.Splits {
				digest, err := stages.DigestFiles(l.evalFile(split))
				if err != nil {
					return "", err
				}
				all = append(all, digest)
			}
			return stages.Digest(all...)
		},
		Outputs: func() (string, error) { return stages.DigestFiles(l.Report) },
		Make: func(ctx context.Context, _ string) error {
			return runReport(ctx, l.Report, "Framewise report", []string{l.Build.Places.Out, l.Train.Places.Out})
		}}
}
