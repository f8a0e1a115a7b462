package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"framewise/corpus"
	"framewise/dataset"
	"framewise/pipelines"
)

// Exit codes, as every command's help states them.
const (
	exitDone        = 0
	exitWrong       = 1 // the data or the result is wrong
	exitUsage       = 2 // the call is wrong
	exitEnvironment = 3 // the environment failed
)

// coded is an error that knows the exit code it asks for.
type coded struct {
	code int
	err  error
}

func (c coded) Error() string { return c.err.Error() }
func (c coded) Unwrap() error { return c.err }

// usagef makes an error of a wrong call.
func usagef(format string, args ...any) error {
	return coded{exitUsage, fmt.Errorf(format, args...)}
}

// asUsage marks err, if it is one, as an error of the call.
func asUsage(err error) error {
	if err == nil {
		return nil
	}
	return coded{exitUsage, err}
}

// wrongf makes an error of wrong data or a wrong result.
func wrongf(format string, args ...any) error {
	return coded{exitWrong, fmt.Errorf(format, args...)}
}

// exitCode maps an error to the exit code of the process.
func exitCode(err error) int {
	var c coded
	switch {
	case errors.As(err, &c):
		return c.code
	case errors.Is(err, dataset.ErrNoStore):
		return exitUsage // a bucket that the command line names
	case errors.Is(err, dataset.ErrUnavailable), errors.Is(err, fs.ErrPermission), errors.Is(err, pipelines.ErrLocked),
		errors.Is(err, pipelines.ErrUnsteady), errors.As(err, new(*os.SyscallError)), machineFault(err):
		return exitEnvironment
	default:
		return exitWrong
	}
}

// machineFault says whether an error is one of a machine that is full, worn out
// or set too tight, and not of what it was asked to do.
func machineFault(err error) bool {
	var no syscall.Errno
	return errors.As(err, &no) && slices.Contains([]syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EIO,
		syscall.EROFS, syscall.EFBIG, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM}, no)
}

// needFile is an error of the call unless path names a file that is there.
func needFile(what, path string) error { return needPath(what, path, false) }

// needInput is needFile for a file that may be remote.
func needInput(ctx context.Context, what, path string) error {
	if !corpus.IsRemote(path) {
		return needFile(what, path)
	}
	_, err := dataset.StatFile(ctx, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usagef("%s %q does not exist", what, path)
	case errors.Is(err, fs.ErrInvalid):
		return asUsage(err)
	}
	return err
}

// needDataset is an error of the call unless path names a folder that is there,
// or a store that can be asked for one.
func needDataset(ctx context.Context, what, path string) error {
	if !corpus.IsRemote(path) {
		return needDir(what, path)
	}
	_, err := dataset.OpenStore(ctx, path)
	if errors.Is(err, fs.ErrInvalid) {
		return asUsage(err)
	}
	return err
}

// needDir is an error of the call unless path names a folder that is there.
func needDir(what, path string) error { return needPath(what, path, true) }

func needPath(what, path string, dir bool) error {
	info, err := os.Stat(path)
	kind := map[bool]string{false: "file", true: "folder"}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usagef("%s %q does not exist", what, path)
	case err != nil:
		return fmt.Errorf("%s: %w", what, err)
	case info.IsDir() != dir:
		return usagef("%s %q is a %s, want a %s", what, path, kind[!dir], kind[dir])
	}
	return nil
}

// needFlag is an error of the call unless the flag was given a value.
func needFlag(cmd *cobra.Command, name, value string) error {
	if value == "" {
		return usagef("--%s is needed; see `%s --help`", name, cmd.CommandPath())
	}
	return nil
}

// exactArgs is cobra.ExactArgs with a sentence that says what is expected.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usagef("%s takes %s, got %d arguments; see `%s --help`", cmd.CommandPath(), what, len(args), cmd.CommandPath())
		}
		return nil
	}
}

// minArgs is exactArgs with no upper bound.
func minArgs(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return usagef("%s takes %s, got %d arguments; see `%s --help`", cmd.CommandPath(), what, len(args), cmd.CommandPath())
		}
		return nil
	}
}
