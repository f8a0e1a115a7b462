package main

import (
	"crypto/sha256"
	"encoding/hex"
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
