package corpus

import (
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestSampleAt(t *testing.T) {
	for _, c := range []struct {
		seconds float64
		rate    int
		want    int64
	}{
		{0, 16000, 0}, {1, 16000, 16000}, {0.00003, 16000, 0}, {0.00004, 16000, 1}, {0.00003125, 16000, 1},
		{0.005, 44100, 221}, {1.1 + 0.005, 44100, 48731}, {3.7 + 0.005, 44100, 163391}, {0.1 + 0.2, 10, 3}, {1e9, 1_000_000, 1e15},
	} {
		if got := sampleAt(c.seconds, c.rate); got != c.want {
			t.Errorf("%v s at %d Hz is sample %d, want %d", c.seconds, c.rate, got, c.want)
		}
	}
	// Whatever a sample's time is printed with, it comes back.
	for _, rate := range []int{8000, 11025, 16000, 22050, 44100, 48000} {
		for s := int64(0); s < 5000; s++ {
			if got := sampleAt(math.Round(1e6*float64(s)/float64(rate))/1e6, rate); got != s {
				t.Fatalf("sample %d at %d Hz came back as %d", s, rate, got)
			}
		}
	}
}

// TestAlignKeepsNeighboursTogether rounds boundaries to hundredths, begin and
// duration each, as CTM files do.
func TestAlignKeepsNeighboursTogether(t *testing.T) {
	hundredths := func(x float64) float64 { return math.Round(100*x) / 100 }
	var spans []span
	at := 0.0
	for i := range 300 {
		next := at + 0.013 + float64(i%7)*0.0111
		begin := hundredths(at)
		spans = append(spans, span{begin, begin + hundredths(next-at), "x"})
		at = next
	}
	a, p := align(spans, 16000, 0.01)
	if p != nil {
		t.Fatal(p)
	}
	for i := 1; i < len(a); i++ {
		if a[i].Begin != a[i-1].End {
			t.Fatalf("segment %d begins at %d, the one before it ends at %d", i, a[i].Begin, a[i-1].End)
		}
	}
	// A gap that is wider stays, and order does not matter.
	a, p = align([]span{{0.5, 0.6, "b"}, {0, 0.48, "a"}}, 1000, 0.01)
	if want := (Alignment{{0, 480, "a"}, {500, 600, "b"}}); p != nil || !reflect.DeepEqual(a, want) {
		t.Errorf("%v, %v, want %v", a, p, want)
	}
	if _, p := align([]span{{math.NaN(), 1, "a"}}, 1000, 0); p == nil || p.Reason != BadAlignment {
		t.Error(p)
	}
}

func TestCut(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		begin, end float64
		want       string
	}{
		{0, inf, "0 1000"}, {0.5, inf, "500 1000"}, {0.25, 0.5, "250 500"}, {0, 1.4, "0 1000 utterance-clipped"}, {0, 1.0001, "0 1000"},
		{0, 1.6, "outside-audio"}, {1, 2, "outside-audio"}, {1, inf, "outside-audio"}, {-1, 1, "bad-manifest"}, {0.5, 0.5, "bad-manifest"},
		{0.1, 0.1001, "bad-manifest"}, {math.NaN(), 1, "bad-manifest"}, {0, math.NaN(), "bad-manifest"}, {1e300, inf, "bad-manifest"},
	} {
		u, kinds := Utterance{Rate: 1000, Samples: 1000}, ""
		p := u.cut(c.begin, c.end, func(kind string) { kinds += " " + kind })
		got := strings.TrimSpace(strings.Join([]string{itoa(u.Begin), itoa(u.End) + kinds}, " "))
		if p != nil {
			got = string(p.Reason)
		}
		if got != c.want {
			t.Errorf("%v s to %v s: %s, want %s", c.begin, c.end, got, c.want)
		}
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
