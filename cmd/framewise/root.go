package main

import (
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"framewise/dataset"
	_ "framewise/dataset/gcs" // gs:// paths
	"framewise/transforms"
	"framewise/transforms/spelling"
)

// version is the program's; it goes into run folders.
const version = "0.1.0"

const exitHelp = `
Exit codes: 0 done, 1 the data or the result is wrong, 2 the call is wrong
(a flag, a key, a file that is not there), 3 the environment failed.`

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "framewise",
		Short: "From recordings with phone segmentations to a trained framewise model",
		Long: `framewise turns recordings with phone segmentations into augmented, sharded
training tensors with Apache Beam, and trains CNN + bidirectional-LSTM acoustic
models from them with Gorgonia.

  corpus on disk  ->  import  ->  corpus.jsonl  ->  build  ->  shards  ->  train  ->  eval, predict, report

Start with: framewise demo
` + exitHelp,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q%s; see `framewise --help`", args[0], spelling.Hint(args[0], commandNames(cmd)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var verbose, logJSON bool
	var cache string
	root.PersistentFlags().BoolVarP(&verbose, "verbose", "v", false, "log what happens inside, the runner's messages too")
	root.PersistentFlags().BoolVar(&logJSON, "log-json", false, "logs as JSON lines")
	root.PersistentFlags().StringVar(&cache, "cache", "", "folder for copies of gs:// files (default: $"+dataset.CacheEnv+", or the user's cache folder)")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if cache != "" {
			// Workers that are started from here inherit it.
			if err := os.Setenv(dataset.CacheEnv, cache); err != nil {
				return usagef("--cache: %w", err)
			}
		}
		level := slog.LevelWarn
		if verbose {
			level = slog.LevelDebug
		}
		opts := &slog.HandlerOptions{Level: level}
		var handler slog.Handler = slog.NewTextHandler(cmd.ErrOrStderr(), opts)
		if logJSON {
			handler = slog.NewJSONHandler(cmd.ErrOrStderr(), opts)
		}
		slog.SetDefault(slog.New(handler))
		if err := transforms.KernelSetting(); err != nil {
			slog.Warn("vector instructions", "err", err)
		}
		return nil
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("%w; see `%s --help`", err, cmd.CommandPath())
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		newDemoCommand(), newSynthCommand(), newImportCommand(), newCheckCommand(),
		newPlanCommand(), newBuildCommand(), newFeaturesCommand(), newVerifyCommand(),
		newInspectCommand(), newRenderCommand(), newExportCommand(), newTrainCommand(), newEvalCommand(),
		newPredictCommand(), newReportCommand(), newRunCommand(), newSweepCommand(), newConvertCommand(), newDoctorCommand(),
	)
	return root
}

func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return names
}
