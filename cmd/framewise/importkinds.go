package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"framewise/corpus"
)

// corpusKind is a kind of corpus whose labels are not known beforehand.
type corpusKind struct {
	name, short, long, example string
	oneFile                    bool // a manifest instead of a folder will do
	tier, speaker              bool // the flags it has
	read                       func(dir string, opt corpus.ImportOptions) ([]corpus.Utterance, corpus.ImportReport, error)
}

const kindHelp = `

Seconds become the nearest sample. The labels' sorted union is written beside the
manifest, as NAME.labels for NAME.jsonl, unless --label-set names a built-in set.
docs/formats.md says what is read and what becomes of it.`

var corpusKinds = []corpusKind{
	{
		name: "kaldi", short: "Kaldi data directories",
		long: `Kaldi data directories: DIR, or every folder below it with a wav.scp. Of each are
read wav.scp (paths; commands that end with | are not run), segments, utt2spk, text
and the alignment from phones.ctm or ctm. The split is what the folder's name says:
train, dev, test.`,
		example: "  framewise import kaldi egs/timit/s5/data --out timit.jsonl\n  framewise import kaldi data/train --out corpus.jsonl --dev-speakers 10",
		read:    corpus.ImportKaldi,
	},
	{
		name: "lhotse", short: "Lhotse's manifests: cuts, or recordings and supervisions",
		long: `Lhotse's manifests in JSON lines, gzipped or not: files with cuts, or recordings and
supervisions, in their name. Labels are the alignment called phone, or --tier. The
split is what the file's name says: train, dev, test.`,
		example: "  framewise import lhotse data/manifests --out corpus.jsonl\n  framewise import lhotse cuts_train.jsonl.gz --out train.jsonl --tier subword",
		oneFile: true, tier: true, read: corpus.ImportLhotse,
	},
	{
		name: "nemo", short: "NeMo's manifests: recordings and texts, without alignments",
		long: `NeMo's manifests: JSON lines with audio_filepath, and duration, offset, text and
speaker. There are no alignments in them. The split is what the file's name says:
train, dev, test.`,
		example: "  framewise import nemo manifests --out corpus.jsonl\n  framewise import nemo train_manifest.json --out train.jsonl --dev-speakers 5",
		oneFile: true, speaker: true, read: corpus.ImportNeMo,
	},
	{
		name: "textgrid", short: "Recordings with Praat TextGrids",
		long: `Recordings x.wav (.flac, .sph) with x.TextGrid, in Praat's long or short format, as
people and the Montreal Forced Aligner write them. Labels are the tier called
phones, phone or phn, or --tier; the speaker is the recording's folder.`,
		example: "  framewise import textgrid aligned --out corpus.jsonl --empty-label sil\n  framewise import textgrid speech --out corpus.jsonl --tier KAN-MAU --speaker-pattern '^([A-Z]+)'",
		tier:    true, speaker: true, read: corpus.ImportTextGrid,
	},
	{
		name: "ctm", short: "Recordings with NIST CTM files",
		long: `Recordings and CTM files ("name channel begin duration label" in seconds), whose
names are the recordings'. The speaker is the recording's folder.`,
		example: "  framewise import ctm aligned --out corpus.jsonl --test-speakers 4",
		speaker: true, read: corpus.ImportCTM,
	},
}

// kindFlags are the flags that not every importer has.
type kindFlags struct{ labelSet, tier, empty, speaker string }

func (k corpusKind) command() *cobra.Command {
	var f importFlags
	var g kindFlags
	arg, want := "DIR", "one folder"
	if k.oneFile {
		arg, want = "DIR|FILE", "one folder or manifest"
	}
	cmd := &cobra.Command{
		Use:     k.name + " " + arg + " --out corpus.jsonl",
		Short:   k.short,
		Long:    k.long + kindHelp,
		Example: k.example,
		Args:    exactArgs(1, want),
		RunE: func(cmd *cobra.Command, args []string) error {
			return k.run(cmd, args[0], f, g)
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&g.labelSet, "label-set", "", "built-in label set of the alignments: timit61 or fsdd10 (default: the union of the labels)")
	if k.tier {
		cmd.Flags().StringVar(&g.tier, "tier", "", "tier or alignment that holds the labels (default: one called phones, phone, phn, ...)")
		cmd.Flags().StringVar(&g.empty, "empty-label", "", "label of the intervals that have none (default: their frames have no label)")
	}
	if k.speaker {
		cmd.Flags().StringVar(&g.speaker, "speaker-pattern", "", "regular expression that finds the speaker in a recording's path below DIR, as its first group (default: the folder)")
	}
	return cmd
}

func (k corpusKind) run(cmd *cobra.Command, dir string, f importFlags, g kindFlags) error {
	if err := needFlag(cmd, "out", f.out); err != nil {
		return err
	}
	if _, err := os.Stat(dir); !k.oneFile || err != nil {
		if err := needDir("corpus", dir); err != nil {
			return err
		}
	}
	opt := corpus.ImportOptions{Channel: f.channel, DevSpeakers: f.dev, TestSpeakers: f.test, Tier: g.tier, EmptyLabel: g.empty}
	var err error
	if g.speaker != "" {
		if opt.SpeakerPattern, err = regexp.Compile(g.speaker); err != nil {
			return usagef("--speaker-pattern: %w", err)
		}
	}
	if opt.LabelSet, err = labelSetName(f.out, g.labelSet); err != nil {
		return err
	}
	return importAndReport(cmd, f, func(manifestDir string, progress func(done, total int)) ([]corpus.Utterance, corpus.ImportReport, error) {
		opt.ManifestDir, opt.Progress = manifestDir, progress
		us, report, err := k.read(dir, opt)
		if err != nil || g.labelSet != "" {
			return us, report, err
		}
		return us, report, writeLabels(cmd.Context(), f.out, corpus.LabelsOf(us, opt.LabelSet))
	})
}

// labelSetName is the built-in label set that was asked for, or the name of the
// one that is to lie beside the manifest.
func labelSetName(out, asked string) (string, error) {
	switch asked {
	case "":
		name := strings.TrimLeft(strings.TrimSuffix(filepath.Base(out), filepath.Ext(out)), ".")
		if name == "" || name == corpus.TIMIT61 || name == corpus.FSDD10 {
			name += "-labels"
		}
		return name, nil
	case corpus.TIMIT61, corpus.FSDD10:
		return asked, nil
	}
	return "", usagef("--label-set %q: want %s or %s", asked, corpus.TIMIT61, corpus.FSDD10)
}

// writeLabels writes a label set beside the manifest, a label a line, in which
// form it is found by its name.
func writeLabels(ctx context.Context, manifest string, set *corpus.LabelSet) error {
	if set == nil {
		return nil
	}
	var b bytes.Buffer
	for _, label := range set.Labels {
		fmt.Fprintln(&b, label)
	}
	return writeFile(ctx, filepath.Join(filepath.Dir(manifest), set.Name+".labels"), func(w io.Writer) error {
		_, err := b.WriteTo(w)
		return err
	})
}
