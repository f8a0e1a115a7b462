package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"framewise/bench/result"
)

func TestSection(t *testing.T) {
	r := result.Run{Command: "make bench-x", CPU: "A CPU", Cores: 2, Load: 0.42, Vectors: "avx512", System: "linux/amd64", Go: "go1", Date: "2026-01-02", Peers: []string{"knf 1", "soxr 2"}, Rounds: 7, Notes: []string{"Of\n note."}}
	rows := []result.Row{
		{Work: "log-mel", Against: "knf 1", Setting: "avx512", OursS: 0.02, TheirsS: 0.5, Ratio: 25, RatioMin: 24.13, RatioMax: 1026, Rounds: 7, Unit: "audio-s", Size: 600, Target: 25},
		{Work: "resample", Against: "soxr 2", Setting: "avx512", Skipped: "no\n such | thing"},
		{Work: "log-mel", Against: "knf 1", Setting: "scalar", OursS: 0.2, TheirsS: 0.5, Ratio: 2.5, RatioMin: 2.4, RatioMax: 2.6, Rounds: 7, Unit: "audio-s", Size: 600},
		{Work: "mfcc", Against: "knf 1", Setting: "scalar", OursS: 0.2, TheirsS: 0.5, Ratio: 2.5, RatioMin: 2.4, RatioMax: 2.6, Rounds: 7, Unit: "audio-s", Size: 600, Target: 1.3},
		{Work: "log-mel", Against: "knf 1", Setting: "scalar", OursMB: 20, TheirsMB: 400, Ratio: 20, RatioMin: 19, RatioMax: 21, Rounds: 5, Unit: "audio-s", Size: 600},
	}
	want := "`make bench-x` on A CPU, 2 cores, avx512 at most, linux/amd64, go1, 2026-01-02: medians of 7 rounds. The load average was 0.4 as they began.\n" + `
Peers: knf 1, soxr 2.

| work | against | our speed | avx512 | scalar |
| --- | --- | --- | --- | --- |
| log-mel | knf 1 | 30,000 audio-s/s | **25.0** (24.1..1,030) of 25 | **2.50** (2.40..2.60) |
| mfcc | knf 1 | 3,000 audio-s/s | | **2.50** (2.40..2.60) of 1.3 |

| work | against | our memory | scalar |
| --- | --- | --- | --- |
| log-mel | knf 1 | 20.0 MB | **20.0** (19.0..21.0) |

- Of note.
- Not measured: resample against soxr 2 (avx512): no such \| thing
`
	if got := section(r, rows); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0.064: "0.06", 1.2: "1.20", 9.996: "10.0", 99.96: "100", 999.4: "999", 999.6: "1,000", 27345: "27,300", 1234567: "1,230,000"} {
		if got := number(v); got != want {
			t.Errorf("number(%v) = %s, want %s", v, got, want)
		}
	}
}

func TestRunReplacesOnlyWhatIsBetweenItsMarkers(t *testing.T) {
	dir := t.TempDir()
	page := filepath.Join(dir, "page.md")
	const before = "Prose.\n<!-- bench:x -->\nold\n<!-- end bench:x -->\nMore.\n<!-- bench:y -->\nkept\n<!-- end bench:y -->\n"
	if err := os.WriteFile(page, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run(dir, page); err == nil || !strings.Contains(err.Error(), "no results") {
		t.Errorf("without results: %v, want an error that says so", err)
	}
	row := result.Row{Work: "w", Against: "p 1", Setting: "s", OursS: 1, TheirsS: 2, Ratio: 2, RatioMin: 2, RatioMax: 2, Rounds: 5, Unit: "u", Size: 1}
	if err := result.WriteRows(filepath.Join(dir, "x.jsonl"), []result.Row{row}); err != nil {
		t.Fatal(err)
	}
	if err := run(dir, page); err == nil {
		t.Error("without x.json: no error, want one")
	}
	if err := result.WriteRun(filepath.Join(dir, "x.json"), result.NewRun("x", "make bench-x")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second time changes nothing
		if err := run(dir, page); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(got), "<!-- bench:x -->")
	table, tail, _ := strings.Cut(rest, "<!-- end bench:x -->")
	if head != "Prose.\n" || !strings.HasSuffix(tail, "kept\n<!-- end bench:y -->\n") || strings.Contains(table, "old") || strings.Count(table, "| w | p 1 | 1.00 u/s | **2.00** (2.00..2.00) |") != 1 {
		t.Errorf("the page is\n%s", got)
	}
}

func TestRunNamesAMissingMarker(t *testing.T) {
	for _, doc := range []string{"no markers", "<!-- bench:x -->\n"} {
		if _, err := result.Replace(doc, "x", "text"); err == nil || !strings.Contains(err.Error(), "bench:x -->") {
			t.Errorf("%q: %v, want an error that names the marker", doc, err)
		}
	}
}
