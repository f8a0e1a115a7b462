package pipelines

import (
	"testing"

	"framewise/corpus"
	"framewise/dataset"
)

// The digest of the default configuration is that of earlier builds: if it
// changes, every dataset is made again, and algorithmVersion or a line in the
// CHANGELOG has to say why.
func TestDigestStays(t *testing.T) {
	labels := &corpus.LabelSet{Name: "two", Labels: []string{"a", "sil"}, Silence: "sil"}
	for split, want := range map[string]string{
		"train": "786d7cd13d2f26800a278b2499c12303059b59105daabbc1bbebf813381bfa1a",
		"test":  "ed2cfc1821100cb0121a46cc84cc9a31541639323412f33113b47c13287b6666",
	} {
		got, err := Digest(DefaultBuildConfig(), 16000, dataset.Header{Split: split, Shards: 1, LabelSet: labels}, nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", split, got, want)
		}
	}
}
