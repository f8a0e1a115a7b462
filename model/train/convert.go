package train

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"framewise/corpus/files"
	"framewise/model/interchange"
	"framewise/model/results"
	"framewise/model/weights"
)

// SelectionImported is results.Run.Selection of a run whose weights came from
// another program.
const SelectionImported = "imported"

// ExportWeights writes the weights of a run's best epoch as another program has
// them; see package interchange.
func ExportWeights(run, program, out string) error {
	t, err := loadTrained(run)
	if err != nil {
		return err
	}
	ts, err := interchange.Export(t.net, t.front.F, program)
	if err != nil {
		return err
	}
	return weights.Write(out, weights.File{Tensors: ts, Meta: map[string]string{"format": "pt", "program": program, "dataset_sha256": t.run.DatasetSHA256}})
}

// ImportWeights makes a run folder that is like another, but for the network's
// weights, which are read from a file of another program. It has no metrics and
// no training to resume.
func ImportWeights(file, program, like, out string, rename map[string]string) error {
	if _, err := os.Stat(filepath.Join(out, results.RunFile)); err == nil {
		return fmt.Errorf("convert into %q: %w", out, ErrRunExists)
	}
	t, err := loadTrained(like)
	if err != nil {
		return err
	}
	f, err := weights.Read(file)
	if err != nil {
		return err
	}
	if err := interchange.Import(t.net, t.front.F, program, f, rename); err != nil {
		return fmt.Errorf("convert %q: %w", file, err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("run folder: %w", err)
	}
	for _, name := range []string{results.ConfigFile, results.FrontendFile, results.LinearFile, results.BigramFile} {
		b, err := files.ReadRegular(filepath.Join(like, name))
		if optional := name == results.LinearFile || name == results.BigramFile; optional && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("convert like %q: %w", like, err)
		}
		if err := weights.WriteFile(filepath.Join(out, name), b); err != nil {
			return err
		}
	}
	if err := weights.Write(filepath.Join(out, results.WeightsFile), weights.File{Tensors: t.net.Tensors("")}); err != nil {
		return err
	}
	run := *t.run
	run.Selection, run.Best, run.SecondsTraining, run.Finished = SelectionImported, 0, 0, true
	return writeJSON(filepath.Join(out, results.RunFile), run) // last: a folder without it is no run
}
