package train

import (
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"

	"framewise/model"
)

// A run folder's config.yaml has to bring back the network that was trained,
// not the default one.
func TestConfigKeepsTheNetworkThroughYAML(t *testing.T) {
	for _, name := range model.Presets() {
		want := DefaultConfig()
		var err error
		if want.Network, err = model.Preset(name); err != nil {
			t.Fatal(err)
		}
		want.Network.Layers, want.Epochs = 3, 7
		text, err := yaml.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := ReadConfig(path)
		if err != nil || got != want {
			t.Errorf("%s: %+v became %+v (%v)", name, want, got, err)
		}
	}
}
