package main

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"
)

// sum is the SHA-256 of a file, and its size.
func sum(path string) (string, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// command is what makes these rows again: the make target, and the flags that
// were changed.
func command() string {
	s, flags := "make bench-scale", ""
	flag.Visit(func(f *flag.Flag) {
		if f.Name != "bench" && f.Name != "framewise" {
			flags += fmt.Sprintf(" -%s %s", f.Name, f.Value)
		}
	})
	if flags != "" {
		s += fmt.Sprintf(" BENCHFLAGS='%s'", flags[1:])
	}
	return s
}
