package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"framewise/corpus"
	"framewise/transforms/spelling"
)

// importFlags are the flags of every importer.
type importFlags struct {
	out, dev, test string
	channel        int
	json           bool
}

func (f *importFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.out, "out", "", "manifest to write (corpus.jsonl)")
	cmd.Flags().StringVar(&f.dev, "dev-speakers", "", "development speakers: how many, or their names with commas between")
	cmd.Flags().StringVar(&f.test, "test-speakers", "", "test speakers: how many, or their names with commas between")
	cmd.Flags().IntVar(&f.channel, "channel", 0, "channel of the recordings, from 0")
	cmd.Flags().BoolVar(&f.json, "json", false, "counts as one JSON document on standard output")
}

func newImportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Write the manifest of a corpus",
		Long: `Import lists a corpus as one JSON line an utterance: where its audio is, who
speaks, its split and its alignment in samples. What cannot be read becomes a
line that says why; building rejects it.` + "\n" + exitHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no importer %q%s; see `framewise import --help`", args[0], spelling.Hint(args[0], commandNames(cmd)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef("name the kind of corpus: one of %v; see `framewise import --help`", sorted(commandNames(cmd)))
		},
	}
	cmd.AddCommand(newImportTIMITCommand(), newImportFSDDCommand())
	for _, k := range corpusKinds {
		cmd.AddCommand(k.command())
	}
	return cmd
}

func newImportTIMITCommand() *cobra.Command {
	var f importFlags
	var keepSA bool
	cmd := &cobra.Command{
		Use:   "timit DIR --out corpus.jsonl",
		Short: "TIMIT, or a corpus in its layout",
		Long: `TIMIT's folders TRAIN and TEST, either of which may be missing, in upper or lower
case, with SPHERE, WAV or FLAC audio. SA sentences are left out. The core test
speakers make the test split, the 50 usual development speakers the dev split;
where those are not there, --dev-speakers draws some from TRAIN.`,
		Example: "  framewise import timit /corpora/TIMIT --out timit.jsonl\n  framewise import timit speech --out corpus.jsonl --dev-speakers 4",
		Args:    exactArgs(1, "one folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runImport(cmd, args[0], f, func(manifestDir string, progress func(done, total int)) ([]corpus.Utterance, corpus.ImportReport, error) {
				return corpus.ImportTIMIT(args[0], corpus.TIMITOptions{ManifestDir: manifestDir, KeepSA: keepSA, Channel: f.channel,
					DevSpeakers: f.dev, TestSpeakers: f.test, Progress: progress})
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&keepSA, "keep-sa", false, "keep the sentences SA1 and SA2, which every speaker reads")
	return cmd
}

func newImportFSDDCommand() *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:   "fsdd DIR --out corpus.jsonl",
		Short: "The Free Spoken Digit Dataset: a digit a file",
		Long: `Files named <digit>_<speaker>_<take>.wav. Every recording is labelled with its
digit from end to end. Splits are by speaker; without --test-speakers one is drawn.`,
		Example: "  framewise import fsdd free-spoken-digit-dataset/recordings --out fsdd.jsonl --test-speakers nicolas",
		Args:    exactArgs(1, "one folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runImport(cmd, args[0], f, func(manifestDir string, progress func(done, total int)) ([]corpus.Utterance, corpus.ImportReport, error) {
				return corpus.ImportFSDD(args[0], corpus.FSDDOptions{ManifestDir: manifestDir, Channel: f.channel,
					DevSpeakers: f.dev, TestSpeakers: f.test, Progress: progress})
			})
		},
	}
	f.add(cmd)
	return cmd
}

// importFunc reads a corpus into manifest lines.
type importFunc func(manifestDir string, progress func(done, total int)) ([]corpus.Utterance, corpus.ImportReport, error)

func runImport(cmd *cobra.Command, dir string, f importFlags, read importFunc) error {
	if err := needFlag(cmd, "out", f.out); err != nil {
		return err
	}
	if err := needDir("corpus", dir); err != nil {
		return err
	}
	return importAndReport(cmd, f, read)
}

// importAndReport writes the manifest and prints what was found.
func importAndReport(cmd *cobra.Command, f importFlags, read importFunc) error {
	report, err := importTo(cmd.Context(), f.out, newProgress(cmd.ErrOrStderr()), read)
	if err != nil {
		return err
	}
	if f.json {
		return printJSON(cmd, report)
	}
	return printImport(cmd, f.out, report)
}

// importTo writes the manifest, whole or not at all.
func importTo(ctx context.Context, out string, p *progress, read importFunc) (corpus.ImportReport, error) {
	us, report, err := read(filepath.Dir(out), func(done, total int) { p.update("import", "files", int64(done), int64(total)) })
	p.finish()
	if err != nil {
		return report, err
	}
	return report, writeFile(ctx, out, func(w io.Writer) error { return corpus.WriteManifest(w, us) })
}

func printImport(cmd *cobra.Command, out string, r corpus.ImportReport) error {
	w := cmd.OutOrStdout()
	var rows [][]string
	for _, s := range r.Splits {
		rows = append(rows, []string{s.Split, fmt.Sprint(s.Utterances), fmt.Sprint(s.Speakers), fmt.Sprintf("%.2f", s.Seconds/3600), fmt.Sprint(s.Problems)})
	}
	if err := table(w, []string{"split", "utterances", "speakers", "hours", "problems"}, rows); err != nil {
		return err
	}
	for _, p := range r.Problems {
		fmt.Fprintf(w, "%d %s\n", p.Count, p.Reason)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(w, "note: %d x %s, for example %s\n", n.Count, n.Kind, n.Examples[0])
	}
	_, err := fmt.Fprintf(w, "%s: %d utterances\n", out, r.Utterances)
	return err
}
