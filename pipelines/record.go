package pipelines

import (
	"context"
	"fmt"

	"go.yaml.in/yaml/v3"

	"framewise/dataset"
)

// BuildRecord is the build.yaml that a build leaves in the dataset's folder:
// the configuration as resolved, and where the manifest was. No other file of
// a dataset says where anything was.
type BuildRecord struct {
	BuildConfig `yaml:",inline"`
	Corpus      string `yaml:"corpus"` // absolute path, or URI
}

// ReadRecord reads the build.yaml of a dataset.
func ReadRecord(ctx context.Context, dir string) (*BuildRecord, error) {
	path := dataset.JoinPath(dir, dataset.ConfigName)
	store, err := dataset.OpenStore(ctx, dir)
	if err != nil {
		return nil, err
	}
	text, err := store.ReadFile(ctx, dataset.ConfigName)
	if err != nil {
		return nil, fmt.Errorf("read the configuration of the build: %w", err)
	}
	r := BuildRecord{BuildConfig: DefaultBuildConfig()}
	if err := yaml.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("read %q: %w", path, err)
	}
	return &r, nil
}
