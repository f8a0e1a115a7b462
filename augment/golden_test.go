package augment

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"framewise/corpus/draw"
)

// randomCorpus draws the corpora of the tests; testdata/make_golden.py does so
// by the same rule.
func randomCorpus(n, speakers int, seed uint64) []Member {
	ms := make([]Member, n)
	for i := range ms {
		k := draw.New(seed, "golden", fmt.Sprint(i), 0)
		m := Member{Split: "train", Rate: 16000, Ref: Ref{Offset: int64(100 * i), Length: int32(90 + i%9)}}
		if k.IntN(0, 10) == 0 {
			m.Split = "dev"
		}
		if k.IntN(1, 3) == 2 {
			m.Rate = 11025
		}
		m.Samples = int64(k.Between(2, 30, 900) * m.Rate / 100)
		if who := k.IntN(3, speakers); k.IntN(4, 20) != 0 {
			m.Speaker = fmt.Sprintf("%s-%d", m.Split, who)
		}
		m.ID = fmt.Sprintf("%s/utt%04d", m.Split, i)
		ms[i] = m
	}
	return ms
}

// planText lists recipes as the golden file does.
func planText(rs []Recipe) string {
	var b strings.Builder
	for _, r := range rs {
		fmt.Fprintf(&b, "%s %s %s", r.ID, r.Split, r.Variant)
		for _, p := range r.Parts {
			fmt.Fprintf(&b, " %s@%d+%d:%d", p.Utterance, p.Ref.Offset, p.Ref.Length, p.Gap)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// The golden plans come from testdata/make_golden.py, which shares no code with
// this package. A difference means that existing datasets would be planned
// otherwise: a new format version, not a new golden file.
func TestPlanIsTheGoldenOne(t *testing.T) {
	f, err := os.Open("testdata/plan.golden")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var name, got string
	var want strings.Builder
	cases := 0
	finish := func() {
		if cases > 0 && got != want.String() {
			t.Errorf("case %s\ngot\n%swant\n%s", name, got, want.String())
		}
		want.Reset()
	}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		kind, rest, _ := strings.Cut(lines.Text(), " ")
		switch kind {
		case "case":
			finish()
			name, cases = rest, cases+1
			got = planText(goldenCase(t, rest))
		case "recipe":
			want.WriteString(rest + "\n")
		case "digest":
			got = fmt.Sprintf("%d %x\n", strings.Count(got, "\n"), sha256.Sum256([]byte(got)))
			want.WriteString(rest + "\n")
		}
	}
	finish()
	if cases != 8 {
		t.Errorf("%d golden cases, want 8", cases)
	}
}

func goldenCase(t *testing.T, line string) []Recipe {
	t.Helper()
	var n, speakers, rate int
	var seed uint64
	var c Config
	fields := strings.SplitN(line, " ", 5)
	if _, err := fmt.Sscan(strings.Join(fields[:4], " "), &n, &speakers, &seed, &rate); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(fields[4]), &c); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return Plan(randomCorpus(n, speakers, seed), c, seed, rate)
}
