package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
)

// printJSON writes one indented JSON document to standard output.
func printJSON(cmd *cobra.Command, v any) error { return writeIndented(cmd.OutOrStdout(), v) }

func writeIndented(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// printYAML writes the keys of several structs as one YAML document to standard
// output.
func printYAML(cmd *cobra.Command, parts ...any) error {
	for _, v := range parts {
		if reflect.ValueOf(v).IsZero() {
			continue
		}
		enc := yaml.NewEncoder(cmd.OutOrStdout())
		enc.SetIndent(2)
		if err := errors.Join(enc.Encode(v), enc.Close()); err != nil {
			return err
		}
	}
	return nil
}

// table lines up rows of cells under a header.
func table(w io.Writer, header []string, rows [][]string) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, row := range append([][]string{header}, rows...) {
		for _, cell := range row {
			fmt.Fprintf(tw, "%s\t", cell)
		}
		fmt.Fprintln(tw)
	}
	return tw.Flush()
}

func percent(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

func sortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func sorted(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return names
}
