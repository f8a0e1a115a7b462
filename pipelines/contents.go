package pipelines

import (
	"context"

	"framewise/augment"
)

// SoundContents names the recordings that the effects of a configuration draw
// from, by effect, by their content: another recording, another id, or one more,
// gives another name, another path does not. It reads all of them. The error is
// a *ConfigError that names the file.
func SoundContents(ctx context.Context, c augment.Config) (map[string]string, error) {
	lists, err := readSounds(ctx, c, true)
	if err != nil {
		return nil, err
	}
	return lists.contents(), nil
}
