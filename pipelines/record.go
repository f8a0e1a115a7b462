package pipelines

import (
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"framewise/dataset"
)

// BuildRecord is the build.yaml that a build leaves in the dataset's folder:
// the configuration as resolved, and where the manifest was. No other file of
// a dataset says where anything was.
type BuildRecord struct {
	BuildConfig `yaml:",inline"`
	Corpus      string `yaml:"corpus"` // absolute path
}

// ReadRecord reads the build.yaml of a dataset.
func ReadRecord(dir string) (*BuildRecord, error) {
	path := filepath.Join(dir, dataset.ConfigName)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration of the build: %w", err)
	}
	r := BuildRecord{BuildConfig: DefaultBuildConfig()}
	if err := yaml.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("read %q: %w", path, err)
	}
	return &r, nil
}
