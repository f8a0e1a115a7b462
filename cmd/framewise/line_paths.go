package main

import (
	"errors"
	"path/filepath"

	"framewise/corpus"
	"framewise/pipelines"
)

// from is a path as seen from a folder, unless it is absolute or elsewhere.
func from(base, path string) string {
	if path == "" || filepath.IsAbs(path) || corpus.IsRemote(path) {
		return path
	}
	return filepath.Join(base, path)
}

// spelledFrom is a path as a file in a folder has to spell it for from to give
// that path again. What is elsewhere and was given absolute stays so.
func spelledFrom(base, path string) string {
	if path == "" || corpus.IsRemote(path) {
		return path
	}
	if rel, err := filepath.Rel(base, path); err == nil && (filepath.IsLocal(rel) || !filepath.IsAbs(path)) {
		return filepath.ToSlash(rel)
	}
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// seenFrom is a path as a file in a folder would spell it, whatever the folder
// that the caller is in and however the two are written: what digests and keys
// are made of.
func seenFrom(base, path string) string {
	if path == "" || corpus.IsRemote(path) {
		return path
	}
	b, errBase := filepath.Abs(base)
	p, errPath := filepath.Abs(path)
	rel, err := filepath.Rel(b, p)
	if errors.Join(errBase, errPath, err) != nil { // on another drive
		return path
	}
	return filepath.ToSlash(rel)
}

// buildSeenFrom is the configuration of the build with paths as seenFrom spells
// them.
func (l *lineFile) buildSeenFrom(base string) pipelines.BuildConfig {
	return withSounds(l.Build.Config, func(path string) string { return seenFrom(base, path) })
}

// withSounds is a configuration whose paths of noises and impulse responses are
// what respell makes of them.
func withSounds(c pipelines.BuildConfig, respell func(path string) string) pipelines.BuildConfig {
	sounds := c.Augment.Manifests()
	for effect, path := range sounds {
		sounds[effect] = respell(path)
	}
	c.Augment = c.Augment.WithManifests(sounds)
	return c
}
