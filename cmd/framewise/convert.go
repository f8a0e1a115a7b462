package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"framewise/model/interchange"
	"framewise/model/train"
)

func newConvertCommand() *cobra.Command {
	var to, from, like, out string
	var renames []string
	programs := strings.Join(interchange.Programs, " or ")
	cmd := &cobra.Command{
		Use:   "convert RUN --to pytorch|keras --out FILE | FILE --from pytorch|keras --like RUN --out RUN",
		Short: "Weights to and from PyTorch and Keras, as safetensors",
		Long: `Convert writes the weights of a run as a PyTorch state_dict or as Keras' variables, in a
safetensors file, or makes a run of such a file. docs/interchange has the modules in
both programs that take them and give the same posteriors; Keras' own .keras and .h5
files are written and read there. A run made from a file is like the run named by
--like, its front end and baseline too, but for the network's weights.` + "\n" + exitHelp,
		Example: `  framewise convert run --to pytorch --out weights.safetensors
  framewise convert weights.safetensors --from pytorch --like run --out run2
  framewise convert lstm.safetensors --from pytorch --rename encoder=recurrent --rename fc=output --like run --out run2`,
		Args: exactArgs(1, "one run folder or file of weights"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needFlag(cmd, "out", out); err != nil {
				return err
			}
			if (to == "") == (from == "") {
				return usagef("want one of --to and --from; see `%s --help`", cmd.CommandPath())
			}
			if program := to + from; program != interchange.PyTorch && program != interchange.Keras {
				return usagef("%q: want %s", program, programs)
			}
			if to != "" {
				if err := needDir("run", args[0]); err != nil {
					return err
				}
				if err := train.ExportWeights(args[0], to, out); err != nil {
					return err
				}
			} else if err := importWeights(cmd, args[0], from, like, out, renames); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), out)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&to, "to", "", "write a run's weights for "+programs)
	f.StringVar(&from, "from", "", "read weights of "+programs)
	f.StringVar(&like, "like", "", "with --from: the run whose network the weights are for")
	f.StringVar(&out, "out", "", "file, or with --from run folder, to write")
	f.StringArrayVar(&renames, "rename", nil, "with --from: THEIRS=OURS, other beginnings of tensors' names; repeatable")
	return cmd
}

func importWeights(cmd *cobra.Command, file, program, like, out string, renames []string) error {
	if err := errors.Join(needFlag(cmd, "like", like), needFile("weights", file)); err != nil {
		return asUsage(err)
	}
	if err := needDir("run", like); err != nil {
		return err
	}
	rename := map[string]string{}
	for _, r := range renames {
		theirs, ours, ok := strings.Cut(r, "=")
		if !ok || theirs == "" {
			return usagef("--rename %s: want THEIRS=OURS", r)
		}
		rename[theirs] = ours
	}
	err := train.ImportWeights(file, program, like, out, rename)
	if errors.Is(err, train.ErrRunExists) {
		return asUsage(err)
	}
	return err
}
