// Command framewise turns recordings with phone segmentations into augmented,
// sharded training tensors and trains framewise speech models from them.
//
// Results go to standard output, logs and progress to standard error. The exit
// code is 0 when the work is done, 1 when the data or the result is wrong, 2
// when the call is wrong and 3 when the environment failed.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"framewise/runners"
)

func main() {
	// A Beam worker is this same binary, started with flags only.
	runners.WorkerMode()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program but for the process: tests call it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(stderr, "framewise: %v\n", err)
	return exitCode(err)
}
