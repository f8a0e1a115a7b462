package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"framewise/model/results"
)

// A dataset of phones without alignments has no frame accuracy, which is not
// one of 0 %.
func TestPrintEvalWithoutFrameLabels(t *testing.T) {
	per, to := 0.25, 2.0
	e := &results.Eval{Split: "test", Loss: "ctc", Examples: 1, FramesIgnored: 90, PER: &per,
		PerSpeaker:  map[string]results.ScoreCount{"anna": {Examples: 1, Phones: 8, PER: &per}},
		ByUtterance: []results.DurationScore{{From: 0, To: &to, Examples: 1, PER: &per}}}
	var out bytes.Buffer
	cmd := &cobra.Command{}
	cmd.SetOut(&out)
	if err := printEval(cmd, e, true); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); strings.Contains(s, " 0.0") || !strings.Contains(s, "no frame has a label") || !strings.Contains(s, percent(per)) {
		t.Errorf("printed:\n%s", s)
	}
}
