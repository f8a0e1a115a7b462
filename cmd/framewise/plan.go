package main

import (
	"errors"
	"fmt"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"framewise/pipelines"
)

// buildFile is a build.yaml: the configuration of the dataset, and the flags
// that say where things are and how the build runs.
type buildFile struct {
	Config pipelines.BuildConfig `yaml:",inline"`
	Places buildPlaces           `yaml:",inline"`
}

// buildPlaces are the flags that no dataset depends on.
type buildPlaces struct {
	Corpus    string   `yaml:"corpus,omitempty"`
	Out       string   `yaml:"out,omitempty"`
	Workers   int      `yaml:"workers,omitempty"`
	AllowLeak []string `yaml:"allow_leak,omitempty,flow"`
	Runner    string   `yaml:"runner,omitempty"`
	Endpoint  string   `yaml:"endpoint,omitempty"`
}

func newPlanCommand() *cobra.Command {
	var c configFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "plan --corpus corpus.jsonl",
		Short: "Say what a build would make: examples, hours, shards, bytes",
		Long:  "Plan reads the manifest and makes nothing. It counts what each augmentation adds.\n" + exitHelp,
		Example: `  framewise plan --corpus corpus.jsonl
  framewise plan --corpus corpus.jsonl --shard-size 512
  framewise plan --corpus corpus.jsonl --set augment.concat.copies=3 --json`,
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c.override(cmd, "corpus", "corpus")
			c.override(cmd, "shard-size", "shard.size_mib")
			file := buildFile{Config: pipelines.DefaultBuildConfig()}
			if err := c.resolve(&file.Config, &file.Places); err != nil {
				return err
			}
			if c.print {
				return printYAML(cmd, file.Config, file.Places)
			}
			if err := needFlag(cmd, "corpus", file.Places.Corpus); err != nil {
				return err
			}
			if err := needInput(cmd.Context(), "corpus", file.Places.Corpus); err != nil {
				return err
			}
			p := newProgress(cmd.ErrOrStderr())
			survey, err := pipelines.NewSurvey(cmd.Context(), file.Places.Corpus, file.Config, func(done, total int64) { p.update("plan", "bytes", done, total) })
			p.finish()
			if err != nil {
				return buildError(err)
			}
			if asJSON {
				return printJSON(cmd, survey.Plan())
			}
			return printPlan(cmd, survey.Plan())
		},
	}
	c.add(cmd)
	cmd.Flags().String("corpus", "", "manifest to plan for")
	addShardSize(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON document on standard output")
	return cmd
}

// buildError gives errors of planning and building their exit codes.
func buildError(err error) error {
	var config *pipelines.ConfigError
	if errors.As(err, &config) {
		return asUsage(err)
	}
	return err
}

func printPlan(cmd *cobra.Command, r *pipelines.PlanReport) error {
	var rows [][]string
	row := func(split, what string, a pipelines.Amount, shards string) {
		rows = append(rows, []string{split, what, humanize.Comma(a.Examples), fmt.Sprintf("%.2f", a.Hours), humanize.Comma(a.Frames), humanize.IBytes(uint64(a.Bytes)), shards})
	}
	for _, s := range r.Splits {
		for i, a := range s.Augmentations {
			name := ""
			if i == 0 {
				name = s.Split
			}
			row(name, a.Name, a.Amount, "")
		}
		row("", "all", s.Amount, fmt.Sprint(s.Shards))
	}
	row("total", "", r.Total, fmt.Sprint(r.Shards))
	w := cmd.OutOrStdout()
	if err := table(w, []string{"split", "examples of", "examples", "hours", "frames", "bytes", "shards"}, rows); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d utterances, %d of them rejected, at %d Hz, %d features a frame\n", r.Utterances, r.Rejected, r.SampleRate, r.Features)
	return err
}
