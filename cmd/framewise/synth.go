package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"framewise/corpus/synth"
)

func newSynthCommand() *cobra.Command {
	cfg := synth.DefaultConfig()
	var out string
	cmd := &cobra.Command{
		Use:   "synth --out DIR",
		Short: "Synthesize a TIMIT-shaped corpus with exact alignments",
		Long: `Synth speaks a corpus with a formant synthesizer: TIMIT's folders, NIST SPHERE
audio at 16 kHz, .PHN, .WRD and .TXT with boundaries exact to the sample. The
same settings give the same bytes on every machine.` + "\n" + exitHelp,
		Example: `  framewise synth --out speech --speakers 32 --sentences 10
  framewise import timit speech --out speech/corpus.jsonl --dev-speakers 4`,
		Args: exactArgs(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := needFlag(cmd, "out", out); err != nil {
				return err
			}
			p := newProgress(cmd.ErrOrStderr())
			sum, err := runSynth(cmd.Context(), out, cfg, p)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d speakers, %d utterances, %.2f h\n", out, sum.Speakers, sum.Utterances, sum.Seconds()/3600)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "folder to write")
	f.IntVar(&cfg.Speakers, "speakers", cfg.Speakers, "number of speakers")
	f.IntVar(&cfg.Sentences, "sentences", cfg.Sentences, "sentences a speaker, SA1 and SA2 among them")
	f.Uint64Var(&cfg.Seed, "seed", cfg.Seed, "seed of every draw")
	return cmd
}

func runSynth(_ context.Context, out string, cfg synth.Config, p *progress) (synth.Summary, error) {
	defer p.finish()
	return synth.Generate(out, cfg, func(done, total int) {
		p.update("synth", "utterances", int64(done), int64(total))
	})
}
