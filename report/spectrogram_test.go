package report

import (
	"bytes"
	"image/png"
	"math"
	"os"
	"strings"
	"testing"
)

func testSpectrogram() *Spectrogram {
	const T, F = 120, 40
	s := &Spectrogram{Title: "two tones", F: F, HopMs: 10, Joints: []float64{600}}
	for t := range T {
		for f := range F {
			d := float64(f) - 10 - float64(t)/6
			s.Features = append(s.Features, float32(10*math.Exp(-d*d/8)))
		}
		s.Labels = append(s.Labels, []string{"aa", "", "sh", "iy"}[t/30])
	}
	return s
}

func TestSpectrogramIsAPicture(t *testing.T) {
	var buf bytes.Buffer
	s := testSpectrogram()
	if err := s.WritePNG(&buf); err != nil {
		t.Fatal(err)
	}
	if path := os.Getenv("FRAMEWISE_KEEP_PICTURE"); path != "" {
		if err := os.WriteFile(path, buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	img, err := png.Decode(&buf)
	if err != nil {
		t.Fatal(err)
	}
	colors := map[[3]uint32]bool{}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y += 3 {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x += 3 {
			r, g, b, _ := img.At(x, y).RGBA()
			colors[[3]uint32{r, g, b}] = true
		}
	}
	if len(colors) < 50 {
		t.Errorf("the picture has %d colors: nothing was drawn", len(colors))
	}
	html, err := s.HTML()
	if err != nil || !strings.HasPrefix(string(html), `<img alt="two tones" src="data:image/png;base64,`) {
		t.Errorf("HTML = %.60s, %v", html, err)
	}
}

func TestSpectrogramRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Spectrogram){
		"no features": func(s *Spectrogram) { s.Features = nil },
		"ragged":      func(s *Spectrogram) { s.Features = s.Features[:41] },
		"labels":      func(s *Spectrogram) { s.Labels = s.Labels[:3] },
	} {
		s := testSpectrogram()
		spoil(s)
		if err := s.WritePNG(&bytes.Buffer{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRangeIgnoresOddCells(t *testing.T) {
	s := testSpectrogram()
	s.Features[5] = 1e6
	if _, hi := s.zRange(); hi > 1000 {
		t.Errorf("one cell of 1e6 moves the top of the range to %g", hi)
	}
	s.Features = make([]float32, len(s.Features))
	if lo, hi := s.zRange(); !(hi > lo) {
		t.Errorf("range of silence is [%g, %g]", lo, hi)
	}
}
