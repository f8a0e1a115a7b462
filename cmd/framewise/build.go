package main

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/pipelines"
	"framewise/runners"
	"framewise/transforms"
)

// stallAfter is how long a build may make no progress before it is given up:
// an engine whose workers die at once would otherwise wait for ever. It is longer
// than any engine takes to start its workers and to make an example.
const stallAfter = 10 * time.Minute

func newBuildCommand() *cobra.Command {
	var c configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "build --corpus corpus.jsonl --out DIR|gs://BUCKET/FOLDER [-- Beam flags]",
		Short: "Make a dataset: augmented, sharded training tensors",
		Long: `Build plans which examples to make (originals, copies at half the bandwidth, at other
speeds and with effects, concatenations) and makes them, shard by shard, with Apache Beam. The shards have the same bytes
whatever the runner and the number of workers. Killed and run again, it keeps what is
whole and makes the rest. What cannot be used is listed in DIR/rejects.jsonl with its
reason; dataset.json is written last, when the counts add up.` + "\n" + exitHelp,
		Example: `  framewise build --corpus corpus.jsonl --out data
  framewise build --corpus corpus.jsonl --out data --set features.num_filters=80 --set augment.concat.copies=2
  framewise build --corpus corpus.jsonl --out data --shard-size 256MiB
  framewise build --corpus gs://corpora/timit/corpus.jsonl --out gs://datasets/timit
  framewise build --corpus corpus.jsonl --out data --runner flink --endpoint localhost:8099`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if at := cmd.ArgsLenAtDash(); len(args) > 0 && at != 0 {
				return usagef("build takes no arguments but Beam flags after --, got %q", args[0])
			}
			for flag, key := range map[string]string{"corpus": "corpus", "out": "out", "seed": "seed", "shards": "shard.count",
				"shard-size": "shard.size_mib", "workers": "workers", "max-rejects": "max_rejects", "allow-leak": "allow_leak", "runner": "runner", "endpoint": "endpoint"} {
				c.override(cmd, flag, key)
			}
			file := buildFile{Config: pipelines.DefaultBuildConfig()}
			if err := c.resolve(&file.Config, &file.Places); err != nil {
				return err
			}
			if c.print {
				return printYAML(cmd, file.Config, file.Places)
			}
			if err := needBuildFlags(cmd, file); err != nil {
				return err
			}
			p := newProgress(cmd.ErrOrStderr())
			report, err := runBuild(cmd, file, args, p)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd, report)
			}
			return printBuild(cmd, file.Places.Out, report)
		},
	}
	c.add(cmd)
	f := cmd.Flags()
	f.String("corpus", "", "manifest of the corpus: a file or a gs:// URI")
	f.String("out", "", "folder of the dataset, or gs://BUCKET/FOLDER")
	f.Uint64("seed", 0, "seed of every draw")
	f.String("shards", "auto", "shards a split; auto: as many as --shard-size asks for")
	addShardSize(cmd)
	f.Int("workers", 0, "examples made at once (default: one a CPU)")
	f.String("max-rejects", "1%", "utterances that may be rejected: a share (5%, 0.05) or a count")
	f.StringSlice("allow-leak", nil, "build although splits share: "+strings.Join(pipelines.LeakKinds, ", "))
	f.String("runner", runners.Default, strings.Join(runners.Names, ", "))
	f.String("endpoint", "", "HOST:PORT of the engine's job service")
	f.BoolVar(&asJSON, "json", false, "the outcome as one JSON document on standard output")
	return cmd
}

// addShardSize adds the flag that decides how many shards a split has.
func addShardSize(cmd *cobra.Command) {
	size := mebibytes(dataset.DefaultShardConfig().SizeMiB)
	cmd.Flags().Var(&size, "shard-size", "about what a shard weighs before compression, where --shards is auto: a number of MiB, or a size such as 1GiB")
}

func needBuildFlags(cmd *cobra.Command, file buildFile) error {
	for _, f := range [][2]string{{"corpus", file.Places.Corpus}, {"out", file.Places.Out}} {
		if err := needFlag(cmd, f[0], f[1]); err != nil {
			return err
		}
	}
	if file.Places.Workers < 0 {
		return usagef("--workers %d, want 0 (one a CPU) or more", file.Places.Workers)
	}
	if corpus.IsRemote(file.Places.Out) {
		if err := needDataset(cmd.Context(), "out", file.Places.Out); err != nil {
			return err
		}
	}
	return needInput(cmd.Context(), "corpus", file.Places.Corpus)
}

// runBuild builds with progress on p.
func runBuild(cmd *cobra.Command, file buildFile, beamArgs []string, p *progress) (*pipelines.BuildReport, error) {
	defer p.finish()
	opt := runners.Options{Endpoint: file.Places.Endpoint, Args: beamArgs, Stall: stallAfter}
	if slog.Default().Enabled(cmd.Context(), slog.LevelDebug) {
		opt.Log = slog.Default()
	}
	if err := runners.Check(file.Places.Runner, opt); file.Places.Runner != "" && err != nil {
		return nil, asUsage(err)
	}
	slog.Info("spectra", "kernel", transforms.Kernel())
	units := map[string]string{pipelines.StageSurvey: "bytes", pipelines.StagePlan: "utterances", pipelines.StageMake: "examples"}
	report, err := pipelines.Build(cmd.Context(), pipelines.BuildOptions{
		Manifest: file.Places.Corpus, Out: file.Places.Out, Config: file.Config, Workers: file.Places.Workers, AllowLeak: file.Places.AllowLeak,
		Run:      runners.Func(file.Places.Runner, opt),
		Progress: func(stage string, done, total int64) { p.update(stage, units[stage], done, total) },
		Notice:   func(sentence string) { slog.Warn(sentence) },
	})
	return report, buildError(err)
}

func printBuild(cmd *cobra.Command, out string, r *pipelines.BuildReport) error {
	w := cmd.OutOrStdout()
	c := r.Counts
	fmt.Fprintf(w, "%d utterances = %d used + %d rejected\n", c.Utterances, c.Used, c.Rejected)
	for _, reason := range sortedKeys(r.Rejects) {
		fmt.Fprintf(w, "  %d %s\n", r.Rejects[reason], reason)
	}
	fmt.Fprintf(w, "%d planned examples = %d made + %d dropped\n", c.Planned, c.Examples, c.Dropped)
	made := fmt.Sprintf("%d shards made, %d kept", r.ShardsMade, r.ShardsKept)
	if r.ShardsMade == 0 {
		made = fmt.Sprintf("nothing to make: all %d shards stand", r.ShardsKept)
	}
	if r.FilesRemoved > 0 {
		made += fmt.Sprintf(", %d files of an earlier build removed", r.FilesRemoved)
	}
	_, err := fmt.Fprintf(w, "%s: %s, %s, sha256 %s\n", out, made, humanize.IBytes(uint64(r.Bytes)), r.SHA256)
	return err
}
