package corpus

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"framewise/corpus/files"
)

// eachLine reads a text file a line at a time, through gzip if it begins as
// gzip does, and gives fn every line that is not blank. A line that is longer
// than MaxLine or not UTF-8 reaches fn as a problem without a text. The text is
// valid until fn returns; what fn returns ends the reading.
func eachLine(file string, fn func(line int, text []byte, p *Problem) error) (err error) {
	f, _, err := files.OpenRegular(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	br := bufio.NewReaderSize(f, 64<<10)
	if magic, _ := br.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(br)
		if err != nil {
			return fmt.Errorf("read %q: %w", file, err)
		}
		br = bufio.NewReaderSize(z, 64<<10)
	}
	if err := readLines(br, fn); err != nil {
		return fmt.Errorf("read %q: %w", file, err)
	}
	return nil
}

// readLines is eachLine for a text that is open.
func readLines(br *bufio.Reader, fn func(line int, text []byte, p *Problem) error) error {
	var buf []byte
	for line := 1; ; line++ {
		buf = buf[:0]
		n, err := readLine(br, &buf)
		if err != nil && err != io.EOF {
			return fmt.Errorf("line %d: %w", line, err)
		}
		if n == 0 {
			return nil
		}
		b := buf
		if line == 1 {
			b = bytes.TrimPrefix(b, []byte("\ufeff"))
		}
		b = bytes.TrimSpace(b)
		switch {
		case n > MaxLine:
			err = fn(line, nil, lineProblem(line, BadManifest, fmt.Sprintf("the line has %d bytes, want at most %d", n, MaxLine)))
		case len(b) == 0:
			continue
		case !utf8.Valid(b):
			err = fn(line, nil, lineProblem(line, BadManifest, fmt.Sprintf("%.40q is not UTF-8", b)))
		default:
			err = fn(line, b, nil)
		}
		if err != nil {
			return err
		}
	}
}

// listFiles is walkFiles for a folder, or for a single file, and the folder.
func listFiles(name string, n notes) (dir string, files []corpusFile, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", nil, err
	}
	if !info.IsDir() {
		return filepath.Dir(name), []corpusFile{{rel: filepath.Base(name), path: name}}, nil
	}
	files, err = walkFiles(name, n)
	return name, files, err
}

// hasSuffix says whether a name ends with one of the suffixes, in any case.
func hasSuffix(name string, suffixes ...string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(name, s) })
}

// decodeLine reads a line of JSON into v.
func decodeLine(text []byte, v any) *Problem {
	if err := json.Unmarshal(text, v); err != nil {
		return &Problem{Reason: BadManifest, Detail: fmt.Sprintf("%.40q is not the JSON that is expected: %v", text, err)}
	}
	return nil
}
