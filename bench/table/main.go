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
	files, err := filepath.Glob(filepath.Join(out, "*.json"))
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
		target := strings.TrimSuffix(filepath.Base(file), ".json")
		rows, err := result.ReadRows(file + "l")
		if err != nil {
			return err
		}
		r, err := result.ReadRun(file)
		if err != nil {
			return err
		}
		if doc, err = result.Replace(doc, target, section(r, rows)); err != nil {
			return fmt.Errorf("%s: %w", page, err)
		}
	}
	return os.WriteFile(page, []byte(doc), 0o644)
}
