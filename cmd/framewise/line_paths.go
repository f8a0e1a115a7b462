package main

import (
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
	return absolute(path)
}

// seenFrom is where a path leads as seen from a folder, whatever the folder that
// the caller is in, however the two are written, and by whatever links they are
// reached: what digests and keys are made of. Below the folder, links are names
// like others; what lies elsewhere is where links end. So a project that is
// moved as a whole stays the same, unless it names what did not move with it.
func seenFrom(base, path string) string {
	if path == "" || corpus.IsRemote(path) {
		return path
	}
	folder, whole := resolved(base), absolute(path)
	for below, rest := whole, "."; ; {
		if resolved(below) == folder {
			return filepath.ToSlash(rest)
		}
		parent := filepath.Dir(below)
		if parent == below {
			break
		}
		below, rest = parent, filepath.Join(filepath.Base(below), rest)
	}
	rel, err := filepath.Rel(folder, resolved(whole))
	if err != nil { // on another drive
		return path
	}
	return filepath.ToSlash(rel)
}

// absolute is a path from the root, or the path itself where this process
// cannot know its own folder.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// resolved is the absolute path without links; what does not exist of it stays
// as it is written.
func resolved(path string) string {
	whole, rest := absolute(path), ""
	for dir := whole; ; dir = filepath.Dir(dir) {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(real, rest)
		}
		if dir == filepath.Dir(dir) {
			return whole
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
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
