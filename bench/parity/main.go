// Parity trains the same network on the same batches with framewise and with
// PyTorch and compares what comes of it: `make bench-parity`. Both begin with
// the same weights and make the same updates; only what dropout drops is drawn
// by each program in its own way.
//
// It writes the curves to bench/out/parity.jsonl, the figure to
// docs/images/parity.svg and the table to docs/training.md, and exits with 1 if
// the programs end more than a point apart.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"framewise/bench/result"
)

// options are what the command line says.
type options struct {
	bench   string // the folder bench of the repository
	data    string // folder of a dataset; "" = the demo's, which is made
	seeds   int
	epochs  int
	threads int
	docs    string // the folder whose training.md and images are written; "" = none
}

// work is the folder of what both programs read and leave behind.
func (o options) work() string { return filepath.Join(o.bench, ".cache", "parity") }

func main() {
	var o options
	flag.StringVar(&o.bench, "bench", "bench", "the repository's folder bench, with .venv-train, .cache and out")
	flag.StringVar(&o.data, "data", "", "folder of a dataset with train, dev and test; none: the demo's, which bin/framewise makes")
	flag.IntVar(&o.seeds, "seeds", 3, "seeds, from 1")
	flag.IntVar(&o.epochs, "epochs", 12, "epochs of each")
	flag.IntVar(&o.threads, "threads", 1, "threads of both programs")
	flag.StringVar(&o.docs, "docs", "docs", "folder of the documentation, whose figure and table are written; none: they are left alone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := error(nil)
	if flag.NArg() > 0 || o.seeds < 1 || o.epochs < 1 || o.threads < 1 {
		err = fmt.Errorf("want no arguments, and seeds, epochs and threads of at least 1; --help lists the flags")
	} else {
		err = run(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench parity:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	if err := o.prepare(ctx); err != nil {
		return err
	}
	var curves []epoch
	for seed := 1; seed <= o.seeds; seed++ {
		fmt.Fprintf(os.Stderr, "seed %d of %d\n", seed, o.seeds)
		both, _, err := o.both(ctx, fmt.Sprintf("seed-%d", seed), o.config(uint64(seed), o.epochs))
		if err != nil {
			return err
		}
		curves = append(curves, both...)
	}
	// Without dropout nothing is drawn by the programs themselves.
	fmt.Fprintln(os.Stderr, "without dropout")
	c := o.config(1, 3)
	c.Network.Dropout, c.Network.Between = 0, 0
	_, losses, err := o.both(ctx, "still", c)
	if err != nil {
		return err
	}
	out := filepath.Join(o.bench, "out")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	if err := result.WriteLines(filepath.Join(out, "parity.jsonl"), curves); err != nil {
		return err
	}
	if err := result.WriteLines(filepath.Join(out, "parity-losses.jsonl"), losses); err != nil {
		return err
	}
	rows := summarize(curves)
	text := table(rows, losses)
	fmt.Println(text)
	if o.docs != "" {
		if err := o.document(curves, text); err != nil {
			return err
		}
	}
	return verdict(rows)
}

// document writes the figure and the table into the documentation.
func (o options) document(curves []epoch, table string) error {
	images := filepath.Join(o.docs, "images")
	if err := os.MkdirAll(images, 0o755); err != nil {
		return err
	}
	if err := drawCurves(filepath.Join(images, "parity.svg"), curves); err != nil {
		return err
	}
	page := filepath.Join(o.docs, "training.md")
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	doc, err := result.Replace(string(text), "parity", table)
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	return os.WriteFile(page, []byte(doc), 0o644)
}
