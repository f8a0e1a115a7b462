// Table makes the tables of docs/benchmarks.md from what the benchmarks left in
// bench/out: `make bench-docs`. The page has a pair of markers for each target,
//
//	<!-- bench:spectra -->
//	<!-- end bench:spectra -->
//
// and everything between them is replaced. A target that was not run here keeps
// what stands there.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"framewise/bench/result"
)

func main() {
	out := flag.String("out", "bench/out", "folder of the results")
	page := flag.String("page", "docs/benchmarks.md", "the page to write")
	flag.Parse()
	if err := run(*out, *page); err != nil {
		fmt.Fprintln(os.Stderr, "bench table:", err)
		os.Exit(1)
	}
}

func run(out, page string) error {
	files, err := filepath.Glob(filepath.Join(out, "*.jsonl"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%s has no results: run a bench target first, such as `make bench-spectra`", out)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	doc := string(text)
	for _, file := range files {
		target := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		rows, err := result.ReadRows(file)
		if err != nil {
			return err
		}
		r, err := result.ReadRun(strings.TrimSuffix(file, ".jsonl") + ".json")
		if err != nil {
			return err
		}
		if doc, err = replace(doc, target, section(r, rows)); err != nil {
			return fmt.Errorf("%s: %w", page, err)
		}
	}
	return os.WriteFile(page, []byte(doc), 0o644)
}

// replace puts text between the markers of a target.
func replace(doc, target, text string) (string, error) {
	begin, end := fmt.Sprintf("<!-- bench:%s -->", target), fmt.Sprintf("<!-- end bench:%s -->", target)
	head, rest, ok := strings.Cut(doc, begin)
	if !ok {
		return "", fmt.Errorf("there is no line %q, want it and %q where the tables go", begin, end)
	}
	_, tail, ok := strings.Cut(rest, end)
	if !ok {
		return "", errors.New("there is no line \"" + end + "\" after \"" + begin + "\"")
	}
	return head + begin + "\n" + strings.TrimSpace(text) + "\n" + end + tail, nil
}
