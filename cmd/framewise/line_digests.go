package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"framewise/dataset"
	"framewise/model/results"
	"framewise/runners/stages"
)

// corpusDigest is that of the manifest and of the label set beside it, or "" if
// there is no manifest.
func (l *line) corpusDigest() (string, error) {
	name, err := labelSetName(l.Corpus, "")
	if err != nil {
		return "", err
	}
	dir, _ := dataset.SplitPath(l.Corpus)
	var files []string
	for _, path := range []string{l.Corpus, dataset.JoinPath(dir, name+".labels")} {
		local, err := l.here(path)
		if err != nil || local == "" && path == l.Corpus {
			return "", err
		}
		if local != "" {
			files = append(files, local)
		}
	}
	return stages.DigestFiles(files...)
}

// here is where the content of a file lies on this machine, or "" if there is
// no such file.
func (l *line) here(path string) (string, error) {
	local, err := dataset.LocalCopy(l.cmd.Context(), path)
	if err == nil {
		_, err = os.Stat(local)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case errors.Is(err, fs.ErrInvalid): // a kind of storage that there is not
		return "", asUsage(err)
	}
	return local, err
}

// dataset is the checksum of what the build makes, or "" unless all of its
// shards are there in their sizes. `framewise verify` looks at every bit.
func (l *line) dataset() (string, error) {
	ctx, dir := l.cmd.Context(), l.Build.Places.Out
	store, err := dataset.OpenStore(ctx, dir)
	if err != nil {
		return "", asUsage(err)
	}
	d, err := dataset.Open(ctx, dir)
	if errors.Is(err, dataset.ErrUnavailable) || errors.Is(err, dataset.ErrNoStore) || errors.Is(err, fs.ErrPermission) {
		return "", err
	}
	if err != nil {
		return "", nil
	}
	files, err := store.List(ctx, ".")
	if err != nil {
		return "", err
	}
	sizes := map[string]int64{}
	for _, f := range files {
		sizes[f.Name] = f.Size
	}
	for _, split := range d.Manifest.Splits {
		for _, shard := range split.Shards {
			if size, ok := sizes[shard.Path]; !ok || size != shard.Bytes {
				return "", nil
			}
		}
	}
	return d.SHA256(), nil
}

// trainDigest is that of a finished run's weights.
func (l *line) trainDigest() (string, error) {
	if stands, err := l.finished(); err != nil || !stands {
		return "", err
	}
	return stages.DigestFiles(filepath.Join(l.Train.Places.Out, results.WeightsFile))
}

// finished says whether the run folder holds a run that came to its end. One
// that has to be made all the same is not gone on with: it was trained on
// something else, or its weights are not those that it ended with. Where nothing
// is remembered of it, it is taken for what its configuration says.
func (l *line) finished() (bool, error) {
	run, err := l.readRun()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && run.Finished, err
}

// readRun reads the run.json of the run folder.
func (l *line) readRun() (*results.Run, error) {
	run, err := results.ReadRun(filepath.Join(l.Train.Places.Out, results.RunFile))
	if errors.Is(err, results.ErrDamaged) {
		return nil, wrongf("%w; or remove it, and the run is moved aside and another one trained", err)
	}
	return run, err
}

// trained says whether the run folder holds something that was learned.
func (l *line) trained() bool {
	for _, name := range []string{results.LastFile, results.WeightsFile} {
		if isFile(filepath.Join(l.Train.Places.Out, name)) {
			return true
		}
	}
	return false
}
