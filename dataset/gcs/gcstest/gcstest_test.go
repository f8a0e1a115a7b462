package gcstest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/fsouza/fake-gcs-server/fakestorage"
)

func TestUploadKeepsFoldersAndBytes(t *testing.T) {
	s := Start(t, "b", "other")
	dir := t.TempDir()
	want := map[string]string{"c.jsonl": "{}\n", "speech/dr1/a.wav": "RIFF\x00\xff", "speech/empty": ""}
	for name, text := range want {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	Upload(t, dir, "gs://b/some/folder")
	for name, text := range want {
		o, err := s.Fake.GetObject("b", "some/folder/"+name)
		if err != nil || string(o.Content) != text {
			t.Errorf("%s: %q, %v, want %q", name, o.Content, err, text)
		}
	}
	for bucket, n := range map[string]int{"b": len(want), "other": 0} {
		if all, err := s.Fake.ListObjectsWithOptionsPaginated(bucket, fakestorage.ListOptions{}); err != nil || len(all.Objects) != n {
			t.Errorf("bucket %s: %d objects, %v, want %d", bucket, len(all.Objects), err, n)
		}
	}
}
