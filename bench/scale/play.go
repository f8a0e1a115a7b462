package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"

	"go.yaml.in/yaml/v3"

	"framewise/pipelines"
	"framewise/runners"
)

// player does what one process does: makes inputs, or is one side of a
// comparison.
func player(what string, args []string) error {
	switch fmt.Sprint(what, len(args)) {
	case "paper2": // manifest, utterances
		n, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		return paper(args[0], n)
	case "record3": // folder, hours, kind
		n, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		return record(args[0], n, args[2] == long)
	case "rehearse1": // manifest
		_, err := pipelines.Rehearse(context.Background(), pipelines.BuildOptions{Manifest: args[0],
			Config: pipelines.DefaultBuildConfig(), Run: runners.Func(runners.Default, runners.Options{})})
		return err
	case "list1": // manifest
		_, err := list(args[0], pipelines.DefaultBuildConfig(), false)
		return err
	case "loop3": // manifest, configuration, folder
		c, err := readConfig(args[1])
		if err != nil {
			return err
		}
		return loop(args[0], c, args[2], runtime.GOMAXPROCS(0))
	}
	return fmt.Errorf("-play %s with %d arguments is not known", what, len(args))
}

func readConfig(path string) (pipelines.BuildConfig, error) {
	c := pipelines.DefaultBuildConfig()
	text, err := os.ReadFile(path)
	if err != nil {
		return c, err
	}
	return c, yaml.Unmarshal(text, &c)
}
