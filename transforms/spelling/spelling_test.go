package spelling

import (
	"fmt"
	"strings"
	"testing"
)

func TestHint(t *testing.T) {
	many := strings.Fields("accumulate batch blas checkpoint cmvn decode epochs folding hidden layers loss optimizer preset seed")
	for _, c := range []struct {
		got   string
		known []string
		want  string
	}{
		{"epochz", many, `; did you mean "epochs"?`},
		{"check_point", many, `; did you mean "checkpoint"?`},
		{"accumulation", many, `; did you mean "accumulate"?`},
		{"bild", []string{"plan", "build"}, `; did you mean "build"?`},
		{"bta", []string{"bat", "tab", "beta"}, `; did you mean "beta"?`},
		{"ab", []string{"b", "a"}, `; did you mean "b"?`}, // both as near: the first
		{"größe", []string{"grosse", "größer"}, `; did you mean "größer"?`},
		{"", []string{"seed"}, `; there are seed`},
		{"tensorflow", []string{"wds", "kaldi", "lhotse"}, `; there are wds, kaldi, lhotse`},
		{"tensorflow", many, `; the nearest known one is "decode"`},
		{"\xff\xfe", []string{"kaldi"}, `; there are kaldi`},
		{"x", nil, ""},
	} {
		if got := Hint(c.got, c.known); got != c.want {
			t.Errorf("Hint(%q, %q) = %s, want %s", c.got, c.known, got, c.want)
		}
	}
}

// Whatever was written, the answer names something that exists.
func TestHintOfAKeyOfAnySize(t *testing.T) {
	many := make([]string, 20)
	for i := range many {
		many[i] = fmt.Sprintf("setting_%d", i)
	}
	for _, n := range []int{63, 64, 65, 1 << 16, 1 << 24} {
		if got := Hint("setting_7"+strings.Repeat("7", n), many); !strings.Contains(got, `"setting_7"`) {
			t.Errorf("%d characters: %s, want setting_7 named", n, got)
		}
	}
}
